"""Rule 3: where nothing answers any more, the receiver is waited for, and what killed it is proven."""

from __future__ import annotations

import time
from collections.abc import Sequence

from hookassay.conformance.assess import Problem
from hookassay.conformance.check import Step
from hookassay.conformance.judge.hearing import Hearing
from hookassay.mockserver.emission.delivery import Delivery

DEATHS_ALLOWED = 3
"""Deaths in a run after which nothing more is sent."""

_SUSPECTS = 12
_POLL = 0.2


def bury(hearing: Hearing, steps: Sequence[Step]) -> Problem:
    """Wait for a receiver that has stopped answering, prove what kills it, say so, and let the run go on."""
    shared, wait = hearing.shared, f"{hearing.wait:g} s"
    if not _comes_back(hearing):
        shared.dead = f"the receiver stopped answering in {hearing.name} and did not come back within {wait}"
        return _died(f"it stopped answering after this and did not come back within {wait}", hearing.name)
    shared.deaths += 1
    killer = _killer(hearing, steps)
    if shared.deaths >= DEATHS_ALLOWED and not shared.dead:
        shared.dead = f"the receiver has died {DEATHS_ALLOWED} times; the last time in {hearing.name}"
    if killer is None:
        text = "it stopped answering and came back; none of the last deliveries alone did that again"
        return _died(text, hearing.name, proven=False)
    which = "this" if killer == hearing.name else f"the delivery of {killer}, sent just before,"
    return _died(f"it dies: {which} ends it, each time it is sent", killer)


def _died(text: str, killer: str, proven: bool = True) -> Problem:
    problem = Problem("died", "must", text, proven=proven)
    problem.cause = f"dies:{killer}"
    problem.finding = f"dies of one delivery: {killer}" if proven else f"stops answering now and then: {killer}"
    return problem


def _killer(hearing: Hearing, steps: Sequence[Step]) -> str | None:
    """The case whose delivery kills again: this one's are tried one at a time, then those of the case before."""
    for name, deliveries in _suspects(hearing, steps)[:_SUSPECTS]:
        if len(deliveries) > 1 and hearing.case.manner == "together":
            hearing.traffic.send_together(hearing.bench, deliveries)
        else:
            for delivery in deliveries:
                hearing.traffic.send(hearing.bench, delivery)
        if not hearing.is_alive():
            if not _comes_back(hearing):
                hearing.shared.dead = f"the receiver died of {name} and did not come back within {hearing.wait:g} s"
            return name
    return None


def _suspects(hearing: Hearing, steps: Sequence[Step]) -> list[tuple[str, list[Delivery]]]:
    found: list[tuple[str, list[Delivery]]] = []
    if hearing.case.manner == "each":
        found += [(hearing.name, [step.delivery]) for step in reversed(steps)]
    else:
        found.append((hearing.name, [step.delivery for step in steps]))
    for earlier in hearing.shared.trail:
        planned = hearing.plan_of(earlier)
        if planned is not None and earlier != hearing.name:
            bench, case = planned
            found += [(earlier, [step.delivery]) for step in reversed(case.plan(bench))]
    return found


def _comes_back(hearing: Hearing) -> bool:
    """Whether it answers again within the time that it is given."""
    ends = time.monotonic() + hearing.wait
    while True:
        hearing.revive()
        hearing.traffic.sender.forget()
        if hearing.traffic.send(hearing.bench, hearing.bench.right()).answered:
            return True
        if time.monotonic() >= ends:
            return False
        time.sleep(_POLL)
