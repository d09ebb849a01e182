"""At which level a receiver has to take a valid payload: that of its least obligatory member.

The schema says of some forms that a receiver only should, or may, take them (`x-levels`).
"""

from __future__ import annotations

import json

from hookassay.conformance.check import weaker
from hookassay.schemas import members
from hookassay.schemas.contract import Event, Json, Level
from hookassay.schemas.members import Member


def level_of(event: Event, document: Json) -> Level:
    """The level of the whole payload."""
    level: Level = "must"
    for member in members.walk(event.expanded, document):
        level = weaker(level, _level(member))
        if isinstance(member.value, dict):
            level = weaker(level, _of_absent(member))
    return level


def _level(member: Member) -> Level:
    """The level of what stands there."""
    value, levels = member.value, member.schema.get("x-levels", {})
    if value is None:
        return member.level("null", "must" if "null" in member.types else "should")
    if value == "" and member.pointer:
        return member.level("empty", "should")
    if value in ([], {}) and member.pointer:
        return member.level("empty", "must")
    named: Level | None = levels.get("values", {}).get(_as_key(value))
    if named is not None:
        return named
    documented = member.schema.get("examples")
    if isinstance(value, str) and documented and value not in documented and "unknown" in levels:
        return member.level("unknown", "should")
    return "must"


def _of_absent(member: Member) -> Level:
    """The level of an object whose optional members are not there."""
    level: Level = "must"
    needed = set(member.schema.get("required", ()))
    for key, schema in member.schema.get("properties", {}).items():
        if key not in member.value and key not in needed:
            absent: Level = schema.get("x-levels", {}).get("absent", "must")
            level = weaker(level, absent)
    return level


def _as_key(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)
