"""Checking a provider folder: every file, every key, every example, before anything trusts it.

What is wrong is said as `file: key: problem`, one line, the first thing first: a folder is mended
from the top. Here are the files, each for itself; what they say of one another is `consistency`'s.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hookassay.schemas import catalogue, consistency, validation
from hookassay.schemas.catalogue import BadProvider
from hookassay.schemas.contract import Event, Json
from hookassay.schemas.paths import knows as knows
from hookassay.schemas.paths import path_tokens as path_tokens
from hookassay.schemas.paths import types_at as types_at

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

META = Path(__file__).parent / "meta"
_OPTIONAL = {"requirements.toml": "requirements", "cases.toml": "cases", "vectors.toml": "recipes"}


def inspect(folder: Path) -> None:
    """Check a provider folder in full. Raises BadProvider with the file and key of the first fault."""
    path = folder / "provider.toml"
    _check_file(path, "provider")
    data = catalogue.read_toml(path)
    if data["name"] != folder.resolve().name:
        raise BadProvider(path, "name", f"is {data['name']!r}, but the folder is called {folder.resolve().name!r}")
    for name, kind in _OPTIONAL.items():
        if (folder / name).is_file():
            _check_file(folder / name, kind)
    for scenario in sorted((folder / "scenarios").glob("*.toml")):
        _check_file(scenario, "scenario")
    consistency.check_names(folder, data)
    _check_schemas(folder)
    _check_files(folder, [entry["name"] for entry in data["events"]])
    provider = catalogue.read(folder)
    for event in provider.events.values():
        _check_examples(folder, event)
    consistency.check(folder, data, provider)


@cache
def meta(name: str) -> Any:
    """A validator of one of our own kinds of file: `provider`, `cases`, `report` … (`meta/NAME.schema.json`)."""
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads((META / f"{name}.schema.json").read_text(encoding="utf-8")))


@cache
def vocabulary() -> Any:
    """A validator of schemas themselves: 2020-12 and our annotations (`meta/vocabulary.schema.json`)."""
    import jsonschema_specifications
    from jsonschema import Draft202012Validator
    from referencing.jsonschema import DRAFT202012

    schema = json.loads((META / "vocabulary.schema.json").read_text(encoding="utf-8"))
    registry = jsonschema_specifications.REGISTRY.with_resource(schema["$id"], DRAFT202012.create_resource(schema))
    return Draft202012Validator(schema, registry=registry)


def _check_file(path: Path, kind: str) -> None:
    _check(path, meta(kind), catalogue.read_toml(path))


def _check(path: Path, validator: Any, document: Json) -> None:
    """Raise BadProvider for the first thing that is wrong with a document of ours."""
    from jsonschema.exceptions import relevance

    errors: list[ValidationError] = sorted(validator.iter_errors(document), key=relevance, reverse=True)
    if errors:
        problem = next(iter(validation.explain(errors[0])))
        raise BadProvider(path, _dotted(problem.path) or "(top)", problem.told)


def _dotted(json_path: str) -> str:
    """A JSON path as a key is written in TOML: `$.events[2]['x-role']` → `events.2.x-role`."""
    return re.sub(r"\[(?:'(.*?)'|([0-9]+))\]", r".\1\2", json_path.removeprefix("$")).removeprefix(".")


def _check_schemas(folder: Path) -> None:
    files: dict[str, Path] = {}
    schemas: dict[str, Json] = {}
    for path in sorted(folder.rglob("*.schema.json")):
        schema = catalogue.read_json(path)
        if not isinstance(schema, dict) or not isinstance(schema.get("$id"), str):
            raise BadProvider(path, "$id", "is missing: every schema has one, so that references resolve offline")
        if schema["$id"] in files:
            raise BadProvider(path, "$id", f"{schema['$id']} is the id of {files[schema['$id']].name} too")
        _check(path, vocabulary(), schema)
        files[schema["$id"]], schemas[schema["$id"]] = path, schema
    for uri, path in files.items():
        for reference in catalogue.dangling(schemas[uri], schemas):
            raise BadProvider(path, "$ref", f"{reference!r} leads nowhere")
    for uri, path in files.items():
        try:
            catalogue.expand(schemas[uri], schemas)
        except RecursionError as error:
            raise BadProvider(path, "$ref", str(error)) from error


def _check_files(folder: Path, events: list[str]) -> None:
    """Every event has a schema, a minimal and a full example, and no file is of an event that nobody declares."""
    for event in events:
        for needed in (f"events/{event}.schema.json", f"examples/{event}.minimal.json", f"examples/{event}.full.json"):
            if not (folder / needed).is_file():
                raise BadProvider(folder / "provider.toml", f"events: {event}", f"{needed} is missing")
    for path in sorted((folder / "events").glob("*.json")):
        if path.name.removesuffix(".schema.json") not in events:
            raise BadProvider(path, "", "is the schema of no event in provider.toml")
    for path in sorted((folder / "examples").glob("*.json")):
        if path.stem.rpartition(".")[0] not in events:
            raise BadProvider(path, "", "is the example of no event in provider.toml")


def _check_examples(folder: Path, event: Event) -> None:
    for example in event.examples.values():
        wrong = validation.problems(event, example.document)
        if wrong:
            path = folder / "examples" / f"{event.name}.{example.name}.json"
            raise BadProvider(path, wrong[0].path, wrong[0].told)
