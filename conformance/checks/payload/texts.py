"""Texts that people type, JSON as serialisers write it, and numbers in other forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Expectation, one
from hookassay.conformance.checks.payload.examples import changed, is_valid, label, members_of
from hookassay.mockserver.emission.mutation import text
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.mockserver.emission.serialisers import SPELLINGS
from hookassay.mockserver.emission.spelling import Fragment

_CALM_JOINED = {name: text.CALM[name] for name in ("nul", "lone-high-surrogate")}
_ODD_END = "/할인 50%.png"
"""Behind an address: a percent sign that begins no escape, as people name their files."""

_ON_EVERY_EVENT = ("pretty", "escaped", "reversed")


def taken(bench: Bench) -> Iterator[Case]:
    yield from _with_texts(bench, {**text.TAKEN, **text.MORE}, {**text.JOINED, **text.MORE})


def calm(bench: Bench) -> Iterator[Case]:
    yield from _with_texts(bench, text.CALM, _CALM_JOINED, calm=True)
    for event in bench.events:
        for example, member in members_of(event):
            if isinstance(member.value, str) and member.value.startswith("http"):
                changes = Overrides({member.pointer: f"{member.value}{_ODD_END}"})
                name = f"odd-address,{label(member.pointer)}"
                yield changed(bench, event, example, name, changes, calm=True, valid=False)


def _with_texts(bench: Bench, kinds: Mapping[str, str], fewer: Mapping[str, str], calm: bool = False) -> Iterator[Case]:
    """Each text in every member that people type, at once: what a receiver stumbles over is the text, wherever
    it stands. The first event that has such members gets each kind for itself, the others fewer, joined ones."""
    for event in bench.events:
        typed = [m.pointer for m in event.walked["full"] if m.role == "text" and isinstance(m.value, str)]
        if not typed:
            continue
        some, kinds = kinds, fewer
        for name, value in some.items():
            changes = Overrides(dict.fromkeys(typed, value))
            if is_valid(event, "full", changes):
                yield changed(bench, event, "full", name, changes, calm=calm)


def spellings(bench: Bench) -> Iterator[Case]:
    """The events as other serialisers would write them: the first in all spellings, the others in the usual ones."""
    for event in bench.events:
        for name, spelling in SPELLINGS.items():
            if name != "compact" and (event is bench.events[0] or name in _ON_EVERY_EVENT):
                level = bench.level_of(event)
                make = partial(Bench.right, event=event, spelling=spelling)
                yield Case(f"{event.name},{name}", one(make, Expectation("taken", level)), level=level)


def numbers(bench: Bench) -> Iterator[Case]:
    """Whole numbers as floats, on the first event that has any: another type in most languages, the same in JSON."""
    for event in bench.events:
        whole = [m for m in event.walked["full"] if isinstance(m.value, int) and not isinstance(m.value, bool)]
        if whole:
            for name, form in (("decimal", "{}.0"), ("exponent", "{}e0"), ("capital-exponent", "{}E+0")):
                changes = Overrides({m.pointer: Fragment(form.format(m.value)) for m in whole})
                yield changed(bench, event, "full", name, changes, calm=True, valid=False)
            return
