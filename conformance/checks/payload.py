"""Payload: every documented event is taken, in every form that its contract allows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import CALM, Case, Cases, Expectation, Step
from hookassay.mockserver.emission import overrides, times
from hookassay.mockserver.emission.mutation import text
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.mockserver.emission.spelling import SPELLINGS, Fragment, Spelling
from hookassay.schemas.contract import Event, Example, Json, Level
from hookassay.schemas.members import Member

_DAY = 86_400
_EXTRA: dict[str, Json] = {"name": "새 필드", "values": [1, "two", None, {"deep": True}]}
_INDEX = re.compile(r"/[0-9]+(?=/|$)")


def _sent(event: Event, example: str, changes: Overrides, expect: Expectation, valid: bool = True):  # type: ignore[no-untyped-def]
    """A plan of one delivery: an example with changes."""

    def plan(bench: Bench) -> list[Step]:
        document = bench.vendor.document(event, example, changes, valid=valid)
        return [Step(bench.vendor.deliver(event, document), expect)]

    return plan


def _case(
    bench: Bench,
    event: Event,
    example: str,
    name: str,
    changes: Overrides,
    level: Level = "must",
    reaction: str = "taken",
    valid: bool = True,
) -> Case:
    level = bench.level_of(event, level)
    expect = CALM if reaction == "calm" else Expectation("taken", level)
    rests_on = (event.name, example) if changes else None
    label_ = f"{event.name},{name}" if name else event.name
    return Case(label_, _sent(event, example, changes, expect, valid), level=level, rests_on=rests_on)


def _full(bench: Bench) -> Iterator[Case]:
    for event in bench.events:
        yield _case(bench, event, "full", "", Overrides(), event.full.level)


def _minimal(bench: Bench) -> Iterator[Case]:
    for event in bench.events:
        yield _case(bench, event, "minimal", "", Overrides(), event.minimal.level)


def _examples(bench: Bench) -> Iterator[Case]:
    for event in bench.events:
        for example in _others(event):
            yield _case(bench, event, example.name, example.name, Overrides(), example.level)


def _others(event: Event) -> list[Example]:
    return [example for name, example in event.examples.items() if name not in ("full", "minimal")]


def _members(event: Event) -> Iterator[tuple[str, Member]]:
    """The members of an event's examples, each kind once: (example, member), the full example first."""
    seen: set[tuple[str, str]] = set()
    for example in (event.full, *_others(event), event.minimal):
        for member in event.walked[example.name]:
            key = (_INDEX.sub("/*", member.pointer), str(member.types))
            if member.pointer and key not in seen:
                seen.add(key)
                yield example.name, member


def label(pointer: str) -> str:
    """A JSON pointer as it stands in a case's name."""
    return pointer.removeprefix("/").replace("/", ".")


def is_valid(event: Event, example: str, changes: Overrides) -> bool:
    """Whether an example stays valid when it is changed so."""
    return bool(event.validator.is_valid(overrides.apply(event.examples[example].document, changes)))


def _absent(bench: Bench) -> Iterator[Case]:
    for event in bench.events:
        for example, member in _members(event):
            changes = Overrides(remove=(member.pointer,))
            if not member.required and _is_named(member) and is_valid(event, example, changes):
                yield _case(
                    bench, event, example, label(member.pointer), changes, cast(Level, member.level("absent", "must"))
                )


def _is_named(member: Member) -> bool:
    """Whether the schema describes this member by name (not an item, not a free key)."""
    return bool(member.schema.get("description")) and not member.pointer.rpartition("/")[2].isdigit()


def _values(bench: Bench) -> Iterator[Case]:
    for event in bench.events:
        for example, member in _members(event):
            known = (
                member.schema.get("enum")
                or member.schema.get("examples")
                or ([True, False] if member.types == ("boolean",) else [])
            )
            levels = member.schema.get("x-levels", {}).get("values", {})
            for value in known:
                changes = Overrides({member.pointer: value})
                if value != member.value and is_valid(event, example, changes):
                    level = levels.get(value if isinstance(value, str) else str(value).lower(), "must")
                    yield _case(
                        bench,
                        event,
                        example,
                        f"{label(member.pointer)}={str(value).lower() if isinstance(value, bool) else value}",
                        changes,
                        level,
                    )


