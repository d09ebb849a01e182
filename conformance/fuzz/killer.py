"""Which delivery a receiver dies of: the suspects are sent again, the likeliest first, each on a fresh connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hookassay.conformance.fuzz.case import FuzzCase
from hookassay.conformance.fuzz.line import Line, is_gone
from hookassay.conformance.fuzz.oracle import Judged
from hookassay.mockserver.emission.delivery import Delivery

SUSPECTS = 80
"""Deliveries that are tried again at most."""


@dataclass(frozen=True)
class Inquest:
    """What came of a death. `killer` is None where no suspect alone did it again."""

    killer: Judged | None
    stayed_dead: bool
    deaths: int


def suspects(window: Sequence[Judged]) -> list[FuzzCase]:
    """The window's cases, likeliest first: what got no answer, then the rest, the latest before the earlier ones."""
    unanswered = [judged.case for judged in window if not judged.answered]
    answered = [judged.case for judged in window if judged.answered]
    return [*unanswered, *reversed(answered)][:SUSPECTS]


def find(line: Line, window: Sequence[Judged], right: Callable[[], Delivery], patience: float) -> Inquest:
    """Wait for the receiver, then send the suspects one at a time until it dies again."""
    deaths = 1
    if not line.comes_back(right, patience):
        return Inquest(None, True, deaths)
    before: FuzzCase | None = None
    for case in suspects(window):
        judged = line.one(case)
        if not is_gone(judged.sent.answer):
            before = case
            continue
        if line.is_there(right()):
            before = case
            continue
        deaths += 1
        if not line.comes_back(right, patience):
            return Inquest(judged, True, deaths)
        if judged.sent.answer.failure == "unreachable" and before is not None:
            # It was dead before this one came: the one before is tried for itself.
            earlier = line.one(before)
            if line.is_there(right()):
                before = case
                continue
            deaths += 1
            return Inquest(earlier, not line.comes_back(right, patience), deaths)
        return Inquest(judged, False, deaths)
    return Inquest(None, False, deaths)
