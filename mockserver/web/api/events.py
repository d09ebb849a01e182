"""Events happening at the vendor: built for a look, or triggered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from hookassay.mockserver.engine import Mock, model
from hookassay.mockserver.engine.events import Events, Wish
from hookassay.mockserver.web.api.models import Delivery, Request, Said, Unsent
from hookassay.mockserver.web.operations import Id, Input, Operations, Output, Query

operations = Operations("events", "Let something happen at the vendor, or build its request unsent.")


class Difference(Output):
    """One place where a payload is not the example's."""

    path: str
    before: JsonValue
    after: JsonValue
    kind: Literal["changed", "added", "removed"]


class Built(Output):
    """A signed request that was not sent."""

    delivery: dict[str, JsonValue]
    request: Request
    difference: list[Difference]
    errors: list[Said]
    curl: str
    wanted_by: list[Id] = Field(description="Endpoints that get it from a trigger which names none.")

    @classmethod
    def of(cls, found: model.Built, wanted_by: list[int]) -> Built:
        """The request, and who would get it."""
        return cls.model_validate(
            {
                "delivery": dict(found.json),
                "request": found.request,
                "difference": found.difference,
                "errors": found.problems,
                "curl": found.curl,
                "wanted_by": wanted_by,
            }
        )


class Triggered(Output):
    """What a trigger made."""

    occurrence: int
    deliveries: list[Delivery]
    unsent: list[Unsent]

    @classmethod
    def of(cls, found: model.Occurrence) -> Triggered:
        """The short form of an occurrence that has just been made."""
        return cls.model_validate(
            {"occurrence": found.id, "deliveries": list(found.deliveries), "unsent": list(found.unsent)}
        )


Path = Annotated[str, Field(min_length=1, max_length=500)]


class Wished(Input):
    """An event with its payload: the example, one made from a seed, or a document of one's own; then the changes."""

    provider: str
    event: str
    example: str = Field("full", description="Which example.")
    seed: int | None = Field(None, ge=0, le=2**63 - 1, description="Make the payload from this seed instead.")
    payload: JsonValue = Field(None, description="Send this document instead.")
    body: str | None = Field(None, description="Send exactly these bytes (as UTF-8) instead, signed as they are.")
    merge: JsonValue = Field(None, description="JSON merge patch (RFC 7396).")
    set: dict[Path, JsonValue] = Field({}, description="Path (dotted, or a JSON pointer) → value.")
    remove: list[Path] = Field([], description="Paths to leave out.")
    mutation: str | None = Field(None, description="Sign it wrongly in this way.")
    force: bool = Field(False, description="Also with unknown paths; a trigger: also what is invalid or unwanted.")

    @property
    def wish(self) -> Wish:
        """The same for the engine."""
        return Wish(
            self.provider,
            self.event,
            example=self.example,
            seed=self.seed,
            payload=self.payload,
            body=None if self.body is None else self.body.encode(),
            merge=self.merge,
            set=self.set,
            remove=tuple(self.remove),
        )


class ToBuild(Wished):
    """What to build, for which endpoint."""

    endpoint: Id | None = None


class ToTrigger(Wished):
    """What is to happen; `endpoints` names those that it is for (default: all that want it)."""

    endpoints: list[Id] | None = Field(None, max_length=1000)


class Reveal(Query):
    """Whether secrets are shown."""

    reveal: bool = Field(False, description="Show secrets.")


@operations("POST", "/build", Built, errors={404: "There is no such provider, event, example or endpoint"})
def build(mock: Mock, body: ToBuild, query: Reveal) -> Built:
    """Build a signed request and send nothing.

    An invalid payload is told in `errors`, not refused.
    """
    built = mock.events.build(
        body.wish, endpoint=body.endpoint, force=body.force, mutation=body.mutation, reveal=query.reveal
    )
    return Built.of(built, _wanted_by(mock.events, body.wish))


def _wanted_by(events: Events, wish: Wish) -> list[int]:
    """The endpoints that an event goes to by itself: switched on, bound to it, and what the vendor routes it to."""
    what = events.happening(wish, force=True)
    with events.context.database.reading() as connection:
        chosen = events.intake.decide(connection, what.provider, what.event, what.document)
    return [row.id for row, reason in chosen if reason is None]


@operations(
    "POST",
    "/trigger",
    Triggered,
    status=201,
    errors={
        404: "There is no such provider, event, example or endpoint",
        409: "A named endpoint would not get it (`force` sends it all the same)",
    },
)
def trigger(mock: Mock, body: ToTrigger) -> Triggered:
    """Let an event happen: to every endpoint that gets it, or to those that are named."""
    return Triggered.of(
        mock.events.trigger(body.wish, endpoints=body.endpoints, force=body.force, mutation=body.mutation)
    )
