"""Live changes: asked for page by page, or as a stream (`stream`)."""

from __future__ import annotations

from flask import Response
from flask import request as asked
from pydantic import Field

from hookassay.mockserver.engine import Mock, model
from hookassay.mockserver.web import stream
from hookassay.mockserver.web.api.models import Occurrence
from hookassay.mockserver.web.operations import Input, Operations, Output, Query

operations = Operations("changes", "What a page has to read anew, and when nothing more is to come.")


class Change(Output):
    """Something changed: what, and which (0: all of them)."""

    id: int
    kind: str
    ref: int


class Changes(Output):
    """Changes, oldest first, and the id to ask with next time."""

    items: list[Change]
    last: int


class Settled(Output):
    """Whether nothing is due or in hand, what happened since the mark, and the next mark."""

    idle: bool
    occurrences: list[Occurrence]
    mark: int


class Since(Query):
    """Changes after an id."""

    after: int | None = Field(None, ge=0, le=2**63 - 1, description="The last id that is known; none: from now on.")
    wait: float = Field(0, ge=0, le=5, allow_inf_nan=False, description="Seconds to wait for the first one.")


class From(Query):
    """Where a stream begins."""

    after: int | None = Field(None, ge=0, le=2**63 - 1, description="The last id that is known; none: from now on.")


class ToSettle(Input):
    """How long to wait, and since when to tell."""

    timeout: float = Field(10, ge=0, le=60, allow_inf_nan=False, description="Seconds.")
    mark: int | None = Field(None, ge=0, le=2**63 - 1, description="`mark` of an earlier call.")


@operations("GET", "/changes", Changes, errors={410: "The id is too old: everything has to be read anew"})
def list_changes(mock: Mock, query: Since) -> dict[str, object]:
    """Read what has changed since an id."""
    after = mock.changes.last() if query.after is None else query.after
    with stream.places() as free:
        found: tuple[model.Change, ...] = mock.changes.since(after, wait=query.wait if free else 0)
    return {"items": found, "last": found[-1].id if found else after}


@operations("GET", "/changes/stream", media=("text/event-stream",))
def stream_changes(mock: Mock, query: From) -> Response:
    """Follow changes as server-sent events; `Last-Event-ID` is known too."""
    header = asked.headers.get("Last-Event-ID", "")
    last = int(header) if header.isascii() and header.isdigit() and len(header) < 19 else query.after
    return stream.response(mock, last)


@operations("POST", "/settle", Settled)
def settle(mock: Mock, body: ToSettle) -> model.Settled:
    """Wait until nothing is due or in hand; retries in the future do not count."""
    with stream.places() as free:
        return mock.settle(body.timeout if free else 0, body.mark)
