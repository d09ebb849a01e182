"""The manners in which the steps of a case are sent; each gives the first, or the worst, problem."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hookassay.conformance.assess import Problem, behind
from hookassay.conformance.check import Manner, Step
from hookassay.conformance.judge.hearing import Hearing
from hookassay.conformance.traffic import Sent

Tried = tuple[Problem | None, Sent]
"""The problem, if any, and the exchange that shows it (the last one, if none)."""


def in_sequence(hearing: Hearing, steps: Sequence[Step]) -> Tried:
    """One after another; the first problem ends it."""
    for step in steps:
        sent = hearing.send(step)
        problem = hearing.assess(step, sent)
        if problem is not None:
            break
    return problem, sent


def together(hearing: Hearing, steps: Sequence[Step]) -> Tried:
    """All at once. A rate limit is no problem here: it is noted."""
    found = _as_one(hearing, steps, hearing.traffic.send_together(hearing.bench, [step.delivery for step in steps]))
    return _worst(found)


def in_turn(hearing: Hearing, steps: Sequence[Step]) -> Tried:
    """One after another on one connection: what is left over from one answer would be read as the next."""
    found = _as_one(hearing, steps, hearing.traffic.send_in_turn(hearing.bench, [step.delivery for step in steps]))
    for place, (step, (problem, sent)) in enumerate(zip(steps, found, strict=True)):
        if problem is None:
            found[place] = behind(sent, f"{step.name}: "), sent
    return _worst(found)


def _as_one(hearing: Hearing, steps: Sequence[Step], answers: Sequence[Sent]) -> list[Tried]:
    found: list[Tried] = []
    for step, sent in zip(steps, answers, strict=True):
        hearing.trial.exchanges.append((step.name, sent, step.expect.in_words()))
        if sent.answer.rate_limited:
            limited = f"a burst is rate limited ({sent.answer.status}): a vendor's traffic comes in bursts"
            hearing.note("rate-limit", limited)
            found.append((None, sent))
        else:
            found.append((hearing.assess(step, sent), sent))
    return found


def _worst(found: Sequence[Tried]) -> Tried:
    worst = found[-1]
    for problem, sent in found:
        if problem is not None and (worst[0] is None or problem.worse_than(worst[0])):
            worst = problem, sent
    return worst


MANNERS: dict[Manner, Callable[[Hearing, Sequence[Step]], Tried]] = {
    "each": in_sequence,
    "sequence": in_sequence,
    "together": together,
    "in-turn": in_turn,
}
"""How the steps of a case are sent; those of an `each` case come one by one."""
