"""The log: what happened, what was sent to whom, what came back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, true

from hookassay.mockserver.engine import details, search
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.details import row_of
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.model import OPEN_STATES, Conversation, Detail, Occurrence, Page, Removed, Summary
from hookassay.mockserver.engine.queue import Queue
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.summaries import SUMMARY, occurrences, summary
from hookassay.mockserver.engine.texts import Told
from hookassay.mockserver.engine.undo import Undo

_MOST = 200
_d, _o, _u = tables.delivery.c, tables.occurrence.c, tables.unsent.c


Filter = Literal["look", "waiting", "all"]
"""The list's filters: what *needs a look* (broke, refused, given up, sent to nobody), what is *waiting*, all."""

FILTERS: tuple[Filter, ...] = ("look", "waiting", "all")


def _shown(name: Filter) -> ColumnElement[bool]:
    """The occurrences of a filter. Where somebody got it, a webhook that did not want it needs no look."""
    mine = (_d.occurrence == _o.id) & _d.gone_at.is_(None)
    if name == "waiting":
        return select(_d.id).where(mine, tables.OPEN).exists()
    if name == "look":
        bad = _d.reaction.in_(("refused", "broke")) & (_d.outcome != "delivered") | _d.outcome.in_(("given-up", "off"))
        lost = select(_u.id).where(_u.occurrence == _o.id, _u.reason != "routed-elsewhere").exists()
        unhappy = or_(select(_d.id).where(mine, bad).exists(), lost & ~select(_d.id).where(mine).exists())
        return unhappy & (_o.origin != "why")  # experiments: most of them are refused, as they have to be
    return true()


