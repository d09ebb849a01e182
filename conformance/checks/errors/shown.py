"""What answers show: nothing of the receiver's inside, and no markup that a browser would run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Expectation, Make, Step, one
from hookassay.conformance.checks.errors.changed import Change, all_but_type, changed, ways
from hookassay.mockserver.emission import overrides
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.mutation import notjson
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.mockserver.emission.spelling import Body

_NOTHING_INSIDE = Expectation("calm", no_internals=True)


def _all_wrong(null: bool) -> Change:
    """Every member that is no text null, or of another type."""

    def change(body: Body) -> Body:
        document = json.loads(body.data)
        wrong = {
            key: value if isinstance(value, str) else None if null else [value] if isinstance(value, dict) else {}
            for key, value in document.items()
        }
        return Body(json.dumps(wrong).encode())

    return change


_PROVOKING: dict[str, Change] = {
    "truncated": notjson.NOT_JSON["truncated"],
    "empty": notjson.NOT_JSON["empty"],
    "invalid-utf-8": notjson.NOT_JSON["invalid-utf-8"],
    "array": lambda body: Body(b"[]"),
    "null": lambda body: Body(b"null"),
    "text": lambda body: Body(b'"x"'),
    "number": lambda body: Body(b"1"),
    "empty-object": lambda body: Body(b"{}"),
    "wrong-types": _all_wrong(null=False),
    "nulls": _all_wrong(null=True),
    "deep": notjson.HOSTILE["deep-arrays-20000"],
    "lone-surrogate": notjson.HOSTILE["lone-surrogate"],
    "huge-integer": notjson.HOSTILE["huge-integer"],
}


def _without_members(bench: Bench) -> Delivery:
    document = overrides.apply(bench.document(), all_but_type(bench, bench.carrier))
    return bench.vendor.deliver(bench.carrier, document)


def _elsewhere(bench: Bench) -> Delivery:
    return replace(bench.right(), path="/hookassay-no-such-path")


_WRAPPED: dict[str, Make] = {
    "text-plain": partial(Bench.right, headers=(("Content-Type", "text/plain"),)),
    "multipart": partial(Bench.right, headers=(("Content-Type", "multipart/form-data; boundary=x"),)),
    "get": partial(Bench.right, method="GET"),
    "put": partial(Bench.right, method="PUT"),
    "other-path": _elsewhere,
    "event-missing-members": _without_members,
}


def no_internals(bench: Bench) -> Iterator[Case]:
    """What shows the inside where anything does; beside these, the judge looks at every answer of the run."""
    for name, change in _PROVOKING.items():
        for suffix, signed in ways(bench):
            plan = one(partial(changed, change=change, signed=signed), _NOTHING_INSIDE)
            yield Case(f"{name},{suffix}" if suffix else name, plan)
    for name, make in _WRAPPED.items():
        yield Case(name, one(make, _NOTHING_INSIDE))


_MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def markup(bench: Bench) -> Iterator[Case]:
    """An event whose texts are markup, which may not come back raw in an HTML page."""
    yield Case("event-with-markup", _with_markup, level="should")


def _with_markup(bench: Bench) -> list[Step]:
    event = bench.carrier
    typed = [m for m in event.walked[bench.carrier_example] if m.role == "text" and isinstance(m.value, str)]
    changes = Overrides({member.pointer: _MARKUP for member in typed})
    document = {**bench.document(event, "", changes, valid=False), "hookassay_extra": _MARKUP}
    return [Step(bench.vendor.deliver(event, document), Expectation("calm", "should", no_markup=_MARKUP))]
