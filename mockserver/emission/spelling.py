"""JSON documents written in the ways that real serialisers write them.

A document is the same whoever writes it; its bytes are not. The battery sends documents in many
spellings, and proves which serialiser a receiver signs with by writing them again as it would.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from json.encoder import encode_basestring
from typing import Any

from hookassay.mockserver.emission.secret import SecretText, Span
from hookassay.schemas.contract import Json

_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_SURROGATE = re.compile("[\ud800-\udfff]")


class Fragment(str):
    """JSON text that stands in a document as it is: a number form, an escape, something that is no JSON."""


class Number(str):
    """A number as it was spelled in the text that was read."""


@dataclass(frozen=True)
class Spelling:
    """How a serialiser writes. The default is compact UTF-8: `JSON.stringify` without its number rules.

    `comma` and `colon` stand between items and between key and value; `indent` is one step of
    indentation (empty: all on one line); `escape` names further characters written as `\\uXXXX`;
    `begin` and `end` surround the document; `number` rewrites a number's text; `order` puts the
    members of an object in order.
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


@dataclass(frozen=True)
class Body:
    """Bytes of a request body, and which of them come from a secret."""

    data: bytes
    secrets: tuple[Span, ...] = ()

    def cut(self, length: int) -> Body:
        """The first `length` bytes."""
        kept = (Span(s.start, min(s.end, length)) for s in self.secrets if s.start < length)
        return Body(self.data[:length], tuple(kept))

    def surround(self, before: bytes = b"", after: bytes = b"") -> Body:
        """The body with bytes put before and after it."""
        shift = len(before)
        return Body(before + self.data + after, tuple(Span(s.start + shift, s.end + shift) for s in self.secrets))

    def splice(self, start: int, end: int, new: bytes) -> Body:
        """The body with the bytes from start to end replaced; a secret that is touched stays masked whole."""
        grown = len(new) - (end - start)
        spans = []
        for span in self.secrets:
            if span.end <= start:
                spans.append(span)
            elif span.start >= end:
                spans.append(Span(span.start + grown, span.end + grown))
            else:
                spans.append(Span(min(span.start, start), max(span.end, end) + grown))
        return Body(self.data[:start] + new + self.data[end:], tuple(spans))

    def whole(self, data: bytes) -> Body:
        """Other bytes made of this body, masked as a whole if any of it was secret."""
        return Body(data, (Span(0, len(data)),) if self.secrets else ())


def write(document: Json, spelling: Spelling = Spelling()) -> Body:
    """A document as bytes, UTF-8 (lone surrogates are always escaped)."""
    parts: list[str] = [spelling.begin]
    secrets: list[int] = []
    _append(document, spelling, "", parts, secrets)
    parts.append(spelling.end)
    if not secrets:
        return Body("".join(parts).encode("utf-8"))
    data, spans = bytearray(), []
    for index, part in enumerate(parts):
        encoded = part.encode("utf-8")
        if index in secrets:  # the text between its quotes
            spans.append(Span(len(data) + 1, len(data) + len(encoded) - 1))
        data += encoded
    return Body(bytes(data), tuple(spans))


def _append(value: Any, spelling: Spelling, margin: str, parts: list[str], secrets: list[int]) -> None:
    if isinstance(value, str):
        if isinstance(value, SecretText):
            secrets.append(len(parts))
        if isinstance(value, Fragment):
            parts.append(str(value))
        elif isinstance(value, Number):
            parts.append(spelling.number(value) if spelling.number else str(value))
        else:
            parts.append(quote(value, spelling))
    elif value is None or isinstance(value, bool):
        parts.append("null" if value is None else "true" if value else "false")
    elif isinstance(value, (int, float)):
        text = json.dumps(value)
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
    """A JSON string literal of a text."""
    if not (spelling.ascii or spelling.escape or spelling.solidus) and not _SURROGATE.search(text):
        return encode_basestring(text)
    parts = ['"']
    for character in text:
        code = ord(character)
        if character in spelling.escape or (spelling.ascii and code > 0x7F) or 0xD800 <= code <= 0xDFFF:
            parts.append(_unicode_escape(code, spelling.upper))
        elif character in _SHORT:
            parts.append(_SHORT[character])
        elif code < 0x20:
            parts.append(_unicode_escape(code, spelling.upper))
        elif character == "/" and spelling.solidus:
            parts.append("\\/")
        else:
            parts.append(character)
    return "".join([*parts, '"'])


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


def _sorted(keys: list[str]) -> list[str]:
    return sorted(keys)


def _reversed(keys: list[str]) -> list[str]:
    return keys[::-1]


def _integers_first(keys: list[str]) -> list[str]:
    """JavaScript's order of members: array indices rising, then the rest as they came (ECMA-262, OrdinaryOwnPropertyKeys)."""
    indices = sorted((key for key in keys if key.isascii() and key.isdigit() and str(int(key)) == key), key=int)
    return indices + [key for key in keys if key not in indices]


def _double(text: str) -> float:
    return float(text)


def javascript_number(text: str) -> str:
    """A number as ECMAScript prints the double nearest to it (ECMA-262, Number::toString)."""
    value = _double(text)
    if math.isinf(value):
        return "null"
    if value == 0:
        return "0"
    digits, _, exponent = repr(value).lower().partition("e")
    mantissa = digits.lstrip("-").rstrip("0").rstrip(".") if "." in digits else digits.lstrip("-")
    whole, _, fraction = mantissa.partition(".")
    figures = (whole + fraction).lstrip("0") or "0"
    power = int(exponent or 0) + (len(whole) if whole != "0" else -(len(fraction) - len(fraction.lstrip("0"))))
    figures = figures.rstrip("0") or "0"
    sign = "-" if value < 0 else ""
    if len(figures) <= power <= 21:
        return sign + figures + "0" * (power - len(figures))
    if 0 < power <= 21:
        return f"{sign}{figures[:power]}.{figures[power:]}"
    if -6 < power <= 0:
        return f"{sign}0.{'0' * -power}{figures}"
    tail = figures[0] + (f".{figures[1:]}" if len(figures) > 1 else "")
    return f"{sign}{tail}e{'+' if power > 0 else '-'}{abs(power - 1)}"


