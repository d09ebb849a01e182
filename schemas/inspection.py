"""Checking a provider folder: every file, every key, every example, before anything trusts it.

What is wrong is said as `file: key: problem`, one line, the first thing first: a folder is mended
from the top.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from hookassay.schemas import catalogue, members, validation
from hookassay.schemas.catalogue import BadProvider
from hookassay.schemas.contract import Event, Json

META = Path(__file__).parent / "meta"
_INDEX = re.compile(r"^[0-9]+$")


def inspect(folder: Path) -> None:
    """Check a provider folder in full. Raises BadProvider with the file and key of the first fault."""
    _check_file(folder / "provider.toml", "provider")
    data = catalogue.read_toml(folder / "provider.toml")
    if data["name"] != folder.resolve().name:
        raise BadProvider(
            folder / "provider.toml", "name", f"is {data['name']!r}, but the folder is called {folder.resolve().name!r}"
        )
    for name in ("requirements", "cases"):
        if (folder / f"{name}.toml").is_file():
            _check_file(folder / f"{name}.toml", name)
    for path in sorted((folder / "scenarios").glob("*.toml")):
        _check_file(path, "scenario")
    _check_schemas(folder)
    for entry in data["events"]:
        _check_files_of(folder, entry["name"])
    provider = catalogue.read(folder)
    _check_traits(folder, data)
    for event in provider.events.values():
        _check_examples(folder, event)
    _check_sources(folder, data)
    _check_event_names(folder, provider.events)


def _check_file(path: Path, kind: str) -> None:
    from jsonschema.exceptions import best_match

    error = best_match(_meta(kind).iter_errors(catalogue.read_toml(path)))
    if error is not None:
        key = ".".join(str(part) for part in error.absolute_path)
        raise BadProvider(path, key or "(top)", error.message[:300])


@cache
def _meta(kind: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads((META / f"{kind}.schema.json").read_text(encoding="utf-8")))


@cache
def vocabulary() -> Any:
    """A validator of schemas themselves: 2020-12 and our annotations (`meta/vocabulary.schema.json`)."""
    import jsonschema_specifications
    from jsonschema import Draft202012Validator
    from referencing.jsonschema import DRAFT202012

    meta = json.loads((META / "vocabulary.schema.json").read_text(encoding="utf-8"))
    registry = jsonschema_specifications.REGISTRY.with_resource(meta["$id"], DRAFT202012.create_resource(meta))
    return Draft202012Validator(meta, registry=registry)


def _check_schemas(folder: Path) -> None:
    from jsonschema.exceptions import best_match
    from referencing.exceptions import Unresolvable

    schemas = {}
    for path in sorted(folder.rglob("*.schema.json")):
        schema = catalogue.read_json(path)
        if not isinstance(schema, dict) or not isinstance(schema.get("$id"), str):
            raise BadProvider(path, "$id", "is missing: every schema has one, so that references resolve offline")
        if schema["$id"] in schemas:
            raise BadProvider(path, "$id", f"{schema['$id']} is the id of another file too")
        error = best_match(vocabulary().iter_errors(schema))
        if error is not None:
            raise BadProvider(path, error.json_path, error.message[:300])
        schemas[schema["$id"]] = schema
    for path in sorted(folder.rglob("*.schema.json")):
        try:
            catalogue.expand(catalogue.read_json(path), schemas)
        except Unresolvable as error:
            raise BadProvider(path, "$ref", f"{error.ref!r} leads nowhere") from error
        except RecursionError as error:
            raise BadProvider(path, "$ref", str(error)) from error


def _check_files_of(folder: Path, event: str) -> None:
    if not (folder / "events" / f"{event}.schema.json").is_file():
        raise BadProvider(folder / "provider.toml", f"events: {event}", f"events/{event}.schema.json is missing")
    for name in ("minimal", "full"):
        if not (folder / "examples" / f"{event}.{name}.json").is_file():
            raise BadProvider(folder / "provider.toml", f"events: {event}", f"examples/{event}.{name}.json is missing")


def _check_examples(folder: Path, event: Event) -> None:
    for example in event.examples.values():
        wrong = validation.problems(event, example.document)
        if wrong:
            raise BadProvider(
                folder / "examples" / f"{event.name}.{example.name}.json",
                wrong[0].path,
                f"{wrong[0].message} ({wrong[0].rule})",
            )


def _check_traits(folder: Path, data: Mapping[str, Json]) -> None:
    path = folder / "provider.toml"
    names = {entry["name"] for entry in data["events"]}
    settings = {entry["name"] for entry in data.get("settings", ())}
    for trait, value in data.get("traits", {}).items():
        if "event" in value and value["event"] not in names:
            raise BadProvider(path, f"traits.{trait}.event", f"{value['event']!r} is no event of this provider")
        if "setting" in value and value["setting"] not in settings:
            raise BadProvider(path, f"traits.{trait}.setting", f"{value['setting']!r} is no setting of this provider")
    for index, entry in enumerate(data.get("hello", ())):
        if entry["event"] not in names:
            raise BadProvider(path, f"hello.{index}.event", f"{entry['event']!r} is no event of this provider")
    if data["authentication"]["kind"] != "none" and not data.get("test_secret"):
        raise BadProvider(path, "test_secret", "is missing: a provider that authenticates needs one to be tried with")


def _check_sources(folder: Path, data: Mapping[str, Json]) -> None:
    """Every source begins with the key of a document, so that a message can name it."""
    known = set(data["documents"])

    def walk(node: Json, where: str, path: Path) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("source", "x-source") and isinstance(value, str):
                    for part in value.split("; "):
                        if part.partition(":")[0] not in known:
                            raise BadProvider(
                                path,
                                f"{where}.{key}".lstrip("."),
                                f"{part!r} begins with no key of [documents] ({', '.join(sorted(known))})",
                            )
                elif key not in ("examples", "document", "set"):
                    walk(value, f"{where}.{key}", path)
        elif isinstance(node, list):
            for index, value in enumerate(node):
                walk(value, f"{where}.{index}", path)

    for path in (folder / "provider.toml", folder / "cases.toml", folder / "requirements.toml"):
        if path.is_file():
            walk(catalogue.read_toml(path), "", path)
    for path in sorted(folder.rglob("*.schema.json")):
        walk(catalogue.read_json(path), "", path)


def _check_event_names(folder: Path, events: Mapping[str, Event]) -> None:
    """Cases and scenarios speak of events, examples and paths that exist."""
    path = folder / "cases.toml"
    data = catalogue.read_toml(path) if path.is_file() else {}
    cases = [(f"check {check['id']}", case) for check in data.get("check", ()) for case in check["cases"]]
    cases += [(f"case {case['check']}", case) for case in data.get("case", ())]
    for where, case in cases:
        for step in case.get("steps", [case]):
            _check_step(path, f"{where}[{case['name']}]", step, events)
    for scenario in sorted((folder / "scenarios").glob("*.toml")):
        content = catalogue.read_toml(scenario)
        if content["provider"] != folder.resolve().name:
            raise BadProvider(scenario, "provider", f"is {content['provider']!r}, not {folder.resolve().name!r}")
        for index, step in enumerate(content["step"]):
            _check_step(scenario, f"step {index + 1}", step, events)


def _check_step(path: Path, where: str, step: Mapping[str, Json], events: Mapping[str, Event]) -> None:
    if "event" not in step:
        return
    if step["event"] not in events:
        raise BadProvider(path, where, f"unknown event {step['event']!r}{catalogue.nearest(step['event'], events)}")
    event = events[step["event"]]
    if step.get("example", "full") not in event.examples:
        raise BadProvider(
            path, where, f"{event.name} has no example {step['example']!r}; it has {', '.join(event.examples)}"
        )
    if step.get("valid", True) and "document" not in step:
        for place in _paths(step):
            if not knows(event.expanded, place):
                raise BadProvider(
                    path, where, f"the schema of {event.name} knows no {place!r}; say valid = false if that is meant"
                )


def _paths(step: Mapping[str, Json]) -> Iterable[str]:
    return [*step.get("set", {}), *step.get("json", {}), *step.get("remove", ())]


def path_tokens(path: str) -> list[str]:
    """The tokens of a dotted path or, with a leading slash, of a JSON pointer."""
    return members.tokens(path) if path.startswith("/") else path.split(".")


def knows(schema: Mapping[str, Json], path: str) -> bool:
    """Whether a path leads to a member that the (expanded) schema describes, in any branch of its unions."""
    return bool(_at(schema, path))


def types_at(schema: Mapping[str, Json], path: str) -> set[str]:
    """The JSON types that a schema allows at a path."""
    return {name for node in _at(schema, path) for name in members.schema_types(node)}


def _at(schema: Mapping[str, Json], path: str) -> list[Mapping[str, Json]]:
    nodes = [schema]
    for token in path_tokens(path):
        nodes = [inner for node in nodes for inner in _below(node, token)]
    return nodes


def _below(schema: Mapping[str, Json], token: str) -> list[Mapping[str, Json]]:
    found = []
    for node in [schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())]:
        properties = node.get("properties", {})
        if token in properties:
            found.append(properties[token])
        elif _INDEX.match(token) and "items" in node:
            found.append(node["items"])
        elif isinstance(node.get("additionalProperties"), dict) or (node.get("type") == "object" and not properties):
            found.append(node.get("additionalProperties") or {})
    return found + [inner for branch in schema.get("oneOf", ()) if "oneOf" in branch for inner in _below(branch, token)]
