"""Fuzzed cases as part of the battery (`pytest --target-fuzz N[:SEED]`): one item for each event and kind.

The judge is the battery's: twins, asking again, signs of life, waivers by id. Nothing is kept between runs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Check, Expectation, Step, weaker
from hookassay.conformance.fuzz.case import FuzzCase, Kind
from hookassay.conformance.fuzz.cases import Cases
from hookassay.conformance.fuzz.counter import Order, Place
from hookassay.conformance.fuzz.levels import level_of
from hookassay.conformance.fuzz.mutations import NOT_FOR_HTTP_10

_TITLES: dict[Kind, str] = {
    "valid": "takes every payload that the contract allows",
    "invalid": "meets payloads that the contract forbids calmly",
    "bytes": "meets bytes, headers and framing that are not what they should be calmly",
    "auth": "refuses what is not the vendor's",
}
_FAULTS: dict[Kind, str] = {
    "valid": "refuses or breaks on payloads that the contract allows",
    "invalid": "breaks on payloads that the contract forbids",
    "bytes": "breaks on bytes, headers or framing",
    "auth": "takes what is not the vendor's",
}


def cases(bench: Bench, count: int, seed: int) -> Iterator[tuple[Check, Case]]:
    """So many fuzzed cases of a provider in all, joined to one case of a check for each event and kind."""
    builder = Cases(bench.vendor, seed)
    kinds = builder.of(bench.asked[0]).kinds
    order = Order.of(bench.asked, kinds)
    places: dict[tuple[Kind, str], list[Place]] = {}
    for counter in range(count):
        where = order.place(counter)
        places.setdefault((where.kind, where.event), []).append(where)
    for kind in kinds:
        check = Check(
            id=f"fuzz/{kind}",
            level="must",
            title=_TITLES[kind],
            source="ours: fuzzed cases (docs/fuzzing.md)",
            remedy="hookassay fuzz PROVIDER --send URL --only CASE repeats it; hookassay fuzz makes it small.",
            cases=lambda bench: iter(()),
            fault=_FAULTS[kind],
        )
        for event in bench.asked:
            found = places.get((kind, event))
            if found:
                yield check, Case(event, partial(_plan, builder, found))


def _plan(builder: Cases, places: list[Place], bench: Bench) -> list[Step]:
    """The cases as steps, each under its own name."""
    built = (builder.build(where, time.time_ns()) for where in places)
    old = bench.facts.http_version == "1.0"
    kept = (case for case in built if not (old and any(name in NOT_FOR_HTTP_10 for name in case.mutations)))
    return [Step(case.delivery, _expectation(case), str(case.name)) for case in kept]


def _expectation(case: FuzzCase) -> Expectation:
    """The case's own, weakened where the payload has forms that a receiver only should take."""
    if case.expect.reaction != "taken":
        return case.expect
    try:
        level = level_of(case.draft.event, json.loads(case.delivery.body))
    except (ValueError, RecursionError):
        return case.expect
    return replace(case.expect, level=weaker(case.expect.level, level))
