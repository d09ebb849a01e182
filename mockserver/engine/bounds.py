"""The log within its bounds: the newest 10 000 deliveries or 256 MB; the oldest finished ones go."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, select

from hookassay.mockserver.engine.model import OPEN_STATES
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.undo import drop_empty

DELIVERIES = 10_000
BYTES = 256_000_000
_PART = 500
"""Deliveries that go at once: a short transaction, with others in between."""

_d = tables.delivery.c


def keep(connection: Connection, deliveries: int = DELIVERIES, size: int = BYTES) -> int:
    """Delete the oldest finished deliveries beyond the bounds, some at a time; how many went."""
    count, total = connection.execute(select(func.count(), func.coalesce(func.sum(_d.size), 0))).one()
    surplus = min(count - deliveries, _PART)
    if surplus <= 0 and total <= size:
        return 0
    finished = select(_d.id, _d.size).where(_d.state.not_in(OPEN_STATES)).order_by(_d.id).limit(_PART)
    going: list[int] = []
    for ident, weight in connection.execute(finished):
        if len(going) >= surplus and total <= size:
            break
        going.append(ident)
        total -= weight
    if going:
        connection.execute(delete(tables.delivery).where(_d.id.in_(going)))
        drop_empty(connection)
    return len(going)
