"""The parts of a text that is JSON, or nearly so: where they stand, and the text with one of them less.

It is cut as it stands and never written again, so that whatever is wrong with its bytes stays in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"?|[{}\[\],]|[^\s{}\[\],":]+', re.DOTALL)
_UNIT = re.compile(rb"\\u[0-9a-fA-F]{4}|\\.|[\x80-\xff]+|.", re.DOTALL)
_KEY = re.compile(rb'"(?:[^"\\]|\\.)*"\s*:', re.DOTALL)
_BEHIND_KEY = re.compile(rb'("[^"\\]*")\s*:\s*"?$')
_LONGEST_KEY = 200


@dataclass(frozen=True)
class Cut:
    """The bytes from `start` to `end` replaced by `new`, which is shorter."""

    start: int
    end: int
    new: bytes = b""

    @property
    def saves(self) -> int:
        return self.end - self.start - len(self.new)


@dataclass
class _Container:
    """An array or object that has begun: where its items begin, and which have ended where."""

    opened: int
    begins: int
    items: list[tuple[int, int]] = field(default_factory=list)


def cuts(text: bytes) -> list[Cut]:
    """Every way to make a text shorter by one part, what saves most first."""
    found = dict.fromkeys(cut for cut in _cuts(text) if cut.saves > 0)
    return sorted(found, key=lambda cut: -cut.saves)


def key_before(text: bytes, start: int) -> bytes:
    """The key, quotes and all, of the member whose value a place is in or before; nothing where there is none."""
    found = _BEHIND_KEY.search(text, max(0, start - _LONGEST_KEY), start)
    return found[1] if found else b""


def _cuts(text: bytes) -> Iterator[Cut]:
    stack = [_Container(-1, 0)]
    for token in _TOKEN.finditer(text):
        here, mark = stack[-1], token[0]
        if mark in (b"{", b"["):
            stack.append(_Container(token.start(), token.end()))
        elif mark == b",":
            here.items.append((here.begins, token.start()))
            here.begins = token.end()
        elif mark in (b"}", b"]"):
            yield from _of_container(text, here, token.start())
            if len(stack) > 1:
                stack.pop()
        elif mark[:1] == b'"':
            yield from _of_text(text, token.start(), token.end())
        elif len(mark) > 1 and not mark.strip(b"-+.eE0123456789"):
            yield Cut(token.start(), token.end(), b"0")


def _of_container(text: bytes, container: _Container, end: int) -> Iterator[Cut]:
    """Some of its items out: all, a half, each alone; with the comma that then is too many."""
    items = [*container.items, (container.begins, end)]
    if not text[items[-1][0] : end].strip():
        items.pop()
    size = len(items)
    spans = {(0, size), (0, size // 2), (size // 2, size), *((n, n + 1) for n in range(size))}
    for first, last in spans:
        if first < last and last < size:
            yield Cut(items[first][0], items[last][0])
        elif first < last:
            yield Cut(items[first - 1][1] if first else items[first][0], items[-1][1])


def _of_text(text: bytes, start: int, end: int) -> Iterator[Cut]:
    """A text made empty, one letter, either half of it; escapes and characters stay whole."""
    inside = text[start + 1 : end].removesuffix(b'"')
    if not inside or _KEY.match(text, start):
        return
    units = _UNIT.findall(inside)
    for new in (b"", b"a", b"".join(units[: len(units) // 2]), b"".join(units[len(units) // 2 :])):
        yield Cut(start + 1, start + 1 + len(inside), new)
