"""However a run ends, what was learned until then is reported: budget, interruption, a target that goes away."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.conformance.conftest import Run, clean_environment, run_pytest
from tests.conformance.receivers import Receiver, Request, right

Serve = Callable[[Receiver], str]
Judge = Callable[..., Run]

REPORT = json.loads((Path(__file__).parents[2] / "schemas" / "meta" / "report.schema.json").read_text("utf-8"))


def assert_valid(report: object) -> None:
    """The report is as its published schema says."""
    validator = Draft202012Validator(REPORT, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(report)] == []


def listens(port: int, patience: float = 30) -> bool:
    """Whether something listens on a port of this machine, within so many seconds."""
    ends = time.monotonic() + patience
    while time.monotonic() < ends:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False


def test_the_report_is_what_its_schema_says(judge: Judge) -> None:
    """Passed, failed, advice and skipped cases, with exchanges and findings: valid, and true to the run."""

    def receiver(request: Request) -> int:
        return 202 if b"session_state_open" in request.body else right(request)

    done = judge(
        receiver, "--target-check=*/signature/absent", "--target-check=*/payload/full", "--target-check=*/markup"
    )
    assert done.exit == 1
    assert_valid(done.report)
    assert done.report["exit"] == 1
    assert done.report["contracts"] == {"gitple": done.report["contracts"]["gitple"]}
    failed = next(one for one in done.report["verdicts"] if one["verdict"] == "failed")
    assert failed["exchanges"] and failed["exchanges"][0]["curl"].startswith("curl ")
    told = {name for finding in done.findings for name in finding["verdicts"]}
    assert told == set(done.verdicts("failed"))


def test_the_budget_ends_a_run(judge: Judge) -> None:
    """`--target-budget`: what was not reached is "not run", which is no success, and no failure of the receiver."""

    def receiver(request: Request) -> int:
        time.sleep(0.3 if request.number > 60 else 0)
        return right(request)

    done = judge(receiver, "--target-check=*/payload/*", "--target-budget=8")
    assert done.report["seconds"] < 60
    assert done.exit == 1
    assert done.verdicts("passed") and done.verdicts("not run")
    assert not done.verdicts("failed", "error")
    assert "no verdict" in done.out and "--target-budget" in done.out
    assert_valid(done.report)


@pytest.mark.parametrize("whose", [(), ("--target-provider=gitple",)], ids=["to be found out", "known"])
def test_the_budget_may_end_before_anything_is_answered(run: Callable[..., Run], whose: tuple[str, ...]) -> None:
    """A receiver that never comes to the end of its answer: a line where nothing is known of it, else a report."""
    with socket.create_server(("127.0.0.1", 0)) as listening:  # nobody accepts
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        done = run(f"--target-url={url}", "--target-budget=3", *whose)
    assert "INTERNALERROR" not in done.out and "Traceback" not in done.out
    if whose:
        assert done.exit == 1, done.out
        assert {verdict["verdict"] for verdict in done.report["verdicts"]} <= {"not run", "failed", "skipped"}
    else:
        assert done.exit == 4 and "does not answer in time; say --target-provider" in done.out


def test_a_target_that_goes_away_keeps_what_was_learned(run: Callable[..., Run], free_port: int) -> None:
    """Its process ends halfway and nothing listens any more: reported in time, exit status 1, no traceback."""
    program = "\n".join(
        (
            "import os, sys",
            f"sys.path.insert(0, {str(Path(__file__).parents[2])!r})",
            "from tests.conformance.receivers import listen, right",
            "def receiver(request):",
            "    if request.number > 30: os._exit(0)",
            "    return right(request)",
            f"listen(receiver, {free_port})",
        )
    )
    with subprocess.Popen([sys.executable, "-c", program], env=clean_environment()) as process:
        try:
            assert listens(free_port)
            done = run(
                f"--target-url=http://127.0.0.1:{free_port}/",
                "--target-provider=gitple",
                "--target-check=*/payload/value",
                "--target-check=*/signature/guessable-key",
            )
        finally:
            process.kill()
    assert done.exit == 1
    assert len(done.verdicts("passed")) > 5 and done.verdicts("not run")
    assert not done.verdicts("error")
    assert "Traceback" not in done.out
    assert_valid(done.report)


def test_a_report_that_can_no_longer_be_written_is_one_line(serve: Serve, tmp_path: Path) -> None:
    """Its folder goes away during the run: the verdict is printed all the same, and the exit status is not 0."""
    folder = tmp_path / "reports"
    folder.mkdir()

    def receiver(request: Request) -> int:
        shutil.rmtree(folder, ignore_errors=True)
        return right(request)

    done = run_pytest(
        f"--target-url={serve(receiver)}", "--target-provider=gitple", "--target-check=*/payload/full",
        f"--target-report={folder / 'report.json'}", folder=tmp_path,
    )  # fmt: skip
    assert done.returncode == 4
    assert " conforms: 4 cases" in done.stdout
    assert f"ERROR: --target-report: {folder / 'report.json'}: cannot be written: No such file" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_an_interrupted_run_reports_what_was_learned(serve: Serve, tmp_path: Path) -> None:
    """Ctrl-C: the verdicts until then, findings and report; exit status 2, pytest's own."""
    enough = threading.Event()

    def receiver(request: Request) -> int:
        if request.number > 60:
            enough.set()
            time.sleep(0.2)
        return 200 if not request.values("X-Hub-Signature") else right(request)

    report = tmp_path / "report.json"
    arguments = [
        f"--target-url={serve(receiver)}", "--target-provider=gitple", f"--target-report={report}",
        "--target-check=*/signature/absent", "--target-check=*/signature/*-key",
    ]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "hookassay", "-q", *arguments],
        cwd=tmp_path,
        env=clean_environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert enough.wait(60), "the run never got so far"
        os.kill(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 2, out
    told = json.loads(report.read_text("utf-8"))
    assert_valid(told)
    assert told["exit"] == 2
    assert any(verdict["verdict"] == "failed" for verdict in told["verdicts"])
    assert "Findings (" in out and "KeyboardInterrupt" in out
    assert "Traceback" not in out


def test_a_harness_that_breaks_is_never_the_receivers_failure(
    serve: Serve, run: Callable[..., Run], tmp_path: Path
) -> None:
    """Something of ours raises in one case: an error with its traceback, exit status 1, and no finding."""
    (tmp_path / "breaks.py").write_text(
        "from hookassay.conformance.traffic import Traffic\n"
        "send = Traffic.send\n"
        "def broken(self, bench, delivery):\n"
        "    if b'session_state_open' in delivery.body and bench.facts.carrier_taken:\n"
        "        raise ZeroDivisionError('ours')\n"
        "    return send(self, bench, delivery)\n"
        "Traffic.send = broken\n",
        "utf-8",
    )
    done = run(
        f"--target-url={serve(right)}", "--target-provider=gitple", "--target-check=*/payload/full",
        "-p", "breaks", env={"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert done.exit == 1, done.out
    assert done.verdicts("error") == ["gitple/payload/full[session_state_open]"]
    assert not done.verdicts("failed") and not done.findings
    assert "the harness itself broke" in done.out
    assert_valid(done.report)
