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

_REASON = "likely: an error or an exit ends the process; its output says which (--target-command has it shown here)"
_REMEDY = (
    "Look at the receiver's output at that time. Catch errors for each request, in what runs after the answer too, "
    "and answer 4xx to what cannot be used, 2xx to an event that nothing is done with."
)
_FIRST = "mend what ends it first (see the findings), then run again"
_SUSPECTS = 12
_POLL = 0.2


def bury(hearing: Hearing, steps: Sequence[Step]) -> Problem:
    """Wait for a receiver that has stopped answering, prove what kills it, say so, and let the run go on."""
    shared, wait = hearing.shared, f"{hearing.wait:g} s"
    if not _comes_back(hearing):
        shared.dead = f"the receiver stopped answering in {hearing.name} and did not come back within {wait}; {_FIRST}"
        return _died(hearing, f"it stopped answering after this and did not come back within {wait}", hearing.name)
    shared.deaths += 1
    killer = _killer(hearing, steps)
    if shared.deaths >= DEATHS_ALLOWED and not shared.dead:
        shared.dead = f"the receiver has died {DEATHS_ALLOWED} times, the last time in {hearing.name}; {_FIRST}"
    if killer is None:
        text = "it stopped answering and came back; none of the last deliveries alone did that again"
        return _died(hearing, text, hearing.name, proven=False)
    which = "this" if killer == hearing.name else f"the delivery of {killer}, sent just before,"
    return _died(hearing, f"it dies: {which} ends it, each time it is sent", killer)


def _died(hearing: Hearing, text: str, killer: str, proven: bool = True) -> Problem:
    problem = Problem("died", "must", text, proven=proven, reason=_REASON, remedy=_REMEDY + _left_out(hearing, killer))
    problem.cause = f"dies:{killer}"
    problem.finding = f"dies of one delivery: {killer}" if proven else f"stops answering now and then: {killer}"
    return problem


def _left_out(hearing: Hearing, killer: str) -> str:
    """How to go on without an event that the receiver's vendor was not asked for; empty where it was."""
    bench, case = hearing.plan_of(killer) or (hearing.bench, hearing.case)
    event, *more = {step.delivery.event for step in case.plan(bench)}
    if more or event in bench.asked:
        return ""
    return (
        f" Nobody asked for {event}, but to die of it is a failure all the same; "
        f"until it is mended, pytest's -k 'not {event}' leaves out the cases named after it."
    )


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
                hearing.shared.dead = (
                    f"the receiver died of {name} and did not come back within {hearing.wait:g} s; {_FIRST}"
                )
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
