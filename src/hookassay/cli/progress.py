"""How far a long command is: one line on standard error that is written over, for a person only."""

from __future__ import annotations

import sys
import time

from hookassay.cli import output

_SECONDS = 0.1


class Progress:
    """A line that comes and goes; nothing at all where standard error is no terminal."""

    def __init__(self) -> None:
        self._stream = sys.stderr if sys.stderr is not None and sys.stderr.isatty() else None
        self._next = 0.0

    def show(self, text: str, at_once: bool = False) -> None:
        """Write the line over, ten times a second at most."""
        now = time.monotonic()
        if self._stream is None or (now < self._next and not at_once):
            return
        self._next = now + _SECONDS
        shown = output.clean(text)[: output.width() - 1]
        self._stream.write(f"\r\033[K{shown}")
        self._stream.flush()

    def clear(self) -> None:
        if self._stream is not None and self._next:
            self._stream.write("\r\033[K")
            self._stream.flush()
            self._next = 0.0
