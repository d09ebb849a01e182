"""Bodies that are changed after they were signed.

Each change gives the body that was signed and the one that is sent instead.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from hookassay.mockserver.emission.serialisers import SPELLINGS
from hookassay.mockserver.emission.spelling import Body, write
from hookassay.schemas.contract import Json

Change = Callable[[Json], "tuple[Body, Body]"]
"""From a document (an object with members): the body that is signed, and the one that is sent."""


def _changed_bytes(change: Callable[[Body], Body]) -> Change:
    return lambda document: (write(document), change(write(document)))


def _respelled(name: str) -> Change:
    return lambda document: (write(document), write(document, SPELLINGS[name]))


def _redocumented(change: Callable[[Json], Json]) -> Change:
    return lambda document: (write(document), write(change(document)))


def _inserted(body: Body, at: int, new: bytes) -> Body:
    return body.splice(at, at, new)


def _letter_changed(document: Json) -> Json:
    """One character replaced: the last one of the longest text that ends in a letter or digit."""
    changed = copy.deepcopy(document)
    texts = [(len(text), holder, key) for holder, key, text in _texts(changed) if text[-1:].isalnum()]
    if texts:
        _, holder, key = max(texts, key=lambda found: found[0])
        holder[key] = holder[key][:-1] + ("x" if holder[key][-1] != "x" else "y")
    return changed


def _texts(node: Json) -> Iterator[tuple[Any, Any, str]]:
    """Every text in a document, with what holds it and under which key."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if isinstance(value, str):
            yield node, key, value
        else:
            yield from _texts(value)


def _doubled(body: Body) -> Body:
    """The first member once more before itself."""
    return _inserted(body, 1, body.data[1 : body.data.index(b",") + 1])


def _overridden(body: Body) -> Body:
    """The first member once more at the end, with another value: most parsers take the last one."""
    name = next(iter(json.loads(body.data)))
    return _inserted(body, len(body.data) - 1, f',{json.dumps(name)}:"hookassay"'.encode())


def _without_last(document: Json) -> Json:
    return dict(list(document.items())[:-1])


TAMPERED: dict[str, tuple[str, Change]] = {
    "first-byte": ("a blank put before it", _changed_bytes(lambda body: body.surround(before=b" "))),
    "last-byte": ("a blank added at its end", _changed_bytes(lambda body: body.surround(after=b" "))),
    "newline": ("a line feed added at its end", _changed_bytes(lambda body: body.surround(after=b"\n"))),
    "letter": ("one letter of a text replaced", _redocumented(_letter_changed)),
    "blank-inside": (
        "a blank added after its first colon",
        _changed_bytes(lambda body: _inserted(body, body.data.index(b":") + 1, b" ")),
    ),
    "spaced": ("blanks added between its members", _respelled("spaced")),
    "pretty": ("written again for people", _respelled("pretty")),
    "escaped": ("its characters beyond ASCII escaped: the same JSON", _respelled("escaped")),
    "solidus": ("its slashes escaped: the same JSON", _respelled("solidus")),
    "reordered": ("its members in another order: the same JSON", _respelled("reversed")),
    "sorted": ("its members sorted: the same JSON", _respelled("sorted")),
    "member-added": ("a member added", _redocumented(lambda document: {**document, "hookassay_extra": 1})),
    "member-doubled": ("its first member given twice", _changed_bytes(_doubled)),
    "member-overridden": ("its first member given again with another value", _changed_bytes(_overridden)),
    "member-removed": ("its last member removed", _redocumented(_without_last)),
    "emptied": ("emptied to {}", lambda document: (write(document), Body(b"{}"))),
    "no-bytes": ("emptied of all bytes", lambda document: (write(document), Body(b""))),
    "cut": ("its last byte dropped", _changed_bytes(lambda body: body.cut(len(body.data) - 1))),
    "bom": ("a byte order mark put before it", _changed_bytes(lambda body: body.surround(before=b"\xef\xbb\xbf"))),
}
