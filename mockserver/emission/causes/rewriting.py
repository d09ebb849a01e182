"""Message axis, first part: JSON that was parsed and written again, by each serialiser."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hookassay.mockserver.emission.causes.hypothesis import Hypothesis, Message
from hookassay.mockserver.emission.causes.reading import as_text
from hookassay.mockserver.emission.serialisers import SERIALISERS, indented, sorted_keys
from hookassay.mockserver.emission.spelling import Spelling, read, write

SEPARATING = (
    '{"b": 1.0, "a":"\\/\\u00e9\\u001B<&>\'안😀\\u2028", "n":1e2, "big":12345678901234567890, '
    '"2":1, "1":[ ], "z":{}, "f":1.50, "e":1e16}'
)
"""A JSON value that every serialiser writes in another way: put into an event, it tells apart bugs that
look the same on ordinary bodies."""

_PARSED = "verifies JSON that it has parsed and written again, "
_WHO: dict[str, tuple[str, str]] = {
    "JSON.stringify": ("CA-M3", "as JSON.stringify writes it (usual behind express.json())"),
    "json.dumps": ("CA-M4", "as Python's json.dumps writes it"),
    "json.dumps, compact": ("CA-M5", "as Python's json.dumps with compact separators writes it"),
    "json.dumps, UTF-8": ("CA-M5", "as Python's json.dumps with ensure_ascii=False writes it"),
    "json.dumps, compact UTF-8": (
        "CA-M5",
        "compact and in UTF-8, as orjson, Starlette or Python's json.dumps with both options write it",
    ),
    "json_encode": ("CA-M9", "as PHP's json_encode writes it"),
    "json_encode, assoc": ("CA-M9", "as PHP's json_encode writes what was decoded to arrays"),
    "json_encode, unescaped": ("CA-M9", "as PHP's json_encode with unescaped slashes and unicode writes it"),
    "json_encode, unescaped unicode": ("CA-M9", "as PHP's json_encode with unescaped unicode writes it"),
    "Go map": ("CA-M10", "as Go's json.Marshal writes a map (sorted, <>& escaped)"),
    "Go encoder": ("CA-M10", "as Go's json.Encoder writes a map, with its line feed"),
    "Jackson": ("CA-M11", "as Jackson writes it"),
    "Gson": ("CA-M11", "as Gson writes it"),
    "System.Text.Json": ("CA-M12", "as System.Text.Json writes it"),
    "Ruby to_json": ("CA-M5", "as Ruby's to_json writes it"),
    "Rails": ("CA-M13", "as Rails' to_json writes it (<>& escaped)"),
    "jsonify": ("CA-M7", "as Flask's jsonify writes it (sorted, with a line feed)"),
    "jq": ("CA-M16", "as jq -c writes it"),
    "jq, with newline": ("CA-M16", "as jq -c writes it, with its line feed"),
}
"""Serialiser → id, and what is said of it."""

_SORTED = ("JSON.stringify", "json.dumps", "json.dumps, compact", "json.dumps, UTF-8", "json.dumps, compact UTF-8")
_INDENTED = ("JSON.stringify", "json.dumps", "json.dumps, UTF-8", "json_encode")


def respelled(spelling: Spelling) -> Message:
    """The body parsed and written again in a spelling; None where it is not JSON."""

    def message(body: bytes) -> bytes | None:
        try:
            return write(read(body), spelling).data
        except (ValueError, RecursionError, OverflowError):
            return None

    return message


def rewritten(serialiser: str) -> Hypothesis:
    """The bug of signing what one serialiser has written again."""
    ident, who = _WHO[serialiser]
    return Hypothesis(ident, _PARSED + who, message=respelled(SERIALISERS[serialiser]))


def hypotheses() -> Iterator[Hypothesis]:
    """Every serialiser as it is, then some with sorted keys, then some indented; last Python's printed form."""
    for name in SERIALISERS:
        yield rewritten(name)
    for name in _SORTED:
        text = f"{_PARSED}{_WHO[name][1]}, keys sorted"
        yield Hypothesis("CA-M6", text, message=respelled(sorted_keys(SERIALISERS[name])))
    for name in _INDENTED:
        for indent in ("  ", "    ", "\t"):
            spelling = indented(SERIALISERS[name], indent)
            text = f"{_PARSED}{_WHO[name][1]}, {spelling.name.partition(', ')[2]}"
            yield Hypothesis("CA-M8", text, message=respelled(spelling))
    yield Hypothesis("CA-M14", "signs Python's printed form of the parsed JSON", message=as_text(_printed))


def _printed(text: str) -> str | None:
    try:
        return str(json.loads(text))
    except (ValueError, RecursionError):
        return None
