"""`hookassay check URL`: the battery for people who do not know pytest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hookassay.cli import faults, options, output
from hookassay.cli.faults import Fault, in_our_words

_STATUS = {0: 0, 1: faults.FAILED, 2: faults.INTERRUPTED, 4: faults.USAGE, 5: faults.USAGE}
"""pytest's exit status → ours."""
_BROKEN = 3


@click.command("check")
@click.argument("url")
@options.battery
@click.option(
    "--write-waivers", metavar="FILE", type=click.Path(), help="Write today's failures as waivers to fill in."
)
@options.sending({})
@options.as_json
def command(url: str, write_waivers: str | None, as_json: bool, **target: Any) -> int:
    """Judge a receiver: the whole battery.

    A few thousand deliveries, right and forged ones, reach the receiver as
    real events: point it at a test system. Unless --provider says whose
    receiver it is, that is found out. pytest --target-url URL runs the same.

    \b
    Examples:
      hookassay check http://127.0.0.1:3000/webhook
      hookassay check 'http://127.0.0.1:3000/{provider}' \\
          --provider gitple --provider gbm
      hookassay check URL --command 'node server.js' --wait 20
      hookassay check URL --check 'gitple/signature/*' --level should
      hookassay check URL --report report.json
      hookassay check URL --write-waivers waivers.toml
      hookassay check URL --waivers waivers.toml

    Secrets are best given by variables: HOOKASSAY_TARGET_SECRET_GITPLE. Each
    option has one, too: --timeout is HOOKASSAY_TARGET_TIMEOUT.

    \b
    Exit status: 0 it conforms, 1 it does not, 2 the command is wrong or the
    receiver cannot be reached, 130 interrupted.
    """
    if write_waivers is not None:
        _free(Path(write_waivers))
    from hookassay.cli.running import run

    ran = run([f"--target-url={url}", *options.flags(target)], quiet=as_json)
    if ran.status not in _STATUS:
        faults.tell("hookassay itself broke, which says nothing about the receiver; please report this:")
        click.echo(ran.said, err=True)
        return _BROKEN
    if ran.report is None:
        if ran.status == 2:
            return faults.INTERRUPTED
        raise Fault(in_our_words(ran.error))
    if as_json:
        output.data(ran.report)
    if write_waivers is not None:
        from hookassay.cli import waiving

        count = waiving.write(Path(write_waivers), ran.verdicts)
        faults.tell(f"{write_waivers}: {count} waiver{'s' * (count != 1)} written; say why in each reason")
    if ran.status == 5:
        raise Fault(
            "nothing was tried: "
            + ("every case was skipped" if ran.verdicts else "no case of this provider was asked for")
        )
    return _STATUS[ran.status]


def _free(path: Path) -> None:
    """Refuse to write over waivers, and into a folder that is not there, before anything is sent."""
    if path.exists():
        raise Fault(f"--write-waivers: {path} is there already: name another file, or its reasons would be lost")
    if not path.absolute().parent.is_dir():
        raise Fault(f"--write-waivers: {path}: there is no such folder")
