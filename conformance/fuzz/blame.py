"""Which mutations have a part in a wrong answer: the case is sent again without them, and with one of two."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from hookassay.conformance.fuzz import groups, oracle
from hookassay.conformance.fuzz.cases import Cases
from hookassay.conformance.fuzz.counter import Place
from hookassay.conformance.fuzz.line import Line
from hookassay.conformance.fuzz.oracle import Judged
from hookassay.conformance.fuzz.plan import Plan

_NOT_BY_MUTATION = ("refused", "redirected", "broke", "silent", "overlong", "leak", "inside")
"""What may come back to a right delivery as well: an event that is not known, a receiver that has broken down, one
that shows its secret in each answer."""


@dataclass
class Blame:
    """Finds the plainest case that is answered in the same wrong way; once for each group."""

    plan: Plan
    cases: Cases
    line: Line
    _innocent: dict[str, Judged | None] = field(default_factory=dict)
    _alike: dict[str, Judged | None] = field(default_factory=dict)

    def told_by(self, judged: Judged) -> Judged:
        """The exchange that tells what is wrong by the fewest mutations; the same one if it needs all of them."""
        return self._with_one(self._without(judged))

    def _without(self, judged: Judged) -> Judged:
        """The exchange without the mutations, where that is met in the same way: they have no part in it."""
        if judged.problem is None or judged.problem.kind not in _NOT_BY_MUTATION or not judged.case.mutations:
            return judged
        name = groups.key(judged)
        if name not in self._innocent:
            right = self.line.one(self.cases.unchanged(judged.case))
            self._innocent[name] = right if same(judged, right) else None
        return self._innocent[name] or judged

    def _with_one(self, judged: Judged) -> Judged:
        """The exchange with one of two mutations, where that alone is answered so: the other has no part in it."""
        if len(judged.case.mutations) < 2:
            return judged
        name = groups.key(judged)
        if name not in self._alike:
            told = judged.case.name
            where = Place(told.event, told.kind, told.index)
            cases = replace(self.plan, seed=told.seed).cases()
            alone = (self.line.one(cases.build(where, time.time_ns(), only)) for only in (0, 1))
            self._alike[name] = next((one for one in alone if same(judged, one) and _looks_like(judged, one)), None)
        return self._alike[name] or judged


def same(one: Judged, other: Judged) -> bool:
    """Whether two answers are wrong in one way."""
    if one.problem is None or other.problem is None:
        return one.problem is other.problem
    return one.problem.kind == other.problem.kind


def _looks_like(one: Judged, other: Judged) -> bool:
    """Whether two answers have one status and one shape."""
    first, second = one.sent.answer, other.sent.answer
    return first.status == second.status and oracle.shape(one.case.delivery, first) == oracle.shape(
        other.case.delivery, second
    )
