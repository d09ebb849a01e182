"""Payload: every documented event is taken, in every form that its contract allows."""

from __future__ import annotations

from hookassay.conformance.check import Cases
from hookassay.conformance.checks.payload import members, moments, texts

CASES: dict[str, Cases] = {
    "full": members.full,
    "minimal": members.minimal,
    "example": members.examples,
    "absent": members.absent,
    "value": members.values,
    "unknown-value": members.unknown_values,
    "empty": members.empty,
    "null": members.nulls,
    "extra-member": members.extra,
    "unknown-event": members.unknown_event,
    "text": texts.taken,
    "text-calm": texts.calm,
    "spelling": texts.spellings,
    "number-form": texts.numbers,
    "time": moments.documented,
    "time-calm": moments.undocumented,
    "late": moments.late,
    "old": moments.old,
}
"""Check → its cases; the records stand in `payload.toml`."""
