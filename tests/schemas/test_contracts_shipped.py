"""The providers that we ship: every file holds, by two validators, offline and in any language."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from hookassay.mockserver.emission import overrides
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.schemas import catalogue, inspection
from hookassay.schemas.contract import Event, Json, Provider

SHIPPED = list(catalogue.find())
EVENTS = [(name, event) for name in SHIPPED for event in catalogue.load(name).events]
SCHEMAS = [path for name in SHIPPED for path in sorted(catalogue.find()[name].rglob("*.schema.json"))]
ROOT = "https://schemas.hookassay.dev"


WRONG: tuple[Json, ...] = ("", 0, 1.5, True, None, [], {})
"""Values that are often wrong, whatever a member is."""


def label(path: Path) -> str:
    return "/".join(path.parts[-2:])


@cache
def fast(provider: str, event: str) -> Any:
    """The second validator: another implementation, from the files as they are, references and all."""
    loaded = catalogue.load(provider)
    schemas = catalogue.read_schemas(loaded.folder)
    registry = jsonschema_rs.Registry(list(schemas.items()))
    return jsonschema_rs.Draft202012Validator(
        dict(loaded.events[event].schema), registry=registry, validate_formats=True
    )


@cache
def slow(provider: str, event: str) -> Draft202012Validator:
    """The first validator, from the files as they are."""
    loaded = catalogue.load(provider)
    schemas = catalogue.read_schemas(loaded.folder)
    registry: Registry[Any] = Registry().with_resources(
        (uri, DRAFT202012.create_resource(schema)) for uri, schema in schemas.items()
    )
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(loaded.events[event].schema, registry=registry, format_checker=checker)


def nodes(schema: Json, path: str = "") -> Iterator[tuple[str, dict[str, Json]]]:
    """Every subschema of a schema, with the way to it."""
    if not isinstance(schema, dict):
        return
    yield path, schema
    for key in ("properties", "$defs", "patternProperties"):
        for name, inner in schema.get(key, {}).items():
            yield from nodes(inner, f"{path}/{key}/{name}")
    for key in ("items", "additionalProperties", "not"):
        yield from nodes(schema.get(key), f"{path}/{key}")
    for key in ("oneOf", "anyOf", "allOf"):
        for index, inner in enumerate(schema.get(key, ())):
            yield from nodes(inner, f"{path}/{key}/{index}")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_folder_passes_inspection(name: str) -> None:
    """What `hookassay provider check` asks of others holds for ours."""
    inspection.inspect(catalogue.find()[name])


@pytest.mark.parametrize("path", SCHEMAS, ids=label)
def test_a_schema_is_one(path: Path) -> None:
    """Each schema is valid 2020-12, and valid with our own keywords."""
    schema = catalogue.read_json(path)
    Draft202012Validator.check_schema(schema)
    inspection.vocabulary().validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", SHIPPED)
def test_ids_are_unique_and_follow_from_the_place(name: str) -> None:
    """Each `$id` is made of provider, version and file, so that it never changes by itself."""
    provider = catalogue.load(name)
    for path in sorted(provider.folder.rglob("*.schema.json")):
        place = path.relative_to(provider.folder).as_posix()
        assert catalogue.read_json(path)["$id"] == f"{ROOT}/{name}/{provider.contract}/{place}"


@pytest.mark.parametrize("path", SCHEMAS, ids=label)
def test_references_resolve_offline(path: Path) -> None:
    """Each `$ref` leads to something within the provider's own folder."""
    root = path.parent.parent if path.parent.name == "events" else path.parent
    registry: Registry[Any] = Registry().with_resources(
        (uri, DRAFT202012.create_resource(schema)) for uri, schema in catalogue.read_schemas(root).items()
    )
    schema = catalogue.read_json(path)
    for _, node in nodes(schema):
        if "$ref" in node:
            assert registry.resolver().lookup(urljoin(schema["$id"], node["$ref"])).contents


@pytest.mark.parametrize("path", SCHEMAS, ids=label)
def test_references_are_relative_or_local(path: Path) -> None:
    """References name files, not hosts, so that the folder can be taken anywhere."""
    for _, node in nodes(catalogue.read_json(path)):
        assert not str(node.get("$ref", "")).startswith("http")


@pytest.mark.parametrize("path", SCHEMAS, ids=label)
def test_every_member_says_what_it_is_and_how_that_is_known(path: Path) -> None:
    """Each member has a description, a source and a status, itself or through what it refers to."""
    name = path.parent.parent.name if path.parent.name == "events" else path.parent.name
    schemas = catalogue.read_schemas(catalogue.find()[name])
    expanded = catalogue.expand(catalogue.read_json(path), schemas)
    for where, node in nodes(expanded):
        for key, inner in node.get("properties", {}).items():
            missing = {"description", "x-source", "x-status"} - set(inner)
            assert not missing, f"{where}/{key}"


@pytest.mark.parametrize(("name", "event"), EVENTS)
def test_examples_are_valid_for_both_validators(name: str, event: str) -> None:
    """Each example is valid by two implementations, formats checked."""
    for example in catalogue.load(name).events[event].examples.values():
        assert slow(name, event).is_valid(example.document)
        assert fast(name, event).is_valid(example.document)


