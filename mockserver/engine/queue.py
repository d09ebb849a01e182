"""The queue: what is due, in which order, taken in one transaction and recorded in the next.

Only the head of a conversation is *ready*; the next becomes so in the transaction that records the
head's attempt (a kept state: asking for earlier open rows in the query is quadratic).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update

from hookassay.mockserver.engine import statements, vendors
from hookassay.mockserver.engine.attempts import Taken, attempt_columns, delivery_columns, difference, judged
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.faults import Faults
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.store.bulk import dumped
from hookassay.mockserver.engine.store.inserting import insert_delivery
from hookassay.mockserver.engine.strikes import Strike
from hookassay.mockserver.engine.texts import Told, packed
from hookassay.mockserver.engine.timekeeper import SECOND

BATCH = 16
"""Deliveries of one endpoint that are in hand at most."""

_delivery, _attempt, _endpoint = tables.delivery, tables.attempt, tables.endpoint

_COPIED = (
    "occurrence", "endpoint", "endpoint_name", "method", "url", "headers", "body", "spans", "run", "size", "text",
)  # fmt: skip


@dataclass
class Queue:
    """The deliveries that are still to be sent."""

    context: Context
    faults: Faults
    finished: list[Any] = field(default_factory=list)
    """Called in the transaction that records attempts, with what was recorded (runs judge their steps so)."""

    # what comes in

    def put(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> list[int]:
        """Insert deliveries, each ready if nothing of its conversation goes before; their ids."""
        ids = []
        for row in rows:
            ident = insert_delivery(connection, row)
            ids.append(ident)
            if row["key"] is not None and row["state"] == "ready":
                if self._is_behind(connection, row["endpoint"], row["key"], ident, row["strict"]):
                    connection.execute(update(_delivery).where(_delivery.c.id == ident).values(state="waiting"))
                    continue
            if row["due"] is not None:
                self.context.time.lower_ceiling(row["due"])
        self.context.changes.note(connection, "delivery", ids)
        return ids

    @staticmethod
    def _is_behind(connection: Connection, endpoint: int, key: str, ident: int, strict: bool) -> bool:
        """Whether an earlier delivery of the same conversation has to go first."""
        c = _delivery.c
        leading: ColumnElement[bool] = c.state.in_(("ready", "in-hand"))
        if not strict:  # one that has failed before is overtaken
            leading = and_(leading, c.tries == 0)
        earlier = and_(c.endpoint == endpoint, c.key == key, c.id != ident, c.gone_at.is_(None))
        found = select(c.id).where(earlier, tables.OPEN, or_(leading, c.state == "waiting")).limit(1)
        return connection.execute(found).first() is not None

    # what is due

    def next_due(self, connection: Connection) -> int | None:
        """The virtual moment of the next thing to send; None when nothing is ready."""
        moments = [due for _, due in self.dues(connection)]
        return min(moments, default=None)

    def dues(self, connection: Connection) -> list[tuple[int, int]]:
        """Each endpoint that has something ready, and the virtual moment of its first."""
        return [(ident, due) for ident, due in connection.execute(statements.DUES) if due is not None]

    def take_back(self, connection: Connection) -> int:
        """At the start: what a killed process had in hand is ready again; how many."""
        in_hand = update(_delivery).where(tables.OPEN, _delivery.c.state == "in-hand").values(state="ready")
        return connection.execute(in_hand).rowcount

    # taking

    def take(self, connection: Connection, endpoint: int, now: int, room: int = BATCH) -> list[Taken]:
        """Take what is due at an endpoint: state, attempt rows and the counts of faults in the caller's transaction."""
        owner = connection.execute(statements.OWNER, {"it": endpoint}).first()
        if owner is None or not owner.enabled or owner.gone_at is not None:
            return []
        rows = connection.execute(statements.DUE, {"b_endpoint": endpoint, "now": now, "room": room}).all()
        taken = []
        for row in rows:
            strikes = self.faults.strikes(connection, row, row.attempts + 1)
            if not self._postponed(connection, row, strikes, now):
                taken.append(self._prepared(connection, row, owner, strikes))
        self._write_taken(connection, taken)
        return taken

    def _postponed(self, connection: Connection, row: Row[Any], strikes: Sequence[Strike], now: int) -> bool:
        """Whether a fault keeps it from being sent now: delayed, or held until enough have come together."""
        strike = next((strike for strike in strikes if strike.postpones), None)
        if strike is None:
            return False
        labels = [*row.faults, [strike.fault, strike.label]]
        change = update(_delivery).where(_delivery.c.id == row.id)
        if strike.kind == "delay":
            due = now + round(strike.number("by", 1) * SECOND)
            connection.execute(change.values(due=due, faults=labels))
        else:
            connection.execute(change.values(state="held", hold=f"fault:{strike.fault}", faults=labels))
            self._advance(connection, [row])
            self.release_held(connection, strike.fault, now, at_least=int(strike.number("n", 2)))
        self.context.changes.note(connection, "delivery", [row.id])
        return True

    def _prepared(self, connection: Connection, row: Row[Any], owner: Row[Any], strikes: tuple[Strike, ...]) -> Taken:
        """What is sent this time: the delivery as it was built, unless a fault or a time stamp changes it."""
        provider = self.context.providers.all.get(row.provider)
        delivery = vendors.restored(
            row, row.provider, row.event, provider is None or "basic-from-url" in provider.traits
        )
        if provider is not None and row.event in provider.events:
            if provider.authentication.stamp == "attempt" and row.form != "same-bytes":
                delivery = vendors.resigned(self.context, provider, owner, delivery)
            for strike in strikes:
                delivery = strike.changed(self.context, provider, owner, delivery)
        for strike in strikes:
            if strike.kind == "duplicate":
                self._duplicate(connection, row, strike)
        return Taken(row, owner, row.attempts + 1, row.due, delivery, strikes)

    def _duplicate(self, connection: Connection, row: Row[Any], strike: Strike) -> None:
        """Insert copies of a delivery, sent once each, outside of its conversation's order."""
        whole = connection.execute(statements.WHOLE.where(_delivery.c.id == row.id)).one()
        copied = {name: getattr(whole, name) for name in _COPIED}
        due = self.context.time.now() + round(strike.number("after", 0) * SECOND)
        fresh = {
            **copied,
            "replay_of": row.id,
            "form": "same-bytes",
            "state": "ready",
            "outcome": "waiting",
            "due": due,
            "first_due": due,
            "key": None,
            "sequence": time.time_ns(),
            "single": True,
            "strict": False,
            "attempts": 0,
            "tries": 0,
            "failure": "",
            "faults": [[strike.fault, strike.label]],
            "at": time.time_ns(),
        }
        self.put(connection, [fresh] * max(1, int(strike.number("copies", 1))))

    def _write_taken(self, connection: Connection, taken: Sequence[Taken]) -> None:
        if not taken:
            return
        now = time.time_ns()
        statements.TAKE.execute(connection, ({"it": one.row.id, "number": one.number} for one in taken))
        statements.WRITE_ATTEMPT.execute(
            connection,
            [
                {
                    "delivery": one.row.id,
                    "number": one.number,
                    "scheduled": one.scheduled,
                    "started": now,
                    "told": "",
                    "faults": dumped(packed([strike.label for strike in one.strikes])),
                    **difference(one),
                }
                for one in taken
            ],
        )

    # recording

    def record(self, connection: Connection, done: Sequence[Taken]) -> None:
        """Write down what came of attempts: answers, the vendor's view, the next attempt, who is ready now."""
        if not done:
            return
        endpoint = connection.execute(statements.OWNER, {"it": done[0].row.endpoint}).first()
        provider = self.context.providers.all.get(done[0].row.provider)
        attempts, deliveries, switched_off = [], [], False
        for one in done:
            verdict = judged(one, provider, endpoint)
            switched_off = switched_off or verdict["outcome"] == "off"
            attempts.append(attempt_columns(one, verdict))
            deliveries.append(delivery_columns(one, verdict))
        statements.RECORD_ATTEMPT.execute(connection, attempts)
        statements.RECORD_DELIVERY.execute(connection, deliveries)
        self._advance(
            connection,
            [one.row for one, new in zip(done, deliveries, strict=True) if _lets_go(one.row, new["b_state"])],
        )
        if switched_off:
            self._switch_off(connection, done[0].row.endpoint, provider.title if provider else {})
        self.context.changes.note(connection, "delivery", [one.row.id for one in done])
        for call in self.finished:
            call(connection, done)

    def _advance(self, connection: Connection, rows: Sequence[Row[Any]]) -> None:
        """Make the next of each conversation ready, where one waits at all."""
        keys = {row.key for row in rows if row.key is not None}
        if keys:
            endpoint = rows[0].endpoint
            if connection.execute(statements.WAITING, {"b_endpoint": endpoint}).first() is not None:
                statements.ADVANCE.execute(connection, [{"b_endpoint": endpoint, "b_key": key} for key in keys])

    def _switch_off(self, connection: Connection, endpoint: int, vendor: Mapping[str, str]) -> None:
        """The vendor turns the webhook off: what was pending there is cancelled."""
        reason = Told("vendor-switched-off", vendor=vendor)
        connection.execute(
            update(_endpoint)
            .where(_endpoint.c.id == endpoint)
            .values(enabled=False, off_reason=reason, revision=_endpoint.c.revision + 1)
        )
        pending = (_delivery.c.endpoint == endpoint) & tables.OPEN & _delivery.c.state.in_(("waiting", "held", "ready"))
        ids = list(connection.execute(select(_delivery.c.id).where(pending)).scalars())
        connection.execute(update(_delivery).where(pending).values(state="cancelled", outcome="cancelled", due=None))
        self.context.changes.note(connection, "delivery", ids)
        self.context.changes.note(connection, "endpoint", [endpoint])

    # by hand

    def send_now(self, connection: Connection, row: Row[Any]) -> None:
        """The next attempt now: it leaves its place, and nothing else moves."""
        now = self.context.time.now()
        connection.execute(
            update(_delivery)
            .where(_delivery.c.id == row.id)
            .values(state="ready", due=now, first_due=func.coalesce(_delivery.c.first_due, now), hold=None)
        )
        if row.state == "waiting":  # it has overtaken: those behind the head do not wait for it
            connection.execute(update(_delivery).where(_delivery.c.id == row.id).values(key=None))
        self.context.changes.note(connection, "delivery", [row.id])

    def let_go(self, connection: Connection, rows: Sequence[tuple[Row[Any], int]]) -> None:
        """Let held deliveries go, each due at a moment, in the order of their conversations."""
        for row, due in rows:
            behind = row.key is not None and self._is_behind(connection, row.endpoint, row.key, row.id, row.strict)
            change = {"state": "waiting" if behind else "ready", "hold": None, "due": due, "first_due": due}
            connection.execute(update(_delivery).where(_delivery.c.id == row.id).values(**change))
            self.context.time.lower_ceiling(due)
        self.context.changes.note(connection, "delivery", [row.id for row, _ in rows])

    def cancel(self, connection: Connection, rows: Sequence[Row[Any]]) -> None:
        """Send them no more."""
        ids = [row.id for row in rows]
        connection.execute(
            update(_delivery).where(_delivery.c.id.in_(ids)).values(state="cancelled", outcome="cancelled", due=None)
        )
        for row in rows:
            if _is_leading(row):
                self._advance(connection, [row])
        self.context.changes.note(connection, "delivery", ids)

    def release_held(self, connection: Connection, fault: int, now: int, at_least: int = 1) -> int:
        """Let go what a fault holds, once it is `at_least` so many; how many."""
        rows = connection.execute(
            select(_delivery)
            .where(_delivery.c.hold == f"fault:{fault}", _delivery.c.gone_at.is_(None))
            .order_by(_delivery.c.sequence)
        ).all()
        if len(rows) < at_least or not rows:
            return 0
        shuffled = self.faults.order_of_release(connection, fault, [row.id for row in rows])
        key = None if shuffled is None else f"fault:{fault}:{rows[0].id}"
        for place, ident in enumerate(shuffled or [row.id for row in rows]):
            state = "ready" if key is None or place == 0 else "waiting"
            connection.execute(
                update(_delivery)
                .where(_delivery.c.id == ident)
                .values(state=state, hold=None, due=now, key=key, strict=False, sequence=rows[0].sequence + place)
            )
        self.context.changes.note(connection, "delivery", [row.id for row in rows])
        return len(rows)


def _lets_go(row: Row[Any], state: str) -> bool:
    """Whether the next of its conversation may go now: strictly at its end, else after its first attempt."""
    return state != "ready" if row.strict else row.tries == 0


def _is_leading(row: Row[Any]) -> bool:
    """Whether the others of its conversation wait for it."""
    return row.state in ("ready", "in-hand") and (bool(row.strict) or row.tries == 0)
