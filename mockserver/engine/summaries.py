"""Rows of the log made into the records that are shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from hookassay.mockserver.emission.answer import Reaction
from hookassay.mockserver.emission.target import BadTarget, Target
from hookassay.mockserver.engine import schedule
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.model import Occurrence, Summary, Unsent
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.texts import span
from hookassay.mockserver.engine.timekeeper import SECOND

_d, _o, _u, _e = tables.delivery.c, tables.occurrence.c, tables.unsent.c, tables.endpoint.c

SUMMARY: Select[Any] = (
    select(
        tables.delivery,
        _o.provider,
        _o.event,
        _o.conversation,
        _e.retry,
    )
    .join(tables.occurrence, _o.id == _d.occurrence)
    .outerjoin(tables.endpoint, _e.id == _d.endpoint)
)
"""What a row of the list needs: never the bodies."""


def summary(context: Context, row: Row[Any]) -> Summary:
    provider = context.providers.all.get(row.provider)
    retry = schedule.NO_RETRY if row.single or row.retry is None else schedule.retry_of(provider, row.retry)
    total = schedule.attempts_in_all(retry)
    return Summary(
        id=row.id,
        occurrence=row.occurrence,
        provider=row.provider,
        event=row.event,
        endpoint=row.endpoint,
        endpoint_name=row.endpoint_name,
        conversation=row.conversation,
        at=row.at,
        state=row.state,
        outcome=row.outcome,
        due=row.due,
        attempts=row.attempts,
        all_attempts=total,
        status=row.status,
        failure=row.failure,
        reaction=Reaction(row.reaction) if row.reaction else None,
        elapsed=row.elapsed,
        told=_told(context, row, total),
        form=row.form,
        replay_of=row.replay_of,
        run=row.run,
        url=_url(context, row),
        size=row.size,
        faults=tuple(label for _, label in row.faults),
    )


def _told(context: Context, row: Row[Any], total: int | None) -> str:
    """The vendor's view in words: what has become of it, or what comes next."""
    if row.state == "in-hand":
        return "on its way"
    if row.state == "held":
        return "held by a fault" if row.hold != "run" else "held by its run"
    if row.state == "waiting":
        return "waits for the one before it in its conversation"
    if row.state == "ready":
        wait = max(0, row.due - context.time.now())
        when = f"in {span(wait)}" if wait > SECOND // 2 else "now"
        if row.tries == 0:
            return f"sent {when}"
        return f"sent again {when}, attempt {row.tries + 1}" + (f" of {total}" if total else "")
    return {
        "delivered": "delivered",
        "given-up": "given up",
        "off": f"switched off after {max(0, row.tries - 1)} failed resends",
        "cancelled": "cancelled",
    }.get(str(row.outcome), str(row.outcome))


def _url(context: Context, row: Row[Any]) -> str:
    if not row.url:
        return context.inbox_url(row.endpoint) if row.endpoint is not None else ""
    try:
        return Target.parse(row.url).url
    except BadTarget:
        return ""


def occurrences(context: Context, connection: Connection, rows: Iterable[Row[Any]]) -> tuple[Occurrence, ...]:
    """Occurrences with all that came of each, in the order given."""
    found = list(rows)
    ids = [row.id for row in found]
    deliveries: dict[int, list[Summary]] = {ident: [] for ident in ids}
    unsent: dict[int, list[Unsent]] = {ident: [] for ident in ids}
    for row in connection.execute(SUMMARY.where(_d.occurrence.in_(ids), _d.gone_at.is_(None)).order_by(_d.id)):
        deliveries[row.occurrence].append(summary(context, row))
    for row in connection.execute(select(tables.unsent).where(_u.occurrence.in_(ids)).order_by(_u.id)):
        unsent[row.occurrence].append(Unsent(row.endpoint, row.endpoint_name, row.reason, row.text))
    return tuple(
        Occurrence(
            id=row.id,
            provider=row.provider,
            event=row.event,
            conversation=row.conversation,
            origin=row.origin,
            origin_id=row.origin_id,
            at=row.at,
            virtual=row.virtual,
            payload=row.payload,
            deliveries=tuple(deliveries[row.id]),
            unsent=tuple(unsent[row.id]),
        )
        for row in found
    )