def spoiled(event: Event) -> Iterator[Json]:
    """An event's examples with each kind of member left out, and with values that are often wrong in its place."""
    seen: set[str] = set()
    for name, example in event.examples.items():
        for member in event.walked[name]:
            kind = f"{re.sub('/[0-9]+', '/0', member.pointer)} {type(member.value)}"
            if not member.pointer or kind in seen:
                continue
            seen.add(kind)
            changes = [Overrides(remove=(member.pointer,))]
            changes += [Overrides({member.pointer: value}) for value in WRONG]
            yield from (overrides.apply(example.document, change) for change in changes)


@pytest.mark.parametrize(("name", "event"), EVENTS)
def test_the_two_validators_agree_on_spoiled_examples(name: str, event: str) -> None:
    """Whatever is done to an example, both implementations judge it alike, the one from the expanded schema."""
    loaded = catalogue.load(name).events[event]
    for document in spoiled(loaded):
        assert fast(name, event).is_valid(document) is loaded.validator.is_valid(document), document


@pytest.mark.parametrize("name", SHIPPED)
def test_every_pattern_refuses_a_line_feed_at_the_end(name: str) -> None:
    """`$` matches before a last line feed in some languages; our schemas refuse it in all."""
    provider = catalogue.load(name)
    seen, known = set(), set()
    for event in provider.events.values():
        known |= {node["pattern"] for _, node in nodes(event.expanded) if "pattern" in node and "not" in node}
        assert all("not" in node for path, node in nodes(event.expanded) if "pattern" in node and "/not" not in path)
        for kind, example in event.examples.items():
            for member in event.walked[kind]:
                if "pattern" not in member.schema:
                    continue
                seen.add(member.schema["pattern"])
                document = overrides.apply(example.document, Overrides({member.pointer: f"{member.value}\n"}))
                assert not slow(name, event.name).is_valid(document)
                assert not fast(name, event.name).is_valid(document)
    assert seen == known


@pytest.mark.parametrize("path", SCHEMAS, ids=label)
def test_patterns_need_no_feature_that_languages_lack(path: Path) -> None:
    """No look-around, no back-reference, no class whose meaning differs: Go, Rust, JavaScript and Python read them."""
    for _, node in nodes(catalogue.read_json(path)):
        assert not any(
            part in str(node.get("pattern", "")) for part in ("(?", "\\d", "\\w", "\\s", "\\1", "\\Z", "\\z")
        )


@pytest.mark.parametrize(("name", "event"), EVENTS)
def test_members_that_nobody_describes_are_allowed(name: str, event: str) -> None:
    """Vendors add members: an unknown one is valid in every object of every example."""
    loaded = catalogue.load(name).events[event]
    for kind, example in loaded.examples.items():
        for member in loaded.walked[kind]:
            if isinstance(member.value, dict):
                document = copy.deepcopy(example.document)
                overrides.put(document, f"{member.pointer}/hookassay_extra", {"deep": [1]})
                assert slow(name, event).is_valid(document), member.pointer


def described(provider: Provider) -> set[str]:
    return {path.name for path in (provider.folder / "examples").iterdir()}


@pytest.mark.parametrize("name", SHIPPED)
def test_no_file_is_left_aside(name: str) -> None:
    """Every example and schema file belongs to an event of provider.toml."""
    provider = catalogue.load(name)
    known = {f"{event.name}.{kind}.json" for event in provider.events.values() for kind in event.examples}
    assert described(provider) == known
    events = {path.name for path in (provider.folder / "events").iterdir()}
    assert events == {f"{event}.schema.json" for event in provider.events}


@pytest.mark.parametrize("name", SHIPPED)
def test_files_are_written_in_one_way(name: str) -> None:
    """Schemas and examples are indented by two, characters as they are, with a line feed at the end."""
    folder = catalogue.find()[name]
    for path in (*folder.rglob("*.schema.json"), *(folder / "examples").iterdir()):
        text = path.read_text(encoding="utf-8")
        assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n", path.name


@pytest.mark.parametrize("name", SHIPPED)
def test_settings_traits_and_retries_name_their_source(name: str) -> None:
    """Nothing in provider.toml is there without saying from where."""
    data = catalogue.read_toml(catalogue.find()[name] / "provider.toml")
    for part in (*data["settings"], *data["traits"].values(), *data["events"], data["retry"]):
        assert part["source"]
    assert data["retry"]["status"]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_check_of_its_own_has_the_title_of_a_finding(name: str) -> None:
    """A check that a provider declares says what a receiver that fails it does."""
    assert all(check["fault"] for check in catalogue.load(name).checks)


def test_labels_and_hints_speak_korean_too() -> None:
    """What the console shows of our providers is there in both languages."""
    for name in SHIPPED:
        provider = catalogue.load(name)
        labels = [setting["label"] for setting in provider.settings] + [hint["text"] for hint in provider.hints]
        assert all({"en", "ko"} <= set(label) for label in (provider.title, *labels)), name
