"""The smallest request that still fails in the same way, found by asking the receiver itself."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from hookassay.conformance.fuzz.case import FuzzCase
from hookassay.conformance.fuzz.groups import Group, key
from hookassay.conformance.fuzz.line import Line, is_gone
from hookassay.conformance.fuzz.oracle import Judged
from hookassay.mockserver.emission.spelling import Body, write
from hookassay.schemas import members, validation

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
    case = group.smallest.case
    if case.draft.sent is not None or is_gone(group.smallest.sent.answer):
        return  # a body that differs from the signed one says all by its mutation; a killer would kill again
    budget = Budget(requests, time.monotonic() + seconds)

    def keeps(smaller: FuzzCase) -> Judged | None:
        """The exchange of a smaller case, if it fails in the same way; twice, so that chance does not decide."""
        if budget.spent or not _may_stand(smaller):
            return None
        budget.requests -= 1
        judged = line.one(smaller)
        return judged if judged.problem is not None and key(judged) == group.finding.group else None

    best = group.smallest
    for improve in (_documents, _halves):
        best = _improved(best, improve, keeps, budget)
    if best is not group.smallest:
        group.smallest = best
    group.finding.shrunk = True


def _improved(
    best: Judged,
    candidates: Callable[[FuzzCase], Iterator[FuzzCase]],
    keeps: Callable[[FuzzCase], Judged | None],
    budget: Budget,
) -> Judged:
    """The first candidate that keeps failing replaces the best, again and again."""
    while not budget.spent:
        found = None
        for smaller in candidates(best.case):
            if budget.spent:
                break
            found = keeps(smaller)
            if found is not None:
                best = found
                break
        if found is None:
            return best
    return best


def _may_stand(case: FuzzCase) -> bool:
    """Whether a smaller case still has the right to what it expects: what has to be taken has to be valid."""
    if case.expect.reaction != "taken":
        return True
    try:
        document = json.loads(case.delivery.body)
    except (ValueError, RecursionError):
        return False
    return validation.is_valid(case.draft.event, document)


def _with(case: FuzzCase, body: Body) -> FuzzCase:
    """The same case with another body, signed again as the case wants it."""
    draft = replace(case.draft, body=body)
    return replace(case, draft=draft, delivery=draft.deliver())


def _documents(case: FuzzCase) -> Iterator[FuzzCase]:
    """The document with a part less: the largest parts first."""
    try:
        document = json.loads(case.draft.body.data)
    except (ValueError, RecursionError):
        return
    if write(document).data != case.draft.body.data and not _only_spelled(case):
        return  # its bytes say more than its document
    for pointer, value in sorted(_parts(document), key=lambda part: -len(json.dumps(part[1]))):
        for smaller in (*([_GONE] if pointer else []), *_smaller(value)):
            changed = _changed(document, pointer, smaller)
            if case.draft.vendor.token_pointer(case.draft.event) and isinstance(changed, dict):
                kept = _has(document, case.draft.vendor.token_pointer(case.draft.event))
                if kept and case.name.kind != "auth":
                    changed = case.draft.vendor.with_token(case.draft.event, changed)
            body = write(changed)
            if len(body.data) < len(case.draft.body.data):
                yield _with(case, body)


_GONE: Any = object()
_DEEPEST = 12


def _only_spelled(case: FuzzCase) -> bool:
    """Whether its bytes were written as the generator writes: mutations of bytes stay as they are."""
    return all(not name.startswith("bytes.") for name in case.mutations)


def _parts(node: Any, pointer: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    yield pointer, node
    if depth > _DEEPEST:
        return
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _parts(value, f"{pointer}/{members.escape(name)}", depth + 1)
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _parts(value, f"{pointer}/{place}", depth + 1)


def _smaller(value: Any) -> Iterator[Any]:
    """Simpler values of the same type, the simplest first."""
    if isinstance(value, str) and value:
        yield from dict.fromkeys(("", "a", value[: len(value) // 2], value[len(value) // 2 :], value[:-1]))
    elif isinstance(value, list) and value:
        yield []
        yield value[: len(value) // 2]
        yield value[len(value) // 2 :]
    elif isinstance(value, dict) and len(value) > 2:
        names = list(value)
        for kept in (names[: len(names) // 2], names[len(names) // 2 :]):
            yield {name: value[name] for name in kept}
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and value not in (0, 1):
        yield 0


def _changed(document: Any, pointer: str, value: Any) -> Any:
    """A copy of the document with another value at a place, or without it."""
    if not pointer:
        return value
    copy = json.loads(json.dumps(document))
    *parents, last = members.tokens(pointer)
    node = copy
    for token in parents:
        node = node[int(token)] if isinstance(node, list) else node[token]
    place: Any = int(last) if isinstance(node, list) else last
    if value is _GONE:
        del node[place]
    else:
        node[place] = value
    return copy


def _has(document: Any, pointer: str) -> bool:
    try:
        members.lookup(document, pointer)
    except KeyError:
        return False
    return True


def _halves(case: FuzzCase) -> Iterator[FuzzCase]:
    """The body with a stretch of bytes cut out, for bodies that are no documents."""
    if _only_spelled(case) and case.name.kind != "bytes":
        return
    data, size = case.draft.body, len(case.draft.body.data) // 2
    while size >= 1:
        for start in range(0, len(data.data), size):
            yield _with(case, data.splice(start, min(start + size, len(data.data)), b""))
        size //= 2
