"""The source of a function that joins bytes, written piece by piece.

What stands side by side is joined as early as can be: fixed bytes when the source is written, values of
one stretch without a statement between them by one statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Source:
    """Lines of a function whose list `o` holds the pieces (`a` appends to it); `constants` are what it sees by name."""

    def __init__(self) -> None:
        self.constants: dict[str, Any] = {}
        self._lines: list[str] = []
        self._indent = 1
        self._pending = b""
        self._parts: list[str] = []

    def line(self, text: str) -> None:
        """A statement."""
        self._lines.append("    " * self._indent + text)

    def literal(self, data: bytes) -> None:
        """Bytes that are always the same; they are joined with what stands beside them."""
        self._pending += data

    def expression(self, text: str) -> None:
        """Bytes that an expression gives."""
        self._take_pending()
        self._parts.append(text)

    def constant(self, value: Any) -> str:
        """The name under which the function sees a value."""
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def flush(self) -> None:
        """Write what is pending, before a statement that depends on a choice."""
        self._take_pending()
        if self._parts:
            parts, self._parts = self._parts, []
            self.line(f"a({parts[0]})" if len(parts) == 1 else f"o += {', '.join(parts)}")

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """What is written meanwhile, under a head."""
        self.flush()
        self.line(head)
        self._indent += 1
        yield
        self.flush()
        self._indent -= 1

    @contextmanager
    def aside(self) -> Iterator[list[str]]:
        """What is written meanwhile, one step further in, kept apart: `insert` puts it into its place."""
        self.flush()
        lines, self._lines = self._lines, []
        self._indent += 1
        kept: list[str] = []
        yield kept
        self.flush()
        self._indent -= 1
        kept += self._lines
        self._lines = lines

    def insert(self, head: str, kept: list[str]) -> None:
        """What was kept apart, under a head."""
        self.line(head)
        self._lines += kept or ["    " * (self._indent + 1) + "pass"]

    def function(self, head: str) -> Any:
        """The function, compiled."""
        self.flush()
        source = f"{head}\n" + "\n".join(self._lines)
        scope = dict(self.constants)
        exec(compile(source, "<generated>", "exec"), scope)  # noqa: S102 (our own source, from our own tree)
        return scope[head.removeprefix("def ").partition("(")[0]]

    def _take_pending(self) -> None:
        if self._pending:
            data, self._pending = self._pending, b""
            self._parts.append(self.constant(data))
