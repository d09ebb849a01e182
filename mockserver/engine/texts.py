"""What the engine tells people: sentences that remember what they were made of.

A `Told` is English text for the API, exports and the terminal; a page says it in its reader's language from
its `code` and `values`. In the database it is JSON, so that what was told long ago is told in any language too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, Dialect, String
from sqlalchemy.types import TypeDecorator

from hookassay.mockserver.engine.sentences import SENTENCES
from hookassay.schemas.contract import Json


class Told(str):
    """A sentence of `SENTENCES`.

    Its values are texts, numbers, other sentences, texts by language (`{"en": …}`) or, as `length`, nanoseconds.
    """

    code: str
    values: Mapping[str, Any]

    def __new__(cls, code: str, **values: Any) -> Told:
        told = super().__new__(cls, SENTENCES[code] % {name: _english(name, value) for name, value in values.items()})
        told.code, told.values = code, values
        return told

    def __getnewargs_ex__(self) -> tuple[tuple[str], Mapping[str, Any]]:
        """What a copy is made of: a text's own way knows the text alone."""
        return (self.code,), self.values


def _english(name: str, value: Any) -> Any:
    if name == "length":
        return span(value)
    return value.get("en", "") if isinstance(value, Mapping) else value


def span(nanoseconds: int) -> str:
    """A length of time for people, in its two largest units: `8 min`, `2 h 5 min`, `7 d`."""
    seconds = max(0, round(nanoseconds / 1_000_000_000))
    parts = []
    for name, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"


def packed(value: Any) -> Json:
    """Sentences, however deep they stand in lists, as JSON."""
    if isinstance(value, Told):
        return {"say": value.code, **{name: packed(inner) for name, inner in value.values.items()}}
    if isinstance(value, (list, tuple)):
        return [packed(inner) for inner in value]
    return dict(value) if isinstance(value, Mapping) else value


def unpacked(value: Json) -> Any:
    """The same again. A sentence of another version, unknown here, is its code."""
    if isinstance(value, list):
        return [unpacked(inner) for inner in value]
    if not isinstance(value, dict) or "say" not in value:
        return value
    try:
        return Told(value["say"], **{name: unpacked(inner) for name, inner in value.items() if name != "say"})
    except KeyError:
        return str(value["say"])


def kept(text: str) -> str:
    """A text as a column keeps it."""
    return json.dumps(packed(text), ensure_ascii=False) if isinstance(text, Told) else text


class ToldText(TypeDecorator[str]):
    """A column of one text, a sentence or any other."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else kept(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or not value.startswith('{"say": '):
            return value
        found: str = unpacked(json.loads(value))
        return found


class ToldList(TypeDecorator[list[Any]]):
    """A column of JSON in which sentences stand."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        return packed(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return unpacked(value)
