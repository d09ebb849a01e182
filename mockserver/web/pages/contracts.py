"""Contracts: provider → event → members, with their sources, examples, and what the battery checks of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from flask import Blueprint, Response

from hookassay.mockserver.engine import Mock
from hookassay.mockserver.web.api.contracts import event_of, provider_of
from hookassay.mockserver.web.language import gettext
from hookassay.mockserver.web.pages import frame
from hookassay.schemas.contract import Json
from hookassay.schemas.members import schema_types


@dataclass(frozen=True)
class Row:
    """A member of an event: where it stands, how deep, its type, whether it is always there, who says so."""

    path: str
    name: str
    depth: int
    types: str
    required: bool
    text: str
    source: str
    status: str
    values: tuple[str, ...]


def blueprint(mock: Mock) -> Blueprint:
    """The routes of these pages."""
    pages = Blueprint("contracts", __name__)

    @pages.get("/contracts")
    def contracts() -> Response:
        return frame.page("contracts.html", gettext("Contracts"))

    @pages.get("/contracts/<provider>/<event>")
    def contract(provider: str, event: str) -> Response:
        vendor = provider_of(mock, provider)
        found = event_of(vendor, event)
        return frame.page(
            "contract.html",
            f"{vendor.name} {found.name}",
            vendor=vendor,
            event=found,
            rows=list(rows(found.expanded)),
            examples={name: _pretty(one.document) for name, one in found.examples.items()},
            checks=_checks().get(vendor.name, ()),
        )

    return pages


def rows(schema: Mapping[str, Json], prefix: str = "", depth: int = 0) -> Iterator[Row]:
    """The members of an event's schema as a table, parents before children; branches of a union one after another."""
    seen = set()
    for node in (schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())):
        needed = node.get("required", ())
        for name, inner in node.get("properties", {}).items():
            if name in seen:
                continue
            seen.add(name)
            path = f"{prefix}{name}"
            yield _row(path, name, depth, inner, name in needed)
            items = inner.get("items")
            yield from rows(inner, f"{path}.", depth + 1)
            if isinstance(items, dict):
                yield from rows(items, f"{path}.0.", depth + 1)


def _row(path: str, name: str, depth: int, schema: Mapping[str, Json], required: bool) -> Row:
    values = [schema["const"]] if "const" in schema else list(schema.get("enum", ()))
    return Row(
        path=path,
        name=name,
        depth=depth,
        types=", ".join(schema_types(schema)),
        required=required,
        text=str(schema.get("description", "")),
        source=str(schema.get("x-source", "")),
        status=str(schema.get("x-status", "")),
        values=tuple(json.dumps(value, ensure_ascii=False) for value in values),
    )


def _pretty(document: Json) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


@cache
def _checks() -> Mapping[str, list[Mapping[str, Json]]]:
    """What the battery checks, from the published list: the console does not import the battery."""
    text = files("hookassay.schemas").joinpath("checks.json").read_text(encoding="utf-8")
    found: Mapping[str, list[Mapping[str, Json]]] = json.loads(text)["providers"]
    return found