def _unknown_values(bench: Bench) -> Iterator[Case]:
    for event in bench.events:
        for example, member in _members(event):
            is_open = "enum" in member.schema or "examples" in member.schema
            if is_open and member.types == ("string",) and member.schema.get("enum") != [member.value]:
                changes = Overrides(
                    {member.pointer: "HOOKASSAY_NEW" if str(member.value).isupper() else "hookassay_new"}
                )
                yield _case(
                    bench,
                    event,
                    example,
                    label(member.pointer),
                    changes,
                    cast(Level, member.level("unknown", "should")),
                    valid=False,
                )


def _empty(bench: Bench) -> Iterator[Case]:
    for event in bench.events:
        for example, member in _members(event):
            empty: Json = (
                []
                if isinstance(member.value, list)
                else {}
                if isinstance(member.value, dict)
                else ""
                if isinstance(member.value, str)
                else None
            )
            stated = "empty" in member.schema.get("x-levels", {})
            if empty is None or empty == member.value or (empty == "" and not stated and member.role != "text"):
                continue
            changes = Overrides({member.pointer: empty})
            if is_valid(event, example, changes):
                yield _case(
                    bench,
                    event,
                    example,
                    label(member.pointer),
                    changes,
                    cast(Level, member.level("empty", "should" if empty == "" else "must")),
                )


def _nulls(bench: Bench) -> Iterator[Case]:
    for event in bench.events:
        for example, member in _members(event):
            documented = "null" in member.types
            if member.value is None or not _is_named(member) or (member.required and not documented):
                continue
            level = cast(Level, member.level("null", "must" if documented else "should"))
            yield _case(
                bench, event, example, label(member.pointer), Overrides({member.pointer: None}), level, valid=documented
            )


def _extra_members(bench: Bench) -> Iterator[Case]:
    for event in bench.events:
        yield _case(bench, event, "full", "top", Overrides({"/hookassay_extra": _EXTRA}))
        for example, member in _members(event):
            if isinstance(member.value, dict) and member.schema.get("properties"):
                changes = Overrides({f"{member.pointer}/hookassay_extra": _EXTRA})
                if is_valid(event, example, changes):
                    yield _case(bench, event, example, label(member.pointer), changes)


def _unknown_event(bench: Bench) -> Iterator[Case]:
    event = bench.events[0]
    if event.name_member is not None:
        for value in ("hookassay_new_event", "한글_이벤트"):
            changes = Overrides({f"/{event.name_member}": value})
            yield Case(value, _sent(event, "full", changes, CALM, valid=False), level="should")


def _texts(bench: Bench) -> Iterator[Case]:
    yield from _with_texts(bench, text.TAKEN, text.JOINED, "taken")


def _calm_texts(bench: Bench) -> Iterator[Case]:
    yield from _with_texts(
        bench, text.CALM, {"nul": text.CALM["nul"], "lone-high-surrogate": text.CALM["lone-high-surrogate"]}, "calm"
    )


def _with_texts(bench: Bench, kinds: dict[str, str], fewer: dict[str, str], reaction: str) -> Iterator[Case]:
    """Each text in every member that people type, at once: what a receiver stumbles over is the text, wherever
    it stands. The first event that has such members gets each kind for itself, the others fewer, joined ones."""
    for event in bench.events:
        pointers = [m.pointer for m in event.walked["full"] if m.role == "text" and isinstance(m.value, str)]
        if not pointers:
            continue
        some, kinds = kinds, fewer
        for name, value in some.items():
            changes = Overrides(dict.fromkeys(pointers, value))
            if is_valid(event, "full", changes):
                yield _case(bench, event, "full", name, changes, reaction=reaction)


def _spellings(bench: Bench) -> Iterator[Case]:
    for number, event in enumerate(bench.events):
        for name, spelling in SPELLINGS.items():
            if name == "compact" or (number and name not in ("pretty", "escaped", "reversed")):
                continue

            def plan(bench: Bench, event: Event = event, spelling: Spelling = spelling) -> list[Step]:
                return [Step(bench.right(event, "", spelling), Expectation("taken", bench.level_of(event)))]

            yield Case(f"{event.name},{name}", plan, level=bench.level_of(event))


