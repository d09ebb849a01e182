"""The cast of a scenario: people, objects and ids by name, the same for the same seed and index."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from hookassay.mockserver.emission.generation import entropy, people, shapes
from hookassay.mockserver.emission.generation.leaves import TimeForm
from hookassay.mockserver.emission.generation.nodes import Examples, build, every, examples_of, tree
from hookassay.mockserver.emission.generation.program import Function, Writer
from hookassay.mockserver.emission.generation.realistic import Cast, Realistic
from hookassay.mockserver.emission.ids import GENERATORS, MARK
from hookassay.schemas import catalogue
from hookassay.schemas.contract import Json, Provider

_TEXT = re.compile(r"text\(([a-z]{2})\)")
_DOCUMENTED = {
    "id": f"{MARK}{'0' * 20}",
    "digits": "100000000000",
    "hex24": f"{MARK}{'0' * 20}",
    "hex32": f"{MARK}{'0' * 28}",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "UUID": "AAAAAAAA-0000-4000-8000-000000000000",
}
"""An id of each of the named kinds (`ids.GENERATORS`), for its shape."""
_ITEMS = 3
"""Items of an array at most, in an object of a cast."""

assert _DOCUMENTED.keys() == GENERATORS.keys()


class BadCast(ValueError):
    """A name in a cast that looks like a generator's and is none; one line that says which there are."""


def cast(provider: Provider, wanted: Mapping[str, Json], seed: int, index: int, at: int) -> dict[str, Json]:
    """The values of a cast, by name.

    A kind is an object of the contract (`PROVIDER.NAME`, a name in its `$defs`), `text(LANGUAGE)`, a kind of
    id (`id`, `digits`, `hex24`, `hex32`, `uuid`, `UUID`), or a literal. `at` is the time (nanoseconds).
    Raises BadCast.
    """
    return {name: _value(provider, name, kind, seed, index, at) for name, kind in wanted.items()}


def _value(provider: Provider, name: str, kind: Json, seed: int, index: int, at: int) -> Json:
    if not isinstance(kind, str):
        return kind
    key = entropy.key(seed, provider.name, "cast")
    text = _TEXT.fullmatch(kind)
    if kind in _DOCUMENTED:
        return shapes.shape(_DOCUMENTED[kind])(shapes.digest(key, index, f"cast/{name}"))
    if text is not None:
        if text[1] not in people.languages():
            raise BadCast(f"cast: {name}: {kind!r}: languages are {', '.join(people.languages())}")
        return people.person(entropy.draws(key, index), text[1]).sentence(entropy.draws(key, index))
    head, dot, definition = kind.partition(".")
    if dot and head == provider.name:
        known = _definitions(provider.folder)
        if definition not in known:
            near = catalogue.nearest(definition, known)
            raise BadCast(f"cast: {name}: {kind!r} is unknown{near}; the contract has {', '.join(known)}")
        function, forms = _function(provider, definition)
        when = tuple(form.now(at) for form in forms)
        member = Cast(key, index, at, f"cast/{name}")
        return json.loads(function(index, entropy.draws(key, index), when, -1, member, _ITEMS, -1))
    return kind


@lru_cache(maxsize=16)
def _definitions(folder: Path) -> dict[str, Mapping[str, Json]]:
    """Name → expanded schema of everything in the `$defs` of a provider."""
    schemas = catalogue.read_schemas(folder)
    return {
        name: catalogue.expand({"$id": uri, "$ref": f"#/$defs/{name}"}, schemas)
        for uri, schema in schemas.items()
        for name in schema.get("$defs", ())
    }


_functions: dict[tuple[str, str], tuple[Function, list[TimeForm]]] = {}


def _function(provider: Provider, definition: str) -> tuple[Function, list[TimeForm]]:
    """The function of a definition, and the forms of the times that it is given."""
    known = _functions.get((str(provider.folder), definition))
    if known is None:
        schema = _definitions(provider.folder)[definition]
        examples = _examples(provider, schema)
        root = build(schema, examples)
        leaves = Realistic({}, root, examples)
        known = Writer(leaves).compile(root), leaves.forms
        _functions[str(provider.folder), definition] = known
    return known


def _examples(provider: Provider, schema: Mapping[str, Json]) -> Examples:
    """What the examples have where an event uses a definition: the first such place."""
    for event in provider.events.values():
        for node in every(tree(event)):
            same = node.schema.get("description") == schema.get("description")
            if same and node.schema.get("properties") == schema.get("properties") and node.examples:
                start = len(node.pointer)
                return {
                    pointer[start:]: values
                    for pointer, values in examples_of(event).items()
                    if pointer == node.pointer or pointer.startswith(f"{node.pointer}/")
                }
    return {}
