"""Bad days of an endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, JsonValue

from hookassay.mockserver.engine import Mock, model
from hookassay.mockserver.engine.model import FaultKind
from hookassay.mockserver.web.operations import Id, Input, Operations, Output, Patch, Query

operations = Operations("faults", "Bad days, by counted plans first; off at start.")


class Fault(Output):
    """A bad day of an endpoint."""

    id: int
    endpoint: int
    kind: FaultKind
    events: str
    parameters: dict[str, JsonValue]
    remaining: int | None
    every: int | None
    chance: float | None
    seed: int | None
    enabled: bool
    used: int
    run: int | None
    rule: str


class Switch(Output):
    """Whether faults strike at all."""

    on: bool


Glob = Annotated[str, Field(min_length=1, max_length=200, description="The events that it is about.")]
Counted = Annotated[int, Field(ge=1, le=1_000_000)]
Chance = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Seed = Annotated[int, Field(ge=0, le=2**63 - 1)]
Parameters = Annotated[dict[str, JsonValue], Field(description="By kind (docs/mock-server.md).")]


class FaultQuery(Query):
    """Whose faults."""

    endpoint: Id | None = None


class NewFault(Input):
    """A fault with one plan: the `next` so many, `every` so many, or a `chance`; without one, the next attempt."""

    endpoint: Id
    kind: FaultKind
    events: Glob = "*"
    parameters: Parameters = {}
    next: Counted | None = None
    every: Counted | None = None
    chance: Chance | None = None
    seed: Seed | None = None


class ChangedFault(Patch):
    """What is to change; the rest stays."""

    enabled: bool = True
    events: Glob = "*"
    parameters: Parameters = {}
    next: Counted = 1
    every: Counted = 1
    chance: Chance = 1.0
    seed: Seed = 0


class FaultSwitch(Input):
    """Whether faults strike at all."""

    on: bool


@operations("GET", "/faults", list[Fault])
def list_faults(mock: Mock, query: FaultQuery) -> Sequence[model.Fault]:
    """List the faults."""
    return mock.faults.all(query.endpoint)


@operations("POST", "/faults", Fault, status=201, errors={404: "There is no such endpoint"})
def add_fault(mock: Mock, body: NewFault) -> model.Fault:
    """Add a fault to an endpoint."""
    return mock.faults.add(
        body.endpoint,
        body.kind,
        events=body.events,
        parameters=body.parameters,
        next=body.next,
        every=body.every,
        chance=body.chance,
        seed=body.seed,
    )


@operations("PUT", "/faults/switch", Switch)
def switch_faults(mock: Mock, body: FaultSwitch) -> dict[str, bool]:
    """Silence all faults, or let them strike again."""
    mock.faults.switch(body.on)
    return {"on": mock.faults.on}


@operations("PATCH", "/faults/{fault}", Fault)
def change_fault(mock: Mock, fault: Id, body: ChangedFault) -> model.Fault:
    """Change a fault."""
    return mock.faults.change(fault, body.given)


@operations("DELETE", "/faults/{fault}")
def remove_fault(mock: Mock, fault: Id) -> None:
    """Remove a fault; what it held is sent."""
    mock.faults.remove(fault)
