"""Judging a document by an event's schema, for people: where, what is wrong, which rule."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from hookassay.schemas.contract import Event, Json

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_LONGEST = 300


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a document: JSON path, message, the schema keyword that says so."""

    path: str
    message: str
    rule: str

    def __str__(self) -> str:
        return f"{self.path}: {self.told}"

    @property
    def is_of_type(self) -> bool:
        return self.rule.partition(":")[0] == "type"

    @property
    def told(self) -> str:
        """What is wrong and by which rule, without the place."""
        return f"{self.message} ({self.rule})"


def problems(event: Event, document: Json) -> list[Problem]:
    """Everything that is wrong with a document, sorted by where it stands; empty if it is valid.

    Where a value is of another type, the type is all that is told of it.
    """
    validator = event.validator
    found = {problem for error in validator.iter_errors(document) for problem in explain(error)}
    mistyped = {problem.path for problem in found if problem.is_of_type}
    kept = (problem for problem in found if problem.is_of_type or problem.path not in mistyped)
    return sorted(kept, key=lambda problem: (problem.path, problem.message))


def is_valid(event: Event, document: Json) -> bool:
    """Whether a document is what the vendor sends."""
    return bool(event.validator.is_valid(document))


def explain(error: ValidationError) -> Iterator[Problem]:
    """What a person can act on: the errors of the union branch that was meant, not the union's own."""
    if not error.context:
        yield Problem(error.json_path, _message(error), _rule(error))
        return
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    schemas: Any = error.validator_value
    agreeing = {index: _agreeing(schemas[index], error.instance) for index in branches}
    told = None if any(agreeing.values()) else _of_all(error, list(branches.values()))
    if told is not None:
        yield told
        return
    meant = min(branches, key=lambda index: _distance(agreeing[index], branches[index]))
    for inner in branches[meant]:
        yield from explain(inner)


def _of_all(union: ValidationError, branches: list[list[ValidationError]]) -> Problem | None:
    """One sentence for what no branch allows: the value's type, or the member whose constant tells branches apart."""
    if len(branches) < 2:
        return None
    types = [_first(errors, "type", depth=0) for errors in branches]
    if all(types):
        known = dict.fromkeys(name for error in types if error is not None for name in _types(error.validator_value))
        return Problem(union.json_path, f"{_shown(union.instance)} is not of type {_names(known)}", "type")
    if all(len(errors) == 1 and _first(errors, "required", depth=0) for errors in branches):
        missing = dict.fromkeys(_absent(errors[0]) for errors in branches)
        return Problem(union.json_path, f"one of {_names(missing)} is required", "required")
    constants = [_first(errors, "const", depth=1) for errors in branches]
    if all(constants) and len({error.json_path for error in constants if error is not None}) == 1:
        values = [error.validator_value for error in constants if error is not None]
        first = constants[0]
        assert first is not None
        text = f"{_shown(first.instance)} is none of {_names(values)}{_near(first.instance, values)}"
        return Problem(first.json_path, text, "const")
    return None


def _types(keyword: Json) -> list[str]:
    return [keyword] if isinstance(keyword, str) else list(keyword)


def _first(errors: list[ValidationError], keyword: str, depth: int) -> ValidationError | None:
    """The first error of a keyword that stands so many members below the union."""
    return next((e for e in errors if e.validator == keyword and len(e.relative_path) == depth), None)


def _agreeing(branch: Json, instance: Json) -> int:
    """How many constants of a branch the value has: the members that tell branches apart."""
    properties = branch.get("properties", {}) if isinstance(branch, Mapping) else {}
    constants = {name: schema["const"] for name, schema in properties.items() if "const" in schema}
    return sum(isinstance(instance, Mapping) and instance.get(name) == value for name, value in constants.items())


def _distance(agreeing: int, errors: list[ValidationError]) -> tuple[bool, int, int, int]:
    """How far a value is from a branch, for the nearest to come first: it is plainly of another type or constant;
    constants that agree; required members that are missing; errors in all."""
    apart = bool(_first(errors, "type", 0) or _first(errors, "const", 1) or _first(errors, "enum", 1))
    missing = sum(error.validator == "required" and not error.relative_path for error in errors)
    return apart, -agreeing, missing, len(errors)


def _rule(error: ValidationError) -> str:
    value = error.validator_value
    return f"{error.validator}: {value}" if isinstance(value, (str, int, float)) else str(error.validator)


def _message(error: ValidationError) -> str:
    value: Any = error.validator_value
    shown = _shown(error.instance)
    if error.validator == "required" and isinstance(error.instance, Mapping):
        return _missing(error)
    if error.validator == "type":
        return f"{shown} is not of type {_names(_types(value))}"
    if error.validator == "enum":
        return f"{shown} is none of {_names(value)}{_near(error.instance, value)}"
    if error.validator == "const":
        return f"{shown} is not {_shown(value)}{_near(error.instance, [value])}"
    if error.validator == "not" and isinstance(value, Mapping):
        return _forbidden(error.instance, value)
    if error.validator in ("additionalProperties", "unevaluatedProperties") and value is False:
        return _unknown(error)
    if error.validator == "pattern":
        return f"{shown} does not have the documented form"
    if error.validator == "oneOf":
        names = _there(value, error.instance)
        return f"{_names(names)} may not stand together" if names else "more than one form fits"
    return _cut(str(error.message))


def _missing(error: ValidationError) -> str:
    """A required member that is not there, with a member that may have been meant."""
    schema: Any = error.schema
    instance: Any = error.instance
    unknown = [name for name in instance if name not in schema.get("properties", {})]
    near = get_close_matches(_absent(error), unknown, n=1)
    return f"{_absent(error)!r} is a required property" + (
        f"; there is {near[0]!r}: did you mean that?" if near else ""
    )


def _unknown(error: ValidationError) -> str:
    """A member that may not be there, with the one that may have been meant; jsonschema names all, this the first."""
    schema: Any = error.schema
    instance: Any = error.instance
    known = schema.get("properties", {})
    unknown = next((name for name in instance if name not in known and repr(name) in error.message), "")
    return f"{unknown!r} is unknown here{_near(unknown, known)}"


def _absent(error: ValidationError) -> str:
    """The member that a `required` error is about: jsonschema makes one of each, and names it in its message only."""
    required: Any = error.validator_value
    instance: Any = error.instance
    return str(next(name for name in required if name not in instance and error.message.startswith(repr(name))))


def _forbidden(instance: Json, schema: Mapping[str, Json]) -> str:
    """What a `not` of ours means: members that may not stand together, or a text with a line end."""
    if "pattern" in schema:
        return f"{_shown(instance)} holds a line end"
    found = _there(schema.get("anyOf", [schema]), instance)
    return f"{_names(found)} may not stand beside the others" if found else f"{_shown(instance)} may not stand here"


def _there(branches: Iterable[Json], instance: Json) -> list[str]:
    """The members that branches require and that stand there."""
    if not isinstance(instance, Mapping):
        return []
    required = (name for branch in branches if isinstance(branch, Mapping) for name in branch.get("required", ()))
    return [name for name in required if name in instance]


def _near(value: Json, known: Iterable[Json]) -> str:
    texts = [item for item in known if isinstance(item, str)]
    near = get_close_matches(value, texts, n=1) if isinstance(value, str) else []
    return f"; did you mean {near[0]!r}?" if near else ""


def _names(values: Iterable[Json]) -> str:
    return ", ".join(map(_shown, values))


def _shown(value: Json) -> str:
    """A value for people: texts in quotes, the rest as JSON, none of it too long."""
    return _cut(repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
