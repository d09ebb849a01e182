"""Secrets that do not print, and spans that say which bytes were made of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MASK = "****"


class Secret:
    """What vendor and receiver share. `str` and `repr` are masked; `reveal()` is the one way out."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __str__(self) -> str:
        return mask(self._text)

    def __repr__(self) -> str:
        return f"Secret({mask(self._text)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


def mask(text: str) -> str:
    """`gi…et` for a secret of eight characters or more, nothing of a shorter one."""
    return f"{text[:2]}…{text[-2:]}" if len(text) >= 8 else "…"


class SecretText(str):
    """A text in a document that is, or is made of, a secret: its bytes are masked wherever they are shown."""


@dataclass(frozen=True)
class Span:
    """Bytes (of a body) or characters (of a header value or query) that come from a secret."""

    start: int
    end: int


def hide(text: str, spans: Iterable[Span]) -> str:
    """The text with every span replaced by the mask."""
    parts, position = [], 0
    for span in sorted(spans, key=lambda span: span.start):
        parts += [text[position : span.start], MASK]
        position = max(position, span.end)
    return "".join([*parts, text[position:]])


def hide_bytes(data: bytes, spans: Iterable[Span]) -> bytes:
    """The bytes with every span replaced by the mask."""
    parts, position = [], 0
    for span in sorted(spans, key=lambda span: span.start):
        parts += [data[position : span.start], MASK.encode()]
        position = max(position, span.end)
    return b"".join([*parts, data[position:]])
