"""What the mock refuses: one exception that says which status an API answers, and where the fault is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "not-found",
    "conflict",
    "gone",
    "stale",
    "invalid",
    "invalid-payload",
    "unknown-path",
    "unknown-key",
    "target-not-allowed",
    "no-authentication",
    "not-sent",
    "too-many",
    "disk-full",
    "not-running",
]
"""What kind of refusal it is; `STATUS` has the HTTP status of each."""

STATUS: dict[Kind, int] = {
    "not-found": 404,
    "conflict": 409,
    "not-sent": 409,
    "gone": 410,
    "stale": 412,
    "invalid": 422,
    "invalid-payload": 422,
    "unknown-path": 422,
    "unknown-key": 422,
    "target-not-allowed": 422,
    "no-authentication": 422,
    "too-many": 422,
    "not-running": 503,
    "disk-full": 507,
}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a call: a JSON pointer into its body (`/set/session.id`; empty: the whole), and a line."""

    pointer: str
    detail: str


class Refused(Exception):
    """A call that cannot be done: `kind`, one line for people (`detail`), and where it is wrong (`problems`)."""

    def __init__(self, kind: Kind, detail: str, pointer: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(detail)
        self.kind: Kind = kind
        self.detail = detail
        self.problems = tuple(problems) or ((Problem(pointer, detail),) if pointer else ())

    @property
    def status(self) -> int:
        """The HTTP status that says the same."""
        return STATUS[self.kind]


class CannotRun(Exception):
    """The mock cannot start or go on (state locked, database from a newer version, disk full): one line."""
