"""What others make of the same schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Payloads = Callable[[Mapping[str, Any], int], list[Any]]
"""So many payloads of a schema. Raises ImportError where the library is not installed."""


def without_patterns(node: Any) -> Any:
    """A schema with `format` alone where it has a pattern too: schemathesis finds nothing that keeps both and `not`."""
    if isinstance(node, list):
        return [without_patterns(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    left_out = ("not", "pattern") if "format" in node else ("not",)
    return {key: without_patterns(value) for key, value in node.items() if key not in left_out}


def payloads_of_schemathesis(schema: Mapping[str, Any], count: int, negative: bool = False) -> list[Any]:
    """Bodies of one operation, by schemathesis' own strategy."""
    import schemathesis
    from schemathesis import GenerationMode

    body = {"content": {"application/json": {"schema": without_patterns(schema)}}, "required": True}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "one event", "version": "1"},
        "paths": {"/": {"post": {"requestBody": body, "responses": {"200": {"description": "taken"}}}}},
    }
    operation = schemathesis.openapi.from_dict(document)["/"]["POST"]
    mode = GenerationMode.NEGATIVE if negative else GenerationMode.POSITIVE
    return [case.body for case in _drawn(operation.as_strategy(generation_mode=mode), count)]


def payloads_of_hypothesis_jsonschema(schema: Mapping[str, Any], count: int) -> list[Any]:
    """By the strategy of its schema."""
    from hypothesis_jsonschema import from_schema  # type: ignore[import-not-found, unused-ignore]

    return _drawn(from_schema(without_patterns(schema)), count)


def payloads_of_jsf(schema: Mapping[str, Any], count: int) -> list[Any]:
    """By jsf, with its own default choices."""
    from jsf import JSF  # type: ignore[import-not-found, unused-ignore]

    made = JSF(without_patterns(schema))
    return [made.generate() for _ in range(count)]


ALL: Mapping[str, Payloads] = {
    "schemathesis": payloads_of_schemathesis,
    "hypothesis-jsonschema": payloads_of_hypothesis_jsonschema,
    "jsf": payloads_of_jsf,
}


def _drawn(strategy: Any, count: int) -> list[Any]:
    """What a strategy of Hypothesis gives, the generating phase alone."""
    from hypothesis import HealthCheck, Phase, given, settings

    found: list[Any] = []

    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def take(drawn: Any) -> None:
        found.append(drawn)

    take()
    return found
