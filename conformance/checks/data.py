"""Checks and cases that a provider's own `cases.toml` declares."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Cases, Check, Expectation, Manner, Step, weaker
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.ids import Ids
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.mockserver.emission.script import Script
from hookassay.mockserver.emission.spelling import Fragment
from hookassay.schemas.contract import Json, Level, Provider


def checks(provider: Provider) -> Iterator[Check]:
    """The checks that a provider declares itself."""
    for entry in provider.checks:
        yield check(entry["id"], entry, partial(_cases_of, entry))


def check(ident: str, record: Mapping[str, Json], cases: Cases) -> Check:
    """A check from its record and the function that makes its cases."""
    return Check(
        id=ident,
        level=record["level"],
        title=record["title"],
        source=record["source"],
        remedy=record["remedy"],
        cases=cases,
        fault=record.get("fault", ""),
        observed=record.get("observed", ""),
        causes=tuple(record.get("causes", ())),
        evidence=tuple(record.get("evidence", ())),
    )


def _cases_of(entry: Mapping[str, Json], bench: Bench) -> Iterator[Case]:
    return (case(bench, item, entry["level"]) for item in entry["cases"])


def extended(check: Check, provider: Provider) -> Check:
    """A check together with the cases that the provider adds to it."""
    added = [entry for entry in provider.cases if entry["check"] == check.id]
    if not added:
        return check

    def cases(bench: Bench) -> Iterator[Case]:
        yield from check.cases(bench)
        for entry in added:
            yield case(bench, entry, check.level)

    return replace(check, cases=cases)


def case(bench: Bench, entry: Mapping[str, Json], level: Level) -> Case:
    """One case from its data (the form: schemas/README.md, cases.toml)."""
    level = entry.get("level", level)
    steps = entry.get("steps", [entry])
    for step in steps:
        if "event" in step:
            level = weaker(level, bench.level_of(bench.provider.events[step["event"]], level))
    repeat = int(entry.get("repeat", 1))

    def plan(bench: Bench) -> list[Step]:
        now = bench.vendor.clock()
        script, ids = Script(now=now, start=now), Ids()
        script.take_cast(entry.get("cast", {}))
        made = []
        for number, step in enumerate(steps, 1):
            expect = Expectation(
                step.get("expect", entry.get("expect", "taken")), weaker(level, step.get("level", level))
            )
            delivery = _delivery(bench, step, script, ids)
            made += [Step(delivery, expect, f"delivery {number}" if len(steps) * repeat > 1 else "")] * repeat
        return made

    single = len(steps) == 1 and "event" in steps[0]
    name = f"{steps[0]['event']},{entry['name']}" if single else entry["name"]
    rests_on = (steps[0]["event"], steps[0].get("example", "full")) if single and "document" not in steps[0] else None
    manner: Manner = "together" if entry.get("together") else "sequence" if len(steps) * repeat > 1 else "each"
    return Case(name, plan, level=level, manner=manner, why=entry.get("why", ""), rests_on=rests_on)


def _delivery(bench: Bench, step: Mapping[str, Json], script: Script, ids: Ids) -> Delivery:
    values = {**step.get("set", {}), **{path: json.loads(text) for path, text in step.get("json", {}).items()}}
    changes = Overrides(values, tuple(step.get("remove", ())))
    vendor = bench.vendor
    if "document" in step:
        event = bench.provider.events[step["event"]] if "event" in step else bench.carrier
        text = script.fill(step["document"])
        try:
            document = json.loads(text)
        except ValueError:
            document = Fragment(text)
        if isinstance(document, dict) and changes:
            document = vendor.document(event, base=document, changes=changes, ids=ids, script=script, valid=False)
        return vendor.deliver(event, document)
    event = bench.provider.events[step["event"]]
    document = vendor.document(
        event, step.get("example", "full"), changes, ids=ids, script=script, valid=step.get("valid", True)
    )
    return vendor.deliver(event, document)
