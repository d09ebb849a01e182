"""Texts that hold a secret, and spans that say which bytes of a delivery were made of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MASK = "****"


def mask(text: str) -> str:
    """`gi…et` for a secret of eight characters or more, nothing of a shorter one."""
    return f"{text[:2]}…{text[-2:]}" if len(text) >= 8 else "…"


class SecretText(str):
    """A text in a document that is, or is made of, a secret: its bytes are masked wherever they are shown.

    It is the text wherever a text is needed; only its `repr` is masked, because that is what ends up in
    tracebacks.
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}({mask(str(self))!r})"


@dataclass(frozen=True)
class Span:
    """Bytes (of a body) or characters (of a header value or query) that come from a secret.

    `derived`: they are not the secret itself, letter by letter, but made of it (a near miss, an escaped form).
    `variable` names the environment variable that a command reads them from, where they are no vendor's secret.
    """

    start: int
    end: int
    derived: bool = False
    variable: str = ""


def hide(text: str, spans: Iterable[Span], mask: str = MASK) -> str:
    """The text with every span replaced by the mask."""
    return mask.join(text[start:end] for start, end in _shown(len(text), spans))


def hide_bytes(data: bytes, spans: Iterable[Span], mask: str = MASK) -> bytes:
    """The bytes with every span replaced by the mask."""
    return mask.encode().join(data[start:end] for start, end in _shown(len(data), spans))


def _shown(length: int, spans: Iterable[Span]) -> Iterator[tuple[int, int]]:
    """The stretches between spans, from the beginning to the end; spans that overlap are one."""
    hidden: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if hidden and span.start < hidden[-1][1]:
            hidden[-1] = (hidden[-1][0], max(hidden[-1][1], span.end))
        else:
            hidden.append((span.start, span.end))
    position = 0
    for start, end in hidden:
        yield position, start
        position = end
    yield position, length
