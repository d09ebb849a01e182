"""`hookassay provider check DIR`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import click

from hookassay.cli import output
from hookassay.cli.faults import FAILED, Fault, tell
from hookassay.schemas import catalogue, inspection
from hookassay.schemas.catalogue import BadProvider
from hookassay.schemas.contract import Provider


@dataclass(frozen=True)
class Judged:
    """A provider folder: what is in it, or the first thing that is wrong with it."""

    folder: Path
    contents: dict[str, int]
    fault: BadProvider | None = None

    def as_json(self) -> dict[str, object]:
        fault = self.fault
        return {
            "name": self.folder.resolve().name,
            "folder": str(self.folder),
            "valid": fault is None,
            "contents": self.contents,
            "problem": None if fault is None else {"file": str(fault.file), "key": fault.key, "text": fault.problem},
        }


@click.command("check")
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def command(folders: tuple[str, ...], as_json: bool) -> int:
    """Judge a provider folder: files, schemas, examples, cases.

    DIR is a provider's folder, or one that holds several. Says the first
    thing that is wrong, as FILE: KEY: PROBLEM. Every case that the battery
    would try is built, and nothing is sent.

    \b
    Examples:
      hookassay provider check contracts/acme
      hookassay provider check contracts/ --json

    Exit status: 0 nothing is wrong, 1 something is, 2 there is no provider.
    """
    judged = [_judge(folder) for text in folders for folder in _providers(Path(text))]
    for one in judged:
        if one.fault is not None and not as_json:
            tell(str(one.fault))
        elif not as_json:
            told = ", ".join(f"{what}: {number}" for what, number in one.contents.items())
            output.line(f"{one.folder.resolve().name}: nothing is wrong ({told})")
    if as_json:
        output.data([one.as_json() for one in judged])
    return FAILED if any(one.fault is not None for one in judged) else 0


def _providers(path: Path) -> list[Path]:
    """The provider folders that a path means. Raises Fault where there is none."""
    if (path / "provider.toml").is_file():
        return [path]
    found = sorted(file.parent for file in path.glob("*/provider.toml"))
    if not found:
        what = "no provider.toml here or one folder below" if path.is_dir() else "no such folder"
        raise Fault(f"{path}: {what}")
    return found


def _judge(folder: Path) -> Judged:
    try:
        inspection.inspect(folder)
        provider = catalogue.read(folder)
        return Judged(folder, _contents(provider))
    except BadProvider as fault:
        return Judged(folder, {}, fault)


def _contents(provider: Provider) -> dict[str, int]:
    """How much of everything there is. Raises BadProvider for a case that cannot be built, or an unknown check."""
    from hookassay.conformance import checks

    known = [check.id for check in checks.checks(provider)]
    for requirement in provider.requirements:
        for glob in requirement.checks:
            if not any(fnmatchcase(ident, glob) for ident in known):
                near = catalogue.nearest(glob, known)
                raise BadProvider(
                    provider.folder / "requirements.toml", requirement.id, f"no check matches {glob!r}{near}"
                )
    return {
        "events": len(provider.events),
        "examples": sum(len(event.examples) for event in provider.events.values()),
        "requirements": len(provider.requirements),
        "checks of its own": len(provider.checks),
        "cases in its battery": sum(1 for _ in _built(provider)),
    }


def _built(provider: Provider) -> Iterator[str]:
    """The ids of all cases, each built as the battery would."""
    from hookassay.cli.checks import bench
    from hookassay.conformance import checks
    from hookassay.conformance.check import NotApplicable
    from hookassay.mockserver.emission.overrides import BadOverride
    from hookassay.mockserver.emission.vendor import InvalidDelivery

    table = bench(provider)
    for check, case in checks.cases(table):
        try:
            case.plan(table)
        except NotApplicable:
            pass
        except (BadOverride, InvalidDelivery) as error:
            raise BadProvider(provider.folder / "cases.toml", f"{check.id}[{case.name}]", str(error)) from error
        yield f"{check.id}[{case.name}]"
