"""The change feed: what a page has to fetch anew."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from sqlalchemy import Connection, delete, func, insert, select

from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.model import Change
from hookassay.mockserver.engine.store.bulk import Bulk
from hookassay.mockserver.engine.store.database import Database
from hookassay.mockserver.engine.store.tables import change
from hookassay.mockserver.engine.timekeeper import SECOND

_KEPT = 100_000
_KEPT_FOR = 3600 * SECOND
_LOOK_AGAIN = 0.5
_NOTE = Bulk.insert(insert(change), "kind", "ref", "at")


class Changes:
    """Ids of changes, in order; the last hour, or the last 100 000."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._news = threading.Condition()
        self._told = 0

    def last(self) -> int:
        """The id of the latest change (0: none yet)."""
        with self._database.reading() as connection:
            return int(connection.execute(select(func.max(change.c.id))).scalar() or 0)

    def since(self, after: int, wait: float = 0.0, limit: int = 1000) -> tuple[Change, ...]:
        """Changes after an id, oldest first; waits up to so many real seconds for the first one.

        Raises Refused(gone) for an id too old (or of another state): everything has to be read anew.
        """
        ends = time.monotonic() + wait
        while True:
            with self._news:
                told = self._told
            found = self._read(after, limit)
            if found or (left := ends - time.monotonic()) <= 0:
                return found
            with self._news:
                self._news.wait_for(lambda seen=told: self._told != seen, timeout=left)  # type: ignore[misc]

    def _read(self, after: int, limit: int) -> tuple[Change, ...]:
        with self._database.reading() as connection:
            first, last = connection.execute(select(func.min(change.c.id), func.max(change.c.id))).one()
            if after > (last or 0) or after < (first or 1) - 1:
                raise Refused("gone", "that is too long ago: read everything anew, then go on from the latest id")
            rows = connection.execute(select(change).where(change.c.id > after).order_by(change.c.id).limit(limit))
            return tuple(Change(row.id, row.kind, row.ref) for row in rows)

    def note(self, connection: Connection, kind: str, refs: Iterable[int]) -> None:
        """Write changes into the transaction that makes them; `tell()` follows when it is over."""
        now = time.time_ns()
        _NOTE.execute(connection, ({"kind": kind, "ref": ref, "at": now} for ref in refs))

    def tell(self) -> None:
        """Wake those who wait."""
        with self._news:
            self._told += 1
            self._news.notify_all()

    def wait_until(self, holds: Callable[[], bool], timeout: float) -> bool:
        """Wait until something holds, looked at after every change; whether it does within so many real seconds."""
        ends = time.monotonic() + timeout
        while True:
            with self._news:
                told = self._told
            if holds():
                return True
            left = ends - time.monotonic()
            if left <= 0:
                return False
            with self._news:
                self._news.wait_for(lambda seen=told: self._told != seen, timeout=min(left, _LOOK_AGAIN))  # type: ignore[misc]

    def trim(self, connection: Connection) -> None:
        """Forget what is older than an hour, or more than 100 000 back; the latest always stays."""
        last = int(connection.execute(select(func.max(change.c.id))).scalar() or 0)
        old = (change.c.at < time.time_ns() - _KEPT_FOR) | (change.c.id <= last - _KEPT)
        connection.execute(delete(change).where(old, change.c.id < last))
