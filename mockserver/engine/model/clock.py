"""The vendor's clock and what it drives; the mock at a glance."""

from __future__ import annotations

from dataclasses import dataclass

from hookassay.mockserver.engine.model.deliveries import Occurrence


@dataclass(frozen=True)
class ClockState:
    """The vendor's clock: `now` virtual, `ahead` of real time (nanoseconds), its `rate`, and the queue that it drives.

    `due` deliveries wait to be sent now, `in_hand` are on their way, `next_due` is the virtual moment of the
    next one. `pushing` says what a push is doing; None when there is none.
    """

    now: int
    ahead: int
    rate: float
    due: int
    in_hand: int
    next_due: int | None
    pushing: Push | None = None


@dataclass(frozen=True)
class Push:
    """A push under way: attempts made so far, the virtual moment it goes to (None: until nothing is left)."""

    attempts: int
    until: int | None


@dataclass(frozen=True)
class Pushed:
    """What a push did: attempts made, the virtual moment now; `stopped` before its end by somebody."""

    attempts: int
    now: int
    stopped: bool = False


@dataclass(frozen=True)
class Settled:
    """Whether nothing is due or in hand; occurrences since the mark; the mark to ask with next time."""

    idle: bool
    occurrences: tuple[Occurrence, ...]
    mark: int


@dataclass(frozen=True)
class Status:
    """The mock at a glance: open deliveries, faults (switch, number enabled), version, where the state lives."""

    pending: int
    faults_on: bool
    faults: int
    version: str
    state: str
    failure: str = ""
