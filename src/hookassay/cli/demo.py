"""`hookassay demo`."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import click

from hookassay.cli import options, output
from hookassay.cli.faults import FAILED, Fault, tell
from hookassay.cli.progress import Progress

_PACKAGE = Path(__file__).parents[1]
_NAMES = ("right", "wrong")
_PATIENCE = 5.0
_LIMIT = 300.0
_COLUMN = 27

Reports = Mapping[str, Mapping[str, Any]]


@click.command("demo")
@options.as_json
def command(as_json: bool) -> int:
    """Watch the battery judge a right and a wrong receiver.

    Starts two small receivers of Gitple's events on free ports of this
    machine, judges both, and shows what it found. Nothing leaves the machine
    and nothing is left running.

    \b
    Example:
      hookassay demo

    Exit status: 0 if the right one conforms and the wrong one does not.
    """
    with _stoppable(), contextlib.ExitStack() as stack:
        urls = {name: stack.enter_context(_receiver(name)) for name in _NAMES}
        if not as_json:
            output.line("Two receivers of Gitple's events, met by the whole battery (about 15 seconds):")
            for name in _NAMES:
                output.line(f"  {name}  {_PACKAGE / 'demo' / name}.py", wrap=False)
            output.line()
        reports = _judged(urls)
    as_it_should = reports["right"]["exit"] == 0 and reports["wrong"]["exit"] == 1
    if as_json:
        output.data(reports)
    else:
        _print(reports)
    if not as_it_should:
        tell("hookassay: the right one has to conform and the wrong one not; try again when the machine has less to do")
    return 0 if as_it_should else FAILED


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Let a SIGTERM end the demo as Ctrl-C does, so that it ends what it has started."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _environment() -> dict[str, str]:
    """The environment without settings that are meant for the user's own receiver."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("HOOKASSAY_", "GITPLE_"))}


@contextlib.contextmanager
def _receiver(name: str) -> Iterator[str]:
    """The URL of a receiver that runs while it is needed. It ends with its standard input, even if we are killed."""
    process = subprocess.Popen(
        [sys.executable, str(_PACKAGE / "demo" / f"{name}.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        text=True,
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        if not first.startswith("listening on "):
            raise Fault(f"the {name} receiver of the demo did not start", FAILED)
        yield f"{first.split()[-1]}/"
    finally:
        try:
            process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _judged(urls: Mapping[str, str]) -> Reports:
    """The battery's reports on all receivers, made side by side."""
    progress, started = Progress(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hookassay-demo-") as folder, contextlib.ExitStack() as stack:
        files = {name: Path(folder, f"{name}.json") for name in urls}
        running = {name: stack.enter_context(_check(url, files[name])) for name, url in urls.items()}
        while any(process.poll() is None for process in running.values()):
            seconds = time.monotonic() - started
            progress.show(f"judging both: {seconds:.0f} s")
            if seconds > _LIMIT:
                raise Fault(f"the demo did not end within {_LIMIT:.0f} s", FAILED)
            time.sleep(0.05)
        progress.clear()
        return {name: _report(name, file) for name, file in files.items()}


@contextlib.contextmanager
def _check(url: str, file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`hookassay check URL --provider gitple --json`, its output in a file; ended if it has not ended itself."""
    arguments = [sys.executable, str(_PACKAGE / "__main__.py"), "check", url, "--provider", "gitple", "--json"]
    with open(file, "wb") as out:
        process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL, env=_environment()
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate() if os.name == "nt" else process.send_signal(signal.SIGINT)
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(_PATIENCE)


def _report(name: str, file: Path) -> Mapping[str, Any]:
    try:
        report = json.loads(file.read_bytes())
        assert isinstance(report, dict)
        return report
    except ValueError as error:
        raise Fault(f"there is no report on the {name} receiver of the demo", FAILED) from error


def _print(reports: Reports) -> None:
    """The verdicts side by side, the findings, and what to type next."""
    counts = {name: _counts(report) for name, report in reports.items()}
    families = dict.fromkeys(family for report in counts.values() for family in report)
    rows = [(family, *(_cell(counts[name].get(family, Counter())) for name in _NAMES)) for family in families]
    verdicts = ("conforms" if reports[name]["exit"] == 0 else "does not conform" for name in _NAMES)
    output.table(("", *_NAMES), [*rows, ("verdict", *verdicts)])
    failing = [finding for finding in reports["wrong"]["findings"] if finding["level"] == "failed"]
    output.line()
    output.line(f"What is wrong with the wrong one ({len(failing)} findings):", bold=True)
    order = sorted(failing, key=lambda finding: (not finding["proven"], -len(finding["verdicts"])))
    for number, finding in enumerate(order, 1):
        title = finding["title"].partition(": ")[2]
        count = len(finding["verdicts"])
        proven = "proven, " if finding["proven"] else ""
        output.line(f" {number}. {title} ({proven}{count} case{'s' * (count != 1)})")
    output.line()
    output.line("Now yours:", bold=True)
    for text in (
        "hookassay send gitple session_state_close --to http://127.0.0.1:3000/webhook",
        "hookassay check http://127.0.0.1:3000/webhook --provider gitple",
        "hookassay explain gitple/signature/raw-bytes",
    ):
        output.line(f"  {text}", wrap=False)


def _counts(report: Mapping[str, Any]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for verdict in report["verdicts"]:
        found.setdefault(verdict["family"], Counter())[verdict["verdict"]] += 1
    return found


def _cell(count: Counter[str]) -> str:
    """`272 passed`, `213 passed, 18 failed`: advice counts as passed, and what was skipped is left out."""
    parts = {"passed": count["passed"] + count["advice"], "failed": count["failed"], "not run": count["not run"]}
    return ", ".join(f"{number} {what}" for what, number in parts.items() if number) or "-"
