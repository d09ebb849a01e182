"""JSON documents written in the ways that real serialisers write them.

A document is the same whoever writes it; its bytes are not. The battery sends documents in many
spellings, and proves which serialiser a receiver signs with by writing them again as it would.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from json import encoder as json_encoder
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

from hookassay.mockserver.emission.secret import SecretText, Span
from hookassay.schemas.contract import Json

_LONE = "backslashreplace"
"""How lone surrogates are encoded: what Python does to a character that it cannot encode is JSON's escape."""


class Fragment(str):
    """JSON text that stands in a document as it is: a number form, an escape, something that is no JSON."""


class Number(str):
    """A number as it was spelled in the text that was read."""


@dataclass(frozen=True)
class Spelling:
    """How a serialiser writes. The default is compact UTF-8: `JSON.stringify` without its number rules.

    `begin` and `end` surround the document; `comma` and `colon` stand between items and between key and
    value; `indent` is one step of indentation (empty: all on one line), `newline` the line end before
    it; `empty_object` is how an object without members is written. In texts, `ascii` escapes everything
    beyond ASCII and `escape` names further characters that are written as `\\uXXXX`, with capital digits
    if `upper`; `solidus` writes `/` as `\\/`. `number` rewrites a number's text; `order` puts the members
    of an object in order.
    """

    name: str = "compact"
    comma: str = ","
    colon: str = ":"
    indent: str = ""
    newline: str = "\n"
    ascii: bool = False
    upper: bool = False
    escape: str = ""
    solidus: bool = False
    end: str = ""
    number: Callable[[str], str] | None = None
    order: Callable[[list[str]], list[str]] | None = None
    empty_object: str = "{}"
    begin: str = ""

    @cached_property
    def special(self) -> re.Pattern[str] | None:
        """What this serialiser writes otherwise in an ordinary literal: some escapes, some characters."""
        if not (self.ascii or self.escape or self.solidus):
            return None
        characters = re.escape(self.escape.replace('"', "") + "/" * self.solidus)
        return re.compile(r"\\(?:u[0-9a-f]{4}|.)" + (f"|[{characters}]" if characters else ""))

    @cached_property
    def quick(self) -> Callable[[Json, int], tuple[str, ...]] | None:
        """The standard library's compiled writer, where this serialiser writes nothing otherwise (None: it does).

        It raises _NotPlain at a text that does not stand in a document as an ordinary literal.
        """
        compiled = getattr(json_encoder, "c_make_encoder", None)
        if compiled is None or replace(self, name="", comma=",", colon=":", begin="", end="") != _ORDINARY:
            return None
        encoder: Callable[[Json, int], tuple[str, ...]] = compiled(
            None, _unwritable, _plain_literal, None, self.colon, self.comma, False, False, True
        )
        return encoder

    def respelled(self, match: re.Match[str]) -> str:
        """What stands for a match of `special`."""
        found = match[0]
        if found == "/":
            return "\\/"
        if found[0] != "\\":
            return _unicode_escape(ord(found), self.upper)
        if found == "\\u007f" and "\x7f" not in self.escape:
            return "\x7f"  # Python alone escapes it
        if found == '\\"' and '"' in self.escape:
            return _unicode_escape(ord('"'), self.upper)
        return f"\\u{found[2:].upper()}" if self.upper and found[1] == "u" else found


COMPACT = Spelling()
_ORDINARY = Spelling(name="")


class _NotPlain(Exception):
    """A text that is written in a way of its own."""


def _plain_literal(text: str) -> str:
    if type(text) is not str:
        raise _NotPlain
    return encode_basestring(text)


def _unwritable(value: object) -> Json:
    raise TypeError(f"no JSON value: {type(value).__name__}")


@dataclass(frozen=True)
class Body:
    """Bytes of a request body, and which of them come from a secret."""

    data: bytes
    secrets: tuple[Span, ...] = ()

    def cut(self, length: int) -> Body:
        """The first `length` bytes; a part of a secret that is left stays masked."""
        kept = (s if s.end <= length else Span(s.start, length) for s in self.secrets if s.start < length)
        return Body(self.data[:length], tuple(kept))

    def surround(self, before: bytes = b"", after: bytes = b"") -> Body:
        """The body with bytes put before and after it."""
        return Body(before + self.data + after, tuple(_moved(span, len(before)) for span in self.secrets))

    def splice(self, start: int, end: int, new: bytes) -> Body:
        """The body with the bytes from start to end replaced; a secret that is touched stays masked whole."""
        grown = len(new) - (end - start)
        spans = []
        for span in self.secrets:
            if span.end <= start:
                spans.append(span)
            elif span.start >= end:
                spans.append(_moved(span, grown))
            else:
                spans.append(Span(min(span.start, start), max(span.end, end) + grown))
        return Body(self.data[:start] + new + self.data[end:], tuple(spans))

    def whole(self, data: bytes) -> Body:
        """Other bytes made of this body, masked as a whole if any of it was secret."""
        return Body(data, (Span(0, len(data)),) if self.secrets else ())


