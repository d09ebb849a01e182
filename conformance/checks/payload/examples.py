"""An example of an event with some changes: the form of every case of this family."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import CALM, Case, Expectation, one
from hookassay.mockserver.emission import overrides
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.overrides import UNCHANGED, Overrides
from hookassay.schemas.contract import Event, Example, Level
from hookassay.schemas.members import Member

_INDEX = re.compile(r"/[0-9]+(?=/|$)")


def changed(
    bench: Bench,
    event: Event,
    example: str,
    name: str,
    changes: Overrides = UNCHANGED,
    level: Level = "must",
    calm: bool = False,
    valid: bool = True,
) -> Case:
    """A case of one delivery: taken, or only met calmly; SHOULD at most for an event that nobody asked for."""
    level = bench.level_of(event, level)
    expect = CALM if calm else Expectation("taken", level)
    make = partial(_deliver, event=event, example=example, changes=changes, valid=valid)
    rests_on = (event.name, example) if changes else None
    return Case(f"{event.name},{name}" if name else event.name, one(make, expect), level=level, rests_on=rests_on)


def _deliver(bench: Bench, event: Event, example: str, changes: Overrides, valid: bool) -> Delivery:
    return bench.vendor.deliver(event, bench.vendor.document(event, example, changes, valid=valid))


def others(event: Event) -> list[Example]:
    """The examples beside the full and the minimal one."""
    return [example for name, example in event.examples.items() if name not in ("full", "minimal")]


def members_of(event: Event) -> Iterator[tuple[str, Member]]:
    """The members of an event's examples, each kind once: (example, member), the full example first."""
    seen: set[tuple[str, str]] = set()
    for example in (event.full, *others(event), event.minimal):
        for member in event.walked[example.name]:
            key = (_INDEX.sub("/*", member.pointer), str(member.types))
            if member.pointer and key not in seen:
                seen.add(key)
                yield example.name, member


def label(pointer: str) -> str:
    """A JSON pointer as it stands in a case's name."""
    return pointer.removeprefix("/").replace("/", ".")


def is_named(member: Member) -> bool:
    """Whether the schema describes this member by name (not an item, not a free key)."""
    return bool(member.schema.get("description")) and not member.pointer.rpartition("/")[2].isdigit()


def is_valid(event: Event, example: str, changes: Overrides) -> bool:
    """Whether an example stays valid when it is changed so."""
    return bool(event.validator.is_valid(overrides.apply(event.examples[example].document, changes)))
