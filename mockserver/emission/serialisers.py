"""Spellings by name: the ways in which one document is sent, and those in which real serialisers write it."""

from __future__ import annotations

import re
from dataclasses import replace

from hookassay.mockserver.emission.numbers import (
    go_number,
    java_double,
    java_number,
    javascript_number,
    jq_number,
    php_number,
    python_number,
    ruby_number,
)
from hookassay.mockserver.emission.spelling import COMPACT, Spelling

_INDEX = re.compile("0|[1-9][0-9]{0,9}")


def _sorted(keys: list[str]) -> list[str]:
    return sorted(keys)


def _reversed(keys: list[str]) -> list[str]:
    return keys[::-1]


def _integers_first(keys: list[str]) -> list[str]:
    """JavaScript's order of members: array indices rising, then the rest as they came.

    ECMA-262, OrdinaryOwnPropertyKeys; an array index is below 2^32 - 1.
    """
    indices = sorted((key for key in keys if _INDEX.fullmatch(key) and int(key) < 2**32 - 1), key=int)
    return indices + [key for key in keys if key not in indices]


_HTML = "<>&\u2028\u2029"
_DEL = "\x7f"

SPELLINGS = {
    spelling.name: spelling
    for spelling in (
        COMPACT,
        Spelling("pretty", indent="  ", colon=": "),
        Spelling("pretty-4", indent="    ", colon=": "),
        Spelling("pretty-tab", indent="\t", colon=": "),
        Spelling("crlf", indent="  ", colon=": ", newline="\r\n", end="\r\n"),
        Spelling("spaced", comma=", ", colon=": "),
        Spelling("blanks-everywhere", comma=" , ", colon=" : "),
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
        Spelling("json.dumps", comma=", ", colon=": ", ascii=True, escape=_DEL, number=python_number),
        Spelling("json.dumps, compact", ascii=True, escape=_DEL, number=python_number),
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
        Spelling("jsonify", ascii=True, escape=_DEL, order=_sorted, number=python_number, end="\n"),
        Spelling("jq", number=jq_number),
        Spelling("jq, with newline", number=jq_number, end="\n"),
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
