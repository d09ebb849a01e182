"""The words for states, and a page of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

State = Literal["waiting", "held", "ready", "in-hand", "delivered", "given-up", "cancelled"]
"""Where a delivery stands. *waiting*: behind another of its conversation; *held*: by a fault or a paused
run; *ready*: sent when due; *in-hand*: on its way; the others are its ends."""

OPEN_STATES: tuple[State, ...] = ("waiting", "held", "ready", "in-hand")

Outcome = Literal["waiting", "again", "delivered", "given-up", "off", "cancelled", "not-sent"]
"""What the vendor makes of it so far (`outcome:` of the search): *waiting* for its first answer, *again*
later, *off* when its failure has switched the webhook off; *not-sent* is an occurrence's, never a delivery's."""

View = Literal["delivered", "again", "given-up", "off", "unknown"]
"""What the vendor made of one attempt; *unknown*: the mock ended before the outcome was recorded."""

Reason = Literal["not-subscribed", "not-verified", "switched-off", "disabled", "routed-elsewhere"]
"""Why an endpoint did not get an occurrence."""

Origin = Literal["trigger", "scenario", "replay", "import", "send", "hello", "verify", "why", "duplicate"]
"""What made an occurrence happen."""

Form = Literal["first", "same-bytes", "signed-again", "as-new", "edited"]
"""How a delivery came to be: the first of its occurrence, or a replay of another."""

REPLAY_FORMS: tuple[Form, ...] = ("same-bytes", "signed-again", "as-new", "edited")

FaultKind = Literal[
    "lose-answer",
    "answer-as",
    "duplicate",
    "delay",
    "reorder",
    "burst",
    "wrong-signature",
    "old-secret",
    "truncated-body",
]

RunState = Literal["running", "paused", "stopped", "finished"]

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Items, newest first; `after` asks for those that follow (None: there are no more)."""

    items: tuple[Item, ...]
    after: int | None = None
