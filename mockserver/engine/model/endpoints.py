"""A webhook as its vendor's settings page has it, how it fares, and its handshake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hookassay.mockserver.emission.answer import Reaction
from hookassay.schemas.contract import Json


@dataclass(frozen=True)
class Endpoint:
    """A webhook as its vendor's settings page has it.

    `url` has no credentials (`has_credentials` says that there are some) and is the inbox's own where
    `uses_inbox`; `settings` has the values of the provider's other settings by their names; `secret` is
    masked unless revealed, empty where there is none. `verified`: None where the vendor verifies nothing.
    `off_reason` says why the vendor has switched it off. `warnings`: what the vendor's page would refuse.
    `timeout` in seconds. `revision` changes with every change.
    """

    id: int
    provider: str
    name: str
    url: str
    uses_inbox: bool
    has_credentials: bool
    settings: Mapping[str, Json]
    secret: str
    enabled: bool
    off_reason: str
    verified: bool | None
    verified_at: int | None
    retry: str
    success: str
    timeout: float
    revision: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Health:
    """How an endpoint fared: its last reaction, and attempts taken of those made within the last hour (real)."""

    last: Reaction | None
    last_at: int | None
    taken: int
    made: int
    waiting: int


@dataclass(frozen=True)
class Verification:
    """The three steps of a handshake: the request, the answer, expected and received text; empty where it never came
    so far. The texts are masked unless revealed; `delivery` is its row in the log."""

    delivery: int
    sent: str
    answered: str
    expected: str
    received: str
    compared: str
    verified: bool
