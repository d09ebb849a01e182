"""`hookassay fuzz report [DIR…]`."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hookassay.cli import output
from hookassay.cli.faults import FAILED, Fault, tell
from hookassay.schemas import catalogue

if TYPE_CHECKING:
    from hookassay.conformance.fuzz.folder import Folder
    from hookassay.conformance.fuzz.night import Night

_ROOT = Path(".hookassay/fuzz")


@click.command("report")
@click.argument("folders", nargs=-1, metavar="[DIR]...", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(("terminal", "html", "json", "sarif", "markdown")),
    default="terminal",
    help="Of the report (default: terminal).",
)
@click.option("-o", "out", metavar="FILE", type=click.Path(path_type=Path), help="Write it to a file.")
@click.option("--since", metavar="RUN", help="What was seen before this run (its time) is not new.")
@click.option("--known", "known_file", metavar="FILE", type=click.Path(path_type=Path), help="What is known.")
@click.option("--accept", metavar="GROUP", help="Add a finding to known.toml; needs --reason.")
@click.option("--reason", metavar="TEXT", help="Why it is accepted.")
def command(
    folders: tuple[Path, ...],
    form: str,
    out: Path | None,
    since: str | None,
    known_file: Path | None,
    accept: str | None,
    reason: str | None,
) -> int:
    """Tell what a night of fuzzing has found.

    New findings come first, each with the smallest request that repeats it;
    then what is known (known.toml), what is unsteady, what is gone. Several
    folders (the shards of one run) are joined. Without DIR: the latest run.

    \b
    Examples:
      hookassay fuzz report
      hookassay fuzz report DIR --format html -o report.html
      hookassay fuzz report --accept GROUP --reason "PAY-1234"

    \b
    Exit status: 0 nothing new, 1 new findings, 2 no such folder.
    """
    from hookassay.conformance.fuzz import known, report
    from hookassay.conformance.fuzz.folder import Folder
    from hookassay.conformance.fuzz.night import Night

    if bool(accept) != bool(reason):
        raise Fault("--accept GROUP and --reason TEXT go together")
    chosen = [Folder(path) for path in _folders(folders)]
    try:
        if accept and reason:
            known.accept(known_file or _holder(chosen, accept).known_file, accept, reason)
        entries = known.read(known_file) if known_file else None
        night = Night.of(*chosen, entries=entries)
    except known.BadKnown as error:
        raise Fault(str(error)) from error
    if since:
        night = night.since(_run(night, since))
    if form == "terminal" and out is None:
        for line in report.terminal(night):
            output.line(line.text, wrap=line.wrap, bold=line.bold)
    else:
        text = "".join(f"{line.text}\n" for line in report.terminal(night))
        text = text if form == "terminal" else report.FORMATS[form](night)
        if out is None:
            click.echo(text, nl=False)
        else:
            out.write_text(text, encoding="utf-8")
            tell(f"written: {out}")
    return FAILED if night.new else 0


def _holder(folders: Sequence[Folder], group: str) -> Folder:
    """The folder that has a group, or one that a glob speaks of. Raises Fault where none has."""
    names: list[str] = []
    for folder in folders:
        here = list(folder.findings())
        if fnmatch.filter(here, group):
            return folder
        names += here
    raise Fault(f"--accept: there is no finding {group!r}{catalogue.nearest(group, names)}")


def _run(night: Night, text: str) -> str:
    """A run's time as it is written, or the beginning of one. Raises Fault."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z?)?", text):
        return text
    known = sorted({run for finding in night.findings for run in finding.runs})[-3:]
    told = f"; the latest that found something: {', '.join(known)}" if known else ""
    raise Fault(f"--since: {text!r} is no run: write its time, 2026-11-21 or 2026-11-21T20:04:11Z{told}")


def _folders(given: Sequence[Path]) -> Sequence[Path]:
    """The folders asked for, else that of the latest run. Raises Fault where there is none."""
    for path in given:
        if not (path / "run.json").is_file():
            raise Fault(f"{path}: no run of the fuzzer is kept here (run.json is missing)")
    if given:
        return given
    runs = sorted(_ROOT.glob("*/*/run.json"), key=lambda path: path.stat().st_mtime)
    if not runs:
        raise Fault(f"{_ROOT}: no run of the fuzzer is kept here; hookassay fuzz PROVIDER --send URL makes one")
    return [runs[-1].parent]
