"""Rule 2: an answer that would fail a check is asked for again before it counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hookassay.conformance.assess import Problem
from hookassay.conformance.check import Step
from hookassay.conformance.judge import death
from hookassay.conformance.judge.hearing import Doubt, Hearing
from hookassay.conformance.judge.manners import MANNERS
from hookassay.conformance.traffic import Sent

_KNOWN_UNSTEADY = 3


def asks(hearing: Hearing) -> int:
    """How often an answer is asked for again: more once the receiver has been seen to change its mind."""
    return 4 if hearing.shared.unsteady else 2


def confirmed(
    hearing: Hearing, first: Problem, sent: Sent, steps: Sequence[Step], again: Callable[[], Sequence[Step]]
) -> Problem | None:
    """The problem to tell of, once it was asked for again; None if that left nothing to say."""
    if hearing.once:
        raise Doubt
    if not sent.answered and not hearing.is_alive():
        return death.bury(hearing, steps)
    send = MANNERS[hearing.case.manner]
    for _ in range(1 if first.kind == "silent" or first.counts_once else asks(hearing)):
        repeated = again()
        second, last = send(hearing, repeated)
        if second is not None and not last.answered and not hearing.is_alive():
            return death.bury(hearing, repeated)
        if second is None or second.kind != first.kind:
            return _differs(hearing, first, second)
    if first.kind == "silent":
        hearing.shared.silences += 1
    elif hearing.case.manner != "each" and hearing.shared.unsteady >= _KNOWN_UNSTEADY and not first.counts_once:
        return first.by_chance()  # of many deliveries, some fail each time: not the same ones
    return first


def _differs(hearing: Hearing, first: Problem, second: Problem | None) -> Problem | None:
    """Asked twice, answered differently: a forgery taken or a secret shown counts; one silence is advice."""
    for problem in (first, second):
        if problem is not None and problem.counts_once:
            return problem
    if first.kind == "silent" and second is None:
        hearing.note("silence", "one answer did not come; the same delivery, sent again, was answered")
        return None
    hearing.shared.unsteady += 1
    return first.unsteady(second)
