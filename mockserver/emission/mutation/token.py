"""Tokens that are wrong on purpose, for any authentication by a token in the body.

Sources: LiveChat's token vectors T05 to T28 (contract, section 3) and mistakes found in public
receivers (docs/field-evidence.md, FE-58 to FE-73).
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hookassay.mockserver.emission.secret import SecretText
from hookassay.mockserver.emission.vendor import LEFT_OUT, NULL
from hookassay.schemas.contract import Json, Level

Make = Callable[[str], Json]
"""From the right token to what stands in its place; None where this way does not exist for this token."""

_UNSET = ("undefined", "null", "None", "secret", "token", "changeme")
_INHERITED = ("constructor", "__proto__", "toString")
_FULL_WIDTH = {ord(c): 0xFEE0 + ord(c) for c in string.digits + string.ascii_letters}


@dataclass(frozen=True)
class WrongToken:
    """A way of being wrong. `make` gives the value that stands in the token's place (LEFT_OUT: nothing,
    NULL: JSON's null), or None where this way does not exist for this token."""

    name: str
    check: str
    level: Level
    why: str
    make: Make


def _near(change: Callable[[str], str]) -> Make:
    """A text made of the token; None where the change changes nothing. It is masked wherever it is shown."""

    def make(token: str) -> Json:
        changed = change(token)
        return None if changed == token or not changed else SecretText(changed)

    return make


def _always(value: Json) -> Make:
    """A value that has nothing of the token; None where the token is that value."""
    return lambda token: None if value == token else value


def last_changed(token: str) -> str:
    """The token with its last character another one."""
    return token[:-1] + ("5" if token[-1:] != "5" else "6")


def _first_changed(token: str) -> str:
    return ("5" if token[0] != "5" else "6") + token[1:]


def _middle_changed(token: str) -> str:
    middle = len(token) // 2
    return token[:middle] + ("x" if token[middle] != "x" else "y") + token[middle + 1 :]


def _of_the_same_length(token: str) -> str:
    return ("9d3c07b6a1f24e58" * (len(token) // 16 + 1))[: len(token)]


def _leading_digits(token: str) -> Json:
    match = re.match(r"[1-9][0-9]*", token)
    return int(match[0]) if match and match[0] != token else None


def _as_number(token: str) -> Json:
    return int(token) if re.fullmatch(r"[1-9][0-9]{0,17}", token) else None


def _magic(token: str) -> Json:
    """Another text that PHP's loose comparison calls equal: both look like the number 0 (T25)."""
    return "0e830400451993494058024219903391" if re.fullmatch(r"0+e[0-9]+", token) else None


def _of_check(check: str, level: Level, made: Mapping[str, tuple[str, Make]]) -> tuple[WrongToken, ...]:
    return tuple(WrongToken(name, check, level, why, make) for name, (why, make) in made.items())


TOKENS: tuple[WrongToken, ...] = (
    *_of_check(
        "wrong",
        "must",
        {
            "last-character": ("the last character differs", _near(last_changed)),
            "same-length": ("another token of the same length", _near(_of_the_same_length)),
            "word": ("a word", _always("wrong")),
        },
    ),
    *_of_check(
        "absent",
        "must",
        {
            "left-out": ("no token at all", _always(LEFT_OUT)),
            "empty": ("an empty text", _always("")),
            "null": ("null", _always(NULL)),
            **{
                f"word-{word}": (f"the word {word}, for which an unset variable is often taken", _always(word))
                for word in _UNSET
            },
            **{
                f"word-{word}": (f"the word {word}, which a JavaScript object that holds tokens has too", _always(word))
                for word in _INHERITED
            },
        },
    ),
    *_of_check(
        "type",
        "must",
        {
            "true": ("true (equal to any text in loose comparisons)", _always(True)),
            "false": ("false", _always(False)),
            "zero": ("the number 0", _always(0)),
            "one": ("the number 1", _always(1)),
            "leading-digits": ("the number that the token begins with", _leading_digits),
            "empty-array": ("an empty array", lambda token: []),
            "empty-object": ("an empty object", lambda token: {}),
            "object-of-it": ("an object that holds the token", lambda token: {"token": SecretText(token)}),
            "query-ne": ("a query object of a database: not equal to null", lambda token: {"$ne": None}),
            "query-gt": ("a query object of a database: greater than nothing", lambda token: {"$gt": ""}),
            "query-regex": ("a query object of a database: any text", lambda token: {"$regex": ".*"}),
        },
    ),
    *_of_check(
        "near-miss",
        "must",
        {
            "case": ("the case of its letters swapped", _near(str.swapcase)),
            "without-last": ("the last character missing", _near(lambda token: token[:-1])),
            "without-first": ("the first character missing", _near(lambda token: token[1:])),
            "first-half": ("only the first half", _near(lambda token: token[: len(token) // 2])),
            "first-character": ("only the first character", _near(lambda token: token[:1])),
            "one-more": ("one character more", _near(lambda token: token + "4")),
            "one-before": ("one character before it", _near(lambda token: "4" + token)),
            "first-changed": ("the first character differs", _near(_first_changed)),
            "middle-changed": ("a character in the middle differs", _near(_middle_changed)),
            "doubled": ("the token twice", _near(lambda token: token * 2)),
            "reversed": ("its characters in reverse order", _near(lambda token: token[::-1])),
            "full-width": (
                "full-width letters and digits (equal after NFKC only)",
                _near(lambda token: token.translate(_FULL_WIDTH)),
            ),
            "asterisk": ("a wildcard", _always("*")),
            "dot-asterisk": ("a pattern", _always(".*")),
            "percent": ("a wildcard of SQL", _always("%")),
            "70-kB": ("70 000 characters", _always("a" * 70_000)),
            "magic-hash": ("another text that loose comparison reads as the number 0", _magic),
        },
    ),
    *_of_check(
        "careless",
        "should",
        {
            "blank-before": ("a blank before it", _near(lambda token: " " + token)),
            "blank-after": ("a blank after it", _near(lambda token: token + " ")),
            "newline-after": ("a line feed after it", _near(lambda token: token + "\n")),
            "nul-after": ("a NUL after it", _near(lambda token: token + "\0")),
            "list-in-text": ("a list that holds it, in one text", _near(lambda token: f"{token},f791db42")),
            "array-of-it": ("an array that holds it", lambda token: [SecretText(token)]),
            "number-of-it": ("the same digits as a number", _as_number),
        },
    ),
)
"""The catalogue. Names are unique within their check and never change once released."""


def by_check(check: str) -> tuple[WrongToken, ...]:
    """The wrong tokens of one kind, in the catalogue's order; none for a check that has none."""
    return tuple(token for token in TOKENS if token.check == check)
