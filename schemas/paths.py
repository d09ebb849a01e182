"""Paths as people write them, and what a schema knows at one.

A path is dotted (`session.meta.0.name`; digits are an index where an array stands) or, with a leading
slash, a JSON pointer. Schemas are expanded ones (`catalogue.expand`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hookassay.schemas import members
from hookassay.schemas.contract import Json

_INDEX = re.compile(r"[0-9]+")


def path_tokens(path: str) -> list[str]:
    """The tokens of a dotted path or, with a leading slash, of a JSON pointer."""
    return members.tokens(path) if path.startswith("/") else path.split(".")


def knows(schema: Mapping[str, Json], path: str) -> bool:
    """Whether a path leads to a member that the schema describes, in any branch of its unions."""
    return bool(_at(schema, path))


def types_at(schema: Mapping[str, Json], path: str) -> set[str]:
    """The JSON types that a schema allows at a path."""
    return {name for node in _at(schema, path) for name in members.schema_types(node)}


def branches(schema: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """A schema and the branches of its unions, those within branches too."""
    yield schema
    for branch in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        yield from branches(branch)


def _at(schema: Mapping[str, Json], path: str) -> list[Mapping[str, Json]]:
    nodes = [schema]
    for token in path_tokens(path):
        nodes = [inner for node in nodes for branch in branches(node) for inner in _below(branch, token)]
    return nodes


def _below(schema: Mapping[str, Json], token: str) -> list[Mapping[str, Json]]:
    properties = schema.get("properties", {})
    if token in properties:
        return [properties[token]]
    if _INDEX.fullmatch(token) and "items" in schema:
        return [schema["items"]]
    others = schema.get("additionalProperties")
    if isinstance(others, dict) or (schema.get("type") == "object" and not properties):
        return [others if isinstance(others, dict) else {}]
    return []
