"""Scenarios, and how they are played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hookassay.mockserver.engine.model.deliveries import Summary, Unsent
from hookassay.mockserver.engine.model.words import RunState
from hookassay.schemas.contract import Json


@dataclass(frozen=True)
class StepState:
    """One step of a run: its number from 1, virtual moment, occurrence, what came of it, whether its `expect` holds
    (None: nothing expected, or not known yet)."""

    number: int
    at: int
    event: str
    occurrence: int
    deliveries: tuple[Summary, ...]
    unsent: tuple[Unsent, ...]
    expect: str
    met: bool | None


@dataclass(frozen=True)
class Run:
    """A scenario being played: `mode` is `play` or `step`, `unmet` the first expectation that did not hold.

    `cast` are the values made from `seed`; `missing` says which needed events no endpoint gets, and why.
    """

    id: int
    provider: str
    scenario: str
    title: str
    seed: int
    mode: Literal["play", "step"]
    rate: float | None
    state: RunState
    unmet: str
    started: int
    cast: Mapping[str, Json]
    steps: tuple[StepState, ...]
    missing: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether it came to its end with every expectation met."""
        return self.state == "finished" and not self.unmet


@dataclass(frozen=True)
class ScenarioInfo:
    """A scenario that can be played; `problem` says what is wrong with its file, `length` in nanoseconds.

    `missing`: events that it needs and that no endpoint of today gets.
    """

    provider: str
    name: str
    title: str
    needs: tuple[str, ...]
    steps: int
    length: int
    ours: bool
    missing: tuple[str, ...] = ()
    problem: str = ""
