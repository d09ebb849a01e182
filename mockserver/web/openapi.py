"""The OpenAPI 3.1 document of the control API, made from the very declarations that check its requests."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter

from hookassay import __version__
from hookassay.mockserver.web import problems
from hookassay.mockserver.web.operations import Operation, Operations

_COMMON = {
    400: "The host is another's, the JSON is broken, or a query parameter is unknown",
    401: "The token is missing or wrong",
    403: "A page of another origin asks",
    404: "There is no such thing",
    405: "The address does not know the method",
    413: "The body is larger than 8 MB",
    415: "The body is not JSON",
    422: "The request is understood, and something in it is wrong",
    503: "The mock is stopping",
    507: "The disk is full",
}
_OF_BODIES = (413, 415)
_OF_WRITES = (403, 507)


def document(parts: list[Operations], prefix: str = "/api") -> dict[str, Any]:
    """The whole document."""
    models = _Models(parts)
    paths: dict[str, dict[str, Any]] = {}
    for part in parts:
        for operation in part.all:
            described = _operation(operation, models)
            paths.setdefault(f"{prefix}{operation.path}", {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "hookassay: control API of the mock provider",
            "version": __version__,
            "description": "All that the console does. Errors are problem details (RFC 9457); lists are read page by "
            "page with `limit` and `after`.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": part.tag, "description": part.description} for part in parts],
        "paths": paths,
        "components": {
            "schemas": {**models.definitions, "Problem": problems.SCHEMA},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


class _Models:
    """JSON Schemas of everything that the operations take and give, those with a name as components."""

    def __init__(self, parts: list[Operations]) -> None:
        adapters = []
        for operation in (operation for part in parts for operation in part.all):
            if operation.body is not None:
                adapters.append(((operation.name, "body"), "validation", TypeAdapter(operation.body)))
            if operation.answer is not None:
                adapters.append(((operation.name, "answer"), "serialization", operation.answer_type))
        self._schemas, defined = TypeAdapter.json_schemas(adapters, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
        self.definitions: dict[str, Any] = defined["$defs"]

    def of(self, operation: Operation, what: str) -> dict[str, Any]:
        """The schema of an operation's `body` or `answer`."""
        mode: Any = "validation" if what == "body" else "serialization"
        return dict(self._schemas[(operation.name, what), mode])


def _operation(operation: Operation, models: _Models) -> dict[str, Any]:
    summary, description = operation.docs
    found: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": summary,
        **({"description": description} if description else {}),
        "parameters": [*_path_parameters(operation), *_query_parameters(operation), *_headers(operation)],
        "responses": _responses(operation, models),
    }
    if operation.body is not None:
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": models.of(operation, "body")}},
        }
    return found


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": kind.json_schema()}
        for name, kind in operation.path_types.items()
    ]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema = operation.query.model_json_schema()
    required = schema.get("required", ())
    found = []
    for name, inner in schema.get("properties", {}).items():
        inner = {key: value for key, value in inner.items() if key != "title"}
        # In a query there is no null: a parameter that may be left out is left out.
        if isinstance(inner.get("anyOf"), list):
            kinds = [kind for kind in inner.pop("anyOf") if kind != {"type": "null"}]
            inner = {**kinds[0], **{key: value for key, value in inner.items() if key != "default"}}
        text = inner.pop("description", None)
        entry = {"name": name, "in": "query", "required": name in required, "schema": inner}
        found.append({**entry, **({"description": text} if text else {})})
    return found


def _headers(operation: Operation) -> list[dict[str, Any]]:
    if "if_match" not in operation.hints:
        return []
    text = "The `ETag` of the state that the change is meant for; 412 where there is a newer one."
    return [{"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}, "description": text}]


def _responses(operation: Operation, models: _Models) -> dict[str, Any]:
    return {
        str(operation.status): _success(operation, models),
        **{
            str(status): {
                "description": text,
                "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            for status, text in sorted(_errors(operation).items())
        },
    }


def _success(operation: Operation, models: _Models) -> dict[str, Any]:
    text = HTTPStatus(operation.status).phrase
    if operation.status == 204:
        return {"description": text}
    if operation.media:
        return {"description": text, "content": {kind: {"schema": _of_media(kind)} for kind in operation.media}}
    return {"description": text, "content": {"application/json": {"schema": models.of(operation, "answer")}}}


def _of_media(kind: str) -> dict[str, Any]:
    return {"type": "object"} if kind.endswith("json") and "ndjson" not in kind else {"type": "string"}


def _errors(operation: Operation) -> dict[int, str]:
    writes = operation.method not in ("GET", "HEAD")
    left_out = {
        *(() if operation.body is not None else _OF_BODIES),
        *(() if writes else _OF_WRITES),
        *(() if operation.path_types else (404,)),
        *(() if operation.body is not None or operation.query is not None else (422,)),
    }
    common = {status: text for status, text in _COMMON.items() if status not in left_out}
    return {**common, **operation.errors}
