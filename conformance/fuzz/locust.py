"""User classes for Locust: load and soak tests with a vendor's signed deliveries, each answer judged.

    from hookassay.conformance.fuzz.locust import vendor_user

    Gitple = vendor_user("gitple", fuzz_share=0.1, forged_share=0.05)

Locust's own page, tables, masters and workers, and step shapes work unchanged (`pip install hookassay[load]`).
Each worker takes its own place among the cases, so nothing is sent twice. The sender's loop is asyncio's:
another one hangs a process that gevent has patched.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from locust import User, events, task
from locust.env import Environment

from hookassay.conformance import settings
from hookassay.conformance.fuzz.case import FuzzCase
from hookassay.conformance.fuzz.cases import Cases
from hookassay.conformance.fuzz.counter import Place
from hookassay.conformance.fuzz.oracle import Judged, Oracle
from hookassay.conformance.options import OPTIONS
from hookassay.mockserver.emission.answer import FAILURES
from hookassay.mockserver.emission.generation import realistic_index
from hookassay.mockserver.emission.generation.entropy import mix
from hookassay.mockserver.emission.sending import Sender
from hookassay.schemas import catalogue
from hookassay.schemas.contract import Provider

_WORKER = 2**40
"""Cases of one worker: more than it will ever send."""


class WrongAnswer(Exception):
    """What Locust counts as a failure: the kind of the problem and the mutation, so that statistics stay few."""


@dataclass
class Desk:
    """What the users of one process share for one provider: a sender, and the next case's number."""

    provider: str
    host: str
    seed: int
    sender: Sender = field(default_factory=Sender)
    numbers: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        given: dict[str, Any] = {option.name: [] if option.many else None for option in OPTIONS}
        given.update(target_url=self.host, target_provider=[self.provider])
        self.bench = settings.read(given).benches[0]
        self.cases = Cases(self.bench.vendor, self.seed)
        self.oracle = Oracle(self.bench)

    def send(self, case: FuzzCase) -> Judged:
        """One case, sent and judged."""
        return self.oracle.judge(case, self.sender.send(case.delivery, self.bench.target, self.bench.limit))


_desks: dict[tuple[int, str, str, int], Desk] = {}
_named: Counter[str] = Counter()


def vendor_user(
    provider: str,
    *,
    scenario: str = "",
    wanted: Sequence[str] = (),
    fuzz_share: float = 0.0,
    forged_share: float = 0.0,
    seed: int = 0,
) -> type[User]:
    """A Locust user that is the vendor: signed deliveries to `--host` (the receiver's whole URL).

    Events come in the proportions of a `scenario` of the provider, or those of `wanted`, or those that a
    receiver has to take. So great a share is fuzzed, and so great a one forged. The secret is read from
    the environment (`HOOKASSAY_TARGET_SECRET_…`). Raises UnknownName, KeyError.
    """
    if fuzz_share < 0 or forged_share < 0 or fuzz_share + forged_share > 1:
        raise ValueError("fuzz_share and forged_share are parts of 1")
    loaded = catalogue.load(provider)
    weights = _weights(loaded, scenario, wanted)

    class VendorUser(User):
        """The vendor."""

        def on_start(self) -> None:
            """Take this worker's place; its number is the master's, known only now."""
            self.place = getattr(self.environment.runner, "worker_index", 0) * _WORKER
            self.desk = _desk(self.environment, provider, self.host, seed)

        @task
        def deliver(self) -> None:
            """One delivery, judged."""
            number = self.place + next(self.desk.numbers)
            case = self.desk.cases.build(_place(number, weights, fuzz_share, forged_share), time.time_ns())
            judged = self.desk.send(case)
            answer, problem = judged.sent.answer, judged.problem
            self.environment.events.request.fire(
                request_type=provider,
                name=f"{case.name.event} {case.name.kind}",
                response_time=answer.elapsed * 1000,
                response_length=len(answer.body),
                exception=WrongAnswer(_told(judged)) if problem is not None and problem.level == "must" else None,
                context={},
            )

    VendorUser.__name__ = VendorUser.__qualname__ = _class_name(provider)
    return VendorUser


def _class_name(provider: str) -> str:
    """A name for one more class: Locust wants each to have its own."""
    _named[provider] += 1
    number = _named[provider] if _named[provider] > 1 else ""
    return f"{provider.title().replace('-', '')}Vendor{number}"


def _weights(provider: Provider, scenario: str, wanted: Sequence[str]) -> tuple[str, ...]:
    """The events, each as often as it comes."""
    if scenario:
        steps = provider.scenarios[scenario].steps
        return tuple(Counter(str(step["event"]) for step in steps).elements())
    for name in wanted:
        if name not in provider.events:
            raise KeyError(f"{provider.name} has no event {name!r}{catalogue.nearest(name, provider.events)}")
    return tuple(wanted) or tuple(name for name, event in provider.deliverable.items() if event.asked)


def _place(number: int, weights: Sequence[str], fuzzed: float, forged: float) -> Place:
    """What a number stands for: mostly what the vendor would send, in the chosen shares something else."""
    event, chance = weights[mix(number, 6) % len(weights)], mix(number, 7) / 2**64
    if chance < forged:
        return Place(event, "auth", number)
    if chance < forged + fuzzed:
        return Place(event, "invalid" if number % 2 else "bytes", number)
    return Place(event, "valid", realistic_index(number))


def _told(judged: Judged) -> str:
    problem, answer = judged.problem, judged.sent.answer
    assert problem is not None
    if answer.failure is not None:
        return f"{problem.kind}: {FAILURES[answer.failure]}"
    return f"{problem.kind}: {judged.case.mutation} ({answer.status})"


def _desk(environment: Environment, provider: str, host: str | None, seed: int) -> Desk:
    """The process's desk for a provider and receiver; made once, by whichever user comes first."""
    if not host:
        raise ValueError("--host is the receiver's whole URL, such as http://127.0.0.1:3000/webhook")
    known = _desks.get((id(environment), provider, host, seed))
    if known is None:
        known = _desks[id(environment), provider, host, seed] = Desk(provider, host, seed)
    return known


def _close(environment: Environment, **more: Any) -> None:
    for desk in _desks.values():
        desk.sender.close()


events.quitting.add_listener(_close)  # type: ignore[no-untyped-call]  # Locust's own
