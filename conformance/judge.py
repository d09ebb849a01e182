"""The four rules by which a verdict is reached, in one place, for every check.

1. *Twins*: a refusal counts only if a right delivery, sent after it, is taken.
2. *Asked again*: an answer that would fail a check is asked for again; the same again fails, another
   is *unsteady*. A forgery taken even once, or a secret shown once, is a failure.
3. *Alive*: where the twin gets no answer, the receiver is waited for, and what killed it is proven by
   sending the suspects one by one; at most three deaths a run.
4. *The cause proven from outside*: a refused right delivery is sent again as each likely bug would
   have signed or shaped it (`proof`).

The judge sees answers only and assumes nothing of what a receiver does inside.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hookassay.conformance import proof
from hookassay.conformance.assess import Problem, assess, leak_problem, leaks_of
from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Check, NotApplicable, Step
from hookassay.conformance.state import RunFolder, Shared
from hookassay.conformance.traffic import BudgetEnded, Sent, Traffic
from hookassay.conformance.verdict import Note
from hookassay.mockserver.emission.answer import Reaction
from hookassay.mockserver.emission.delivery import Delivery

SHORTEST_WAIT = 10.0
"""Seconds for which a receiver that has stopped answering is waited for."""

DEATHS_ALLOWED = 3
_SUSPECTS = 12
_POLL = 0.2


@dataclass
class Trial:
    """What came of trying one case: problems (the first is told), exchanges with their expectation, notes."""

    problems: list[Problem] = field(default_factory=list)
    exchanges: list[tuple[str, Sent, str]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    sightings: list[str] = field(default_factory=list)
    skipped: str = ""
    not_run: str = ""
    error: str = ""


class _Dead(Exception):
    """The receiver is gone for good: nothing more is sent in this run."""


@dataclass
class Judge:
    """Applies the rules. `revive` starts a receiver of ours again; `plan_of` finds a case of the run by its id."""

    traffic: Traffic
    folder: RunFolder
    wait: float = SHORTEST_WAIT
    revive: Callable[[], None] = field(default=lambda: None)
    plan_of: Callable[[str], tuple[Bench, Case] | None] = field(default=lambda name: None)

    def try_case(self, bench: Bench, check: Check, case: Case, name: str) -> Trial:
        """Try a case; nothing is raised: what goes wrong with us is the trial's `error`."""
        trial = Trial()
        with self.folder.turn() as shared:
            self.traffic.shared = shared
            if shared.dead:
                trial.not_run = shared.dead
                return trial
            try:
                _Attempt(self, bench, check, case, name, shared, trial).run()
                shared.trail = [name]
            except NotApplicable as reason:
                trial.skipped = str(reason)
            except BudgetEnded:
                trial.not_run = "the run's time is up (--target-budget)"
            except _Dead as death:
                shared.dead = str(death)
            except Exception:  # the harness broke: never the receiver's fault, and never silent
                trial.error = traceback.format_exc()
        return trial

    def try_once(self, bench: Bench, check: Check, case: Case, name: str) -> Trial | None:
        """Try a case and ask nothing again: None where anything is not as it should be, so that nothing is told."""
        trial = Trial()
        try:
            _Attempt(self, bench, check, case, name, self.traffic.shared, trial, once=True).run()
        except NotApplicable as reason:
            trial.skipped = str(reason)
        except Exception:  # whatever it is, the case's own turn tells it
            return None
        return None if trial.problems else trial


class _Doubt(Exception):
    """Something is not as it should be, and may not be asked again."""


