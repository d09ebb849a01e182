"""A delivery that nothing was done with, and how it differs from the example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hookassay.mockserver.engine.model.deliveries import Request
from hookassay.schemas.contract import Json


@dataclass(frozen=True)
class Difference:
    """One place where a payload is not the example: dotted path, value before and after; `absent` for none."""

    path: str
    before: Json
    after: Json
    kind: Literal["changed", "added", "removed"]


@dataclass(frozen=True)
class Built:
    """A delivery that nothing was done with: the request, how its payload differs from the example, what the contract
    says against it, the curl command; masked unless revealed."""

    provider: str
    event: str
    payload: Json
    request: Request
    difference: tuple[Difference, ...]
    problems: tuple[str, ...]
    curl: str
    json: Mapping[str, Json]
    """The delivery in the form that others read (docs/formats.md)."""
