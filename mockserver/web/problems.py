"""Errors as problem details (RFC 9457): one line for people, a stable `type` and places for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:hookassay:problem:"


@dataclass(frozen=True)
class Fault:
    """One place that is wrong: a JSON pointer into the body, or the name of a query parameter or header."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None

    def as_json(self) -> dict[str, str]:
        places = {"pointer": self.pointer, "parameter": self.parameter}
        return {**{key: value for key, value in places.items() if value is not None}, "detail": self.detail}


@dataclass
class Problem(Exception):
    """A request that is answered with 4xx or 5xx. `code` is the stable last part of its type."""

    status: int
    code: str
    detail: str
    title: str = ""
    faults: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "type": f"{_TYPE}{self.code}",
            "title": self.title or HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.faults:
            found["errors"] = [fault.as_json() for fault in self.faults]
        return found

    def response(self) -> Response:
        text = json.dumps(self.as_json(), ensure_ascii=False)
        return Response(
            text.encode("utf-8", "backslashreplace"), self.status, dict(self.headers), content_type=MEDIA_TYPE
        )


SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "What is wrong with a request (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": f"`{_TYPE}` and a stable word."},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "One sentence: what is wrong, and what to do."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body (RFC 6901)."},
                    "parameter": {"type": "string", "description": "Name of a query parameter."},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


def of_http(error: HTTPException) -> Problem:
    """A refusal of the framework's (no such page, wrong method, body too large) in the same form."""
    status = error.code or 500
    phrase = HTTPStatus(status).phrase
    known = error.valid_methods if isinstance(error, MethodNotAllowed) else None
    headers = {"Allow": ", ".join(sorted(known))} if known else {}
    code = phrase.lower().replace(" ", "-")
    return Problem(status, code, _SAID.get(status, error.description or phrase), headers=headers)


def N_(text: str) -> str:
    """Mark a text that a page translates; by this name the catalogue's tools find it."""
    return text


_SAID = {
    400: N_("The request cannot be understood."),
    404: N_("There is nothing at this address."),
    405: N_("This address does not know the method; the Allow header lists those that it knows."),
    413: N_("The body is larger than 8 MB."),
}


def install(app: Flask, page: Callable[[Problem], Response | None]) -> None:
    """Answer every error of the application with a problem document, or with the `page` that says it to people.

    What is unexpected is logged, and 500.
    """

    @app.errorhandler(Problem)
    def refused(error: Problem) -> Response:
        return page(error) or error.response()

    @app.errorhandler(HTTPException)
    def refused_by_framework(error: HTTPException) -> Response:
        problem = of_http(error)
        return page(problem) or problem.response()

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        app.logger.exception("unexpected error")
        return Problem(500, "internal-error", "The mock has a defect; its log has the details.").response()
