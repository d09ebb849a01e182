"""The record of a mutation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from hookassay.conformance.check import Expectation
from hookassay.conformance.fuzz.draft import Draft

Layer = Literal["payload", "bytes", "headers", "framing", "auth"]
Change = Callable[[Draft], "Draft | None"]
"""Changes a draft; None where it has nothing that could be changed so."""

CALM = Expectation("calm")
TAKEN = Expectation("taken")
TAKEN_IF_WELL_MADE = Expectation("taken", "should")
REFUSED = Expectation("refused")
REFUSED_IF_WELL_MADE = Expectation("refused", "should")


@dataclass(frozen=True)
class Mutation:
    """A named change to a right delivery, and how a receiver has to react to it."""

    layer: Layer
    name: str
    expect: Expectation
    change: Change

    @property
    def full_name(self) -> str:
        return f"{self.layer}.{self.name}"


def table(layer: Layer, expect: Expectation, changes: Mapping[str, Change]) -> Iterable[Mutation]:
    """Mutations of one layer and expectation, from name → change."""
    return (Mutation(layer, name, expect, change) for name, change in changes.items())


def milder(one: Expectation, other: Expectation) -> Expectation:
    """The expectation of two mutations at once: calm if either is."""
    if "calm" in (one.reaction, other.reaction):
        return CALM
    return one if one.level != "must" else other
