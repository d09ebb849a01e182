"""What has changed, gone or come in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Change:
    """Something changed: `kind` (`delivery`, `occurrence`, `endpoint`, `fault`, `run`, `clock`, `inbox`, `reset`,
    `provider`), `ref` its id (0: all of them)."""

    id: int
    kind: str
    ref: int


@dataclass(frozen=True)
class Removed:
    """How many rows went, and the token that brings them back within ten seconds."""

    count: int
    undo: str


@dataclass(frozen=True)
class Imported:
    """How many deliveries came in, what was refused (line or entry number → why), and the numbers they have here."""

    count: int
    refused: Mapping[int, str] = field(default_factory=dict)
    deliveries: tuple[int, ...] = ()
