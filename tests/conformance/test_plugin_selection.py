"""Cases are pytest items like any others: chosen, listed, stopped, run again and reported in pytest's own ways."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conformance.conftest import Run, clean_environment
from tests.conformance.receivers import Receiver, Reply, Request, right

Judge = Callable[..., Run]
Serve = Callable[[Receiver], str]

CHECKS = (
    "--target-check=*/payload/minimal",
    "--target-check=*/signature/absent",
    "--target-check=*/signature/unkeyed",
    "--target-check=*/payload/number-ids",
)
"""Four checks of two families; the last is a SHOULD."""

OPEN = "gitple/signature/absent[session_state_open,no-header]"


def takes_unsigned_opens(request: Request) -> Reply:
    """Fails one case: takes `session_state_open` without a signature."""
    unsigned = not request.values("X-Hub-Signature") and b"session_state_open" in request.body
    return 200 if unsigned else right(request)


def of(run: Run) -> set[str]:
    """The checks of which a case was tried."""
    return {verdict["check"].removeprefix("gitple/") for verdict in run.report["verdicts"]}


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (("-k", "absent"), {"signature/absent"}),
        (("-k", "gitple/payload/minimal"), {"payload/minimal"}),
        (("-m", "should"), {"payload/number-ids"}),
        (("-m", "gitple and must and payload"), {"payload/minimal"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_cases_are_chosen_by_name_and_mark(judge: Judge, chosen: tuple[str, ...], expected: set[str]) -> None:
    """`-k` finds check ids, `-m` levels, families and providers; nothing else is tried."""
    done = judge(right, *CHECKS, *chosen, "--strict-markers")
    assert done.exit == 0, done.out
    assert of(done) == expected
    assert "deselected" in done.out


def test_whole_ids_are_deselected(judge: Judge) -> None:
    """`--deselect` with the id that pytest prints leaves out that case and no other."""
    done = judge(takes_unsigned_opens, *CHECKS, "--deselect", OPEN.replace("/absent", "::absent"))
    assert done.exit == 0, done.out
    assert OPEN not in [verdict["id"] for verdict in done.report["verdicts"]]
    assert "1 deselected" in done.out


def test_the_first_failure_ends_the_run_if_asked(judge: Judge) -> None:
    """`-x` stops behind the first case that fails; what was learned until then is reported."""
    done = judge(takes_unsigned_opens, *CHECKS, "-x")
    assert done.exit == 1
    assert done.report["verdicts"][-1]["id"] == OPEN
    assert done.verdicts("failed") == [OPEN]
    assert "stopping after 1 failures" in done.out


def test_last_failed_runs_only_what_failed(serve: Serve, run: Callable[..., Run]) -> None:
    """`--lf` tries the case that failed and nothing else, by the ids in pytest's cache."""
    target = (f"--target-url={serve(takes_unsigned_opens)}", "--target-provider=gitple", *CHECKS)
    first = run(*target, cache=True)
    again = run(*target, "--lf", cache=True)
    assert first.exit == again.exit == 1
    assert len(first.report["verdicts"]) > 10
    assert [verdict["id"] for verdict in again.report["verdicts"]] == [OPEN]


def test_collecting_sends_nothing(judge: Judge) -> None:
    """`--collect-only` lists every case below its family, and not one request is sent."""
    seen: list[Request] = []

    def receiver(request: Request) -> int:
        seen.append(request)
        return right(request)

    done = judge(receiver, *CHECKS, "--collect-only")
    assert done.exit == 0, done.out
    assert "<Family gitple/signature>" in done.out and "<CaseItem absent[session_state_open,no-header]>" in done.out
    assert not seen
    assert not done.report, "a run that tried nothing has nothing to report"


def test_quiet_output_is_the_verdict_and_little_else(judge: Judge) -> None:
    """`-q` prints dots, the table and the verdict in one line."""
    done = judge(right, *CHECKS, "-q")
    assert done.exit == 0
    lines = [line for line in done.out.splitlines() if line.strip()]
    assert len(lines) < 12
    assert any(line.startswith("http://127.0.0.1:") and " conforms: " in line for line in lines)


def test_workers_reach_the_same_verdicts(serve: Serve, run: Callable[..., Run]) -> None:
    """`-n 2` tries each case once, in some worker, with the verdict that it has in one process."""
    target = (f"--target-url={serve(takes_unsigned_opens)}", "--target-provider=gitple", *CHECKS)
    alone, shared = run(*target), run(*target, "-n", "2")
    assert alone.exit == shared.exit == 1

    def verdicts(of_run: Run) -> dict[str, str]:
        return {verdict["id"]: verdict["verdict"] for verdict in of_run.report["verdicts"]}

    assert len(shared.report["verdicts"]) == len(verdicts(shared))
    assert verdicts(shared) == verdicts(alone)
    assert shared.report["requests"] == pytest.approx(alone.report["requests"], abs=5)
    assert [finding["title"] for finding in shared.findings] == [finding["title"] for finding in alone.findings]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_junit_has_a_test_case_for_every_case(judge: Judge, tmp_path: Path, workers: tuple[str, ...]) -> None:
    """`--junitxml`: one `testcase` a case, under its family, with level and verdict as properties."""
    xml = tmp_path / "junit.xml"
    done = judge(takes_unsigned_opens, *CHECKS, f"--junitxml={xml}", *workers)
    cases = list(ElementTree.parse(xml).getroot().iter("testcase"))
    assert len(cases) == len(done.report["verdicts"])
    assert {case.get("classname") for case in cases} == {"gitple.signature", "gitple.payload"}
    (failed,) = [case for case in cases if case.find("failure") is not None]
    assert failed.get("name") == "absent[session_state_open,no-header]"
    properties = {item.get("name"): item.get("value") for item in failed.iter("property")}
    assert properties == {"level": "must", "verdict": "failed"}


def test_nothing_chosen_is_exit_five(judge: Judge) -> None:
    """A choice that leaves no case is pytest's "no tests ran", never a success."""
    done = judge(right, *CHECKS, "-k", "nothing-is-called-so")
    assert done.exit == 5, done.out


def test_without_the_plugin_its_options_are_unknown(tmp_path: Path) -> None:
    """`-p no:hookassay` leaves us out entirely: pytest itself refuses the option."""
    command = [sys.executable, "-m", "pytest", "-p", "no:hookassay", "--target-url=http://127.0.0.1:9/"]
    done = subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 4
    assert "unrecognized arguments: --target-url" in done.stderr
