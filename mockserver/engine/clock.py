"""The vendor's clock: scaled, pushed, and never past an attempt in flight."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, func, select, update

from hookassay.mockserver.emission import times
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.dispatch import Dispatcher, PushOrder
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.model import ClockState, Push, Pushed
from hookassay.mockserver.engine.queue import Queue
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.texts import Told

SLOWEST, FASTEST = 0.001, 1_000_000.0
_FARTHEST = 366 * 86_400 * times.SECOND
_d = tables.delivery.c


@dataclass
class Clock:
    """The one clock on which due times, scenario steps and the times in payloads run."""

    context: Context
    queue: Queue
    dispatcher: Dispatcher

    def now(self) -> int:
        """The virtual moment."""
        return self.context.time.now()

    def state(self) -> ClockState:
        order = self.dispatcher.push_order
        with self.context.database.reading() as connection:
            due, in_hand, following = self.load(connection)
        return ClockState(
            now=self.context.time.now(),
            ahead=self.context.time.ahead if self.context.time.is_off else 0,
            rate=self.context.time.rate,
            due=due,
            in_hand=in_hand,
            next_due=following,
            pushing=None if order is None else Push(order.attempts, order.until),
        )

    def load(self, connection: Connection) -> tuple[int, int, int | None]:
        """How many deliveries are due, how many in hand, and when the next one is (virtual)."""
        mine = _d.gone_at.is_(None)
        now = self.context.time.now()
        sendable = _d.endpoint.in_(
            select(tables.endpoint.c.id).where(tables.endpoint.c.enabled, tables.endpoint.c.gone_at.is_(None))
        )
        due = select(func.count()).where(tables.READY, _d.due <= now, mine, sendable)
        in_hand = select(func.count()).where(tables.OPEN, _d.state == "in-hand", mine)
        return (
            int(connection.execute(due).scalar() or 0),
            int(connection.execute(in_hand).scalar() or 0),
            self.queue.next_due(connection),
        )

    def set_rate(self, rate: float) -> ClockState:
        """So many virtual seconds a real one (0.001 to 1 000 000). Raises Refused(invalid)."""
        if not math.isfinite(rate) or not SLOWEST <= rate <= FASTEST:
            raise Refused("invalid", f"the rate is a number from {SLOWEST:g} to {FASTEST:g}", "/rate")
        self.context.time.set_rate(rate)
        self._save()
        return self.state()

    def push(
        self,
        *,
        by: str | None = None,
        to: Literal["next", "idle"] | None = None,
        delivery: int | None = None,
    ) -> Pushed:
        """Let the time pass with every attempt made: `by` a length (`7d`), `to` the next attempt, or until nothing
        is left to send (of this `delivery`, if one is named). Returns when it is done or stopped.

        Raises Refused(invalid), Refused(conflict) while another push is under way.
        """
        if (by is None) == (to is None):
            raise Refused("invalid", "push by a length of time, or to next or idle", "/by")
        if to is not None and to not in ("next", "idle"):
            raise Refused("invalid", "to is next or idle", "/to")
        until = None
        if by is not None:
            try:
                length = times.span(by)
            except ValueError as error:
                raise Refused("invalid", str(error), "/by") from error
            if length > _FARTHEST:
                raise Refused("invalid", "at most a year at a time", "/by")
            until = self.now() + length
        elif to == "next":
            with self.context.database.reading() as connection:
                until = self.queue.next_due(connection)
            if until is None:
                return Pushed(0, self.now())
        order = self.dispatcher.push(PushOrder(until, delivery))
        return Pushed(order.attempts, self.now(), order.stopped)

    def stop_push(self) -> None:
        """End a push after the attempts in flight."""
        order = self.dispatcher.push_order
        if order is not None:
            order.stopped = True
            self.context.wake()

    def reset(self) -> ClockState:
        """Real time again; what waits keeps its distance. Raises Refused(conflict) while something is due or in
        hand, or a push is under way."""
        if self.dispatcher.push_order is not None:
            raise Refused("conflict", Told("clock-pushed"))
        with self.context.database.writing() as connection:
            due, in_hand, _ = self.load(connection)
            if due or in_hand:
                raise Refused("conflict", Told("clock-busy", due=due, in_hand=in_hand))
            self.turn_back(connection)
        self.context.changes.tell()
        self.context.wake()
        return self.state()

    def turn_back(self, connection: Connection) -> None:
        """Real time again, in a transaction of the caller's; what waits keeps its distance."""
        back = self.context.time.reset()
        waiting = _d.state.in_(("ready", "waiting", "held")) & _d.due.is_not(None)
        if back:
            connection.execute(
                update(tables.delivery).where(waiting).values(due=_d.due - back, first_due=_d.first_due - back)
            )
        self.context.time.save(connection)
        self.context.changes.note(connection, "clock", [0])

    def _save(self) -> None:
        with self.context.database.writing() as connection:
            self.context.time.save(connection)
            self.context.changes.note(connection, "clock", [0])
        self.context.changes.tell()
        self.context.wake()
