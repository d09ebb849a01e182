"""Times: now in every form, late, long ago, ahead of the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import CALM, Case, Expectation, one
from hookassay.conformance.checks.payload.examples import is_valid
from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.mockserver.emission.times import SECOND
from hookassay.schemas.contract import Event, Json, Level
from hookassay.schemas.members import Member

_DAY = 86_400
_SOME_TIME = 1_715_656_869 * SECOND
_Form = Callable[[int], Json]

_FORMS: dict[str, _Form] = {
    "whole-second": lambda at: times.iso(at // SECOND * SECOND, 3),
    "no-fraction": lambda at: times.iso(at, 0),
    "3-digits": lambda at: times.iso(at, 3),
    "6-digits": lambda at: times.iso(at, 6),
    "9-digits": lambda at: times.iso(at, 9),
    "1-digit": lambda at: times.iso(at, 1),
    "offset": lambda at: times.iso(at + 9 * 3600 * SECOND, 3).replace("Z", "+09:00"),
    "zero-offset": lambda at: times.iso(at, 3).replace("Z", "+00:00"),
    "milliseconds": lambda at: at // 1_000_000,
    "seconds": lambda at: at // SECOND,
}


def documented(bench: Bench) -> Iterator[Case]:
    """Now, in each form that the contract's pattern allows; and odd days of the calendar."""
    yield from _in_forms(bench, documented=True)
    yield from _dates(bench)


_DATES = {"leap-day": "2024-02-29T23:59:59.999Z", "new-year": "2024-01-01T00:00:00.000Z"}


def _dates(bench: Bench) -> Iterator[Case]:
    """Moments on odd days of the calendar: a conversation may have begun long ago. The time of sending stays now;
    where an event has none, a receiver may judge its age by the others."""
    for event in bench.events:
        found = [m for m in event.walked["full"] if times.parse(m.value) is not None]
        if any(member.role == "moment" for member in found):
            dated = any(member.role == "time" for member in found)
            expect = Expectation("taken", bench.level_of(event, "must" if dated else "should"))
            for name, text in _DATES.items():
                make = partial(_on_date, event=event, text=text)
                case = Case(f"{event.name},{name}", one(make, expect), level=expect.level)
                yield replace(case, rests_on=(event.name, "full"))


def _on_date(bench: Bench, event: Event, text: str) -> Delivery:
    date, now = times.parse(text), bench.vendor.clock()
    assert date is not None
    sent = {m.pointer: times.like(m.value, now) for m in event.walked["full"] if m.role == "time"}
    return bench.vendor.deliver(event, bench.vendor.document(event, "full", Overrides(sent), at=date))


def undocumented(bench: Bench) -> Iterator[Case]:
    """Now, in forms that the contract does not allow: met calmly."""
    yield from _in_forms(bench, documented=False)


def _in_forms(bench: Bench, documented: bool) -> Iterator[Case]:
    for event in bench.events:
        moments = [m for m in event.walked["full"] if m.role in ("time", "moment") and times.parse(m.value) is not None]
        if not any(isinstance(member.value, str) for member in moments):
            continue
        for name, form in _FORMS.items():
            if is_valid(event, "full", _at_all(moments, form, _SOME_TIME)) is documented:
                expect = Expectation("taken", bench.level_of(event)) if documented else CALM
                make = partial(_in_form, event=event, moments=moments, form=form, valid=documented)
                level = bench.level_of(event) if documented else "may"
                yield Case(f"{event.name},{name}", one(make, expect), level=level, rests_on=(event.name, "full"))


def _at_all(moments: list[Member], form: _Form, at: int) -> Overrides:
    return Overrides({member.pointer: form(at) for member in moments})


def _in_form(bench: Bench, event: Event, moments: list[Member], form: _Form, valid: bool) -> Delivery:
    changes = _at_all(moments, form, bench.vendor.clock())
    return bench.vendor.deliver(event, bench.vendor.document(event, "full", changes, valid=valid))


def late(bench: Bench) -> Iterator[Case]:
    """Events that are nearly as old as the vendor's window for sending again."""
    window = bench.provider.window
    if window is None:
        return
    level: Level = "must" if bench.provider.retries_documented else "should"
    for event in bench.events:
        expect = Expectation("taken", bench.level_of(event, level))
        make = partial(_sent_ago, event=event, seconds=window.seconds * 0.9)
        yield Case(event.name, one(make, expect), level=expect.level)


def old(bench: Bench) -> Iterator[Case]:
    """Events from long ago, and from a clock that is ahead: refused or taken, but calmly."""
    for event in bench.events:
        yield Case(f"{event.name},a-year-ago", one(partial(_sent_ago, event=event, seconds=365 * _DAY), CALM))
    first = bench.events[0]
    yield Case(f"{first.name},tomorrow", one(partial(_sent_ago, event=first, seconds=-_DAY), CALM))


def _sent_ago(bench: Bench, event: Event, seconds: float) -> Delivery:
    at = bench.vendor.clock() - round(seconds * SECOND)
    return bench.vendor.deliver(event, bench.document(event, at=at))