def _number_forms(bench: Bench) -> Iterator[Case]:
    for event in bench.events:
        numbers = [m for m in event.walked["full"] if isinstance(m.value, int) and not isinstance(m.value, bool)]
        if not numbers:
            continue
        for name, form in (("decimal", "{}.0"), ("exponent", "{}e0"), ("capital-exponent", "{}E+0")):
            changes = Overrides({m.pointer: Fragment(form.format(m.value)) for m in numbers})
            yield _case(bench, event, "full", name, changes, reaction="calm", valid=False)
        return


def _times(bench: Bench) -> Iterator[Case]:
    yield from _with_times(bench, documented=True)


def _calm_times(bench: Bench) -> Iterator[Case]:
    yield from _with_times(bench, documented=False)


def _with_times(bench: Bench, documented: bool) -> Iterator[Case]:
    """Now, in every form: those that the contract's pattern allows have to be taken, others only met calmly."""
    for event in bench.events:
        moments = [m for m in event.walked["full"] if m.role in ("time", "moment") and times.parse(m.value) is not None]
        forms = _TIME_FORMS if any(isinstance(m.value, str) for m in moments) else {}
        for name, form in forms.items():
            now = times.parse("2024-05-14T03:21:09Z")
            assert now is not None
            trial = Overrides({m.pointer: form(now) for m in moments})
            if is_valid(event, "full", trial) is not documented or not trial:
                continue

            def plan(bench: Bench, event: Event = event, form=form, moments=moments) -> list[Step]:  # type: ignore[no-untyped-def]
                at = bench.vendor.clock()
                changes = Overrides({m.pointer: form(at) for m in moments})
                document = bench.vendor.document(event, "full", changes, valid=documented)
                return [
                    Step(
                        bench.vendor.deliver(event, document),
                        Expectation("taken", bench.level_of(event)) if documented else CALM,
                    )
                ]

            level = bench.level_of(event) if documented else "may"
            yield Case(f"{event.name},{name}", plan, level=level, rests_on=(event.name, "full"))


_TIME_FORMS = {
    "whole-second": lambda at: times.iso(at // times.SECOND * times.SECOND, 3),
    "no-fraction": lambda at: times.iso(at, 0),
    "3-digits": lambda at: times.iso(at, 3),
    "6-digits": lambda at: times.iso(at, 6),
    "9-digits": lambda at: times.iso(at, 9),
    "1-digit": lambda at: times.iso(at, 1),
    "offset": lambda at: times.iso(at + 9 * 3600 * times.SECOND, 3).replace("Z", "+09:00"),
    "zero-offset": lambda at: times.iso(at, 3).replace("Z", "+00:00"),
    "milliseconds": lambda at: at // 1_000_000,
    "seconds": lambda at: at // times.SECOND,
}


def _late(bench: Bench) -> Iterator[Case]:
    window = bench.provider.window
    if window is None:
        return
    level: Level = "must" if bench.provider.retries_documented else "should"
    for event in bench.events:
        yield Case(
            event.name,
            _at(event, window.seconds * 0.9, Expectation("taken", bench.level_of(event, level))),
            level=bench.level_of(event, level),
        )


def _old(bench: Bench) -> Iterator[Case]:
    for event in bench.events:
        yield Case(f"{event.name},a-year-ago", _at(event, 365 * _DAY, CALM))
    yield Case(f"{bench.events[0].name},tomorrow", _at(bench.events[0], -_DAY, CALM))


def _at(event: Event, seconds_ago: float, expect: Expectation):  # type: ignore[no-untyped-def]
    def plan(bench: Bench) -> list[Step]:
        at = bench.vendor.clock() - round(seconds_ago * times.SECOND)
        return [Step(bench.vendor.deliver(event, bench.document(event, at=at)), expect)]

    return plan


CASES: dict[str, Cases] = {
    "full": _full,
    "minimal": _minimal,
    "example": _examples,
    "absent": _absent,
    "value": _values,
    "unknown-value": _unknown_values,
    "empty": _empty,
    "null": _nulls,
    "extra-member": _extra_members,
    "unknown-event": _unknown_event,
    "text": _texts,
    "text-calm": _calm_texts,
    "spelling": _spellings,
    "number-form": _number_forms,
    "time": _times,
    "time-calm": _calm_times,
    "late": _late,
    "old": _old,
}
"""Check → its cases; the records stand in `payload.toml`."""
