"""What the fuzzer finds, beside schemathesis: `python -m benchmarks.fuzz.finding [--only GLOB] [--keep FILE]`.

Each defect of tests/seeded that is marked *by fuzzing* is hunted by `hookassay fuzz` and by schemathesis, on the
same receiver; both meet the right receiver first. docs/finding.md is written, unless --only chose some.
With --keep what was measured is kept in a file of JSON lines, and the next run goes on where one was stopped.
It takes an hour, most of it schemathesis. Exit status: 0 our fuzzer finds nothing in a right receiver, 1 it does.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from fnmatch import fnmatch
from importlib.metadata import version
from pathlib import Path

from benchmarks.fuzz import hunting
from benchmarks.fuzz.hunting import Hunt
from hookassay import __version__
from hookassay.mockserver.emission.generation import GENERATOR
from hookassay.schemas import catalogue
from tests.seeded.replacement import Defect, defects

PAGE = Path(__file__).parents[2] / "docs" / "finding.md"
OURS, THEIRS = "hookassay", "schemathesis"
RIGHT = "right"
"""Stands for the receiver without a defect."""


@dataclass(frozen=True)
class Measured:
    """One hunt: of a defect (FAMILY/NAME, or `RIGHT`) by a tool, in the receiver of a provider."""

    name: str
    provider: str
    tool: str
    hunt: Hunt


class Kept:
    """What was measured, in memory and, where a file was given, there."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.measured: dict[tuple[str, str, str], Measured] = {}
        if path is not None and path.exists():
            for line in path.read_text("utf-8").splitlines():
                told = json.loads(line)
                self._take(Measured(**{**told, "hunt": Hunt(**told["hunt"])}))

    def _take(self, one: Measured) -> None:
        self.measured[one.name, one.provider, one.tool] = one

    def has(self, name: str, provider: str, tool: str) -> bool:
        return (name, provider, tool) in self.measured

    def add(self, one: Measured) -> None:
        """Keep and tell it."""
        self._take(one)
        hunt = one.hunt
        print(f"{one.tool} {one.provider} {one.name}: {hunt.found or '–'} ({hunt.case}, {hunt.cpu} s)", flush=True)
        if self._path is not None:
            with open(self._path, "a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(one)) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="GLOB", default="*", help="FAMILY/NAME of defects")
    parser.add_argument("--keep", metavar="FILE", type=Path, help="keep what was measured, and go on from it")
    given = parser.parse_args()
    wanted = {name: one for name, one in defects().items() if one.by_fuzzing and fnmatch(name, given.only)}
    if not wanted:
        parser.error(f"--only {given.only}: no defect that fuzzing can reach is called so")
    kept = Kept(given.keep)
    counts = Counter(name for defect in wanted.values() for name in defect.providers)
    for provider in sorted(counts, key=lambda name: counts[name]):  # so that a run that is stopped has whole tables
        of_it = {name: defect for name, defect in wanted.items() if provider in defect.providers}
        _by_us(provider, {RIGHT: None, **of_it}, kept)
        _by_schemathesis(provider, of_it, kept)
    told = list(kept.measured.values())
    if given.only == "*":
        PAGE.write_text(page(told), encoding="utf-8")
        print(f"written: {PAGE.name}")
    return int(any(one.hunt.found for one in told if one.name == RIGHT and one.tool == OURS))


def _by_us(provider: str, wanted: Mapping[str, Defect | None], kept: Kept) -> None:
    for name, defect in wanted.items():
        if not kept.has(name, provider, OURS):
            with hunting.receiver(defect) as url:
                kept.add(Measured(name, provider, OURS, hunting.ours(url, provider, defect)))


def _by_schemathesis(provider: str, wanted: Mapping[str, Defect], kept: Kept) -> None:
    missing = {name: defect for name, defect in wanted.items() if not kept.has(name, provider, THEIRS)}
    if not missing:
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        right = stack.enter_context(hunting.receiver(None))
        others = {name: stack.enter_context(hunting.receiver(defect)) for name, defect in missing.items()}
        alarms = hunting.false_alarms(right, provider, folder)
        hunts, whole = hunting.theirs(right, provider, others, folder, alarms)
        kept.add(Measured(RIGHT, provider, THEIRS, replace(whole, found=", ".join(alarms))))
        for name, hunt in hunts.items():
            kept.add(Measured(name, provider, THEIRS, hunt))


def page(measured: Sequence[Measured]) -> str:
    """The page: what was measured."""
    hunts = {((one.name, one.provider), one.tool): one.hunt for one in measured}
    units = [(one.name, one.provider) for one in measured if one.tool == OURS and one.name != RIGHT]
    providers = sorted({provider for _, provider in units})
    today = datetime.now(timezone.utc).date().isoformat()
    lines = [
        "# What the fuzzer finds, beside schemathesis",
        "",
        f"Written by `python -m benchmarks.fuzz.finding` on {today}: hookassay {__version__}, generator {GENERATOR},"
        f" schemathesis {version('schemathesis')}.",
        "",
        "The receivers are those of [the defects](defects.md): right, and made wrong in one way. Of the defects,",
        "those that are marked *by fuzzing* are hunted here; the mark was set by reading each, before the run."
        f" Measured: {len(units)} of {sum(len(one.providers) for one in defects().values() if one.by_fuzzing)}.",
        "",
        f"- **hookassay** is `hookassay fuzz` as it comes, without a corpus: mixed cases, seed {hunting.SEED},"
        f" {hunting.CASES:,} of them",
        f"  or {hunting.SECONDS:.0f} s, until the first finding that is no unsteady one.",
        f"- **schemathesis** is `schemathesis run` on our OpenAPI document, seed {hunting.SEED}, to the end of its"
        " phases examples,",
        "  coverage and fuzzing, with our hooks that sign its requests, or put the token into them; until one",
        "  of its checks fails. Checks that fail the right receiver too are left out (the first table).",
        "",
        "A *case* counts a tool's cases up to the one that showed it; *s* are seconds of the tool's own CPU from the",
        "start of its first case until it was told, without what the receiver takes. schemathesis runs once a",
        "provider, since what it tries does not depend on the answers, and each receiver gets its requests; what the",
        "other receivers cost is not counted. A dash: not found, by the end.",
        "",
        *_summary(units, hunts, providers),
        "",
        "## The right receiver",
        "",
        "| provider | hookassay | schemathesis: checks that fail it |",
        "|---|---|---|",
        *(_right(provider, hunts) for provider in providers),
    ]
    for provider in providers:
        title = catalogue.load(provider).title["en"]
        lines += ["", f"## {title}", "", "| defect | case | s | finding | case | s | its finding |"]
        lines += ["|---|---|---|---|---|---|---|"]
        lines += [_row(name, provider, hunts) for name, where in units if where == provider]
    return "\n".join(lines) + "\n"


_Unit = tuple[str, str]
_Hunts = Mapping[tuple[_Unit, str], Hunt]


def _summary(units: Sequence[_Unit], hunts: _Hunts, providers: Sequence[str]) -> Iterator[str]:
    yield "| | defects | hookassay finds | median case | median s | schemathesis finds | median case | median s |"
    yield "|---|---|---|---|---|---|---|---|"
    for which in (*providers, "all"):
        of_it = [unit for unit in units if which in ("all", unit[1])]
        cells = [which if which == "all" else catalogue.load(which).title["en"], str(len(of_it))]
        for tool in (OURS, THEIRS):
            found = [hunt for unit in of_it if (hunt := hunts.get((unit, tool))) is not None and hunt.found]
            cells.append(str(len(found)))
            cells.append(f"{statistics.median(one.case for one in found):.0f}" if found else "–")
            cells.append(f"{statistics.median(one.cpu for one in found):.1f}" if found else "–")
        yield f"| {' | '.join(cells)} |"
    ran = [unit for unit in units if (unit, THEIRS) in hunts and hunts[unit, THEIRS].found]
    both = [(hunts[unit, OURS].cpu, hunts[unit, THEIRS].cpu) for unit in ran if hunts[unit, OURS].found]
    if both:
        ratio = statistics.median(other / max(0.01, one) for one, other in both)
        yield ""
        yield f"Of the {len(both)} that both find, schemathesis takes {ratio:.1f} times as much CPU (median)."
    alone = [f"`{unit[0]}`" for unit in ran if not hunts[unit, OURS].found]
    yield ""
    yield f"Found by schemathesis alone: {', '.join(alone) or 'none'}."


def _right(provider: str, hunts: _Hunts) -> str:
    title = catalogue.load(provider).title["en"]
    one, other = hunts[(RIGHT, provider), OURS], hunts.get(((RIGHT, provider), THEIRS))
    told = f"`{other.found}`" if other is not None and other.found else "none"
    end = f", {other.case} cases in {other.cpu:.0f} s" if other is not None else ""
    return f"| {title} | {one.found or 'no finding'}, {one.case} cases in {one.cpu:.0f} s | {told}{end} |"


def _row(name: str, provider: str, hunts: _Hunts) -> str:
    cells = [f"`{name}`"]
    for tool in (OURS, THEIRS):
        hunt = hunts.get(((name, provider), tool))
        if hunt is None:
            cells += ["", "", "not run"]
        elif hunt.found:
            cells += [str(hunt.case), f"{hunt.cpu:.1f}", hunt.found.replace("|", "\\|")]
        else:
            cells += ["–", "–", "–"]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
