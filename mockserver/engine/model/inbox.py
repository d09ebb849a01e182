"""What the mock's own receiver got."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Received:
    """What the mock's own inbox got: `verified` says in words whether signature or token are right."""

    id: int
    endpoint: int | None
    endpoint_name: str
    provider: str
    at: int
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    right: bool
    verified: str


@dataclass(frozen=True)
class InboxAnswer:
    """What the inbox answers."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
