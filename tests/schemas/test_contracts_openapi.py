"""The OpenAPI documents: fresh, valid by the usual validator, and valid in what that one does not look at."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from hookassay.schemas import catalogue, openapi
from hookassay.schemas.contract import Json

ROOT = Path(__file__).parents[2]
SHIPPED = list(catalogue.find())


def read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((catalogue.find()[name] / "openapi.json").read_text(encoding="utf-8"))
    return document


def references(node: Json) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            elif key not in ("example", "examples", "enum", "const"):
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def test_generated_files_are_fresh() -> None:
    """`python tools/generate.py --check` finds nothing stale: documents, vectors, checks.json, tables."""
    told = subprocess.run([sys.executable, ROOT / "tools" / "generate.py", "--check"], capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (0, ""), told.stderr


@pytest.mark.parametrize("name", SHIPPED)
def test_the_document_is_valid_openapi(name: str) -> None:
    """The usual validator has nothing to say."""
    assert list(OpenAPIV31SpecValidator(read(name)).iter_errors()) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_every_schema_of_the_document_is_one(name: str) -> None:
    """Each component is a valid 2020-12 schema, which the usual validator does not look at within webhooks."""
    for schema in read(name)["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_reference_of_the_document_resolves(name: str) -> None:
    """Each `$ref` leads to a component of the document itself, which nobody else checks within webhooks."""
    document = read(name)
    resource = DRAFT202012.create_resource(document)
    resolver = Registry[Any]().with_resource("urn:document", resource).resolver("urn:document")
    found = set(references(document))
    assert found
    for reference in found:
        assert reference.startswith("#/components/schemas/")
        assert resolver.lookup(reference).contents


@pytest.mark.parametrize("name", SHIPPED)
def test_every_component_is_used(name: str) -> None:
    """No schema lies in the document that nothing refers to."""
    document = read(name)
    used = {reference.rpartition("/")[2] for reference in references(document)}
    assert set(document["components"]["schemas"]) == used


@pytest.mark.parametrize("name", SHIPPED)
def test_the_examples_of_the_document_are_valid_by_its_own_schemas(name: str) -> None:
    """A tool that knows nothing but the document can check each example in it."""
    document = read(name)
    provider = catalogue.load(name)
    assert set(document["webhooks"]) == set(provider.events)
    for event, path in document["webhooks"].items():
        content = path["post"]["requestBody"]["content"]["application/json"]
        schema = {**content["schema"], "components": document["components"]}
        validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        assert set(content["examples"]) == set(provider.events[event].examples)
        for example in content["examples"].values():
            validator.validate(example["value"])


@pytest.mark.parametrize("name", SHIPPED)
def test_no_text_has_both_a_format_and_a_pattern(name: str) -> None:
    """Generators make a text by one and filter by the other, and then find none."""

    def walk(node: Json) -> Iterator[dict[str, Json]]:
        if isinstance(node, dict):
            yield node
            for value in node.values():
                yield from walk(value)
        elif isinstance(node, list):
            for item in node:
                yield from walk(item)

    assert not [node for node in walk(read(name)["components"]) if {"format", "pattern"} <= set(node)]


@pytest.mark.parametrize("name", SHIPPED)
def test_events_say_what_they_are_authenticated_by(name: str) -> None:
    """Each event names the signature's headers or Basic; the handshake is called without."""
    document, provider = read(name), catalogue.load(name)
    expected = [*provider.authentication.headers, *(["basic"] if "basic-from-url" in provider.traits else [])]
    for event in provider.events.values():
        operation = document["webhooks"][event.name]["post"]
        named = [scheme for choice in operation.get("security", []) for scheme in choice]
        assert named == ([] if event is provider.handshake else expected)
        assert set(operation["responses"]) == ({"200", "4XX"} if event is provider.handshake else {"2XX", "4XX"})


@pytest.mark.parametrize("name", SHIPPED)
def test_the_document_is_made_anew_each_time_alike(name: str) -> None:
    """Two documents of one provider are equal, and neither shares parts with its schemas."""
    provider = catalogue.load(name)
    first = openapi.document(provider)
    first["webhooks"].clear()
    first["components"]["schemas"].clear()
    assert openapi.document(provider) == read(name)


def test_names_of_components_are_those_that_openapi_allows() -> None:
    """Letters, digits, dots, dashes and underscores."""
    for name in SHIPPED:
        assert all(re.fullmatch(r"[A-Za-z0-9._-]+", key) for key in read(name)["components"]["schemas"])
