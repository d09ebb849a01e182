"""One declaration for each operation of the control API: a function whose annotations say all.

`Operations` collects them. The checks of a request, the form of its answer and the OpenAPI document
are all made from the same signature, so none can drift from the others:

- a parameter named in the path takes its type from its annotation (wrong: 404, there is no such thing);
- `body` is a model of the JSON body (no JSON: 400 or 415, wrong: 422 with a pointer for each fault);
- `query` is a model of the query (an unknown key: 400, a wrong value: 422);
- `if_match` is the header of that name, else None;
- the first parameter is the mock; `answer` of the declaration is the model of what the view returns (none: 204).
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, get_type_hints

from flask import Flask, Request, Response, request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.routing import BaseConverter

from hookassay.mockserver.engine import Mock
from hookassay.mockserver.web.problems import Fault, Problem

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
"""A row's number, within what SQLite can hold."""

_NAME = re.compile(r"\{(\w+)\}")
_HALVES = re.compile("[\ud800-\udfff\x00]")


class Digits(BaseConverter):
    """A number in a path, so that `/faults/switch` is no fault's."""

    regex = "[0-9]{1,30}"


class Input(BaseModel):
    """What comes from outside: nothing unknown, no type bent into another, no text that cannot be stored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _without_defaults(schema: dict[str, Any]) -> None:
    for inner in schema["properties"].values():
        inner.pop("default", None)


class Patch(Input):
    """Changes to a record: what is not given stays as it is, so the defaults mean nothing."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    @property
    def given(self) -> dict[str, Any]:
        """The members that were given."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Query(BaseModel):
    """What comes in a query: texts that stand for other types."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Output(BaseModel):
    """What is answered, made from a record of the engine."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


@dataclass(frozen=True)
class Operation:
    """An operation of the API. `errors`: statuses of its own; `media`: of its answer, where that is no JSON."""

    method: str
    path: str
    view: Callable[..., Any]
    tag: str
    answer: Any
    status: int
    errors: Mapping[int, str]
    media: tuple[str, ...]

    @cached_property
    def hints(self) -> dict[str, Any]:
        return get_type_hints(self.view, include_extras=True)

    @property
    def name(self) -> str:
        return self.view.__name__

    @cached_property
    def path_types(self) -> dict[str, TypeAdapter[Any]]:
        return {name: TypeAdapter(self.hints[name]) for name in _NAME.findall(self.path)}

    @property
    def body(self) -> type[BaseModel] | None:
        return self.hints.get("body")

    @property
    def query(self) -> type[BaseModel] | None:
        return self.hints.get("query")

    @cached_property
    def answer_type(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.answer)

    @property
    def docs(self) -> tuple[str, str]:
        """The docstring's first sentence, and the rest."""
        summary, _, more = inspect.cleandoc(self.view.__doc__ or "").partition(".")
        return " ".join(summary.split()), " ".join(more.split())

    @property
    def rule(self) -> str:
        """The path as Flask writes it."""
        return _NAME.sub(lambda name: f"<{self._converter(name[1])}:{name[1]}>", self.path)

    def _converter(self, name: str) -> str:
        """How a part of the path is read: a number is digits only, and a conversation's key may hold a slash."""
        return "digits" if self.hints[name] == Id else "path" if name == "key" else "string"

    def call(self, mock: Mock, values: Mapping[str, str]) -> Response:
        """Check the request, call the view, write its answer."""
        arguments = {name: self._path_value(name, values[name]) for name in self.path_types}
        query = self._query_values(request)
        if query is not None:
            arguments["query"] = query
        if self.body is not None:
            arguments["body"] = self.body.model_validate(read_json(request))
        if "if_match" in self.hints:
            arguments["if_match"] = request.headers.get("If-Match")
        found = self.view(mock, **arguments)
        if isinstance(found, Response):
            return found
        if self.answer is None:
            return Response(status=204)
        answer = self.answer_type.validate_python(found)
        response = Response(self.answer_type.dump_json(answer), self.status, content_type="application/json")
        revision = getattr(found, "revision", None)
        if revision is not None:
            response.headers["ETag"] = f'"{revision}"'
        return response

    def _path_value(self, name: str, text: str) -> Any:
        try:
            return self.path_types[name].validate_python(text)
        except ValidationError:
            raise Problem(404, "not-found", f"There is no {name} {text[:80]!r}.") from None

    def _query_values(self, asked: Request) -> BaseModel | None:
        model = self.query
        known = [one.alias or name for name, one in model.model_fields.items()] if model else []
        for key, values in asked.args.lists():
            if key not in known:
                from hookassay.schemas.catalogue import nearest

                text = f"Unknown query parameter {key[:80]!r}{nearest(key, known)}."
                raise Problem(400, "unknown-parameter", text, faults=[Fault(text, parameter=key[:80])])
            if len(values) > 1:
                text = f"The query parameter {key!r} stands {len(values)} times; give it once."
                raise Problem(400, "repeated-parameter", text, faults=[Fault(text, parameter=key)])
            if _HALVES.search(values[0]):
                text = f"The query parameter {key!r} holds a NUL or half a surrogate pair."
                raise Problem(422, "invalid", text, faults=[Fault(text, parameter=key)])
        if model is None:
            return None
        try:
            return model.model_validate(asked.args.to_dict())
        except ValidationError as error:
            faults = [Fault(_said(one), parameter=str(one["loc"][0]) if one["loc"] else "") for one in error.errors()]
            raise _invalid("query", faults) from None


