"""A battery inside of a pytest run: what the plugin's hooks need once a target is given."""

from __future__ import annotations

import datetime
import shutil
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from hookassay.conformance import elsewhere, options, settings
from hookassay.conformance.battery import Battery
from hookassay.conformance.check import FAMILIES
from hookassay.conformance.findings import findings
from hookassay.conformance.items import CaseItem
from hookassay.conformance.options import BadOption
from hookassay.conformance.reports import json_report, terminal
from hookassay.conformance.verdict import Verdict
from hookassay.conformance.waivers import stale


@dataclass(eq=False)
class Running:
    """One process of a run. `reporting` is registered as a plugin of its own once there is something to report."""

    battery: Battery
    worker: bool
    reporting: Reporting

    @classmethod
    def begin(cls, config: pytest.Config, handed: dict[str, Any] | None, alone: bool) -> Running:
        """Read the options. `alone`: nothing but the battery runs. Raises pytest.UsageError with one line."""
        try:
            asked = settings.read(options.given(config))
        except BadOption as error:
            raise pytest.UsageError(str(error)) from None
        battery = Battery.handed(asked, handed) if handed else Battery.fresh(asked)
        return cls(battery, handed is not None, Reporting(battery, handed is not None, alone))

    @property
    def marks(self) -> list[str]:
        return [*FAMILIES, "fuzz", *(bench.provider.name for bench in self.battery.settings.benches)]

    def look(self, config: pytest.Config) -> None:
        """The first requests of a run: in the controller only, and not where nothing is to be sent."""
        if self.worker or config.option.collectonly:
            return
        try:
            self.battery.begin()
        except BadOption as error:
            raise pytest.UsageError(str(error)) from None

    def end(self) -> None:
        self.battery.end()
        if not self.worker:
            shutil.rmtree(self.battery.folder, ignore_errors=True)


@dataclass(eq=False)
class Reporting:
    """Collects verdicts, tells findings once, writes reports, decides the exit status. In workers it does nothing."""

    battery: Battery
    worker: bool
    alone: bool
    verdicts: list[Verdict] = field(default_factory=list)
    started: float = field(default_factory=time.time)
    _told: set[str] = field(default_factory=set)
    _stale: list[str] = field(default_factory=list)
    _unwritten: list[str] = field(default_factory=list)
    _exit: int = 0

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Tell the battery what is coming; under pytest-xdist a worker does not know."""
        if not self.worker and not hasattr(session.config, "workerinput"):
            self.battery.expect([item.planned for item in session.items if isinstance(item, CaseItem)])

    def pytest_report_header(self, config: pytest.Config) -> list[str]:
        if self.worker:
            return []
        return terminal.header(self.battery, collect_only=bool(config.option.collectonly))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = getattr(report, "hookassay", None)
        if self.worker or data is None:
            return
        verdict = Verdict.from_json(data)
        self.verdicts.append(verdict)
        if verdict.verdict == "failed":
            if verdict.cause in self._told:
                report.longrepr = terminal.briefly(verdict)
            self._told.add(verdict.cause)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self.worker or session.config.option.collectonly:
            return
        self.verdicts += elsewhere.sightings(self.battery, self.verdicts)
        complete = len([v for v in self.verdicts if not v.case.startswith("seen ")]) == len(self.battery.planned)
        if complete:
            failed = [v.id for v in self.verdicts if v.verdict in ("failed", "waived", "not run")]
            passed = [v.id for v in self.verdicts if v.verdict in ("passed", "advice", "skipped")]
            self._stale = stale(self.battery.settings.waivers, failed, passed, datetime.date.today())
        session.exitstatus = self._exit = self._status(int(exitstatus))
        for path in self.battery.settings.reports:
            try:
                json_report.write(path, self.battery, self.verdicts, self.started, self._exit)
            except OSError as error:  # it could be written when the run began
                self._unwritten.append(f"--target-report: {path}: cannot be written: {error.strerror}")
        if self._unwritten and self._exit == pytest.ExitCode.OK:
            session.exitstatus = self._exit = int(pytest.ExitCode.USAGE_ERROR)

    def _status(self, status: int) -> int:
        """pytest's exit status, and 1 where something failed that no item shows; 5 where nothing at all was tried."""
        kinds = {verdict.verdict for verdict in self.verdicts}
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return status
        if "not run" in kinds or "failed" in kinds or self._stale:
            return int(pytest.ExitCode.TESTS_FAILED)
        if self.alone and kinds == {"skipped"}:
            return int(pytest.ExitCode.NO_TESTS_COLLECTED)
        return status

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self.worker and self.verdicts:
            terminal.summary(
                terminalreporter,
                self.battery,
                self.verdicts,
                findings(self.verdicts),
                self._stale,
                self._exit,
                time.time() - self.started,
            )
        for line in self._unwritten:
            terminalreporter.write_line(f"ERROR: {line}", red=True)
