"""Errors: whatever comes, the receiver refuses it or takes it calmly, shows nothing of its inside, and works on."""

from __future__ import annotations

from hookassay.conformance.check import CALM, Cases, Expectation
from hookassay.conformance.checks.errors import bodies, shown, wrapping
from hookassay.mockserver.emission.mutation import notjson

_REFUSED = Expectation("refused", "should")
_NO_JSON = {name: notjson.NOT_JSON[name] for name in bodies.PLAINLY_NO_JSON}
_NO_EVENT = {name: bodies.NOT_OBJECTS[name] for name in bodies.PLAINLY_NO_EVENT}

CASES: dict[str, Cases] = {
    "not-json": bodies.bodies(notjson.NOT_JSON, CALM, unsigned=bodies.UNSIGNED),
    "not-an-object": bodies.bodies(bodies.NOT_OBJECTS, CALM, unsigned=bodies.NOT_OBJECTS_UNSIGNED),
    "missing": bodies.missing,
    "wrong-type": bodies.wrong_types,
    "hostile-json": bodies.bodies(notjson.HOSTILE, CALM, unsigned=bodies.UNSIGNED),
    "content-type": wrapping.content_types,
    "form": wrapping.forms,
    "method": wrapping.methods,
    "coding": wrapping.codings,
    "query": wrapping.queries,
    "headers": wrapping.headers,
    "no-internals": shown.no_internals,
    "refuses-not-json": bodies.bodies(_NO_JSON, _REFUSED, "should"),
    "refuses-not-an-object": bodies.bodies(_NO_EVENT, _REFUSED, "should"),
    "charset": wrapping.charsets,
    "markup": shown.markup,
}
"""Check → its cases; the records stand in `errors.toml`."""
