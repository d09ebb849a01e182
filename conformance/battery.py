"""A run of the battery, apart from pytest: its cases, its judge, and the verdict of each case."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from hookassay.conformance import checks, crash, message, prelude
from hookassay.conformance.ahead import Ahead
from hookassay.conformance.assess import Problem
from hookassay.conformance.bench import Bench, Facts
from hookassay.conformance.check import Case, Check
from hookassay.conformance.judge import SHORTEST_WAIT, Judge
from hookassay.conformance.judge.trial import Trial
from hookassay.conformance.plans import Plans
from hookassay.conformance.receiver import Receiver, SharedReceiver
from hookassay.conformance.settings import Settings
from hookassay.conformance.state import RunFolder
from hookassay.conformance.traffic import Traffic
from hookassay.conformance.verdict import Verdict
from hookassay.conformance.waivers import waive
from hookassay.mockserver.emission import curl
from hookassay.mockserver.emission.sending import Sender
from hookassay.schemas.contract import LEVELS

_EXCHANGES_KEPT = 8


@dataclass(frozen=True)
class Planned:
    """A case of the run with its check and bench; `id` is `provider/family/check[case]`."""

    bench: Bench
    check: Check
    case: Case

    @cached_property
    def check_id(self) -> str:
        return f"{self.bench.provider.name}/{self.check.id}"

    @cached_property
    def id(self) -> str:
        return f"{self.check_id}[{self.case.name}]"


@dataclass
class Battery:
    """One process's part of a run: all of it, or that of one pytest-xdist worker."""

    settings: Settings
    folder: Path
    tell: Callable[[str], None] = field(default=lambda text: None)
    benches: tuple[Bench, ...] = ()
    lines: tuple[str, ...] = ()
    ends: float | None = None
    receiver: SharedReceiver | None = None

    def __post_init__(self) -> None:
        self.plans = Plans()
        self._rules: dict[str, tuple[str, list[str]]] = {}
        self.benches = self.benches or self.settings.benches
        self._sender = Sender()

    @classmethod
    def fresh(cls, settings: Settings, tell: Callable[[str], None] = lambda text: None) -> Battery:
        """A battery with a run folder of its own."""
        return cls(settings, Path(tempfile.mkdtemp(prefix="hookassay-run-")), tell)

    @cached_property
    def traffic(self) -> Traffic:
        return Traffic(self._sender, self.settings.rate, self.ends, self.tell)

    @cached_property
    def judge(self) -> Judge:
        wait = max(SHORTEST_WAIT, self.settings.wait)
        revive = self.receiver.revive if self.receiver is not None else lambda: None
        return Judge(self.traffic, self.run_folder, wait, revive, self._plan_of)

    @cached_property
    def run_folder(self) -> RunFolder:
        return RunFolder(self.folder)

    def expect(self, coming: Sequence[Planned]) -> None:
        """Tell what is coming, in order, so that some of it can be done ahead."""
        self.ahead.coming = self.plans.coming = coming

    @cached_property
    def ahead(self) -> Ahead:
        return Ahead(self.judge)

    # before, between processes, after

    def begin(self) -> None:
        """Start the receiver if it is ours, wait for it, find out what carries the probes. Raises BadOption."""
        if self.settings.budget is not None:
            self.ends = time.monotonic() + self.settings.budget
        owned = Receiver(self.folder, self.settings.command) if self.settings.command else None
        if owned is not None:
            self.receiver = owned
            owned.start()
            owned.share()
        with self.run_folder.turn() as shared:
            self.traffic.shared = shared
            watched = (owned.ended, owned.revive) if owned is not None else ()
            found = prelude.look(self.settings, self.traffic, *watched)
        self.benches, self.lines = found.benches, found.lines

    def handed_on(self) -> dict[str, Any]:
        """What a worker process has to know, in plain types."""
        facts = {bench.provider.name: vars(bench.facts) for bench in self.benches}
        return {"folder": str(self.folder), "facts": facts, "ends": self.ends}

    @classmethod
    def handed(cls, settings: Settings, data: dict[str, Any]) -> Battery:
        """The battery of a worker, from what it was handed."""
        benches = tuple(bench for bench in settings.benches if bench.provider.name in data["facts"])
        for bench in benches:
            facts = data["facts"][bench.provider.name]
            bench.facts = Facts(**{**facts, "carrier": tuple(facts["carrier"])})
        folder = Path(data["folder"])
        receiver = SharedReceiver(folder) if settings.command else None
        return cls(settings, folder, benches=benches, ends=data["ends"], receiver=receiver)

    def end(self) -> None:
        """Close connections, stop a receiver of ours."""
        self._sender.close()
        self.run_folder.close()
        if self.receiver is not None:
            self.receiver.stop()

    @property
    def requests(self) -> int:
        return self.run_folder.read().requests

    # cases

    @cached_property
    def planned(self) -> tuple[Planned, ...]:
        """Every case of the run, in its order."""
        found = (Planned(bench, check, case) for bench in self.benches for check, case in self._cases(bench))
        return tuple(planned for planned in found if self.settings.wants(planned.check_id))

    def _cases(self, bench: Bench) -> Iterator[tuple[Check, Case]]:
        yield from checks.cases(bench, self.settings.wants)
        if self.settings.fuzz is not None:
            from hookassay.conformance.fuzz import battery as fuzzed

            yield from fuzzed.cases(bench, *self.settings.fuzz)

    def _plan_of(self, name: str) -> tuple[Bench, Case] | None:
        planned = self._by_id.get(name)
        return None if planned is None else (planned.bench, planned.case)

    @cached_property
    def _by_id(self) -> dict[str, Planned]:
        return {planned.id: planned for planned in self.planned}

    # verdicts

    def try_case(self, planned: Planned) -> Verdict:
        """Try a case and judge what came of it."""
        started = time.monotonic()
        trial = self.ahead.take(planned)
        if trial is None:
            built = self.plans.take(planned)
            self.traffic.meanwhile.clear()
            self.traffic.meanwhile.extend(self.plans.next_after(planned))
            trial = self.judge.try_case(planned.bench, planned.check, planned.case, planned.id, built)
        verdict = self._verdict(planned, trial)
        verdict.seconds = round(time.monotonic() - started, 4)
        verdict.requests = len(trial.exchanges)
        return verdict

    def _verdict(self, planned: Planned, trial: Trial) -> Verdict:
        check, case = planned.check, planned.case
        verdict = Verdict(
            id=planned.id,
            check=planned.check_id,
            case=case.name,
            family=check.family,
            level=case.level,
            verdict="passed",
            title=check.title,
            source=self._rule(planned)[0],
            remedy=check.remedy,
            requirements=self._rule(planned)[1],
            notes=trial.notes,
            sightings=trial.sightings,
        )
        if trial.error:
            verdict.verdict, verdict.message = (
                "error",
                f"the harness itself broke; this says nothing about the receiver\n{trial.error}",
            )
        elif trial.not_run:
            verdict.verdict, verdict.message = "not run", trial.not_run
        elif trial.skipped:
            verdict.verdict, verdict.message = "skipped", trial.skipped
        elif trial.problems:
            self._failed(planned, trial, verdict)
        return verdict

    def _rule(self, planned: Planned) -> tuple[str, list[str]]:
        """The source of a check, and the requirements that it stands for."""
        if planned.check_id not in self._rules:
            bench, check = planned.bench, planned.check
            numbers = [requirement.id for requirement in message.requirements(bench, check)]
            self._rules[planned.check_id] = bench.provider.source_of(check.id, check.source), numbers
        return self._rules[planned.check_id]

    def _failed(self, planned: Planned, trial: Trial, verdict: Verdict) -> None:
        bench, check, case = planned.bench, planned.check, planned.case
        problem = min(trial.problems, key=lambda found: LEVELS.index(found.level))
        reveal = self.settings.show_secrets
        told = _told(trial)
        exchanges = [message.exchange(bench, name, sent, expected, reveal) for name, sent, expected in told]
        shown = message.shown_one(problem, exchanges)
        if shown is not None:
            exchanges[shown].curl = curl.command(told[shown][1].delivery, bench.target, reveal)
        output = ""
        if problem.kind == "died" and self.receiver is not None:
            output = message.hidden(bench, self.receiver.tail(), reveal)
            if said := crash.telling(output):
                problem.reason, problem.cause = f"its output says: {said}", f"dies:{said}"
        verdict.remedy = problem.remedy or check.remedy
        verdict.exchanges = exchanges
        verdict.level = problem.level
        verdict.verdict = "failed" if self.settings.fails(problem.level) else "advice"
        verdict.kind = problem.kind
        verdict.cause = problem.cause or f"{planned.check_id}:{problem.kind}"
        verdict.finding = problem.finding or _finding(check, problem)
        verdict.proven = problem.proven
        verdict.reason = message.reason(bench, problem, trial)
        told_one = exchanges[shown] if shown is not None else None
        verdict.message = message.failure(bench, check, case, problem, trial, told_one)
        if output:
            verdict.message += "\nits output:\n" + "\n".join(f"  | {line}" for line in output.splitlines()[-15:])
        waive(verdict, self.settings.waivers)


def _told(trial: Trial) -> list[tuple[str, Any, str]]:
    """The exchanges worth keeping: those that went wrong first, then the rest, in their order, not more than a few."""
    exchanges = trial.exchanges
    if len(exchanges) <= _EXCHANGES_KEPT:
        return exchanges
    wrong = [one for one in exchanges if not one[2].startswith(str(one[1].reaction))]
    kept = (wrong + [one for one in exchanges if one not in wrong])[:_EXCHANGES_KEPT]
    return [one for one in exchanges if any(one is other for other in kept)]


_INSTEAD = {"broke": "breaks on", "silent": "does not answer", "redirected": "redirects"}


def _finding(check: Check, problem: Problem) -> str:
    """The check's fault, or what the receiver does instead of taking or refusing."""
    fault = check.fault or f"does not hold: {check.title}"
    if problem.kind == "broke" and "break" in fault:
        return fault
    verb, _, what = fault.partition(" ")
    instead = _INSTEAD.get(problem.kind, "")
    if instead and verb in ("takes", "refuses") and not what.startswith("or "):
        return f"{instead} {what}"
    more = {**_INSTEAD, "unsteady": "now so, now otherwise"}.get(problem.kind)
    return f"{fault} ({more.removesuffix(' on')})" if more else fault
