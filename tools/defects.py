"""Run the battery against every seeded defect and every legitimate style; write docs/defects.md.

    python tools/defects.py [--whole] [--only GLOB] [--jobs N] [--keep FILE]

A defect meets the checks of the family that has to find it, with --whole all of them (hours); a style
always meets all of them. With --only (signature/*, style/http-1.0) what matches is run and printed, and
the page is left alone.
With --keep what was measured is kept in a file of JSON lines, and the next run goes on where one was
stopped (Ctrl-C); the page then says of how many runs it knows.
Exit status: 0 every defect is caught and every style passes, 1 not, 2 usage, 130 stopped.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # tests/ is no part of what is installed

from hookassay import __version__  # noqa: E402
from hookassay.schemas import catalogue  # noqa: E402
from tests.seeded.replacement import FAMILIES, Defect, Replacement, defects, styles  # noqa: E402
from tests.seeded.running import Run, conforming, judged  # noqa: E402

PAGE = ROOT / "docs" / "defects.md"
_LIMIT = 900.0
"""Seconds for one battery; a receiver that hangs takes long."""


@dataclass(frozen=True)
class Measured:
    """What the battery of one provider said of one defect or style.

    `caught`: family → number of failing cases; `finding` the one with most of them; `cause` the id that
    was proven (empty if none was); `expected` whether the check that the record names is among the failing.
    """

    name: str
    provider: str
    exit: int
    caught: Mapping[str, int]
    finding: str
    cause: str
    expected: bool
    advice: int
    requests: int
    seconds: float

    @property
    def right(self) -> bool:
        """Whether the battery decided as it has to."""
        return self.exit == 0 if self.name.startswith("style/") else self.exit == 1 and self.expected


def units(only: str) -> Iterator[tuple[str, Replacement, str]]:
    """Name, record and provider of everything to run."""
    for name, defect in defects().items():
        if fnmatch(name, only):
            yield from ((name, defect, provider) for provider in defect.providers)
    for style in styles().values():
        if fnmatch(f"style/{style.name}", only):
            yield from ((f"style/{style.name}", style, provider) for provider in sorted(catalogue.find()))


def measure(name: str, record: Replacement, provider: str, whole: bool) -> Measured:
    """Run one battery. A run that does not end in time counts with exit status -1."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.monotonic()
        try:
            if isinstance(record, Defect):
                asked = [] if whole else [f"--target-check={provider}/{record.check.partition('/')[0]}/*"]
                run = judged(Path(folder), record, provider, *asked, limit=_LIMIT)
            else:
                run = conforming(Path(folder), [styles()[record.name]], provider, limit=_LIMIT)
        except subprocess.TimeoutExpired:
            run = Run(-1, "", {})
        seconds = time.monotonic() - start
    check = f"{provider}/{record.check}" if isinstance(record, Defect) else ""
    failed = run.verdicts("failed")
    caught = {family: sum(v["family"] == family for v in failed) for family in FAMILIES}
    titles = [finding["title"].partition(": ")[2] for finding in run.findings]
    causes = [finding["cause"].partition(":")[2] for finding in run.findings if finding["proven"]]
    named = [cause for cause in causes if cause.startswith("CA-")]
    return Measured(
        name,
        provider,
        run.exit,
        {family: count for family, count in caught.items() if count},
        titles[0] if titles else "",
        named[0] if named else "",
        any(verdict["check"] == check for verdict in failed),
        len(run.verdicts("advice")),
        int(run.report.get("requests", 0)),
        round(seconds, 1),
    )


def page(measured: Sequence[Measured], of: int) -> str:
    """The page: what was measured, of so many runs that there are."""
    caught = [one for one in measured if not one.name.startswith("style/")]
    passed = [one for one in measured if one.name.startswith("style/")]
    today = datetime.now(timezone.utc).date().isoformat()
    right = sum(one.right for one in caught)
    lines = [
        "# What the battery catches, and what it lets pass",
        "",
        "Written by `python tools/defects.py`: the battery, run against one receiver that is right and is made",
        "wrong in one way at a time (`tests/seeded`), or right in another legitimate way. A defect meets the checks",
        "of the family that has to find it (with `--whole` all), a style all of them. Each defect is",
        "what somebody has written, and names its evidence (FE, CA: `docs/field-evidence.md`; CL, GI, GB, LC: the",
        "contracts' requirements). `tests/test_seeded.py` holds the battery to it.",
        "",
        f"Measured {today} with version {__version__}, {len(measured)} of {of} runs: {right} of {len(caught)} against"
        f" {len({one.name for one in caught})} defects failed at the check that has to find them; "
        f"{sum(one.right for one in passed)} of {len(passed)} runs against {len({one.name for one in passed})} styles"
        f" conform. {sum(one.requests for one in measured):,} requests.",
        "",
        "*Cases* are the failing ones, by family. *By fuzzing*: whether a fuzzer of payload, bytes and",
        "authentication can reach the defect, decided by reading it.",
    ]
    for provider in sorted({one.provider for one in caught}):
        lines += ["", f"## {catalogue.load_folder(catalogue.find()[provider]).title['en']}"]
        for family in FAMILIES:
            of_both = [one for one in caught if one.provider == provider and one.name.startswith(f"{family}/")]
            if of_both:
                lines += ["", f"### {family.capitalize()}", "", *_defect_table(of_both)]
    lines += ["", "## Styles", "", "Right receivers, which the battery must not fail.", "", *_style_table(passed)]
    lines += [
        "",
        "## Causes",
        "",
        "For each defect that refuses right deliveries: the cause that it is, and the one that was named.",
        "",
        *_cause_table(caught),
    ]
    return "\n".join(lines) + "\n"


