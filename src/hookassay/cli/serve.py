"""`hookassay serve`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from hookassay.cli import options
from hookassay.cli.faults import FAILED, Fault
from hookassay.cli.options import Command

STATE = Path(".hookassay/serve.sqlite3")


class Names(click.types.StringParamType):
    """A value of a list; in an environment variable commas stand between them."""

    envvar_list_splitter = ","


def _option(flag: str, **more: Any) -> Callable[[Command], Command]:
    """An option that is also an environment variable, `HOOKASSAY_` and its name in capitals."""
    return click.option(flag, envvar=f"HOOKASSAY_{flag[2:].replace('-', '_').upper()}", show_envvar=False, **more)


@click.command("serve")
@_option("--host", default="127.0.0.1", metavar="ADDRESS", help="Listen on this address (default: 127.0.0.1).")
@_option("--port", default=8052, type=click.IntRange(0, 65535), help="And this port (default: 8052); 0: a free one.")
@_option("--state", default=str(STATE), metavar="FILE|memory", help=f"Where the log lives (default: {STATE}).")
@_option("--token", metavar="TEXT", help="Ask everybody for this token (default: a new one beyond loopback).")
@_option("--allow-host", multiple=True, type=Names(), metavar="NAME", help="Another name of this host; repeatable.")
@_option(
    "--allow-target",
    multiple=True,
    type=Names(),
    metavar="NAME|CIDR",
    help="Deliver there too, not to loopback alone; repeatable.",
)
@_option("--clock-rate", default=1.0, type=click.FloatRange(0.001, 1e6), help="How fast the vendor's time runs.")
@_option("--scenarios", type=click.Path(), metavar="DIR", help="Your scenarios (default: .hookassay/scenarios).")
@_option("--no-hello", is_flag=True, help="Begin without endpoints.")
@options.provider_path
@options.as_json
def command(as_json: bool, **given: Any) -> int:
    """Be the vendor: deliveries, retries, bad days, and a console.

    Open the address that it prints. The first start sends one signed webhook
    of each provider to an inbox of its own. Each option is also an
    environment variable: HOOKASSAY_PORT, HOOKASSAY_ALLOW_TARGET=A,B …
    Secrets come from HOOKASSAY_SECRET or HOOKASSAY_SECRET_<PROVIDER>.

    \b
    Examples:
      hookassay serve
      hookassay serve --port 0 --state memory --json
      hookassay serve --allow-target 10.0.0.0/8 --provider-path contracts/

    Exit status: 0 stopped, 1 cannot start or go on, 2 the command is wrong.
    """
    paths = options.paths(given.pop("provider_path"))
    try:
        from hookassay.cli import serving
    except ModuleNotFoundError as error:
        raise missing(error) from error
    return serving.run(as_json=as_json, provider_paths=paths, **given)


def missing(error: ModuleNotFoundError) -> Fault:
    """The line for a package of the mock's that is not installed."""
    if (error.name or "").startswith("hookassay"):
        raise error
    return Fault(f"this needs {error.name}: pip install 'hookassay[serve]'", FAILED)
