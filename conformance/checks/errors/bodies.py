"""Bodies that are no JSON, no object, no such event: refused or taken calmly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import CALM, Case, Cases, Expectation, Step, one
from hookassay.conformance.checks.errors.changed import Change, all_but_type, changed, ways
from hookassay.conformance.checks.payload.examples import label
from hookassay.mockserver.emission.mutation import member as wrong
from hookassay.mockserver.emission.mutation import notjson
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.mockserver.emission.spelling import Body
from hookassay.schemas.contract import Event, Level
from hookassay.schemas.members import Member


def _whole(data: bytes) -> Change:
    return lambda body: Body(data)


NOT_OBJECTS: dict[str, Change] = {name: _whole(data) for name, data in notjson.NOT_AN_OBJECT.items()}
NOT_OBJECTS_UNSIGNED = ("array", "null", "string", "empty-object")
UNSIGNED = (
    "truncated",
    "empty",
    "blanks",
    "invalid-utf-8",
    "utf-16",
    "word",
    "nuls",
    "form",
    "deep-arrays-100000",
    "huge-integer",
    "long-text",
)
"""What may break a receiver before it looks at the signature."""

PLAINLY_NO_JSON = ("truncated", "word", "empty", "blanks", "single-quotes", "one-brace", "xml")
PLAINLY_NO_EVENT = ("array", "string", "number", "null", "true", "empty-object")


def bodies(
    changes: Mapping[str, Change], expect: Expectation, level: Level = "must", unsigned: tuple[str, ...] = ()
) -> Cases:
    """A case of each body; those named in `unsigned` also without a signature, where the provider signs."""

    def cases(bench: Bench) -> Iterator[Case]:
        for name, change in changes.items():
            for suffix, signed in ways(bench):
                if signed or name in unsigned:
                    plan = one(partial(changed, change=change, signed=signed), expect)
                    yield Case(f"{name},{suffix}" if suffix else name, plan, level=level)

    return cases


def missing(bench: Bench) -> Iterator[Case]:
    """Every required member left out, one at a time; and all of an object's members at once."""
    for event in bench.events:
        for member in _places(event):
            is_item = member.pointer.rpartition("/")[2].isdigit()
            if member.required and not is_item and member.pointer != bench.provider.authentication.pointer:
                yield _changed_event(event, label(member.pointer), {"": Overrides(remove=(member.pointer,))})
            if isinstance(member.value, dict) and member.value and member.pointer:
                yield _changed_event(event, f"{label(member.pointer)}.all", {"": Overrides({member.pointer: {}})})
        yield _changed_event(event, "all-but-type", {"": all_but_type(bench, event)})


def wrong_types(bench: Bench) -> Iterator[Case]:
    """Every member with values of other types, one at a time, in one case."""
    for event in bench.events:
        for member in _places(event):
            values = wrong.wrong_values(member)
            if member.pointer not in ("", bench.provider.authentication.pointer) and values:
                variants = {name: Overrides({member.pointer: value}) for name, value in values.items()}
                yield _changed_event(event, label(member.pointer), variants)


def _places(event: Event) -> Iterator[Member]:
    """The members of an event's full example, each place once (all items of an array are one place)."""
    seen: set[tuple[str, str]] = set()
    for member in event.walked["full"]:
        path = "/".join("*" if token.isdigit() else token for token in member.pointer.split("/"))
        place = path, type(member.value).__name__
        if place not in seen:
            seen.add(place)
            yield member


def _changed_event(event: Event, name: str, variants: Mapping[str, Overrides]) -> Case:
    """One case of several deliveries of an event, each changed in one way; then one twin for all."""

    def plan(bench: Bench) -> list[Step]:
        documents = {
            variant: bench.vendor.document(event, "full", changes, valid=False) for variant, changes in variants.items()
        }
        return [Step(bench.vendor.deliver(event, document), CALM, variant) for variant, document in documents.items()]

    return Case(f"{event.name},{name}", plan, rests_on=(event.name, "full"))
