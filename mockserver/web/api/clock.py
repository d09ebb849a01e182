"""The vendor's clock."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from hookassay.mockserver.engine import Mock, model
from hookassay.mockserver.web.api.models import Moment
from hookassay.mockserver.web.operations import Id, Input, Operations, Output
from hookassay.mockserver.web.problems import Fault, Problem

operations = Operations("clock", "The vendor's clock: retries and scenarios run on it.")


class Push(Output):
    """A push of the clock under way."""

    attempts: int
    until: Moment | None


class Clock(Output):
    """The vendor's clock, and the queue that it drives."""

    now: Moment
    ahead: float = Field(description="Seconds ahead of real time.")
    rate: float
    due: int
    in_hand: int
    next_due: Moment | None
    pushing: Push | None

    @model_validator(mode="before")
    @classmethod
    def _of(cls, found: Any) -> Any:
        return {**vars(found), "ahead": found.ahead / 1e9} if isinstance(found, model.ClockState) else found


class Pushed(Output):
    """What a push of the clock did."""

    attempts: int
    now: Moment
    stopped: bool


_BUSY = {409: "Something is due or in hand, or the clock is being pushed"}


class Rate(Input):
    """How fast it runs."""

    rate: float = Field(ge=0.001, le=1_000_000, allow_inf_nan=False, description="Virtual seconds a real one.")


class ToPush(Input):
    """How far: by a length of time, or to the next attempt, or until nothing is left to send."""

    by: str | None = Field(None, max_length=40, description="`90s`, `10m`, `2h`, `7d`.")
    to: Literal["next", "idle"] | None = None
    delivery: Id | None = Field(None, description="Until this one is delivered or given up.")


@operations("GET", "/clock", Clock)
def get_clock(mock: Mock) -> model.ClockState:
    """Read the clock."""
    return mock.clock.state()


@operations("PUT", "/clock", Clock)
def set_clock(mock: Mock, body: Rate) -> model.ClockState:
    """Set the rate of the clock."""
    return mock.clock.set_rate(body.rate)


@operations("POST", "/clock/push", Pushed, errors={**_BUSY, 404: "There is no such delivery"})
def push_clock(mock: Mock, body: ToPush) -> model.Pushed:
    """Let time pass, with every attempt made; answers when that is done. A time-out costs its real seconds."""
    if (body.by is None) == (body.to is None):
        said = "Give either by or to."
        raise Problem(422, "invalid", said, faults=[Fault(said, pointer="/by")])
    return mock.clock.push(by=body.by, to=body.to, delivery=body.delivery)


@operations("DELETE", "/clock/push")
def stop_push(mock: Mock) -> None:
    """Stop a push after the attempts in flight."""
    mock.clock.stop_push()


@operations("POST", "/clock/reset", Clock, errors=_BUSY)
def reset_clock(mock: Mock) -> model.ClockState:
    """Back to real time."""
    return mock.clock.reset()