@dataclass
class Log:
    """Occurrences, deliveries and attempts. `q` is the search language (`search`); Refused(unknown-key, invalid)
    where it cannot be read. `after` is the `Page.after` of the page before."""

    context: Context
    queue: Queue
    undo: Undo

    def occurrences(
        self, q: str = "", limit: int = 50, after: int | None = None, show: Filter = "all"
    ) -> Page[Occurrence]:
        """Occurrences with a delivery or an unsent row that the search finds, newest first; those of one filter."""
        wanted = select(tables.occurrence).where(_o.gone_at.is_(None), search.parse(q).occurrence, _shown(show))
        if after is not None:
            wanted = wanted.where(_o.id < after)
        limit = max(1, min(limit, _MOST))
        with self.context.database.reading() as connection:
            rows = connection.execute(wanted.order_by(_o.id.desc()).limit(limit + 1)).all()
            items = occurrences(self.context, connection, rows[:limit])
        return Page(items, items[-1].id if len(rows) > limit else None)

    def occurrence(self, ident: int) -> Occurrence:
        with self.context.database.reading() as connection:
            wanted = select(tables.occurrence).where(_o.id == ident, _o.gone_at.is_(None))
            found = occurrences(self.context, connection, connection.execute(wanted))
        if not found:
            raise Refused("not-found", f"no occurrence {ident}")
        return found[0]

    def since(self, mark: int) -> tuple[Occurrence, ...]:
        """Occurrences after one with this id, oldest first."""
        wanted = select(tables.occurrence).where(_o.id > mark, _o.gone_at.is_(None)).order_by(_o.id).limit(_MOST)
        with self.context.database.reading() as connection:
            return occurrences(self.context, connection, connection.execute(wanted))

    def deliveries(self, q: str = "", limit: int = 50, after: int | None = None) -> Page[Summary]:
        """Deliveries that the search finds, newest first."""
        wanted = SUMMARY.where(_d.gone_at.is_(None), search.parse(q).delivery)
        if after is not None:
            wanted = wanted.where(_d.id < after)
        limit = max(1, min(limit, _MOST))
        with self.context.database.reading() as connection:
            rows = connection.execute(wanted.order_by(_d.id.desc()).limit(limit + 1)).all()
            items = tuple(summary(self.context, row) for row in rows[:limit])
        return Page(items, items[-1].id if len(rows) > limit else None)

    def delivery(self, ident: int, reveal: bool = False) -> Detail:
        return details.detail(self.context, ident, reveal)

    def body(self, ident: int, reveal: bool = False) -> bytes:
        """The body's bytes as they were built."""
        with self.context.database.reading() as connection:
            return details.restored(self.context, row_of(connection, ident)).shown_body(reveal)

    def conversation(self, key: str, provider: str | None = None) -> Conversation:
        """A conversation's occurrences × endpoints."""
        wanted = select(tables.occurrence).where(_o.conversation == key, _o.gone_at.is_(None))
        if provider is not None:
            wanted = wanted.where(_o.provider == provider)
        with self.context.database.reading() as connection:
            rows = connection.execute(wanted.order_by(_o.id.desc()).limit(_MOST)).all()
            found = occurrences(self.context, connection, reversed(rows))
        if not found:
            raise Refused("not-found", f"no conversation {key!r}")
        names: dict[int, str] = {}
        for occurrence in found:
            for delivery in occurrence.deliveries:
                if delivery.endpoint is not None:
                    names.setdefault(delivery.endpoint, delivery.endpoint_name)
            names.update((unsent.endpoint, unsent.endpoint_name) for unsent in occurrence.unsent)
        return Conversation(found[0].provider, key, found, dict(sorted(names.items())))

    def counts(self, q: str = "") -> dict[str, int]:
        """Occurrences of each filter of the list: `look` (broke, refused, given up, not sent), `waiting`, `all`."""
        found = search.parse(q)
        with self.context.database.reading() as connection:
            return {
                name: int(
                    connection.execute(
                        select(func.count())
                        .select_from(tables.occurrence)
                        .where(_o.gone_at.is_(None), found.occurrence, _shown(name))
                    ).scalar()
                    or 0
                )
                for name in FILTERS
            }

    def count(self, q: str = "") -> int:
        """How many deliveries a search finds."""
        joined = tables.delivery.join(tables.occurrence, _o.id == _d.occurrence)
        wanted = select(func.count()).select_from(joined).where(_d.gone_at.is_(None), search.parse(q).delivery)
        with self.context.database.reading() as connection:
            return int(connection.execute(wanted).scalar() or 0)

    def remove(self, q: str) -> Removed:
        """Take away the deliveries that a search finds; what was pending among them is not sent."""
        found = select(_o.id).where(_o.id == _d.occurrence, search.parse(q).delivery).exists()
        return self.undo.take_away({tables.delivery: and_(found)}, count=tables.delivery, kind="delivery")

    def send_now(self, ident: int) -> Summary:
        """Make a delivery's next attempt now; nothing else moves. Raises Refused(conflict) for a finished one."""
        with self.context.database.writing() as connection:
            row = row_of(connection, ident)
            _check_open(row)
            self.queue.send_now(connection, row)
        return self._changed(ident)

    def cancel(self, ident: int) -> Summary:
        """Send it no more. Raises Refused(conflict) for a finished one, or one in hand."""
        with self.context.database.writing() as connection:
            row = row_of(connection, ident)
            _check_open(row)
            self.queue.cancel(connection, [row])
        return self._changed(ident)

    def summary(self, ident: int) -> Summary:
        with self.context.database.reading() as connection:
            row_of(connection, ident)
            return summary(self.context, connection.execute(SUMMARY.where(_d.id == ident)).one())

    def _changed(self, ident: int) -> Summary:
        self.context.changes.tell()
        self.context.wake()
        return self.summary(ident)


def _check_open(row: Row[Any]) -> None:
    if row.state == "in-hand":
        raise Refused("conflict", Told("on-its-way", delivery=row.id))
    if row.state not in OPEN_STATES:
        raise Refused("conflict", Told("finished", delivery=row.id, now=row.outcome))
