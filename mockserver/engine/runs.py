"""Runs: scenarios as they are played, and what their owner does with them: a step, a pause, an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update

from hookassay.mockserver.engine import expectations
from hookassay.mockserver.engine.attempts import Taken
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.dispatch import Dispatcher, PushOrder
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.model import Run
from hookassay.mockserver.engine.queue import Queue
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.summaries import occurrences
from hookassay.mockserver.engine.texts import Told

_d, _o, _r = tables.delivery.c, tables.occurrence.c, tables.run.c


@dataclass
class Runs:
    """The runs of all scenarios. Raises Refused(not-found) for an id that none has, in every method."""

    context: Context
    queue: Queue
    dispatcher: Dispatcher

    def all(self, limit: int = 20) -> tuple[Run, ...]:
        """The newest first."""
        wanted = select(tables.run).where(_r.gone_at.is_(None)).order_by(_r.id.desc()).limit(limit)
        with self.context.database.reading() as connection:
            return tuple(self._shown(connection, row) for row in connection.execute(wanted).all())

    def get(self, ident: int) -> Run:
        with self.context.database.reading() as connection:
            return self._shown(connection, _row(connection, ident))

    def step(self, ident: int) -> Run:
        """Send the next step, the clock pushed to its time. Raises Refused(conflict) for a run that is over."""
        with self.context.database.reading() as connection:
            row = _row(connection, ident)
            _check_going(row)
            held = self._held(connection, ident)
        if row.mode != "step":
            raise Refused("conflict", Told("plays-by-itself", run=ident))
        if not held:
            raise Refused("conflict", Told("no-step-left", run=ident))
        due = min(one.due for one in held)
        if due > self.context.time.now():
            self.dispatcher.push(PushOrder(due))
        with self.context.database.writing() as connection:
            first = min((one.step for one in self._held(connection, ident)), default=None)
            now = self.context.time.now()
            going = [one for one in self._held(connection, ident) if one.step == first]
            self.queue.let_go(connection, [(one, now) for one in going])
            self.context.changes.note(connection, "run", [ident])
        self._changed()
        return self.get(ident)

    def pause(self, ident: int) -> Run:
        """Hold what it has not sent yet. Raises Refused(conflict) for a run that is over."""
        with self.context.database.writing() as connection:
            row = _row(connection, ident)
            _check_going(row)
            if row.mode == "step" or row.state == "paused":
                raise Refused("conflict", Told("waits-already", run=ident))
            unsent = (_d.run == ident) & _d.state.in_(("waiting", "ready")) & (_d.attempts == 0)
            connection.execute(update(tables.delivery).where(unsent).values(state="held", hold="run"))
            connection.execute(
                update(tables.run).where(_r.id == ident).values(state="paused", paused_at=self.context.time.now())
            )
            self.context.changes.note(connection, "run", [ident])
        self._changed()
        return self.get(ident)

    def resume(self, ident: int) -> Run:
        """Go on after a pause, the later steps moved by its length. Raises Refused(conflict)."""
        with self.context.database.writing() as connection:
            row = _row(connection, ident)
            if row.state != "paused":
                raise Refused("conflict", Told("not-paused", run=ident))
            later = self.context.time.now() - row.paused_at
            self.queue.let_go(connection, [(one, one.due + later) for one in self._held(connection, ident)])
            connection.execute(update(tables.run).where(_r.id == ident).values(state="running", paused_at=None))
            self.context.changes.note(connection, "run", [ident])
        self._changed()
        return self.get(ident)

    def stop(self, ident: int) -> Run:
        """End it: what it has not sent is cancelled."""
        with self.context.database.writing() as connection:
            row = _row(connection, ident)
            _check_going(row)
            open_ones = (_d.run == ident) & _d.state.in_(("waiting", "held", "ready"))
            self.queue.cancel(connection, connection.execute(select(tables.delivery).where(open_ones)).all())
            connection.execute(update(tables.run).where(_r.id == ident).values(state="stopped"))
            self._slow_down(connection, row)
            self.context.changes.note(connection, "run", [ident])
        self._changed()
        return self.get(ident)

    def wait(self, ident: int, timeout: float) -> Run:
        """The run when it has ended, or as it is after so many real seconds."""
        self.context.changes.wait_until(lambda: self.get(ident).state in ("finished", "stopped"), timeout)
        return self.get(ident)

    # what the queue tells

    def judge(self, connection: Connection, done: Sequence[Taken]) -> None:
        """Compare what was recorded with what steps expect; called in the transaction that records it."""
        mine = [one.row for one in done if one.row.run is not None]
        if not mine:
            return
        for run, text in expectations.unmet(connection, [row.id for row in mine]):
            self.unmet(connection, run, text)
        self.context.changes.note(connection, "run", sorted({row.run for row in mine}))
        self.close_finished(connection)

    def close_finished(self, connection: Connection) -> None:
        """End the runs that have nothing left to send."""
        left = select(_d.id).where(_d.run == _r.id, tables.OPEN, _d.gone_at.is_(None)).exists()
        over = connection.execute(select(tables.run).where(_r.state == "running", _r.gone_at.is_(None), ~left)).all()
        for row in over:
            connection.execute(update(tables.run).where(_r.id == row.id).values(state="finished"))
            self._slow_down(connection, row)
        self.context.changes.note(connection, "run", [row.id for row in over])

    def take_up(self, connection: Connection) -> None:
        """At the start: a run that made the clock faster when the mock ended goes on at its rate."""
        wanted = select(_r.rate).where(_r.state == "running", _r.rate.is_not(None), _r.gone_at.is_(None))
        rate = connection.execute(wanted.order_by(_r.id.desc())).scalar()
        if rate is not None:
            self.context.time.set_rate(rate)

    def _slow_down(self, connection: Connection, ended: Row[Any]) -> None:
        """A run that made the clock faster is over: it goes at its usual rate, unless another run wants it fast."""
        if ended.rate is None:
            return
        others = select(_r.id).where(_r.state == "running", _r.rate.is_not(None), _r.id != ended.id)
        if connection.execute(others).first() is None:
            self.context.time.set_rate(self.context.usual_rate)
            self.context.time.save(connection)
            self.context.changes.note(connection, "clock", [0])

    def unmet(self, connection: Connection, run: int, text: str) -> None:
        """Note an expectation that did not hold; the first of a run stays."""
        connection.execute(update(tables.run).where(_r.id == run, _r.unmet == "").values(unmet=text))

    def _held(self, connection: Connection, run: int) -> list[Row[Any]]:
        """What waits for the run's owner, in order, each with the number of its step."""
        wanted = (
            select(tables.delivery, _o.step)
            .join(tables.occurrence, _o.id == _d.occurrence)
            .where(_d.run == run, _d.state == "held", _d.hold == "run", _d.gone_at.is_(None))
        )
        return list(connection.execute(wanted.order_by(_d.sequence, _d.id)))

    def _shown(self, connection: Connection, row: Row[Any]) -> Run:
        wanted = select(tables.occurrence).where(_o.run == row.id, _o.gone_at.is_(None)).order_by(_o.step)
        rows = connection.execute(wanted).all()
        happened = occurrences(self.context, connection, rows)
        steps = [expectations.step_state(one, shown) for one, shown in zip(rows, happened, strict=True)]
        return Run(
            id=row.id,
            provider=row.provider,
            scenario=row.scenario,
            title=row.title,
            seed=row.seed,
            mode=row.mode,
            rate=row.rate,
            state=row.state,
            unmet=row.unmet,
            started=row.started,
            cast=row.cast,
            steps=tuple(steps),
            missing=tuple(row.missing),
        )

    def _changed(self) -> None:
        self.context.changes.tell()
        self.context.wake()


def _row(connection: Connection, ident: int) -> Row[Any]:
    row = connection.execute(select(tables.run).where(_r.id == ident, _r.gone_at.is_(None))).first()
    if row is None:
        raise Refused("not-found", f"no run {ident}")
    return row


def _check_going(row: Row[Any]) -> None:
    if row.state in ("finished", "stopped"):
        raise Refused("conflict", f"run {row.id} is over: {row.state}")
