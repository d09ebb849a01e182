"""Members of every wrong type: what software that reads a member without looking at it breaks on."""

from __future__ import annotations

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


def wrong_values(member: Member) -> dict[str, Json]:
    """Name → value of a type that the schema does not allow here, the likeliest to break software first."""
    allowed = set(member.types)
    if not allowed:
        return {}
    kind = "string" if isinstance(member.value, str) else next((name for name in _OTHERS if name in allowed), "string")
    if isinstance(member.value, list) and "array" in allowed:
        kind = "array"
    return {name: value for name, value in _OTHERS[kind].items() if not _allowed(value, allowed, member)}


def _allowed(value: Json, allowed: set[str], member: Member) -> bool:
    if isinstance(value, bool):
        return "boolean" in allowed
    if value is None:
        return "null" in allowed
    if isinstance(value, str):
        return "string" in allowed
    if isinstance(value, dict):
        return "object" in allowed and not member.schema.get("required")
    if isinstance(value, list):
        return "array" in allowed and not value
    return False
