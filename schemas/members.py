"""Walking a document and its schema side by side.

Emission looks for members by role, the battery makes a case of every optional, enumerated or
wrongly typed member, the console prints them as a table: all of them walk here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hookassay.schemas.contract import Json, Level

_MERGED_MAPS = ("properties", "x-levels", "patternProperties")


@dataclass(frozen=True)
class Member:
    """One value of a document: where it stands, what its schema says, what it is.

    `pointer` is a JSON pointer (RFC 6901; empty for the document itself); `schema` is expanded and
    holds the branch of a union that the value belongs to; `required` is that of its parent object.
    """

    pointer: str
    schema: Mapping[str, Json]
    value: Json
    required: bool

    @property
    def role(self) -> str:
        return str(self.schema.get("x-role", ""))

    @property
    def types(self) -> tuple[str, ...]:
        """The JSON types that the schema allows here; empty where it says nothing."""
        return schema_types(self.schema)

    def level(self, form: str, default: Level) -> Level:
        """The level at which a receiver takes a form of this member (`schemas/README.md`, x-levels)."""
        level: Level = self.schema.get("x-levels", {}).get(form, default)
        return level


def schema_types(schema: Mapping[str, Json]) -> tuple[str, ...]:
    """The JSON types that a schema allows, those of a union's branches included."""
    declared = schema.get("type")
    if isinstance(declared, str):
        return (declared,)
    if isinstance(declared, list):
        return tuple(declared)
    branches = schema.get("x-union") or schema.get("oneOf") or schema.get("anyOf") or ()
    return tuple(dict.fromkeys(name for branch in branches for name in schema_types(branch)))


def walk(schema: Mapping[str, Json], document: Json, pointer: str = "", required: bool = True) -> Iterator[Member]:
    """All members of a document, parents before children, in the document's own order."""
    schema = branch_of(schema, document)
    yield Member(pointer, schema, document, required)
    if isinstance(document, dict):
        properties = schema.get("properties", {})
        others = schema.get("additionalProperties", {})
        needed = set(schema.get("required", ()))
        for key, value in document.items():
            inner = properties.get(key, others if isinstance(others, dict) else {})
            yield from walk(inner, value, f"{pointer}/{escape(key)}", key in needed)
    elif isinstance(document, list):
        items = schema.get("items", {})
        for index, value in enumerate(document):
            yield from walk(items if isinstance(items, dict) else {}, value, f"{pointer}/{index}")


def branch_of(schema: Mapping[str, Json], value: Json) -> Mapping[str, Json]:
    """The schema with the union branch that the value belongs to folded in.

    The union itself stays under `x-union`, so that all of its types can still be told.
    """
    for keyword in ("oneOf", "anyOf"):
        branches = schema.get(keyword)
        if not branches:
            continue
        rest = {key: inner for key, inner in schema.items() if key != keyword}
        chosen = next((branch for branch in branches if fits(branch, value)), branches[0])
        return {**merge(rest, branch_of(chosen, value)), "x-union": branches}
    return schema


def fits(schema: Mapping[str, Json], value: Json) -> bool:
    """Whether a value validates against an expanded schema."""
    from jsonschema import Draft202012Validator

    return bool(Draft202012Validator(schema).is_valid(value))


def merge(base: Mapping[str, Json], overlay: Mapping[str, Json]) -> dict[str, Json]:
    """One schema over another: maps of members are joined, `required` is united, the rest replaced."""
    merged: dict[str, Json] = {**base, **overlay}
    for keyword in _MERGED_MAPS:
        if keyword in base and keyword in overlay:
            joined: dict[str, Json] = dict(base[keyword])
            for key, inner in overlay[keyword].items():
                known = joined.get(key)
                joined[key] = merge(known, inner) if isinstance(known, dict) and isinstance(inner, dict) else inner
            merged[keyword] = joined
    if "required" in base and "required" in overlay:
        merged["required"] = list(dict.fromkeys([*base["required"], *overlay["required"]]))
    return merged


def escape(key: str) -> str:
    """A member's name as a reference token of a JSON pointer (RFC 6901 section 3)."""
    return key.replace("~", "~0").replace("/", "~1")


def tokens(pointer: str) -> list[str]:
    """The reference tokens of a JSON pointer, unescaped.

    Raises ValueError for text that is not a pointer.
    """
    if pointer == "":
        return []
    if not pointer.startswith("/"):
        raise ValueError(f"not a JSON pointer: {pointer!r} (it begins with a slash)")
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/")]


def lookup(document: Json, pointer: str) -> Json:
    """The value at a JSON pointer. Raises KeyError where there is none."""
    current: Any = document
    for token in tokens(pointer):
        if isinstance(current, dict) and token in current:
            current = current[token]
        elif isinstance(current, list) and token.isdigit() and int(token) < len(current):
            current = current[int(token)]
        else:
            raise KeyError(pointer)
    return current
