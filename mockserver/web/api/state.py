"""The mock as a whole: reset, and ten seconds to think better of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hookassay.mockserver.engine import Mock, model
from hookassay.mockserver.web.api.models import Count, Removed
from hookassay.mockserver.web.operations import Input, Operations

operations = Operations("state", "The mock as a whole.")


class Reset(Input):
    """What is reset."""

    all: bool = Field(False, description="The endpoints too.")


@operations("POST", "/reset", Removed)
def reset(mock: Mock, body: Reset) -> model.Removed:
    """Back to the first start; endpoints stay unless `all`."""
    return mock.reset(everything=body.all)


@operations(
    "POST",
    "/undo/{token}",
    Count,
    errors={404: "Nothing was removed under this token", 410: "It was removed more than ten seconds ago"},
)
def undo(mock: Mock, token: Annotated[str, Field(max_length=100)]) -> dict[str, int]:
    """Bring back what a removal or a reset took."""
    return {"count": mock.undo(token)}