def _defect_table(rows: Iterable[Measured]) -> Iterator[str]:
    yield "| defect | what the developer got wrong | evidence | cases | finding | cause | by fuzzing |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows:
        defect = defects()[row.name]
        cases = ", ".join(f"{family} {count}" for family, count in row.caught.items()) or "none"
        missed = "" if row.right else " **MISSED**"
        fuzzed = "yes" if defect.by_fuzzing else "no"
        yield _row(
            f"`{row.name}`{missed}",
            defect.wrong,
            ", ".join(defect.evidence),
            cases,
            row.finding,
            row.cause or "–",
            fuzzed,
        )


def _style_table(rows: Iterable[Measured]) -> Iterator[str]:
    yield "| style | provider | verdict | cases with advice | requests |"
    yield "|---|---|---|---|---|"
    for row in rows:
        verdict = "conforms" if row.right else f"**FAILS** ({row.finding})"
        how = styles()[row.name.partition("/")[2]].how
        yield _row(f"`{row.name.partition('/')[2]}`: {how}", row.provider, verdict, str(row.advice), str(row.requests))


def _cause_table(rows: Iterable[Measured]) -> Iterator[str]:
    yield "| defect | provider | cause | named | |"
    yield "|---|---|---|---|---|"
    for row in rows:
        cause = defects()[row.name].cause
        if cause:
            verdict = "right" if row.cause == cause else "other" if row.cause else "none"
            yield _row(f"`{row.name}`", row.provider, cause, row.cause or "–", verdict)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="GLOB", default="*", help="FAMILY/NAME of defects, style/NAME of styles")
    parser.add_argument("--whole", action="store_true", help="the whole battery against each defect")
    parser.add_argument("--jobs", metavar="N", type=int, default=1, help="batteries at a time (default 1)")
    parser.add_argument("--keep", metavar="FILE", type=Path, help="keep what was measured, and go on from it")
    arguments = parser.parse_args()
    chosen = list(units(arguments.only))
    if not chosen:
        parser.error(f"--only {arguments.only}: no defect or style is called so")
    kept = _kept(arguments.keep)
    todo = [unit for unit in chosen if (unit[0], unit[2]) not in kept]
    stopped = False
    with ThreadPoolExecutor(arguments.jobs) as pool:
        runs = [pool.submit(measure, *unit, arguments.whole) for unit in todo]
        try:
            for run in as_completed(runs):
                one = run.result()
                kept[one.name, one.provider] = one
                print(f"{'' if one.right else 'WRONG '}{one.provider} {one.name}: {one.caught} {one.seconds} s")
                if arguments.keep:
                    with open(arguments.keep, "a", encoding="utf-8") as file:
                        file.write(json.dumps(asdict(one)) + "\n")
        except KeyboardInterrupt:
            stopped = True
            pool.shutdown(cancel_futures=True)
    measured = [kept[name, provider] for name, _, provider in chosen if (name, provider) in kept]
    if arguments.only == "*":
        PAGE.write_text(page(measured, len(chosen)), encoding="utf-8")
    wrong = [f"{one.provider} {one.name}" for one in measured if not one.right]
    print(f"{len(measured)} of {len(chosen)} runs, {len(wrong)} not as they have to be", *wrong, sep="\n  ")
    return 130 if stopped else 1 if wrong else 0


def _kept(path: Path | None) -> dict[tuple[str, str], Measured]:
    if path is None or not path.exists():
        return {}
    found = [Measured(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]
    return {(one.name, one.provider): one for one in found}


if __name__ == "__main__":
    sys.exit(main())
