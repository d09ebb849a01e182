"""Scripted conversations and their runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field, JsonValue, model_validator

from hookassay.mockserver.engine import Mock, model
from hookassay.mockserver.engine.model import RunState
from hookassay.mockserver.web.api.models import Delivery, Moment, Said, Unsent
from hookassay.mockserver.web.operations import Id, Input, Operations, Output, Query

operations = Operations("scenarios", "Scripted conversations: played, paced, or stepped by hand.")


class Step(Output):
    """One step of a run."""

    number: int
    at: Moment
    event: str
    occurrence: int
    deliveries: list[Delivery]
    unsent: list[Unsent]
    expect: str
    met: bool | None


class Run(Output):
    """A scenario being played."""

    id: int
    provider: str
    scenario: str
    title: str
    seed: int
    mode: Literal["play", "step"]
    rate: float | None
    state: RunState
    passed: bool
    unmet: Said
    started: Moment
    cast: dict[str, JsonValue]
    steps: list[Step]
    missing: list[Said]


class Scenario(Output):
    """A scenario that can be played."""

    provider: str
    name: str
    title: str
    needs: list[str]
    steps: int
    seconds: float
    ours: bool
    missing: list[Said]
    problem: Said

    @model_validator(mode="before")
    @classmethod
    def _of(cls, found: Any) -> Any:
        return {**vars(found), "seconds": found.length / 1e9} if isinstance(found, model.ScenarioInfo) else found


_OVER = {409: "The run is over"}


class ScenarioQuery(Query):
    """Whose scenarios."""

    provider: str | None = None


class NewRun(Input):
    """How a scenario is played."""

    seed: int | None = Field(None, ge=0, le=2**63 - 1, description="The same seed gives the same cast.")
    mode: Literal["play", "step"] = "play"
    rate: float | None = Field(None, ge=0.001, le=1_000_000, allow_inf_nan=False, description="So much faster.")
    endpoints: list[Id] | None = Field(None, max_length=1000, description="Only to these.")


@operations("GET", "/scenarios", list[Scenario])
def list_scenarios(mock: Mock, query: ScenarioQuery) -> Sequence[model.ScenarioInfo]:
    """List the scenarios that can be played."""
    return mock.scenarios.all(query.provider)


@operations("POST", "/scenarios/{provider}/{scenario}/runs", Run, status=201)
def play_scenario(mock: Mock, provider: str, scenario: str, body: NewRun) -> model.Run:
    """Start a run."""
    return mock.scenarios.play(
        provider, scenario, seed=body.seed, mode=body.mode, rate=body.rate, endpoints=body.endpoints
    )


@operations("GET", "/runs", list[Run])
def list_runs(mock: Mock) -> Sequence[model.Run]:
    """List the newest runs."""
    return mock.runs.all()


@operations("GET", "/runs/{run}", Run)
def get_run(mock: Mock, run: Id) -> model.Run:
    """Read a run: its cast, its steps and what came of each."""
    return mock.runs.get(run)


@operations("POST", "/runs/{run}/step", Run, errors=_OVER)
def step_run(mock: Mock, run: Id) -> model.Run:
    """Send a run's next step."""
    return mock.runs.step(run)


@operations("POST", "/runs/{run}/pause", Run, errors=_OVER)
def pause_run(mock: Mock, run: Id) -> model.Run:
    """Hold what a run has not sent yet."""
    return mock.runs.pause(run)


@operations("POST", "/runs/{run}/resume", Run, errors=_OVER)
def resume_run(mock: Mock, run: Id) -> model.Run:
    """Go on after a pause."""
    return mock.runs.resume(run)


@operations("POST", "/runs/{run}/stop", Run)
def stop_run(mock: Mock, run: Id) -> model.Run:
    """End a run; what it has not sent is cancelled."""
    return mock.runs.stop(run)