@dataclass
class Operations:
    """The operations of one part of the API, in the order in which they are documented."""

    tag: str
    description: str
    all: list[Operation] = field(default_factory=list)

    def __call__(
        self,
        method: str,
        path: str,
        answer: Any = None,
        status: int = 0,
        errors: Mapping[int, str] | None = None,
        media: tuple[str, ...] = (),
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare the decorated function as an operation."""

        def declare(view: Callable[..., Any]) -> Callable[..., Any]:
            usual = 200 if answer is not None or media else 204
            self.all.append(Operation(method, path, view, self.tag, answer, status or usual, errors or {}, media))
            return view

        return declare


def read_json(asked: Request) -> Any:
    """The JSON document of a request. Raises Problem: 415 for another type, 400 for what is no JSON."""
    if asked.mimetype != "application/json":
        raise Problem(415, "not-json", "Send the body as Content-Type: application/json.")
    try:
        document = json.loads(asked.get_data(cache=False), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Problem(400, "broken-json", f"The body is no JSON: {error or 'nested too deeply'}.") from None
    _refuse_halves(document, "")
    return document


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _refuse_halves(value: Any, pointer: str) -> None:
    """Refuse texts with a NUL or half a surrogate pair: neither SQLite nor UTF-8 can hold them."""
    if isinstance(value, str) and _HALVES.search(value):
        raise _invalid("body", [Fault("the text holds a NUL or half a surrogate pair", pointer=pointer)])
    if isinstance(value, dict):
        for key, inner in value.items():
            _refuse_halves(key, pointer)
            _refuse_halves(inner, f"{pointer}/{_escaped(key)}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _refuse_halves(inner, f"{pointer}/{index}")


def _escaped(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


def invalid_body(error: ValidationError, known: Iterable[str] = ()) -> Problem:
    """The problem of a body that its model refuses; `known` are the model's members. The values themselves are left
    out: one may be a secret."""
    faults = []
    for one in error.errors(include_input=False):
        said = _said(one)
        if one["type"] == "extra_forbidden" and len(one["loc"]) == 1 and known:
            said = f"unknown member; known: {', '.join(known)}"
        faults.append(Fault(said, pointer=_pointer(one)))
    return _invalid("body", faults)


def _pointer(error: ErrorDetails) -> str:
    return "".join(f"/{_escaped(str(token))}" for token in error["loc"])


def _said(error: ErrorDetails) -> str:
    said = error["msg"]
    return said[0].lower() + said[1:]


def _invalid(where: str, faults: list[Fault]) -> Problem:
    first = faults[0]
    place = first.pointer or first.parameter or where
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return Problem(422, "invalid", f"{place}: {first.detail}{more}.", faults=faults)


def install(app: Flask, mock: Mock, prefix: str, parts: list[Operations]) -> None:
    """Route every operation; each answers OPTIONS with 405 as any other method that it does not know."""
    app.url_map.converters["digits"] = Digits
    for part in parts:
        for operation in part.all:
            app.add_url_rule(
                f"{prefix}{operation.rule}",
                f"{part.tag}.{operation.name}",
                _view(operation, mock),
                methods=[operation.method],
                provide_automatic_options=False,
            )


def _view(operation: Operation, mock: Mock) -> Callable[..., Response]:
    def view(**values: str) -> Response:
        try:
            return operation.call(mock, values)
        except ValidationError as error:
            if error.title == getattr(operation.body, "__name__", None):
                raise invalid_body(error, _members(operation.body)) from None
            raise

    return view


def _members(body: Any) -> list[str]:
    """The members of a body's model, as JSON names them."""
    return [field.alias or name for name, field in body.model_fields.items()]
