"""The process's output: a reader that goes away ends nothing, and no character can break it."""

from __future__ import annotations

import io
import os
import sys


class _Lasting(io.TextIOWrapper):
    """Standard output that outlives its reader.

    `hookassay … | head` closes the pipe early; what is written after that goes nowhere, and the
    command ends with the status that it would have had.
    """

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._give_up(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        """Write into nothing from now on; any reason but a reader that went away is told."""
        self._drop()
        if not isinstance(error, BrokenPipeError):
            raise OSError(error.errno, error.strerror, "standard output") from error

    def _drop(self) -> None:
        """Point the file at nothing, so that what is still buffered does not complain at the end either."""
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, self.fileno())
        os.close(nothing)


def prepare() -> None:
    """Put a lasting stream in the place of standard output; characters that it cannot hold are escaped."""
    stream = sys.stdout
    if not isinstance(stream, io.TextIOWrapper):
        return
    stream.flush()
    sys.stdout = _Lasting(
        stream.detach(), encoding=stream.encoding, errors="backslashreplace", line_buffering=stream.line_buffering
    )
