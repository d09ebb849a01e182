"""Members: there or not, with each documented value, empty, null, unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case
from hookassay.conformance.checks.payload.examples import changed, is_named, is_valid, label, members_of, others
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.schemas.contract import Json
from hookassay.schemas.members import Member

_EXTRA: dict[str, Json] = {"name": "새 필드", "values": [1, "two", {"deep": True}]}
_EXTRA_NULL: dict[str, Json] = {"name": None, "values": [None]}
_EMPTY: dict[type, Json] = {str: "", list: [], dict: {}}


def full(bench: Bench) -> Iterator[Case]:
    for event in bench.events:
        yield changed(bench, event, "full", "", level=event.full.level)


def minimal(bench: Bench) -> Iterator[Case]:
    for event in bench.events:
        yield changed(bench, event, "minimal", "", level=event.minimal.level)


def examples(bench: Bench) -> Iterator[Case]:
    for event in bench.events:
        for example in others(event):
            yield changed(bench, event, example.name, example.name, level=example.level)


def absent(bench: Bench) -> Iterator[Case]:
    """Each optional member left out."""
    for event in bench.events:
        for example, member in members_of(event):
            changes = Overrides(remove=(member.pointer,))
            if not member.required and is_named(member) and is_valid(event, example, changes):
                yield changed(bench, event, example, label(member.pointer), changes, member.level("absent", "must"))


def values(bench: Bench) -> Iterator[Case]:
    """Each documented value of each member, among all others and among as few as possible."""
    for event in bench.events:
        for example, member in members_of(event):
            levels = member.schema.get("x-levels", {}).get("values", {})
            for value in _known(member):
                changes = Overrides({member.pointer: value})
                if value != member.value and is_valid(event, example, changes):
                    text = value if isinstance(value, str) else str(value).lower()
                    name, level = f"{label(member.pointer)}={text}", levels.get(text, "must")
                    yield changed(bench, event, example, name, changes, level)
                    if example != "minimal" and is_valid(event, "minimal", changes):
                        yield changed(bench, event, "minimal", f"{name},alone", changes, level)


def _known(member: Member) -> list[Json]:
    """The values that the contract names."""
    if member.types == ("boolean",) and "enum" not in member.schema:
        return [True, False]
    return list(member.schema.get("enum") or member.schema.get("examples") or ())


def unknown_values(bench: Bench) -> Iterator[Case]:
    """A value that the contract does not know yet, where it names some."""
    for event in bench.events:
        for example, member in members_of(event):
            named = "enum" in member.schema or "examples" in member.schema
            if named and member.types == ("string",) and member.schema.get("enum") != [member.value]:
                new = "HOOKASSAY_NEW" if str(member.value).isupper() else "hookassay_new"
                changes = Overrides({member.pointer: new})
                level = member.level("unknown", "should")
                yield changed(bench, event, example, label(member.pointer), changes, level, valid=False)


def empty(bench: Bench) -> Iterator[Case]:
    """Empty texts, arrays and objects, where the contract allows them."""
    for event in bench.events:
        for example, member in members_of(event):
            value = _EMPTY.get(type(member.value))
            said = "empty" in member.schema.get("x-levels", {}) or member.role == "text"
            if value is None or value == member.value or (value == "" and not said):
                continue
            changes = Overrides({member.pointer: value})
            if is_valid(event, example, changes):
                level = member.level("empty", "should" if value == "" else "must")
                yield changed(bench, event, example, label(member.pointer), changes, level)


def nulls(bench: Bench) -> Iterator[Case]:
    """null, where it is documented or where serialisers write it for what is not there."""
    for event in bench.events:
        for example, member in members_of(event):
            documented = "null" in member.types
            if member.value is not None and is_named(member) and (documented or not member.required):
                changes = Overrides({member.pointer: None})
                level = member.level("null", "must" if documented else "should")
                yield changed(bench, event, example, label(member.pointer), changes, level, valid=documented)


def extra(bench: Bench) -> Iterator[Case]:
    """Members that nobody knows, in every object. One that holds null may be refused: some refuse all nulls that no
    document shows, before they look where they stand."""
    for event in bench.events:
        yield changed(bench, event, "full", "top", Overrides({"/hookassay_extra": _EXTRA}))
        yield changed(bench, event, "full", "null", Overrides({"/hookassay_extra": _EXTRA_NULL}), calm=True)
        for example, member in members_of(event):
            if isinstance(member.value, dict) and member.schema.get("properties"):
                changes = Overrides({f"{member.pointer}/hookassay_extra": _EXTRA})
                if is_valid(event, example, changes):
                    yield changed(bench, event, example, label(member.pointer), changes)


def unknown_event(bench: Bench) -> Iterator[Case]:
    """An event of a name that nobody knows."""
    event = bench.events[0]
    if event.name_member is not None:
        for value in ("hookassay_new_event", "한글_이벤트"):
            changes = Overrides({f"/{event.name_member}": value})
            case = changed(bench, event, "full", "", changes, "should", calm=True, valid=False)
            yield replace(case, name=value, rests_on=None)
