"""A battery in a pytest of its own, in this process: nothing of the user's pytest has a say in it."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hookassay.cli import output
from hookassay.cli.faults import in_our_words
from hookassay.cli.progress import Progress
from hookassay.conformance.findings import findings
from hookassay.conformance.reports import json_report, terminal
from hookassay.conformance.verdict import Verdict

_QUIET = (
    "--noconftest", "--capture=no", "--assert=plain",
    "-p", "no:terminalreporter", "-p", "no:cacheprovider", "-p", "no:faulthandler", "-p", "no:logging",
    "-p", "hookassay.conformance.plugin",
)  # fmt: skip
_UNWANTED = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
_FINDINGS_TOLD = 30


@dataclass
class Ran:
    """What a run came to: pytest's status, what it said on standard error, and the report if there was a run at all."""

    status: int
    said: str
    report: dict[str, Any] | None
    verdicts: Sequence[Verdict]

    @property
    def error(self) -> str:
        """The one line that says why there was no run."""
        lines = [line.strip() for line in self.said.splitlines() if line.strip()]
        return lines[0].removeprefix("ERROR: ") if lines else "nothing ran"


def run(arguments: Sequence[str], quiet: bool) -> Ran:
    """Run the battery with pytest's own options; unless `quiet`, print it for a person."""
    progress = Progress()
    watching = Watching(progress, quiet)
    said = io.StringIO()
    with tempfile.TemporaryDirectory(prefix="hookassay-") as folder, _environment():
        ini = Path(folder, "pytest.ini")
        ini.write_text("[pytest]\n", encoding="ascii")
        neutral = [*_QUIET, "-c", str(ini), "--rootdir", folder]
        progress.show("looking at the receiver …", at_once=True)
        with contextlib.redirect_stderr(said):
            status = pytest.main([*neutral, *arguments], plugins=[watching])
        progress.clear()
    return Ran(int(status), said.getvalue(), watching.report, watching.verdicts)


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """No plugins of the user's, no options from the environment; put back at the end."""
    kept = dict(os.environ)
    for name in _UNWANTED:
        os.environ.pop(name, None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


@dataclass(eq=False)  # pytest keeps its plugins in sets
class Watching:
    """In the place of pytest's own reporter: says what is about to happen, how far it is, what came of it."""

    progress: Progress
    quiet: bool
    report: dict[str, Any] | None = None
    verdicts: Sequence[Verdict] = ()
    _reporting: Any = None
    _done: int = 0

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._reporting = session.config.pluginmanager.get_plugin("hookassay-reporting")
        self.progress.clear()
        if not self.quiet and session.items:
            for line in terminal.header(self._reporting.battery, collect_only=False):
                if "-n" not in line.split():
                    output.line(in_our_words(line))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self._done += 1
            self.progress.show(f"{self._done} of {len(self._reporting.battery.planned)} cases  {report.nodeid}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Take what there is to report before the run's folder goes, and print it."""
        reporting = self._reporting
        if reporting is None:
            return
        self.progress.clear()
        self.verdicts = reporting.verdicts
        self.report = json_report.document(
            reporting.battery, reporting.verdicts, reporting.started, int(session.exitstatus)
        )
        if not self.quiet and self.verdicts:
            _tell_failures(self.verdicts)
            reporting.pytest_terminal_summary(Paper())


def _tell_failures(verdicts: Sequence[Verdict]) -> None:
    """For each finding that fails the run, its first case in full: request, answer, rule, cause, cure."""
    by_id = {verdict.id: verdict for verdict in verdicts}
    failing = [finding for finding in findings(verdicts) if finding.level == "failed"]
    for number, finding in enumerate(failing[:_FINDINGS_TOLD], 1):
        first = by_id[finding.verdicts[0]]
        output.line()
        output.line(f"{number}. {finding.title}", bold=True, fg="red")
        output.line(f"   {first.id}")
        for line in first.message.splitlines():
            label = line.partition(" ")[0]
            output.line(f"   {in_our_words(line)}", wrap=label not in ("repeat:", ""))


@dataclass
class _Width:
    fullwidth: int = field(default_factory=output.width)


@dataclass
class Paper:
    """What the report for terminals writes on, in pytest's reporter's place."""

    _tw: _Width = field(default_factory=_Width)

    @property
    def hasmarkup(self) -> bool:
        return output.coloured()

    def section(self, title: str, sep: str = "=") -> None:
        output.line()
        output.line(f" {title} ".center(self._tw.fullwidth, sep))

    def write(self, text: str) -> None:
        sys.stdout.write(in_our_words(text))

    def write_line(self, text: str, bold: bool = False, **colours: bool) -> None:
        colour = next((name for name, wanted in colours.items() if wanted), None)
        output.line(in_our_words(text), bold=bold, fg=colour)
