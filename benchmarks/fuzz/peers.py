"""What others make of the same schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode


def without_patterns(node: Any) -> Any:
    """A schema with `format` alone where it has a pattern too: schemathesis finds nothing that keeps both and `not`."""
    if isinstance(node, list):
        return [without_patterns(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    left_out = ("not", "pattern") if "format" in node else ("not",)
    return {key: without_patterns(value) for key, value in node.items() if key not in left_out}


def payloads_of_schemathesis(schema: Mapping[str, Any], count: int, negative: bool) -> list[Any]:
    """So many bodies of one operation, by schemathesis' own strategy; the generating phase alone."""
    body = {"content": {"application/json": {"schema": without_patterns(schema)}}, "required": True}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "one event", "version": "1"},
        "paths": {"/": {"post": {"requestBody": body, "responses": {"200": {"description": "taken"}}}}},
    }
    operation = schemathesis.openapi.from_dict(document)["/"]["POST"]
    mode = GenerationMode.NEGATIVE if negative else GenerationMode.POSITIVE
    found: list[Any] = []

    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def take(case: Any) -> None:
        found.append(case.body)

    take()
    return found
