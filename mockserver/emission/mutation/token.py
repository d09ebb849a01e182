"""Tokens that are wrong on purpose, for any authentication by a token in the body.

Sources: LiveChat's token vectors T05 to T28 (contract, section 3) and mistakes found in public
receivers (docs/field-evidence.md, FE-58 to FE-73).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hookassay.mockserver.emission.secret import SecretText
from hookassay.mockserver.emission.vendor import LEFT_OUT, NULL
from hookassay.schemas.contract import Json, Level

_FULL_WIDTH = str.maketrans("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
                            "".join(chr(0xFEE0 + ord(c)) for c in "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))  # fmt: skip


@dataclass(frozen=True)
class WrongToken:
    """A way of being wrong. `make` gives the value that stands in the token's place (LEFT_OUT: nothing,
    NULL: JSON's null), or None where this way does not exist for this token."""

    name: str
    check: str
    level: Level
    why: str
    make: Callable[[str], Json]


def _near(change: Callable[[str], str]) -> Callable[[str], Json]:
    """A text made of the token; None where the change changes nothing. It is masked wherever it is shown."""

    def make(token: str) -> Json:
        changed = change(token)
        return None if changed == token or not changed else SecretText(changed)

    return make


def last_changed(token: str) -> str:
    """The token with its last character another one."""
    return token[:-1] + ("5" if token[-1:] != "5" else "6")


def _of_the_same_length(token: str) -> str:
    return ("9d3c07b6a1f24e58" * (len(token) // 16 + 1))[: len(token)]


def _digits(token: str) -> Json:
    match = re.match(r"[1-9][0-9]*", token)
    return int(match[0]) if match and match[0] != token else None


def _magic(token: str) -> Json:
    """Another text that PHP's loose comparison calls equal: both look like the number 0 (T25)."""
    return "0e830400451993494058024219903391" if re.fullmatch(r"0+e[0-9]+", token) else None


def _tokens() -> Iterator[WrongToken]:
    yield WrongToken("last-character", "wrong", "must", "the last character differs", _near(last_changed))
    yield WrongToken("same-length", "wrong", "must", "another token of the same length", _near(_of_the_same_length))
    yield WrongToken("word", "wrong", "must", "a word", lambda token: "wrong")
    yield WrongToken("left-out", "absent", "must", "no token at all", lambda token: LEFT_OUT)
    yield WrongToken("empty", "absent", "must", "an empty text", lambda token: "")
    yield WrongToken("null", "absent", "must", "null", lambda token: NULL)
    for word in ("undefined", "null", "None", "secret", "token", "changeme"):
        yield WrongToken(
            f"word-{word}",
            "absent",
            "must",
            f"the word {word}, for which an unset variable is often taken",
            lambda token, word=word: None if word == token else word,
        )  # type: ignore[misc]
    yield WrongToken("true", "type", "must", "true (equal to any text in loose comparisons)", lambda token: True)
    yield WrongToken("false", "type", "must", "false", lambda token: False)
    yield WrongToken("zero", "type", "must", "the number 0", lambda token: 0)
    yield WrongToken("one", "type", "must", "the number 1", lambda token: 1)
    yield WrongToken("leading-digits", "type", "must", "the number that the token begins with", _digits)
    yield WrongToken("empty-array", "type", "must", "an empty array", lambda token: [])
    yield WrongToken("empty-object", "type", "must", "an empty object", lambda token: {})
    yield WrongToken(
        "object-of-it", "type", "must", "an object that holds the token", lambda token: {"token": SecretText(token)}
    )
    yield WrongToken(
        "query-ne", "type", "must", "a query object of a database: not equal to null", lambda token: {"$ne": None}
    )
    yield WrongToken(
        "query-gt", "type", "must", "a query object of a database: greater than nothing", lambda token: {"$gt": ""}
    )
    yield WrongToken(
        "query-regex", "type", "must", "a query object of a database: any text", lambda token: {"$regex": ".*"}
    )
    yield WrongToken("case", "near-miss", "must", "the case of its letters swapped", _near(str.swapcase))
    yield WrongToken("without-last", "near-miss", "must", "the last character missing", _near(lambda token: token[:-1]))
    yield WrongToken(
        "without-first", "near-miss", "must", "the first character missing", _near(lambda token: token[1:])
    )
    yield WrongToken(
        "first-half", "near-miss", "must", "only the first half", _near(lambda token: token[: len(token) // 2])
    )
    yield WrongToken("first-character", "near-miss", "must", "only the first character", _near(lambda token: token[:1]))
    yield WrongToken("one-more", "near-miss", "must", "one character more", _near(lambda token: token + "4"))
    yield WrongToken("one-before", "near-miss", "must", "one character before it", _near(lambda token: "4" + token))
    yield WrongToken(
        "first-changed",
        "near-miss",
        "must",
        "the first character differs",
        _near(lambda token: ("5" if token[0] != "5" else "6") + token[1:]),
    )
    yield WrongToken(
        "middle-changed",
        "near-miss",
        "must",
        "a character in the middle differs",
        _near(
            lambda token: (
                token[: len(token) // 2]
                + ("x" if token[len(token) // 2] != "x" else "y")
                + token[len(token) // 2 + 1 :]
            )
        ),
    )
    yield WrongToken("doubled", "near-miss", "must", "the token twice", _near(lambda token: token * 2))
    yield WrongToken(
        "reversed", "near-miss", "must", "its characters in reverse order", _near(lambda token: token[::-1])
    )
    yield WrongToken(
        "full-width",
        "near-miss",
        "must",
        "full-width letters and digits (equal after NFKC only)",
        _near(lambda token: token.translate(_FULL_WIDTH)),
    )
    yield WrongToken("asterisk", "near-miss", "must", "a wildcard", lambda token: "*")
    yield WrongToken("dot-asterisk", "near-miss", "must", "a pattern", lambda token: ".*")
    yield WrongToken("percent", "near-miss", "must", "a wildcard of SQL", lambda token: "%")
    yield WrongToken("70-kB", "near-miss", "must", "70 000 characters", lambda token: "a" * 70_000)
    yield WrongToken(
        "magic-hash", "near-miss", "must", "another text that loose comparison reads as the number 0", _magic
    )
    yield WrongToken("blank-before", "careless", "should", "a blank before it", _near(lambda token: " " + token))
    yield WrongToken("blank-after", "careless", "should", "a blank after it", _near(lambda token: token + " "))
    yield WrongToken("newline-after", "careless", "should", "a line feed after it", _near(lambda token: token + "\n"))
    yield WrongToken("nul-after", "careless", "should", "a NUL after it", _near(lambda token: token + "\0"))
    yield WrongToken(
        "list-in-text",
        "careless",
        "should",
        "a list that holds it, in one text",
        _near(lambda token: f"{token},f791db42"),
    )
    yield WrongToken("array-of-it", "careless", "should", "an array that holds it", lambda token: [SecretText(token)])
    yield WrongToken(
        "number-of-it",
        "careless",
        "should",
        "the same digits as a number",
        lambda token: int(token) if re.fullmatch(r"[1-9][0-9]{0,17}", token) else None,
    )


TOKENS: tuple[WrongToken, ...] = tuple(_tokens())
"""The catalogue. Names are unique within their check and never change once released."""


def by_check(check: str) -> tuple[WrongToken, ...]:
    return tuple(token for token in TOKENS if token.check == check)
