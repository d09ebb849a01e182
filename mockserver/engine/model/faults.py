"""A bad day of an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hookassay.mockserver.engine.model.words import FaultKind
from hookassay.schemas.contract import Json


@dataclass(frozen=True)
class Fault:
    """A bad day of an endpoint: `kind` with its `parameters`, the events it is about (a glob), and its plan.

    One of: the next `remaining` matching attempts; each `every`th; with a `chance` drawn from `seed`.
    `run`: it belongs to a scenario's run, `delivery` to one delivery of it. `used`: how often it struck.
    """

    id: int
    endpoint: int
    kind: FaultKind
    events: str
    parameters: Mapping[str, Json]
    remaining: int | None
    every: int | None
    chance: float | None
    seed: int | None
    enabled: bool
    used: int
    run: int | None = None
    delivery: int | None = None

    @property
    def rule(self) -> str:
        """The plan in words: `next 2`, `every 5th`, `chance 0.1, seed 7`."""
        if self.remaining is not None:
            return f"next {self.remaining}" if self.remaining else "used up"
        if self.every is not None:
            return f"every {self.every}th"
        return f"chance {self.chance:g}, seed {self.seed}"