@dataclass
class _Attempt:
    """One case being tried."""

    judge: Judge
    bench: Bench
    check: Check
    case: Case
    name: str
    shared: Shared
    trial: Trial
    once: bool = False

    def run(self) -> None:
        if self.case.rests_on is not None and self.bench.is_refused(*self.case.rests_on):
            event, example = self.case.rests_on
            raise NotApplicable(f"it changes the {example} form of {event}, which is not taken as it stands")
        if self.case.manner in ("together", "in-turn"):
            self._as_one()
        elif self.case.manner == "sequence":
            self._sequence()
        else:
            self._each()

    # the manners of sending

    def _each(self) -> None:
        steps = self.case.plan(self.bench)
        refused = 0
        for index, step in enumerate(steps):
            sent = self._send(step)
            refused += sent.reaction is not Reaction.TAKEN
            problem = self._assess(step, sent)
            if problem is not None:
                problem = self._again(
                    problem, sent, steps[: index + 1], lambda i=index: [self.case.plan(self.bench)[i]]
                )  # type: ignore[misc]
            if problem is not None:
                self.trial.problems.append(problem)
        if self.case.one_refused and not refused and not self.trial.problems:
            self.trial.problems.append(
                Problem("taken", self.case.level, "each was taken; at least one of them has to be refused")
            )
        self._close(steps)

    def _sequence(self) -> None:
        steps = self.case.plan(self.bench)
        problem = self._play(steps)
        if problem is not None:
            problem = self._again(problem, self.trial.exchanges[-1][1], steps, lambda: self.case.plan(self.bench))
        if problem is not None:
            self.trial.problems.append(problem)
        self._close(steps)

    def _as_one(self) -> None:
        steps = self.case.plan(self.bench)
        problem = self._volley(steps)
        if problem is not None:
            silent = next(
                (sent for _, sent, _ in self.trial.exchanges[-len(steps) :] if not sent.answered),
                self.trial.exchanges[-1][1],
            )
            problem = self._again(problem, silent, steps, lambda: self.case.plan(self.bench))
        if problem is not None:
            self.trial.problems.append(problem)
        self._close(steps)

    def _play(self, steps: Sequence[Step]) -> Problem | None:
        """Send steps in order; the first problem ends it."""
        for step in steps:
            problem = self._assess(step, self._send(step))
            if problem is not None:
                return problem
        return None

    def _volley(self, steps: Sequence[Step]) -> Problem | None:
        """Send steps at once, or in turn on one connection; a rate limit in a volley is advice."""
        send = self.judge.traffic.send_together if self.case.manner == "together" else self.judge.traffic.send_in_turn
        worst: Problem | None = None
        for step, sent in zip(steps, send(self.bench, [step.delivery for step in steps]), strict=True):
            self.trial.exchanges.append((step.name, sent, step.expect.in_words()))
            if sent.answer.rate_limited:
                self._note(
                    "rate-limit", f"a burst is rate limited ({sent.answer.status}): a vendor's traffic comes in bursts"
                )
                continue
            problem = self._assess(step, sent)
            if problem is None and self.case.manner == "in-turn" and sent.answer.overlong and sent.answer.status != 204:
                problem = Problem("broke", "must", f"{step.name}: bytes follow the end of its answer, before the next one on the connection (a Content-Length that is too small?)")
            if problem is not None and (worst is None or problem.worse_than(worst)):
                worst = problem
        return worst

    # rule 2

    def _again(
        self, first: Problem, sent: Sent, sent_steps: Sequence[Step], again: Callable[[], Sequence[Step]]
    ) -> Problem | None:
        """Ask again for an answer that would fail the check; None if that left nothing to say."""
        if self.once:
            raise _Doubt
        if not sent.answered and not self._is_alive():
            return self._bury(sent_steps)
        for _ in range(1 if first.kind == "silent" or first.counts_once else self._asks):
            steps = again()
            second = self._volley(steps) if self.case.manner in ("together", "in-turn") else self._play(steps)
            last = self.trial.exchanges[-1][1]
            if second is not None and not last.answered and not self._is_alive():
                return self._bury(steps)
            if second is None or second.kind != first.kind:
                return self._differs(first, second)
        if first.kind == "silent":
            self.shared.silences += 1
        return first

    def _differs(self, first: Problem, second: Problem | None) -> Problem | None:
        """Asked twice, answered differently: a forgery taken or a secret shown counts; one silence is advice."""
        for problem in (first, second):
            if problem is not None and problem.counts_once:
                return problem
        if first.kind == "silent" and second is None:
            self._note("silence", "one answer did not come; the same delivery, sent again, was answered")
            return None
        self.shared.unsteady += 1
        return first.unsteady(second)

    @property
    def _asks(self) -> int:
        """How often an answer is asked for again: more once the receiver has been seen to change its mind."""
        return 4 if self.shared.unsteady else 2

    # rule 1

    def _close(self, steps: Sequence[Step]) -> None:
        """Send the twin where it is due, and ask what is behind what went wrong."""
        harmless = all(step.expect.reaction == "taken" for step in steps) and not self.trial.problems
        if harmless or any(problem.kind == "died" for problem in self.trial.problems):
            return
        twin = self._twin()
        if twin.reaction is not Reaction.TAKEN:
            self._twin_failed(twin, steps)
        problem = self.trial.problems[0] if self.trial.problems else None
        if problem is not None and problem.kind == "refused":
            self._prove(problem)
        elif problem is not None and problem.kind == "taken" and self.case.neighbours is not None:
            self._look_around(problem)

    def _twin(self) -> Sent:
        delivery = self.case.twin(self.bench) if self.case.twin is not None else self.bench.right()
        return self._record("right delivery", delivery, "taken (2xx)")

    def _twin_failed(self, twin: Sent, steps: Sequence[Step]) -> None:
        if self.once:
            raise _Doubt
        again = twin
        for _ in range(self._asks):
            if not again.answered and not self._is_alive():
                self.trial.problems.insert(0, self._bury(steps))
                return
            again = self._twin()
            if again.reaction is Reaction.TAKEN:
                self.shared.unsteady += 1
                if not self.trial.problems:
                    first = Problem("refused", self.case.level, f"a right delivery was answered {twin.answer.in_words()}")
                    self.trial.problems.append(first.unsteady(None))
                return
        self._refuses_right(again)

    def _refuses_right(self, twin: Sent) -> None:
        """The right one is refused too: whatever the probe's answer was, it proves nothing."""
        ordinary = twin
        if self.case.twin is not None:
            ordinary = self._record("ordinary right delivery", self.bench.right(), "taken (2xx)")
        everything = ordinary.reaction is not Reaction.TAKEN
        if not everything and self.case.if_taken:
            if not self.trial.problems:
                raise NotApplicable(f"the receiver does not take {twin.delivery.event} at all")
            return
        how = {"refused": "refused", "broke": "answered with an error", "redirected": "redirected"}
        told = how.get(str(twin.reaction), "not answered")
        level = "must" if everything else self.case.level
        problem = Problem("no-verdict", level, f"no verdict: the right one is {told} too ({twin.answer.in_words()})")
        provider = self.bench.provider.name
        if everything:
            problem.cause, problem.finding = f"{provider}:refuses-everything", self._everything(ordinary)
            problem.remedy = "Make it take a right delivery; until it does, nothing else can be judged."
        else:
            problem.cause = f"{provider}:refuses:{twin.delivery.event}"
            problem.finding = f"refuses right deliveries of {twin.delivery.event} in this form"
        same = ("refused", "redirected", str(twin.reaction))
        self.trial.problems[:] = [*(known for known in self.trial.problems if known.kind not in same), problem]
        self._prove(problem, ordinary if everything else twin)

    def _everything(self, ordinary: Sent) -> str:
        """In words, what it does with everything, and since when."""
        verb = {"refused": "refuses", "broke": "breaks on", "redirected": "redirects"}
        what = f"{verb.get(str(ordinary.reaction), 'does not answer')} everything, right deliveries too"
        status = ordinary.answer.in_words().partition(" in ")[0]
        if not self.bench.facts.carrier_taken:
            return f"{what} ({status})"
        if not self.shared.refusing_since:
            self.shared.refusing_since = f"after {self.shared.requests} requests, since {self.name}"
        return f"{what} ({status}), {self.shared.refusing_since}"

    # rule 3

    def _is_alive(self) -> bool:
        return self._record("sign of life", self.bench.right(), "an answer").answered

    def _bury(self, steps: Sequence[Step]) -> Problem:
        """The receiver has stopped answering: wait for it, prove what kills it, go on."""
        if not self._comes_back():
            self.shared.dead = (
                f"the receiver stopped answering in {self.name} and did not come back within {self.judge.wait:g} s"
            )
            return self._death(
                f"it stopped answering after this and did not come back within {self.judge.wait:g} s", self.name
            )
        self.shared.deaths += 1
        killer = self._killer(steps)
        if self.shared.deaths >= DEATHS_ALLOWED and not self.shared.dead:
            self.shared.dead = f"the receiver has died {DEATHS_ALLOWED} times; the last time in {self.name}"
        if killer is None:
            return self._death(
                "it stopped answering and came back; none of the last deliveries alone did that again", self.name
            )
        name, again = killer
        text = f"it dies: {'this' if name == self.name else f'the delivery of {name}, sent just before,'} ends it, each time it is sent ({again})"
        return self._death(text, name)

    def _death(self, text: str, killer: str) -> Problem:
        problem = Problem("died", "must", text)
        problem.cause, problem.finding, problem.proven = f"dies:{killer}", f"dies of one delivery: {killer}", True
        return problem

    def _killer(self, steps: Sequence[Step]) -> tuple[str, str] | None:
        """Send the suspects again, one at a time: those of this case, then those of the case before it."""
        suspects: list[tuple[str, Sequence[Delivery]]] = []
        if self.case.manner == "each":
            suspects += [(self.name, [step.delivery]) for step in reversed(steps)]
        else:
            suspects.append((self.name, [step.delivery for step in steps]))
        for earlier in self.shared.trail:
            found = self.judge.plan_of(earlier)
            if found is not None and earlier != self.name:
                suspects += [(earlier, [step.delivery]) for step in reversed(found[1].plan(found[0]))]
        for name, deliveries in suspects[:_SUSPECTS]:
            if len(deliveries) > 1 and self.case.manner == "together":
                self.judge.traffic.send_together(self.bench, deliveries)
            else:
                for delivery in deliveries:
                    self.judge.traffic.send(self.bench, delivery)
            if not self._is_alive():
                what = "no answer to the right delivery that follows"
                if not self._comes_back():
                    self.shared.dead = f"the receiver died of {name} and did not come back within {self.judge.wait:g} s"
                return name, what
        return None

    def _comes_back(self) -> bool:
        ends = time.monotonic() + self.judge.wait
        while True:
            self.judge.revive()
            self.judge.traffic.sender.forget()
            if self.judge.traffic.send(self.bench, self.bench.right()).answered:
                return True
            if time.monotonic() >= ends:
                return False
            time.sleep(_POLL)

    # rule 4

    def _prove(self, problem: Problem, refused: Sent | None = None) -> None:
        """Prove why a right delivery was refused, within the run's allowance for this provider."""
        provider = self.bench.provider.name
        known = self.shared.causes.get(provider)
        sent = refused or next((sent for _, sent, _ in self.trial.exchanges if sent.reaction is Reaction.REFUSED), None)
        if sent is None or sent.reaction is not Reaction.REFUSED:
            return
        if known is None and provider not in self.shared.given_up:
            spent = self.shared.spent.get(provider, 0)
            found = proof.prove(self.bench, self.judge.traffic, sent, proof.ALLOWANCE - spent)
            self.shared.spent[provider] = spent + found.requests
            if found.ended:
                self.shared.given_up.append(provider)
            if found.cause is not None:
                known = self.shared.causes[provider] = {
                    "id": found.cause.id,
                    "text": found.cause.text,
                    "fits": self.check.family,
                }
            problem.tried = found.tried
        if known is not None and (
            problem.kind == "no-verdict" or proof.explains(known["id"], self.bench, self.judge.traffic, sent)
        ):
            problem.cause, problem.finding, problem.proven = f"{provider}:{known['id']}", known["text"], True

    def _look_around(self, problem: Problem) -> None:
        """A forgery was taken: how far does the hole go?"""
        assert self.case.neighbours is not None
        for what, delivery in self.case.neighbours(self.bench):
            sent = self._record(what, delivery, "refused (4xx)")
            problem.around.append(f"{what}: {sent.reaction}")

    # sending and noting

    def _send(self, step: Step) -> Sent:
        return self._record(step.name, step.delivery, step.expect.in_words())

    def _record(self, name: str, delivery: Delivery, expected: str) -> Sent:
        sent = self.judge.traffic.send(self.bench, delivery)
        self.trial.exchanges.append((name, sent, expected))
        return sent

    def _assess(self, step: Step, sent: Sent) -> Problem | None:
        found = leaks_of(self.bench, sent)
        seen = [leak.text for leak in found if leak.kind == "inside"]
        self.trial.sightings += [text for text in seen if text not in self.trial.sightings]
        self._notes_of(step, sent)
        return leak_problem(self.bench, step, found) or assess(step, sent)

    def _notes_of(self, step: Step, sent: Sent) -> None:
        answer = sent.answer
        asks = self.bench.provider.success.get("asks")
        if sent.reaction is Reaction.TAKEN and step.expect.reaction == "taken":
            if answer.is_apps_script:
                self._note(
                    "apps-script",
                    "received, but the vendor asks for 200: a Google Apps Script web app answers every POST with 302 to script.googleusercontent.com",
                )
            elif asks and answer.status != asks:
                self._note("not-200", f"answers {answer.status}; the vendor's document asks for {asks}")
        if sent.answered and not self.bench.limit_is_strict and answer.elapsed > self.bench.limit:
            self._note(
                "slow", f"an answer took {answer.elapsed:.1f} s; {self.bench.limit:g} s is the limit that we assume"
            )

    def _note(self, key: str, text: str) -> None:
        if all(note.key != key for note in self.trial.notes):
            self.trial.notes.append(Note(f"{self.bench.provider.name}:{key}", text))
