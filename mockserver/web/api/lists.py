"""Lists page by page: `limit`, and an opaque `after` that says where the page before ended."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from hookassay.mockserver.engine.model import Page
from hookassay.mockserver.web.operations import Query
from hookassay.mockserver.web.problems import Fault, Problem


class Listed(Query):
    """A page of a list."""

    limit: int = Field(50, ge=1, le=100, description="How many at most.")
    after: str | None = Field(None, max_length=100, description="`after` of the page before.")

    @property
    def before(self) -> int | None:
        """The id that the page before ended with. Raises Problem for what is no cursor."""
        return None if self.after is None else _read(self.after)


class Searched(Listed):
    """A page of what a search finds."""

    q: str = Field("", max_length=2000, description="The search: words and `key:value` (docs/mock-server.md).")


def page(found: Page[Any]) -> dict[str, Sequence[Any] | str | None]:
    """A page of the engine as the API has it."""
    return {"items": found.items, "after": None if found.after is None else _write(found.after)}


def _write(number: int) -> str:
    return base64.urlsafe_b64encode(b"after %d" % number).decode().rstrip("=")


def _read(cursor: str) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii", "replace") + b"=" * (-len(cursor) % 4))
        word, _, number = text.partition(b" ")
        if word == b"after" and number.isdigit() and len(number) < 19:
            return int(number)
    except binascii.Error:
        pass
    said = "This is no `after` that a list has given; leave it out for the first page."
    raise Problem(422, "invalid", said, faults=[Fault(said, parameter="after")])
