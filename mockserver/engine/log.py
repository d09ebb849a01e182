"""The log: what happened, what was sent to whom, what came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, true

from hookassay.mockserver.emission.answer import Reaction
from hookassay.mockserver.emission.curl import command
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.secret import MASK, Span
from hookassay.mockserver.engine import attempts_json, schedule, search, statements, vendors
from hookassay.mockserver.engine.answers import as_answer
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.conversations import parsed
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.hints import hints
from hookassay.mockserver.engine.model import (
    OPEN_STATES,
    Attempt,
    Conversation,
    Detail,
    Occurrence,
    Page,
    Planned,
    Removed,
    Summary,
)
from hookassay.mockserver.engine.queue import Queue
from hookassay.mockserver.engine.requests import shown
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.summaries import SUMMARY, occurrences, summary
from hookassay.mockserver.engine.texts import Told
from hookassay.mockserver.engine.undo import Undo
from hookassay.schemas import validation
from hookassay.schemas.contract import Provider

_PLANNED = 20
_MOST = 200
_d, _o, _u, _e = tables.delivery.c, tables.occurrence.c, tables.unsent.c, tables.endpoint.c


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
        return or_(select(_d.id).where(mine, bad).exists(), lost & ~select(_d.id).where(mine).exists())
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
        with self.context.database.reading() as connection:
            row = row_of(connection, ident)
            short = connection.execute(SUMMARY.where(_d.id == ident)).one()
            made = connection.execute(
                select(tables.attempt).where(tables.attempt.c.delivery == ident).order_by(tables.attempt.c.number)
            ).all()
            again = select(_d.id).where(_d.replay_of == ident, _d.gone_at.is_(None)).order_by(_d.id)
            replays = tuple(connection.execute(again).scalars())
        told = summary(self.context, short)
        provider = self.context.providers.all.get(told.provider)
        delivery = self.restored(row, provider)
        url = row.url or told.url
        target, request = shown(self.context, provider, delivery, url, reveal=reveal)
        secrets = None if reveal else self.secrets(row.endpoint)
        return Detail(
            summary=told,
            request=request,
            attempts=tuple(self._attempt(provider, delivery, url, told, one, secrets) for one in made),
            schedule=self._schedule(provider, short, row),
            problems=_problems(provider, told.event, row.body),
            replays=replays,
            why=why_not(provider, told, made),
            curl=command(delivery, target, reveal),
        )

    def restored(self, row: Row[Any], provider: Provider | None) -> Delivery:
        """The delivery of a row, as it was built."""
        return vendors.restored(row, row.provider, row.event, provider is None or "basic-from-url" in provider.traits)

    def secrets(self, endpoint: int | None) -> tuple[str, ...]:
        """The secrets that an answer of an endpoint may repeat: today's, and the one before."""
        wanted = select(_e.secret, _e.previous_secret).where(_e.id == endpoint)
        with self.context.database.reading() as connection:
            return tuple(secret for row in connection.execute(wanted) for secret in row if secret)

    def body(self, ident: int, reveal: bool = False) -> bytes:
        """The body's bytes as they were built."""
        with self.context.database.reading() as connection:
            row = row_of(connection, ident)
        return self.restored(row, self.context.providers.all.get(row.provider)).shown_body(reveal)

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

    def _attempt(
        self,
        provider: Provider | None,
        built: Delivery,
        url: str,
        told: Summary,
        row: Row[Any],
        secrets: Sequence[str] | None,
    ) -> Attempt:
        """The record of an attempt; `secrets` are hidden wherever the answer repeats them (None: all is revealed)."""
        differs = row.headers is not None or row.body is not None or row.cut is not None
        sent = built
        if row.headers is not None:
            sent = replace(sent, headers=tuple((name, value) for name, value in row.headers))
        if row.body is not None:
            sent = replace(sent, body=row.body, secrets={"body": tuple(Span(*span) for span in row.spans or ())})
        if row.cut is not None:
            sent = sent.with_framing(cut=row.cut)
        answer = as_answer(row.answer, row.answer_body)
        if answer is not None and secrets is not None:
            answer = attempts_json.hidden(answer, secrets, MASK)
        seen = as_answer(row.seen, None)
        is_unknown = row.ended is None and (told.state != "in-hand" or row.number < told.attempts)
        return Attempt(
            number=row.number,
            scheduled=row.scheduled,
            started=row.started,
            ended=row.ended,
            request=shown(self.context, provider, sent, url, reveal=secrets is None)[1],
            differs=differs,
            answer=answer,
            seen=seen,
            reaction=Reaction(row.reaction) if row.reaction else None,
            view="unknown" if is_unknown else row.view,
            told=Told("unknown") if is_unknown else row.told,
            faults=tuple(row.faults),
            hints=hints(provider, seen if seen is not None else answer) if provider is not None else (),
        )

    def _schedule(self, provider: Provider | None, short: Row[Any], row: Row[Any]) -> tuple[Planned, ...]:
        if row.state not in OPEN_STATES or row.due is None or short.retry is None:
            return ()
        retry = schedule.NO_RETRY if row.single else schedule.retry_of(provider, short.retry)
        moments = schedule.planned(retry, row.tries, row.due, row.first_due)
        return tuple(Planned(row.attempts + n, at) for n, at in enumerate(islice(moments, _PLANNED), 1))


def row_of(connection: Connection, ident: int) -> Row[Any]:
    """A delivery's whole row with its occurrence's provider and event. Raises Refused(not-found)."""
    wanted = (
        statements.WHOLE.add_columns(_o.provider, _o.event, _o.payload)
        .join(tables.occurrence, _o.id == _d.occurrence)
        .where(_d.id == ident, _d.gone_at.is_(None))
    )
    row = connection.execute(wanted).first()
    if row is None:
        raise Refused("not-found", f"no delivery {ident}")
    return row


def why_not(provider: Provider | None, told: Summary, attempts: list[Row[Any]] | Any) -> str:
    """Why nobody can ask why it was refused; empty where it can be asked."""
    if provider is None or told.event not in provider.events:
        return "its provider is not known here"
    if told.reaction not in (Reaction.REFUSED, Reaction.BROKE) or not attempts:
        return "it was not refused"
    if any(row.headers is not None or row.body is not None or row.cut is not None for row in attempts[-1:]):
        return "a fault made it wrong"
    if any(label.startswith("wrong on purpose") for label in told.faults):
        return "it was made wrong on purpose"
    if told.endpoint is None:
        return "no endpoint of today has sent it"
    return ""


def _check_open(row: Row[Any]) -> None:
    if row.state == "in-hand":
        raise Refused("conflict", f"delivery {row.id} is on its way")
    if row.state not in OPEN_STATES:
        raise Refused("conflict", f"delivery {row.id} is finished: {row.outcome}; replay it instead")


def _problems(provider: Provider | None, event: str, body: bytes) -> tuple[str, ...]:
    if provider is None or event not in provider.events:
        return ()
    document = parsed(body)
    if document is None:
        return ("the body is no JSON",)
    return tuple(map(str, validation.problems(provider.events[event], document)))
