"""The smallest request that still fails in the same way, found by asking the receiver itself."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from hookassay.conformance.fuzz import parts
from hookassay.conformance.fuzz.case import FuzzCase
from hookassay.conformance.fuzz.groups import Group, key
from hookassay.conformance.fuzz.line import Line
from hookassay.conformance.fuzz.oracle import Judged
from hookassay.mockserver.emission.spelling import Body
from hookassay.schemas import members, validation
from hookassay.schemas.contract import Json

REQUESTS, SECONDS = 200, 60.0
"""Spent on one group at most."""


@dataclass
class Budget:
    """What is left to spend."""

    requests: int
    ends: float

    @property
    def spent(self) -> bool:
        return self.requests <= 0 or time.monotonic() >= self.ends


def shrink(line: Line, group: Group, requests: int = REQUESTS, seconds: float = SECONDS) -> None:
    """Replace the group's smallest exchange by smaller ones, as long as they stay in the group."""
    case, problem = group.smallest.case, group.smallest.problem
    if case.draft.sent is not None or (problem is not None and problem.kind == "died"):
        return  # a body that differs from the signed one says all by its mutation; a killer would kill again
    budget = Budget(requests, time.monotonic() + seconds)

    def keeps(smaller: FuzzCase) -> Judged | None:
        """The exchange of a smaller case, if it fails in the same way."""
        if budget.spent or not _may_stand(smaller) or not _is_still_changed(smaller, case):
            return None
        budget.requests -= 1
        judged = line.one(smaller)
        return judged if judged.problem is not None and key(judged) == group.finding.group else None

    best = _with_fewer_parts(group.smallest, keeps, budget)
    if case.name.kind == "bytes":
        best = _with_fewer_bytes(best, keeps, budget)
    group.smallest = best
    group.finding.shrunk = True


Keeps = Callable[[FuzzCase], "Judged | None"]


def _with_fewer_parts(best: Judged, keeps: Keeps, budget: Budget) -> Judged:
    """One part of the text after another left out or made short, from the largest down, again until none can be."""
    needed: set[tuple[bytes, bytes]] = set()
    before = None
    while before is not best:
        before, largest = best, len(best.case.draft.body.data)
        while (smaller := _with_one_less(best, keeps, budget, needed, largest)) is not None:
            best, largest = smaller
    return best


def _with_one_less(
    best: Judged, keeps: Keeps, budget: Budget, needed: set[tuple[bytes, bytes]], largest: int
) -> tuple[Judged, int] | None:
    """The exchange with the largest part out that can be, and its size; no larger one than `largest` is tried, and
    none of those that are known to be needed."""
    body = best.case.draft.body
    for cut in parts.cuts(body.data):
        if budget.spent:
            return None
        tried = body.data[cut.start : cut.end], cut.new
        if cut.saves > largest or tried in needed or _is_secret(best.case, cut):
            continue
        found = keeps(_with(best.case, body.splice(cut.start, cut.end, cut.new)))
        if found is not None:
            return found, cut.saves
        needed.add(tried)
    return None


def _is_secret(case: FuzzCase, cut: parts.Cut) -> bool:
    """Whether a part holds the token, or what a forgery has in its place: without it, it would be another case."""
    body, vendor = case.draft.body, case.draft.vendor
    if any(span.start < cut.end and cut.start < span.end for span in body.secrets):
        return True
    pointer = vendor.token_pointer(case.draft.event) if case.name.kind == "auth" else ""
    if not pointer:
        return False
    name = json.dumps(members.tokens(pointer)[-1]).encode()
    return name in body.data[cut.start : cut.end] or (parts.key_before(body.data, cut.start) == name)


def _with_fewer_bytes(best: Judged, keeps: Keeps, budget: Budget) -> Judged:
    """Stretches of bytes cut out, ever shorter ones, of a body that is no document."""
    size = len(best.case.draft.body.data) // 2
    while size >= 1 and not budget.spent:
        start = 0
        while start < len(best.case.draft.body.data) and not budget.spent:
            body = best.case.draft.body
            found = keeps(_with(best.case, body.splice(start, min(start + size, len(body.data)), b"")))
            if found is not None:
                best = found
            else:
                start += size
        size //= 2
    return best


def _may_stand(case: FuzzCase) -> bool:
    """Whether a smaller case still has the right to what it expects: what has to be taken has to be valid."""
    if case.expect.reaction not in ("taken", "exactly"):
        return True
    try:
        document = json.loads(case.delivery.body)
    except (ValueError, RecursionError):
        return False
    asked = case.expect.text
    return validation.is_valid(case.draft.event, document) and (not asked or _holds(document, asked))


def _is_still_changed(smaller: FuzzCase, case: FuzzCase) -> bool:
    """Whether the members are still there that the mutation has changed, or those that held what it took away: what
    fails without them is something else."""
    if not case.places:
        return True
    try:
        before, after = json.loads(case.draft.body.data), json.loads(smaller.draft.body.data)
    except (ValueError, RecursionError):
        return True  # no document, in which nothing has a place
    return all(_has(after, place) for place in map(partial(_nearest, before), case.places))


def _nearest(document: Json, pointer: str) -> str:
    """The pointer, or the part of it that leads to something."""
    while not _has(document, pointer):
        pointer = pointer.rpartition("/")[0]
    return pointer


def _has(document: Json, pointer: str) -> bool:
    try:
        members.lookup(document, pointer)
    except KeyError:
        return False
    return True


def _with(case: FuzzCase, body: Body) -> FuzzCase:
    """The same case with another body, signed again as the case wants it."""
    draft = replace(case.draft, body=body)
    return case._replace(draft=draft, delivery=draft.deliver())


def _holds(document: Any, text: str) -> bool:
    """Whether a text is one of the values of a document."""
    values = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    return document == text or any(_holds(value, text) for value in values)
