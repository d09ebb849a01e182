"""Taking away and bringing back: rows are marked gone, and purged ten seconds later."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select, update

from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.model import Removed
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.texts import Told
from hookassay.mockserver.engine.timekeeper import SECOND

PATIENCE = 10 * SECOND
"""How long what was taken away can be brought back (real time)."""

_MARKED: tuple[Table, ...] = (
    tables.delivery,
    tables.occurrence,
    tables.endpoint,
    tables.fault,
    tables.run,
    tables.inbox,
)

Restore = Callable[[Connection], None]


@dataclass
class Undo:
    """The marks; a token is the real moment at which something was taken away."""

    context: Context
    forget: Callable[[], None] = lambda: None
    """Called when rows have come or gone that others may keep in memory."""
    _restores: dict[int, Restore] = field(default_factory=dict)
    _latest: int = 0

    @property
    def is_purging(self) -> bool:
        """Whether something that was taken away has not been purged yet."""
        return self._latest > 0

    def take_away(
        self,
        rows: Mapping[Table, ColumnElement[bool]],
        *,
        count: Table,
        kind: str,
        also: Callable[[Connection], Restore] | None = None,
    ) -> Removed:
        """Mark rows gone; `count` is the table whose rows are counted, `kind` the change that is told.

        `also` does what is no row in the same transaction, and gives what undoes it.
        """
        mark = self._latest = time.time_ns()
        counted = 0
        with self.context.database.writing() as connection:
            for table, condition in rows.items():
                went = connection.execute(
                    update(table).where(condition, table.c.gone_at.is_(None)).values(gone_at=mark)
                ).rowcount
                counted += went if table is count else 0
            if also is not None:
                self._restores[mark] = also(connection)
            self.context.changes.note(connection, kind, [0])
        self.forget()
        self.context.changes.tell()
        return Removed(counted, str(mark))

    def bring_back(self, token: str) -> int:
        """Unmark; how many rows came back. Raises Refused(gone) when it is too late."""
        mark = int(token) if re.fullmatch(r"[0-9]{1,19}", token) else 0
        if mark < time.time_ns() - PATIENCE:
            raise Refused("gone", Told("too-late"))
        back = 0
        with self.context.database.writing() as connection:
            for table in _MARKED:
                back += connection.execute(update(table).where(table.c.gone_at == mark).values(gone_at=None)).rowcount
            restore = self._restores.pop(mark, None)
            if restore is not None:
                restore(connection)
            elif not back:
                raise Refused("gone", Told("nothing-to-bring-back"))
            self.context.changes.note(connection, "reset", [0])
        self.forget()
        self.context.changes.tell()
        self.context.wake()
        return back

    def purge(self, connection: Connection, at_once: bool = False) -> bool:
        """Delete what has been gone for long enough; whether there was anything."""
        before = time.time_ns() - (0 if at_once else PATIENCE)
        found = False
        gone_endpoints = select(tables.endpoint.c.id).where(tables.endpoint.c.gone_at <= before)
        orphans = tables.delivery.c.endpoint.in_(gone_endpoints) & tables.OPEN
        connection.execute(
            update(tables.delivery).where(orphans).values(state="cancelled", outcome="cancelled", due=None)
        )
        for table in _MARKED:
            found = connection.execute(delete(table).where(table.c.gone_at <= before)).rowcount > 0 or found
        if found:
            drop_empty(connection)
        for mark in [mark for mark in self._restores if mark <= before]:
            del self._restores[mark]
        if self._latest <= before:
            self._latest = 0
        return found


def drop_empty(connection: Connection) -> None:
    """Delete occurrences that nothing in the log belongs to any longer."""
    occurrence: Any = tables.occurrence.c
    left = select(tables.delivery.c.id).where(tables.delivery.c.occurrence == occurrence.id).exists()
    unsent = select(tables.unsent.c.id).where(tables.unsent.c.occurrence == occurrence.id).exists()
    connection.execute(delete(tables.occurrence).where(~left, ~unsent))


def number_of(connection: Connection, table: Table) -> int:
    """Rows of a table that are not gone."""
    return int(
        connection.execute(select(func.count()).select_from(table).where(table.c.gone_at.is_(None))).scalar() or 0
    )
