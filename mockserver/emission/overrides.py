"""Changing a document by path: what a person types, what cases and scenarios say.

A path is dotted (`session.meta.0.name`; digits are an index where an array stands) or, with a
leading slash, a JSON pointer, for keys that hold dots.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hookassay.schemas import catalogue, inspection, members
from hookassay.schemas.contract import Event, Json

_INDEX = re.compile("[0-9]{1,6}")


class BadOverride(Exception):
    """An override that cannot be applied: one line that names it."""


@dataclass(frozen=True)
class Overrides:
    """Changes to a document: values by path, and paths to leave out. `set` comes first."""

    set: Mapping[str, Json] = field(default_factory=dict)
    remove: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.set or self.remove)


UNCHANGED = Overrides()
"""No change at all."""


def parse(texts: Sequence[str], remove: Sequence[str] = ()) -> Overrides:
    """Overrides as typed: `path=text`, `path:=json`. Raises BadOverride."""
    values: dict[str, Json] = {}
    for text in texts:
        path, mark, value = text.partition("=")
        if not mark or not path.rstrip(":"):
            raise BadOverride(f"{text!r}: write PATH=TEXT or PATH:=JSON")
        if path.endswith(":"):
            try:
                values[path[:-1]] = json.loads(value)
            except ValueError as error:
                raise BadOverride(f"{text!r}: after := comes JSON: {error}") from error
        else:
            values[path] = value
    return Overrides(values, tuple(remove))


def check(event: Event, overrides: Overrides) -> None:
    """Raise BadOverride for a path that the event's schema does not know, with the nearest one named."""
    for path in (*overrides.set, *overrides.remove):
        if not inspection.knows(event.expanded, path):
            near = catalogue.nearest(_dotted(path), set(known_paths(event.expanded)))
            raise BadOverride(f"{event.name} has no member {path!r}{near}")


def known_paths(schema: Mapping[str, Json], prefix: str = "") -> Iterator[str]:
    """The dotted paths of every member that a schema describes; items of arrays as `0`."""
    for node in [schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())]:
        for key, inner in node.get("properties", {}).items():
            yield prefix + key
            yield from known_paths(inner, f"{prefix}{key}.")
        if isinstance(node.get("items"), dict):
            yield f"{prefix}0"
            yield from known_paths(node["items"], f"{prefix}0.")


def apply(document: Json, overrides: Overrides) -> Json:
    """A copy of the document with the overrides applied. Raises BadOverride for a path into a scalar."""
    changed = copy.deepcopy(document)
    change(changed, overrides)
    return changed


def change(document: Json, overrides: Overrides) -> None:
    """Apply the overrides to the document itself. Raises BadOverride for a path into a scalar."""
    for path, value in overrides.set.items():
        put(document, path, value)
    for path in overrides.remove:
        leave_out(document, path)


def put(document: Json, path: str, value: Json) -> None:
    """Set the member at a path, in place; objects on the way are made where they are missing.

    An index one beyond an array's end adds an item. Raises BadOverride for a path into a scalar.
    """
    *parents, last = inspection.path_tokens(path)
    node: Any = document
    for token in parents:
        if isinstance(node, dict):
            node = node.setdefault(token, {})
        elif isinstance(node, list) and _INDEX.fullmatch(token) and int(token) < len(node):
            node = node[int(token)]
        else:
            raise BadOverride(f"{path!r}: {_no_place(node, token)}")
    if isinstance(node, dict):
        node[last] = value
    elif isinstance(node, list) and _INDEX.fullmatch(last) and int(last) <= len(node):
        node[int(last) : int(last) + 1] = [value]
    else:
        raise BadOverride(f"{path!r}: {_no_place(node, last)}")


def _no_place(node: Json, token: str) -> str:
    if isinstance(node, list):
        return f"the array there has {len(node)} items, and none is called {token!r}"
    return f"{token!r} has no place below a value that is neither object nor array"


def leave_out(document: Json, path: str) -> None:
    """Remove the member at a path, in place; one that is not there is already gone."""
    *parents, last = inspection.path_tokens(path)
    try:
        node = members.lookup(document, "".join(f"/{members.escape(token)}" for token in parents))
    except KeyError:
        return
    if isinstance(node, dict):
        node.pop(last, None)
    elif isinstance(node, list) and _INDEX.fullmatch(last) and int(last) < len(node):
        del node[int(last)]


def _dotted(path: str) -> str:
    return ".".join(inspection.path_tokens(path)) if path.startswith("/") else path
