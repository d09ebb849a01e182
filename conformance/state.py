"""What the processes of one run know together: who has died, how fast to go, what was proven.

Cases are serial, also under pytest-xdist: each takes the lock of the run's folder, so that one death
is blamed on the case that caused it and not on those that happened to run beside it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any


@dataclass
class Shared:
    """The run's common knowledge.

    `dead`: why nothing is sent any more; `deaths`: how often the receiver has died and come back;
    `silences`: answers that were waited for in vain; `unsteady`: deliveries that were answered now so,
    now otherwise; `refusing`: providers whose right deliveries are all refused, as far as is known, and
    `refusing_since` when that began; `rate`: requests a second that the receiver allows, None for as many
    as it answers; `trail`: ids of the cases since the last sign of life; `spent` and `causes`: requests
    used for proofs and what they proved, by provider; `given_up`: where a proof was ended; `alone`: whether
    events (`provider/event`) that nobody asked for are taken, as far as they were tried.
    """

    dead: str = ""
    deaths: int = 0
    silences: int = 0
    unsteady: int = 0
    refusing: list[str] = field(default_factory=list)
    refusing_since: str = ""
    requests: int = 0
    rate: float | None = None
    trail: list[str] = field(default_factory=list)
    spent: dict[str, int] = field(default_factory=dict)
    causes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    given_up: list[str] = field(default_factory=list)
    alone: dict[str, bool] = field(default_factory=dict)


class RunFolder:
    """A folder of one run; `turn()` gives its knowledge to one case at a time, over all processes.

    The file stays open until `close()`.
    """

    def __init__(self, path: Path) -> None:
        self._file = path / "run.json"
        self._handle: IO[bytes] | None = None
        self._written, self._shared = b"", Shared()

    @contextmanager
    def turn(self) -> Iterator[Shared]:
        if self._handle is None:
            self._file.touch()
            self._handle = open(self._file, "r+b", buffering=0)
        handle = self._handle
        _lock(handle)
        try:
            handle.seek(0)
            before = handle.read()
            if before != self._written:  # another process has had its turn
                self._shared = _read(before)
            try:
                yield self._shared
            finally:
                handle.seek(0)
                # Blanks instead of truncating, which costs a millisecond.
                self._written = json.dumps(vars(self._shared)).encode().ljust(len(before))
                handle.write(self._written)
        finally:
            _unlock(handle)

    def close(self) -> None:
        """Close the file; another turn would open it again."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def read(self) -> Shared:
        """What is known now."""
        try:
            return _read(self._file.read_bytes())
        except FileNotFoundError:
            return Shared()


def _read(data: bytes) -> Shared:
    return Shared(**json.loads(data)) if data else Shared()


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: IO[bytes]) -> None:
        while True:
            try:
                handle.seek(0)
                msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
                return
            except OSError:
                continue  # LK_LOCK gives up after ten seconds; a case may take longer

    def _unlock(handle: IO[bytes]) -> None:
        handle.seek(0)
        msvcrt.locking(handle.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(handle: IO[bytes]) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)

    def _unlock(handle: IO[bytes]) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
