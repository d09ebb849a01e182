"""Members of every wrong type: what software that reads a member without looking at it breaks on."""

from __future__ import annotations

from hookassay.schemas import members
from hookassay.schemas.contract import Json
from hookassay.schemas.members import Member

_OTHERS: dict[str, dict[str, Json]] = {
    "object": {"null": None, "text": "x", "array": [], "number": 1},
    "array": {"null": None, "object": {}, "text": "x", "array-of-null": [None], "array-of-number": [1]},
    "string": {"null": None, "number": 1, "object": {}, "array": ["x"]},
    "integer": {"null": None, "text": "1552126412", "fraction": 1.5, "object": {}, "huge": 10**30, "negative": -1},
    "number": {"null": None, "text": "x", "object": {}},
    "boolean": {"null": None, "text": "true", "number": 1, "object": {}},
    "null": {"number": 1, "object": {}},
}
"""Type → what stands in the place of one, the likeliest to break software first."""

HUGE = "huge"
"""A whole number that no software stores: tried even where the schema has no limit."""


def wrong_values(member: Member) -> dict[str, Json]:
    """Name → value that the schema does not allow at this member's place, the likeliest to break software first."""
    kind = _kind(member)
    if kind is None:
        return {}
    return {name: value for name, value in _OTHERS[kind].items() if name == HUGE or not _validates(member, value)}


def _kind(member: Member) -> str | None:
    """The type that the member has here, or the first that it may have; None where the schema says nothing."""
    allowed = member.types
    if not allowed:
        return None
    if isinstance(member.value, str):
        return "string"
    if isinstance(member.value, list) and "array" in allowed:
        return "array"
    return next((name for name in _OTHERS if name in allowed), "string")


def _validates(member: Member, value: Json) -> bool:
    """Whether a value fits the member's schema, or any branch of the union that it is one of."""
    branches = member.schema.get("x-union") or (member.schema,)
    return any(members.fits(branch, value) for branch in branches)
