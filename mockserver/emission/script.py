"""The small language of cases and scenarios: placeholders, repetition, times (`schemas/README.md`)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.ids import GENERATORS
from hookassay.schemas.contract import Json

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_TIME = re.compile(r"^(now|start)(?:([+-])(.+))?$")


class BadScript(Exception):
    """A placeholder that means nothing: one line that names it."""


@dataclass
class Script:
    """What placeholders stand for while one case or scenario is played.

    `now` and `start` are moments (nanoseconds); `scale` shrinks the times in placeholders so that a
    conversation of a day can be told within seconds.
    """

    now: int
    start: int
    cast: dict[str, Json] = field(default_factory=dict)
    scale: float = 1.0

    def take_cast(self, cast: Mapping[str, Json]) -> None:
        """Make the values of a cast: names of generators become fresh ids, the rest are literals."""
        for name, kind in cast.items():
            self.cast[name] = GENERATORS[kind]() if isinstance(kind, str) and kind in GENERATORS else kind

    def fill(self, value: Json, like: Json = None) -> Json:
        """A value with its placeholders filled in and its repetitions written out.

        `like` is what stands at that place in the example: times take its form. Raises BadScript.
        """
        if isinstance(value, str):
            whole = _PLACEHOLDER.fullmatch(value)
            if whole:
                return self._value(whole[1], like)
            return _PLACEHOLDER.sub(lambda match: _text(self._value(match[1], None)), value)
        if isinstance(value, list):
            return [self.fill(item, like[0] if isinstance(like, list) and like else None) for item in value]
        if isinstance(value, dict):
            if "$repeat" in value:
                one = like[0] if isinstance(like, list) and like else like
                return self._repeat(value["$repeat"], int(value["$times"]), one)
            if "$members" in value:
                return {
                    value["$members"].replace("{n}", str(n)): _numbered(self.fill(value["$value"]), n)
                    for n in range(int(value["$times"]))
                }
            inner = like if isinstance(like, dict) else {}
            return {key: self.fill(item, inner.get(key)) for key, item in value.items()}
        return value

    def _repeat(self, value: Json, count: int, like: Json) -> Json:
        if isinstance(value, str) and "{n}" not in value:
            return self.fill(value) * count
        return [_numbered(self.fill(value, like), n) for n in range(count)]

    def _value(self, name: str, like: Json) -> Json:
        moment = _TIME.match(name)
        if moment:
            base = self.now if moment[1] == "now" else self.start
            try:
                distance = round(times.span(moment[3]) * self.scale) if moment[3] else 0
            except ValueError as error:
                raise BadScript(f"{{{{{name}}}}}: {error}") from error
            return times.like(like, base - distance if moment[2] == "-" else base + distance)
        if name in GENERATORS:
            return GENERATORS[name]()
        head, *rest = name.split(".")
        if head not in self.cast:
            raise BadScript(f"{{{{{name}}}}}: unknown; known are now, start, {', '.join([*GENERATORS, *self.cast])}")
        value = self.cast[head]
        for key in rest:
            if not isinstance(value, dict) or key not in value:
                raise BadScript(f"{{{{{name}}}}}: {head!r} has no member {key!r}")
            value = value[key]
        return value


def _numbered(value: Json, number: int) -> Json:
    if isinstance(value, str):
        return value.replace("{n}", str(number))
    if isinstance(value, list):
        return [_numbered(item, number) for item in value]
    if isinstance(value, dict):
        return {key: _numbered(item, number) for key, item in value.items()}
    return value


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
