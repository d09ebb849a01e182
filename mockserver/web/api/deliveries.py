"""The log: occurrences, deliveries and their attempts; what can be done with one of them."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response
from pydantic import Field

from hookassay.mockserver.engine import Mock, model
from hookassay.mockserver.web.api import lists
from hookassay.mockserver.web.api.events import Reveal, Triggered
from hookassay.mockserver.web.api.lists import Listed, Searched
from hookassay.mockserver.web.api.models import (
    Conversation,
    Count,
    Delivery,
    DeliveryDetail,
    Occurrence,
    Page,
    Received,
    Removed,
    Why,
)
from hookassay.mockserver.web.operations import Id, Input, Operations, Query
from hookassay.mockserver.web.problems import Fault, Problem

operations = Operations("deliveries", "What happened, what was sent to whom, what came back.")

_OVER = {409: "It is finished, or on its way"}
Search = Annotated[str, Field(max_length=2000)]


class ConversationQuery(Query):
    """Whose conversation, where two providers have the same key."""

    provider: str | None = None


class Replay(Input):
    """How a delivery is sent again; `payload` is the body of an edited one."""

    form: model.Form = Field(description="same-bytes, signed-again, as-new or edited.")
    payload: str | None = Field(None, description="The new body, sent as these very bytes (as UTF-8).")
    endpoint: Id | None = Field(None, description="Another endpoint of the provider.")


class Replays(Input):
    """Which deliveries are sent again: those that a search finds, or these."""

    form: model.Form
    q: Search | None = None
    ids: list[Id] | None = Field(None, max_length=10_000)


class Found(Query):
    """Which deliveries."""

    q: Search = Field(description="The search; an empty one finds all.")


class RevealedList(Listed):
    """A page, secrets shown or not."""

    reveal: bool = Field(False, description="Show secrets.")


@operations("GET", "/occurrences", Page[Occurrence])
def list_occurrences(mock: Mock, query: Searched) -> Any:
    """List what happened at the vendor, with the deliveries of each and who did not get it."""
    return lists.page(mock.log.occurrences(query.q, query.limit, query.before))


@operations("GET", "/occurrences/{occurrence}", Occurrence)
def get_occurrence(mock: Mock, occurrence: Id) -> model.Occurrence:
    """Read an occurrence."""
    return mock.log.occurrence(occurrence)


@operations("GET", "/conversations/{key}", Conversation, errors={404: "Nothing happened in such a conversation"})
def get_conversation(mock: Mock, key: str, query: ConversationQuery) -> model.Conversation:
    """Read a conversation: its occurrences × the endpoints."""
    return mock.log.conversation(key, query.provider)


@operations("GET", "/deliveries", Page[Delivery])
def list_deliveries(mock: Mock, query: Searched) -> Any:
    """List deliveries."""
    return lists.page(mock.log.deliveries(query.q, query.limit, query.before))


@operations("DELETE", "/deliveries", Removed)
def remove_deliveries(mock: Mock, query: Found) -> model.Removed:
    """Remove what a search finds; what was pending among it is not sent."""
    return mock.log.remove(query.q)


@operations("GET", "/deliveries/{delivery}", DeliveryDetail)
def get_delivery(mock: Mock, delivery: Id, query: Reveal) -> model.Detail:
    """Read a delivery: its request, the attempts made and those to come."""
    return mock.log.delivery(delivery, reveal=query.reveal)


@operations("GET", "/deliveries/{delivery}/body", media=("application/octet-stream",))
def get_delivery_body(mock: Mock, delivery: Id, query: Reveal) -> Response:
    """Read a delivery's body, byte for byte (with `reveal`, where it holds a secret)."""
    data = mock.log.body(delivery, reveal=query.reveal)
    named = {"Content-Disposition": f'attachment; filename="delivery-{delivery}.bin"'}
    return Response(data, headers=named, content_type="application/octet-stream")


@operations("POST", "/deliveries/{delivery}/replay", Triggered, status=201, errors={409: "It cannot be sent so"})
def replay_delivery(mock: Mock, delivery: Id, body: Replay) -> Triggered:
    """Send a delivery again; the replay is an occurrence of its own."""
    if (body.payload is None) == (body.form == "edited"):
        said = "An edited replay needs a payload, and no other takes one."
        raise Problem(422, "invalid", said, faults=[Fault(said, pointer="/payload")])
    data = None if body.payload is None else body.payload.encode()
    return Triggered.of(mock.replays.replay(delivery, body.form, body=data, endpoint=body.endpoint))


@operations("POST", "/deliveries/{delivery}/send-now", Delivery, errors=_OVER)
def send_delivery_now(mock: Mock, delivery: Id) -> model.Summary:
    """Make a delivery's next attempt now."""
    return mock.log.send_now(delivery)


@operations("POST", "/deliveries/{delivery}/cancel", Delivery, errors=_OVER)
def cancel_delivery(mock: Mock, delivery: Id) -> model.Summary:
    """Send a delivery no more."""
    return mock.log.cancel(delivery)


@operations(
    "POST", "/deliveries/{delivery}/why", Why, status=202, errors={409: "It was not refused, or a fault made it wrong"}
)
def ask_why(mock: Mock, delivery: Id) -> model.WhyState:
    """Find out why a delivery was refused: at most 400 requests to its receiver."""
    return mock.whys.ask(delivery)


@operations("GET", "/why/{job}", Why)
def get_why(mock: Mock, job: Id) -> model.WhyState:
    """Read how far the search for a cause is."""
    return mock.whys.job(job)


@operations("POST", "/replays", Count, status=202)
def replay_many(mock: Mock, body: Replays) -> dict[str, int]:
    """Send many deliveries again, oldest first: what a search finds, or these; 10 000 at most."""
    if (body.q is None) == (body.ids is None):
        said = "Give either q or ids."
        raise Problem(422, "invalid", said, faults=[Fault(said, pointer="/q")])
    return {"count": mock.replays.replay_many(body.form, q=body.q, ids=body.ids)}


@operations("GET", "/inbox", Page[Received])
def list_inbox(mock: Mock, query: RevealedList) -> Any:
    """List what the mock's own inbox got."""
    return lists.page(mock.inbox.all(query.limit, query.before, reveal=query.reveal))
