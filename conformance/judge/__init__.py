"""The four rules by which a verdict is reached, for every check alike.

1. *Twins* (`twin`): a refusal counts only if a right delivery, sent after it, is taken.
2. *Asked again* (`again`): an answer that would fail a check is asked for again; the same again
   fails, another is *unsteady*. A forgery taken even once, or a secret shown once, is a failure.
3. *Alive* (`death`): where the twin gets no answer, the receiver is waited for, and what killed it is
   proven by sending the suspects one by one; at most three deaths a run.
4. *The cause proven from outside* (`cause`): a refused right delivery is sent again as each likely
   bug would have signed or shaped it. An event that is not taken alone either is blamed itself (`refused`).

The judge sees answers only and assumes nothing of what a receiver does inside.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from hookassay.conformance.assess import Problem
from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Check, NotApplicable, Step
from hookassay.conformance.judge import again, refused, twin
from hookassay.conformance.judge.hearing import Hearing
from hookassay.conformance.judge.manners import MANNERS
from hookassay.conformance.judge.trial import Trial
from hookassay.conformance.state import RunFolder, Shared
from hookassay.conformance.traffic import BudgetEnded, Traffic
from hookassay.mockserver.emission.answer import Reaction

SHORTEST_WAIT = 10.0
"""Seconds for which a receiver that has stopped answering is waited for."""


@dataclass
class Judge:
    """Applies the rules. `revive` starts a receiver of ours again; `plan_of` finds a case of the run by its id."""

    traffic: Traffic
    folder: RunFolder
    wait: float = SHORTEST_WAIT
    revive: Callable[[], None] = field(default=lambda: None)
    plan_of: Callable[[str], tuple[Bench, Case] | None] = field(default=lambda name: None)

    def try_case(self, bench: Bench, check: Check, case: Case, name: str, built: Sequence[Step] = ()) -> Trial:
        """Try a case, with the steps built ahead of its turn if there are any.

        Nothing is raised: what goes wrong with us is the trial's `error`.
        """
        with self.folder.turn() as shared:
            self.traffic.shared = shared
            if shared.dead:
                return Trial(not_run=shared.dead)
            hearing = self._hearing(bench, check, case, name, shared)
            hearing.built = built
            trial = hearing.trial
            try:
                _hear(hearing)
                shared.trail = [name]
            except NotApplicable as reason:
                trial.skipped = str(reason)
            except BudgetEnded:
                trial.not_run = "the run's time is up (--target-budget)"
            except Exception:  # the harness broke: never the receiver's fault, and never silent
                trial.error = traceback.format_exc()
        return trial

    def try_once(self, bench: Bench, check: Check, case: Case, name: str) -> Trial | None:
        """Try a case and ask nothing again: None where anything is not as it should be, so that nothing is told."""
        hearing = self._hearing(bench, check, case, name, self.traffic.shared, once=True)
        try:
            _hear(hearing)
        except NotApplicable as reason:
            hearing.trial.skipped = str(reason)
        except Exception:  # whatever it is, the case's own turn tells it
            return None
        return None if hearing.trial.problems else hearing.trial

    def _hearing(
        self, bench: Bench, check: Check, case: Case, name: str, shared: Shared, once: bool = False
    ) -> Hearing:
        return Hearing(bench, check, case, name, self.traffic, shared, self.wait, self.revive, self.plan_of, once)


def _hear(hearing: Hearing) -> None:
    case, bench = hearing.case, hearing.bench
    if case.rests_on is not None and bench.is_refused(*case.rests_on):
        event, example = case.rests_on
        raise NotApplicable(f"it changes the {example} form of {event}, which is not taken as it stands")
    if hearing.check.family != "handshake" and twin.still_refuses_everything(hearing):
        return
    steps = hearing.built or hearing.plan()
    if twin.is_due(steps):
        hearing.traffic.meanwhile.appendleft(partial(twin.build, hearing))
    if case.manner == "each":
        _each(hearing, steps)
    else:
        problem, sent = MANNERS[case.manner](hearing, steps)
        if problem is not None:
            problem = again.confirmed(hearing, problem, sent, steps, hearing.plan)
        if problem is not None:
            hearing.trial.problems.append(problem)
    twin.close(hearing, steps)
    for problem in hearing.trial.problems:
        refused.attribute(hearing, problem)


def _each(hearing: Hearing, steps: Sequence[Step]) -> None:
    """Every step for itself."""
    problems, not_taken = hearing.trial.problems, 0
    for place, step in enumerate(steps):
        sent = hearing.send(step)
        not_taken += sent.reaction is not Reaction.TAKEN
        problem = hearing.assess(step, sent)
        if problem is not None:

            def once_more(place: int = place) -> list[Step]:
                return [hearing.plan()[place]]

            problem = again.confirmed(hearing, problem, sent, steps[: place + 1], once_more)
        if problem is not None:
            problems.append(problem)
    if hearing.case.one_refused and not not_taken and not problems:
        told = "each was taken; at least one of them has to be refused"
        problems.append(Problem("taken", hearing.case.level, told))
