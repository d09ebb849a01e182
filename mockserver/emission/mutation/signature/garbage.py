"""Header values that are no digest at all: what a receiver that parses before it compares breaks on."""

from __future__ import annotations

from collections.abc import Callable

from hookassay.mockserver.emission.mutation.signature.forgery import (
    Forgery,
    Make,
    changed,
    of_check,
    value,
    whole,
)


def _value(text: str) -> Make:
    """A fixed text in the digest's place."""
    return value(lambda signer, body: text)


def _whole(text: str) -> Make:
    """A fixed text as the header's whole value."""
    return whole(lambda signer, body: text)


def _of_the_right_length(character: str) -> Make:
    return value(lambda signer, body: character * len(signer.right_text(body)))


def _changed_text(change: Callable[[str], str]) -> Make:
    return value(lambda signer, body: change(signer.right_text(body)))


FORGERIES: tuple[Forgery, ...] = of_check(
    "malformed",
    "must",
    {
        "zeros": ("zeros of the right length", changed(lambda right: bytes(len(right)))),
        "ones": ("ones of the right length", changed(lambda right: b"\xff" * len(right))),
        "prefix-only": (
            "the prefix without a digest",
            lambda signer, body: signer.headers("") if signer.prefix else None,
        ),
        "algorithm-only": (
            "the algorithm's name without an equals sign",
            whole(lambda signer, body: signer.authentication.algorithm),
        ),
        "equals-sign": ("an equals sign alone", _whole("=")),
        "one-character": ("one character", _value("a")),
        "odd-length": ("an odd number of digits", _value("abc")),
        "not-the-alphabet": ("characters that no digest has, in the right length", _of_the_right_length("!")),
        "not-hex": ("letters that are no hex digits, in the right length", _of_the_right_length("z")),
        "not-ascii": ("bytes beyond ASCII in the right length", _of_the_right_length("\xe9")),
        "not-ascii-once": (
            "the right digest with one byte beyond ASCII",
            _changed_text(lambda right: "\xe9" + right[1:]),
        ),
        "not-ascii-short": ("a short value with bytes beyond ASCII", _value("\xc3\xa9\xff")),
        "unknown-algorithm": ("an algorithm that nobody knows", _whole("bogus=aa")),
        "constructor-name": ("the name of a constructor where an algorithm's stands", _whole("new=aa")),
        "keyless-algorithm": ("an algorithm that needs another argument", _whole("shake_128=aa")),
        "two-equals-signs": (
            "more equals signs than one",
            whole(lambda signer, body: f"{signer.prefix or 'sha256='}a=b=c"),
        ),
        "percent": ("percent signs that escape nothing", _value("%zz%")),
        "json": ("a JSON object without the digest", _whole('{"$ne":""}')),
        "word-null": ("the word null", _whole("null")),
        "word-undefined": ("the word undefined", _whole("undefined")),
        "word-true": ("the word true", _whole("true")),
        "blanks": ("blanks inside quotes", _whole('"   "')),
        "4-kB": ("4 000 characters", _value("a" * 4_000)),
        "70-kB": ("70 000 characters", _value("a" * 70_000)),
    },
)