def python_number(text: str) -> str:
    """As Python's json: integers stay, the rest is `repr(float)`."""
    return text if re.fullmatch(r"-?[0-9]+", text) else repr(_double(text))


def php_number(text: str) -> str:
    """As PHP's json_encode with serialize_precision -1: integers of 64 bits stay, whole doubles lose their fraction."""
    if re.fullmatch(r"-?[0-9]+", text) and abs(int(text)) < 2**63:
        return str(int(text))
    value = _double(text)
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else _php_exponent(repr(value))


def _php_exponent(text: str) -> str:
    """PHP keeps a fraction before an exponent: `1.0e+25`."""
    mantissa, mark, exponent = text.partition("e")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent}" if mark else text


def go_number(text: str) -> str:
    """As Go's encoding/json writes a float64 (plain below 1e21, else an exponent without padding)."""
    value = _double(text)
    if value == 0:
        return "0"
    if 1e-6 <= abs(value) < 1e21:
        return javascript_number(text)
    return re.sub(r"e([+-])0*", r"e\1", repr(value))


def ruby_number(text: str) -> str:
    """As Ruby's to_json: integers stay, a float keeps a fraction before its exponent."""
    return text if re.fullmatch(r"-?[0-9]+", text) else _php_exponent(python_number(text))


def java_double(text: str) -> str:
    """As Java's Double.toString: an exponent outside of 10^-3 … 10^7. Gson reads every number so: `1` becomes `1.0`."""
    value = _double(text)
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    exponent = f"{value:.16e}".partition("e")[2]
    shortest = repr(value).partition("e")[0].replace(".", "").lstrip("-0").rstrip("0") or "0"
    sign = "-" if value < 0 else ""
    return f"{sign}{shortest[0]}.{shortest[1:] or '0'}E{int(exponent)}"


def java_number(text: str) -> str:
    """As Jackson: integers stay, the rest are doubles."""
    return text if re.fullmatch(r"-?[0-9]+", text) else java_double(text)


COMPACT = Spelling()
_HTML = "<>&\u2028\u2029"

SPELLINGS = {
    spelling.name: spelling
    for spelling in (
        COMPACT,
        Spelling("pretty", indent="  ", colon=": "),
        Spelling("pretty-4", indent="    ", colon=": "),
        Spelling("pretty-tab", indent="\t", colon=": "),
        Spelling("crlf", indent="  ", colon=": ", newline="\r\n", end="\r\n"),
        Spelling("spaced", comma=", ", colon=": "),
        Spelling("blanks-around", begin=" \n", end=" \n"),
        Spelling("final-newline", end="\n"),
        Spelling("escaped", ascii=True),
        Spelling("escaped-upper", ascii=True, upper=True),
        Spelling("solidus", solidus=True),
        Spelling("html-escaped", escape="<>&='\u2028\u2029"),
        Spelling("sorted", order=_sorted),
        Spelling("reversed", order=_reversed),
    )
}
"""Spellings of one document, by name: all are the same JSON."""

SERIALISERS = {
    spelling.name: spelling
    for spelling in (
        Spelling("JSON.stringify", number=javascript_number, order=_integers_first),
        Spelling("json.dumps", comma=", ", colon=": ", ascii=True, number=python_number),
        Spelling("json.dumps, compact", ascii=True, number=python_number),
        Spelling("json.dumps, UTF-8", comma=", ", colon=": ", number=python_number),
        Spelling("json.dumps, compact UTF-8", number=python_number),
        Spelling("json_encode", ascii=True, solidus=True, number=php_number),
        Spelling("json_encode, assoc", ascii=True, solidus=True, number=php_number, empty_object="[]"),
        Spelling("json_encode, unescaped", escape="\u2028\u2029", number=php_number),
        Spelling("json_encode, unescaped unicode", escape="\u2028\u2029", solidus=True, number=php_number),
        Spelling("Go map", escape=_HTML, order=_sorted, number=go_number),
        Spelling("Go encoder", escape=_HTML, order=_sorted, number=go_number, end="\n"),
        Spelling("Jackson", number=java_number),
        Spelling("Gson", escape="<>&='\u2028\u2029", number=java_double),
        Spelling("System.Text.Json", ascii=True, upper=True, escape="<>&+'\"`\x7f"),
        Spelling("Ruby to_json", number=ruby_number),
        Spelling("Rails", escape=_HTML, number=ruby_number),
        Spelling("jsonify", ascii=True, order=_sorted, number=python_number, end="\n"),
        Spelling("jq", number=javascript_number),
        Spelling("jq, with newline", number=javascript_number, end="\n"),
    )
}
"""How real serialisers write what they have parsed (field evidence CA-M3 to CA-M16)."""


def sorted_keys(spelling: Spelling) -> Spelling:
    """The same serialiser with its members sorted by name."""
    return replace(spelling, name=f"{spelling.name}, sorted", order=_sorted)


def indented(spelling: Spelling, indent: str) -> Spelling:
    """The same serialiser writing for people."""
    width = {"\t": "tabs"}.get(indent, f"{len(indent)} blanks")
    return replace(spelling, name=f"{spelling.name}, indented by {width}", comma=",", colon=": ", indent=indent)
