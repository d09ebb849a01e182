"""`hookassay provider new NAME --from SAMPLE…`."""

from __future__ import annotations

import re
from pathlib import Path

import click

from hookassay.cli import output
from hookassay.cli.faults import Fault
from hookassay.schemas import catalogue

_NAME = re.compile("[a-z][a-z0-9-]{0,40}")


@click.command("new")
@click.argument("name")
@click.option(
    "--from",
    "samples",
    multiple=True,
    required=True,
    metavar="[EVENT=]FILE",
    help="A payload that the vendor sent, or shows in its documents; repeatable.",
)
@click.option("--to", "parent", default=".", metavar="DIR", type=click.Path(), help="Where it goes (default: here).")
def command(name: str, samples: tuple[str, ...], parent: str) -> int:
    """Draft a provider folder from payloads that the vendor sends.

    The event of a sample is named before the file (EVENT=FILE), else by a
    member of it (type, event …), else by the file's name. Several samples of
    an event are one schema: what is not in all of them is optional. All that
    is drafted is marked as inferred: read it against the vendor's documents.

    \b
    Examples:
      hookassay provider new acme --from order_paid.json --from refund=r1.json
      hookassay serve --provider-path acme

    Exit status: 0 drafted, 2 a sample cannot be read, or the name is taken.
    """
    from hookassay.cli.provider import drafting

    if not _NAME.fullmatch(name):
        raise Fault(f"{name!r} cannot be a provider's name: small letters, digits and hyphens, a letter first")
    folder = Path(parent) / name
    if folder.exists():
        raise Fault(f"{folder}: exists already")
    if name in catalogue.find():
        raise Fault(f"{name!r} is a provider that hookassay brings; choose another name")
    events = drafting.group(samples)
    written = drafting.write(folder, name, events)
    catalogue.load_folder(folder.resolve())
    output.line(f"{folder}: {', '.join(f'{event} ({len(found)})' for event, found in events.items())}")
    for file in written:
        output.line(f"  {file.relative_to(folder)}")
    output.line("Next: its authentication and retries in provider.toml, then")
    output.line(f"  hookassay provider check {folder}", wrap=False)
    output.line(f"  hookassay serve --provider-path {folder}", wrap=False)
    return 0