def _moved(span: Span, distance: int) -> Span:
    return Span(span.start + distance, span.end + distance)


def write(document: Json, spelling: Spelling = COMPACT) -> Body:
    """A document as bytes, UTF-8 (lone surrogates are always escaped)."""
    if spelling.quick is not None:
        try:
            text = "".join(spelling.quick(document, 0))
            return Body(f"{spelling.begin}{text}{spelling.end}".encode("utf-8", _LONE))
        except _NotPlain:
            pass
    parts: list[str] = [spelling.begin]
    secrets: set[int] = set()
    _append(document, spelling, "", parts, secrets)
    parts.append(spelling.end)
    if not secrets:
        return Body("".join(parts).encode("utf-8", _LONE))
    data, spans = bytearray(), []
    for index, part in enumerate(parts):
        encoded = part.encode("utf-8", _LONE)
        if index in secrets:  # the text between its quotes
            spans.append(Span(len(data) + 1, len(data) + len(encoded) - 1))
        data += encoded
    return Body(bytes(data), tuple(spans))


def _append(value: Any, spelling: Spelling, margin: str, parts: list[str], secrets: set[int]) -> None:
    if isinstance(value, str):
        if isinstance(value, SecretText):
            secrets.add(len(parts))
        if isinstance(value, Fragment):
            parts.append(str(value))
        elif isinstance(value, Number):
            parts.append(spelling.number(value) if spelling.number else str(value))
        else:
            parts.append(quote(value, spelling))
    elif value is None or isinstance(value, bool):
        parts.append("null" if value is None else "true" if value else "false")
    elif isinstance(value, (int, float)):
        text = int.__repr__(value) if isinstance(value, int) else json.dumps(value)
        parts.append(spelling.number(text) if spelling.number else text)
    elif isinstance(value, dict):
        if not value:
            parts.append(spelling.empty_object)
            return
        keys = list(value) if spelling.order is None else spelling.order(list(value))
        inner = margin + spelling.indent
        before = "{" + (spelling.newline + inner if spelling.indent else "")
        for key in keys:
            parts.append(f"{before}{quote(key, spelling)}{spelling.colon}")
            _append(value[key], spelling, inner, parts, secrets)
            before = spelling.comma + (spelling.newline + inner if spelling.indent else "")
        parts.append(f"{spelling.newline}{margin}}}" if spelling.indent else "}")
    else:
        if not value:
            parts.append("[]")
            return
        inner = margin + spelling.indent
        before = "[" + (spelling.newline + inner if spelling.indent else "")
        for item in value:
            parts.append(before)
            _append(item, spelling, inner, parts, secrets)
            before = spelling.comma + (spelling.newline + inner if spelling.indent else "")
        parts.append(f"{spelling.newline}{margin}]" if spelling.indent else "]")


def quote(text: str, spelling: Spelling) -> str:
    """A JSON string literal of a text; lone surrogates are left to the encoding (`write`)."""
    plain = encode_basestring_ascii(text) if spelling.ascii else encode_basestring(text)
    return plain if spelling.special is None else spelling.special.sub(spelling.respelled, plain)


def _unicode_escape(code: int, upper: bool) -> str:
    units = [code] if code < 0x10000 else [0xD800 + ((code - 0x10000) >> 10), 0xDC00 + ((code - 0x10000) & 0x3FF)]
    return "".join(f"\\u{unit:04X}" if upper else f"\\u{unit:04x}" for unit in units)


def read(body: bytes) -> Json:
    """A JSON body as a document whose numbers keep their spelling; of a repeated member the last counts.

    Raises ValueError for what is not JSON or not UTF-8.
    """
    return json.loads(body.decode("utf-8"), parse_int=Number, parse_float=Number, parse_constant=_no_constant)


def _no_constant(text: str) -> Json:
    raise ValueError(f"{text} is not JSON")
