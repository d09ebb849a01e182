"""Judging a document by an event's schema, for people: where, what is wrong, which rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookassay.schemas.contract import Event, Json

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a document: JSON path, message, the schema keyword that says so."""

    path: str
    message: str
    rule: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message} ({self.rule})"


def problems(event: Event, document: Json) -> list[Problem]:
    """Everything that is wrong with a document, sorted by where it stands; empty if it is valid."""
    validator = event.validator
    found = {problem for error in validator.iter_errors(document) for problem in _leaves(error)}
    return sorted(found, key=lambda problem: (problem.path, problem.message))


def is_valid(event: Event, document: Json) -> bool:
    """Whether a document is what the vendor sends."""
    return bool(event.validator.is_valid(document))


def _leaves(error: ValidationError) -> Iterator[Problem]:
    """The errors that a person can act on: those of the union branch that came nearest, not the union's own."""
    if error.context:
        branches: dict[Any, list[ValidationError]] = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)
        best = min(branches.values(), key=lambda errors: (_tells_apart(errors), len(errors)))
        for inner in best:
            yield from _leaves(inner)
        return
    yield Problem(error.json_path, _message(error), _rule(error))


def _tells_apart(errors: list[ValidationError]) -> bool:
    """Whether a branch is plainly not the one meant: its constant, type or distinguishing member is missing."""
    return any(error.validator in ("const", "type", "enum") or error.validator == "required" for error in errors)


def _rule(error: ValidationError) -> str:
    value = error.validator_value
    return f"{error.validator}: {value}" if isinstance(value, (str, int, float)) else str(error.validator)


def _message(error: ValidationError) -> str:
    if error.validator == "required" and isinstance(error.instance, Mapping):
        from difflib import get_close_matches

        schema: Any = error.schema
        required: Any = error.validator_value
        missing = [name for name in required if name not in error.instance]
        unknown = [name for name in error.instance if name not in schema.get("properties", {})]
        for name in missing:
            if repr(name) in error.message and (near := get_close_matches(name, unknown, n=1)):
                return f"{error.message}; there is {near[0]!r}: did you mean that?"
    text = error.message
    return text if len(text) <= 300 else f"{text[:300]} …"
