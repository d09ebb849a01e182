"""A right delivery, authenticated again as each likely bug would have done it.

When a receiver refuses what is right, the one of these that it takes names its bug. This package only
builds them; whoever sends them judges. The list, its ids and its order: docs/field-evidence.md, part b.

One module an axis, in the order in which a receiver works: which `header` it reads, the `primitive`
and its algorithm, the digest's `encoding`, the `key`, the `message` (with `rewriting` and `charset`);
`pairs` has the likely pairs.
"""

from __future__ import annotations

from collections.abc import Iterator

from hookassay.mockserver.emission.causes import encoding, header, key, message, pairs, primitive, rewriting
from hookassay.mockserver.emission.causes.hypothesis import Header, Hypothesis, Key, Message, Primitive, Text
from hookassay.mockserver.emission.causes.key import KEY_READINGS
from hookassay.mockserver.emission.causes.rewriting import SEPARATING

__all__ = [
    "KEY_READINGS",
    "SEPARATING",
    "Header",
    "Hypothesis",
    "Key",
    "Message",
    "Primitive",
    "Text",
    "hypotheses",
]

_MOST_LIKELY = (
    rewriting.rewritten("JSON.stringify"),
    rewriting.rewritten("json.dumps"),
    key.NEWLINE,
    header.BARE,
    header.GITHUB,
)
"""The most frequent ones first, so that the usual bug is named within a few requests."""


def hypotheses() -> Iterator[Hypothesis]:
    """All of them: the most likely, then one axis at a time, the most frequent of each first; then likely pairs."""
    yield from _MOST_LIKELY
    yield from header.hypotheses()
    yield from primitive.hypotheses()
    yield from encoding.hypotheses()
    yield from key.hypotheses()
    yield from message.hypotheses()
    yield from pairs.hypotheses()
