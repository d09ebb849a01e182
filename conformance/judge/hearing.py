"""One case before the judge: its deliveries are sent, what came back is kept and set beside what was expected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hookassay.conformance.assess import Problem, assess, leak_problem, leaks_of
from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Check, Step
from hookassay.conformance.judge.trial import Trial
from hookassay.conformance.state import Shared
from hookassay.conformance.traffic import Sent, Traffic
from hookassay.mockserver.emission.answer import Reaction
from hookassay.mockserver.emission.delivery import Delivery


class Doubt(Exception):
    """Something is not as it should be, and this hearing may not ask again (`once`)."""


@dataclass
class Hearing:
    """What the rules share while a case is tried. `wait`: seconds for which a receiver that has died is waited for.

    `revive` starts a receiver of ours again; `plan_of` finds a case of the run by its id. `once`:
    nothing may be asked again; whatever is not as it should be raises Doubt. `built` and `twin`: the steps of
    the case and the right delivery beside it, where they were built while the receiver was at work.
    """

    bench: Bench
    check: Check
    case: Case
    name: str
    traffic: Traffic
    shared: Shared
    wait: float
    revive: Callable[[], None]
    plan_of: Callable[[str], tuple[Bench, Case] | None]
    once: bool = False
    built: Sequence[Step] = ()
    twin: Delivery | None = None
    trial: Trial = field(default_factory=Trial)

    def plan(self) -> Sequence[Step]:
        """The steps of the case, built anew."""
        return self.case.plan(self.bench)

    def send(self, step: Step) -> Sent:
        return self.record(step.name, step.delivery, step.expect.in_words())

    def record(self, name: str, delivery: Delivery, expected: str) -> Sent:
        """Send one delivery and keep the exchange."""
        sent = self.traffic.send(self.bench, delivery)
        self.trial.exchanges.append((name, sent, expected))
        return sent

    def right(self, name: str, expected: str = "taken (2xx)") -> Sent:
        """Send an ordinary right delivery."""
        return self.record(name, self.bench.right(), expected)

    def is_alive(self) -> bool:
        return self.right("sign of life", "an answer").answered

    def assess(self, step: Step, sent: Sent) -> Problem | None:
        """What is wrong with an answer, if anything; what is worth a note is noted."""
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
                self.note(
                    "apps-script",
                    "received, but the vendor asks for 200: a Google Apps Script web app answers every POST "
                    "with 302 to script.googleusercontent.com",
                )
            elif asks and answer.status != asks:
                self.note("not-200", f"answers {answer.status}; the vendor's document asks for {asks}")
        if sent.answered and not self.bench.limit_is_strict and answer.elapsed > self.bench.limit:
            limit = f"{self.bench.limit:g} s"
            self.note("slow", f"an answer took {answer.elapsed:.1f} s; {limit} is the limit that we assume")

    def note(self, key: str, text: str) -> None:
        self.trial.note(f"{self.bench.provider.name}:{key}", text)
