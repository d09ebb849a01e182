"""What the control API answers: the engine's records as JSON. Moments are ISO 8601 in UTC, bytes text or base64."""

from __future__ import annotations

import base64
from datetime import datetime, timezone
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from hookassay.mockserver.emission.answer import Answer as ReceivedAnswer
from hookassay.mockserver.engine import model
from hookassay.mockserver.engine.model import Form, Origin, Outcome, Reason, State, View
from hookassay.mockserver.web.operations import Output
from hookassay.mockserver.web.telling import said


def iso(moment: int) -> str:
    """A moment (nanoseconds since 1970) as ISO 8601 in UTC, to the microsecond."""
    seconds, nanoseconds = divmod(moment, 1_000_000_000)
    whole = datetime.fromtimestamp(seconds, timezone.utc).replace(microsecond=nanoseconds // 1000)
    return whole.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _iso(moment: Any) -> Any:
    return iso(moment) if isinstance(moment, int) else moment


Moment = Annotated[str, BeforeValidator(_iso), WithJsonSchema({"type": "string", "format": "date-time"})]
Reacted = Literal["taken", "refused", "redirected", "broke", "silent"]
Reaction = Annotated[Reacted, BeforeValidator(lambda value: value if value is None else str(value))]
Said = Annotated[str, BeforeValidator(said)]
"""What the engine tells: English, or for the console's script the language of its page."""
Headers = Annotated[
    list[tuple[str, str]],
    WithJsonSchema(
        {
            "type": "array",
            "items": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
            "description": "Name and value of each header, in their order.",
        }
    ),
]


def content(data: bytes) -> dict[str, str]:
    """A body as JSON holds it: its text where it is UTF-8, else base64."""
    try:
        return {"body": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(data).decode("ascii")}


Item = TypeVar("Item")


class Page(Output, Generic[Item]):
    """A page of a list, newest first."""

    items: list[Item]
    after: str | None = Field(description="What to ask with for the next page; null: there is none.")


class _Body(Output):
    body: str | None = None
    body_base64: str | None = Field(None, description="In place of `body` where the bytes are not UTF-8.")


class Request(_Body):
    """A request as it left."""

    method: str
    url: str
    headers: Headers
    signs: str = Field(description="The template of what is signed; empty where nothing is.")
    masked: bool
    cut: int | None = Field(description="The connection was ended after so many bytes of the body.")

    @model_validator(mode="before")
    @classmethod
    def _of(cls, found: Any) -> Any:
        if not isinstance(found, model.Request):
            return found
        return {
            **{name: getattr(found, name) for name in ("method", "url", "headers", "signs", "masked", "cut")},
            **content(found.body),
        }


class Answer(_Body):
    """What a receiver answered, or how the exchange failed."""

    status: int | None
    headers: Headers
    elapsed: float = Field(description="Seconds.")
    failure: str | None
    detail: str
    text: str = Field(description="In words: `401 in 12 ms`.")

    @model_validator(mode="before")
    @classmethod
    def _of(cls, found: Any) -> Any:
        if not isinstance(found, ReceivedAnswer):
            return found
        return {
            **{name: getattr(found, name) for name in ("status", "headers", "elapsed", "failure", "detail")},
            "text": found.in_words(),
            **content(found.content),
        }


class Attempt(Output):
    """One sending of a delivery."""

    number: int
    scheduled: Moment
    started: Moment
    ended: Moment | None
    request: Request | None = Field(description="Only where it differs from the delivery's.")
    answer: Answer | None
    seen: Answer | None = Field(description="What the vendor saw, where a fault made it something else.")
    reaction: Reaction | None
    view: View | None
    told: Said
    faults: list[Said]
    hints: list[dict[str, str]]

    @model_validator(mode="before")
    @classmethod
    def _of(cls, found: Any) -> Any:
        if not isinstance(found, model.Attempt):
            return found
        return {**vars(found), "request": found.request if found.differs else None}


class Planned(Output):
    """An attempt to come, if all before it fail."""

    number: int
    at: Moment


class Delivery(Output):
    """A delivery as a row of the list."""

    id: int
    occurrence: int
    provider: str
    event: str
    endpoint: int | None
    endpoint_name: str
    conversation: str | None
    at: Moment
    state: State
    outcome: Outcome
    due: Moment | None
    attempts: int
    all_attempts: int | None
    status: int | None
    failure: Said
    reaction: Reaction | None
    elapsed: float | None
    told: Said
    form: Form
    replay_of: int | None
    run: int | None
    url: str
    size: int
    faults: list[Said]


class DeliveryDetail(Output):
    """A delivery in full."""

    summary: Delivery
    request: Request
    attempts: list[Attempt]
    schedule: list[Planned]
    problems: list[Said]
    replays: list[int]
    why: Said = Field(description="Why nobody can ask why it was refused; empty where one can.")
    curl: str


class Unsent(Output):
    """An endpoint that did not get an occurrence, and why."""

    endpoint: int
    endpoint_name: str
    reason: Reason
    text: Said


class Occurrence(Output):
    """Something that happened at the vendor: who got it, and who did not."""

    id: int
    provider: str
    event: str
    conversation: str | None
    origin: Origin
    origin_id: int | None
    at: Moment
    virtual: Moment
    deliveries: list[Delivery]
    unsent: list[Unsent]


class Conversation(Output):
    """A conversation's occurrences, oldest first, and the endpoints of its matrix."""

    provider: str
    key: str
    occurrences: list[Occurrence]
    endpoints: dict[int, str]


class Why(Output):
    """A search for the cause of a refusal."""

    job: int
    delivery: int
    running: bool
    proven: bool
    cause: str
    text: Said
    requests: int


class Received(_Body):
    """What the inbox got."""

    id: int
    endpoint: int | None
    endpoint_name: str
    provider: str
    at: Moment
    method: str
    path: str
    headers: Headers
    right: bool
    verified: Said

    @model_validator(mode="before")
    @classmethod
    def _of(cls, found: Any) -> Any:
        if not isinstance(found, model.Received):
            return found
        return {**{key: value for key, value in vars(found).items() if key != "body"}, **content(found.body)}


class Removed(Output):
    """How many went, and what brings them back within ten seconds (`POST /api/undo/TOKEN`)."""

    count: int
    undo: str


class Count(Output):
    """How many."""

    count: int
