"""The statements that the queue lives on, compiled once.

Each counts a hundredfold when thousands are queued; `tables` has the partial indexes that they use.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, func, insert, literal_column, select, update

from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.store.bulk import Bulk

_delivery, _attempt, _endpoint = tables.delivery, tables.attempt, tables.endpoint

OWNER = select(_endpoint).where(_endpoint.c.id == bindparam("it"))
DUES = select(
    _endpoint.c.id,
    select(func.min(_delivery.c.due))
    .where(_delivery.c.endpoint == _endpoint.c.id, tables.READY, _delivery.c.gone_at.is_(None))
    .scalar_subquery(),
).where(_endpoint.c.gone_at.is_(None), _endpoint.c.enabled)
WHOLE: Select[Any] = select(_delivery, *[column for column in tables.request.c if column.name != "delivery"]).join(
    tables.request, tables.request.c.delivery == _delivery.c.id
)
"""A delivery with what it says."""
DUE: Select[Any] = (
    select(
        _delivery,
        tables.request.c.headers,
        tables.request.c.body,
        tables.request.c.spans,
        tables.occurrence.c.provider,
        tables.occurrence.c.event,
    )
    .join(tables.request, tables.request.c.delivery == _delivery.c.id)
    .join(tables.occurrence, tables.occurrence.c.id == _delivery.c.occurrence)
    .where(
        _delivery.c.endpoint == bindparam("b_endpoint"),
        tables.READY,
        _delivery.c.due <= bindparam("now"),
        _delivery.c.gone_at.is_(None),
    )
    .order_by(_delivery.c.due, _delivery.c.sequence)
    .limit(bindparam("room"))
)
TAKE = Bulk(
    update(_delivery)
    .where(_delivery.c.id == bindparam("it"))
    .values(state=literal_column("'in-hand'"), attempts=bindparam("number"))
)
WRITE_ATTEMPT = Bulk.insert(
    insert(_attempt),
    "delivery", "number", "scheduled", "started", "told", "faults", "headers", "body", "spans", "cut",
)  # fmt: skip
RECORD_ATTEMPT = Bulk(
    update(_attempt)
    .where(_attempt.c.delivery == bindparam("b_delivery"), _attempt.c.number == bindparam("b_number"))
    .values(
        {
            name: bindparam(f"b_{name}")
            for name in ("ended", "answer", "answer_body", "text", "seen", "reaction", "view", "told")
        }
    )
)
RECORD_DELIVERY = Bulk(
    update(_delivery)
    .where(_delivery.c.id == bindparam("b_id"))
    .values(
        {
            **{
                name: bindparam(f"b_{name}")
                for name in ("state", "outcome", "due", "tries", "status", "failure", "reaction", "elapsed", "faults")
            },
            "size": _delivery.c.size + bindparam("b_size"),
        }
    )
)
WAITING = (
    select(_delivery.c.id)
    .where(_delivery.c.endpoint == bindparam("b_endpoint"), tables.WAITING)
    .limit(literal_column("1"))
)
"""Whether anything waits at an endpoint at all: most have no conversation in which one does."""
_other = _delivery.alias("other")
ADVANCE = Bulk(
    update(_delivery)
    .where(
        _delivery.c.id
        == select(_other.c.id)
        .where(
            _other.c.endpoint == bindparam("b_endpoint"),
            _other.c.key == bindparam("b_key"),
            _other.c.state == literal_column("'waiting'"),
            _other.c.gone_at.is_(None),
        )
        .order_by(_other.c.sequence)
        .limit(literal_column("1"))
        .offset(literal_column("0"))  # SQLite has one wherever it has a limit
        .scalar_subquery()
    )
    .values(state=literal_column("'ready'"))
)
