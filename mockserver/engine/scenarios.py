"""Scenarios: scripted conversations, played, paced or stepped by hand."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, update

from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.ids import Ids
from hookassay.mockserver.emission.overrides import BadOverride, Overrides
from hookassay.mockserver.emission.script import BadScript, Script
from hookassay.mockserver.emission.vendor import InvalidDelivery, Secrets, Vendor
from hookassay.mockserver.engine import expectations, scripts
from hookassay.mockserver.engine.attempts import Taken
from hookassay.mockserver.engine.clock import FASTEST, SLOWEST, Clock
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.dispatch import Dispatcher, PushOrder
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.faults import Faults
from hookassay.mockserver.engine.intake import Happening, Intake, told
from hookassay.mockserver.engine.model import Run, ScenarioInfo
from hookassay.mockserver.engine.queue import Queue
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.store.inserting import insert_one
from hookassay.mockserver.engine.summaries import occurrences
from hookassay.mockserver.engine.texts import Told
from hookassay.schemas.contract import Json, Provider, Scenario

_d, _o, _r = tables.delivery.c, tables.occurrence.c, tables.run.c
_LARGEST_SEED = 2**31 - 1


@dataclass
class Scenarios:
    """The scenarios of all providers and the user's own, and their runs."""

    context: Context
    intake: Intake
    queue: Queue
    faults: Faults
    clock: Clock
    dispatcher: Dispatcher

    def all(self, provider: str | None = None) -> tuple[ScenarioInfo, ...]:
        """What can be played; a file of the user's that cannot be read is there with its `problem`."""
        with self.context.database.reading() as connection:
            return tuple(
                self._info(connection, found)
                for found in scripts.find(self.context)
                if provider is None or found.provider == provider
            )

    def _info(self, connection: Connection, found: scripts.Found) -> ScenarioInfo:
        scenario = found.scenario
        if scenario is None:
            return ScenarioInfo(found.provider, found.name, found.name, (), 0, 0, found.ours, problem=found.problem)
        return ScenarioInfo(
            provider=found.provider,
            name=found.name,
            title=scenario.title,
            needs=scenario.needs,
            steps=len(scenario.steps),
            length=times.span(str(scenario.steps[-1]["at"])),
            ours=found.ours,
            missing=tuple(self._missing(connection, self.context.providers.get(found.provider), scenario, None)),
        )

    def _missing(
        self, connection: Connection, provider: Provider, scenario: Scenario, endpoints: Sequence[int] | None
    ) -> Iterator[str]:
        """What it needs and no endpoint gets, with the reasons."""
        for name in scenario.needs:
            event = provider.events[name]
            chosen = self.intake.decide(connection, provider, event, event.minimal.document, endpoints)
            if not any(reason in (None, "routed-elsewhere") for _, reason in chosen):
                reasons = [told(row, reason, event) for row, reason in chosen if reason is not None]
                yield from (Told("missing", event=name, why=why) for why in reasons or [Told("no-endpoint")])

    def play(
        self,
        provider: str,
        name: str,
        *,
        seed: int | None = None,
        mode: Literal["play", "step"] = "play",
        rate: float | None = None,
        endpoints: Sequence[int] | None = None,
    ) -> Run:
        """Start a run: all its occurrences and deliveries are there from now on, due at their steps' times.

        `rate` makes the vendor's clock run so much faster until the run has ended; `step` waits for
        `step()` before each. Raises Refused(not-found), Refused(invalid) with file and key.
        """
        scenario = scripts.get(self.context, provider, name)
        if rate is not None and not SLOWEST <= rate <= FASTEST:
            raise Refused("invalid", f"the rate is a number from {SLOWEST:g} to {FASTEST:g}", "/rate")
        if mode not in ("play", "step"):
            raise Refused("invalid", "mode is play or step", "/mode")
        if seed is not None and not 0 <= seed <= _LARGEST_SEED:
            raise Refused("invalid", f"a seed is a number from 0 to {_LARGEST_SEED}", "/seed")
        seed = secrets.randbelow(1_000_000) if seed is None else seed
        vendor = self.context.providers.get(provider)
        start = self.context.time.now()
        cast = _cast(vendor, scenario, seed, start)
        with self.context.database.writing() as connection:
            ident = insert_one(
                connection,
                tables.run,
                {
                    "provider": provider,
                    "scenario": name,
                    "title": scenario.title,
                    "seed": seed,
                    "cast": cast,
                    "mode": mode,
                    "rate": rate,
                    "state": "running",
                    "unmet": "",
                    "missing": list(self._missing(connection, vendor, scenario, endpoints)),
                    "started": time.time_ns(),
                },
            )
            self._tell_story(connection, vendor, scenario, ident, start, cast, mode == "step", endpoints)
            if rate is not None:
                self.context.time.set_rate(rate)
                self.context.time.save(connection)
            self.close_finished(connection)
            self.context.changes.note(connection, "run", [ident])
        self._tell()
        return self.run(ident)

    def _tell_story(
        self,
        connection: Connection,
        provider: Provider,
        scenario: Scenario,
        run: int,
        start: int,
        cast: dict[str, Json],
        held: bool,
        endpoints: Sequence[int] | None,
    ) -> None:
        """Write down every step: its occurrence, its deliveries due at its time, its faults."""
        vendor = Vendor(provider, Secrets(), clock=self.context.time.now)
        script, ids = Script(now=start, start=start, cast=cast), Ids()
        for number, step in enumerate(scenario.steps, 1):
            script.now = start + times.span(str(step["at"]))
            event = provider.events[step["event"]]
            try:
                changes = Overrides(step.get("set", {}), tuple(step.get("remove", ())))
                base = script.fill(json.loads(step["json"])) if "json" in step else None
                document = vendor.document(
                    event, step.get("example", "full"), changes, base=base, at=script.now, ids=ids, script=script
                )
            except (BadScript, BadOverride, InvalidDelivery, ValueError) as error:
                raise Refused("invalid", f"{scenario.name}: step[{number - 1}]: {error}") from error
            what = Happening(
                provider, event, document, "scenario", origin_id=run, virtual=script.now, run=run, step=number,
                expect=step.get("expect"),
            )  # fmt: skip
            occurrence = self.intake.happen(connection, what, named=endpoints, held=held, tolerant=True)
            rows = connection.execute(select(_d.id, _d.endpoint).where(_d.occurrence == occurrence)).all()
            if not rows and step.get("expect"):
                self._unmet(connection, run, Told("step-without-endpoint", number=number, event=event.name))
            for row in rows:
                for kind, plan, parameters in scripts.faults_of(step):
                    self.faults.insert(connection, row.endpoint, kind, "*", parameters, plan, run=run, delivery=row.id)

    def runs(self, limit: int = 20) -> tuple[Run, ...]:
        """The newest first."""
        wanted = select(tables.run).where(_r.gone_at.is_(None)).order_by(_r.id.desc()).limit(limit)
        with self.context.database.reading() as connection:
            return tuple(self._shown(connection, row) for row in connection.execute(wanted).all())

    def run(self, ident: int) -> Run:
        with self.context.database.reading() as connection:
            return self._shown(connection, _row(connection, ident))

    def step(self, ident: int) -> Run:
        """Send the next step, the clock pushed to its time. Raises Refused(conflict) for a run that is over."""
        with self.context.database.reading() as connection:
            row = _row(connection, ident)
            _check_going(row)
            held = self._held(connection, ident)
        if row.mode != "step":
            raise Refused("conflict", f"run {ident} plays by itself: it is not stepped")
        if not held:
            raise Refused("conflict", f"run {ident} has no step left to send")
        due = min(one.due for one in held)
        if due > self.context.time.now():
            self.dispatcher.push(PushOrder(due))
        with self.context.database.writing() as connection:
            first = min((one.step for one in self._held(connection, ident)), default=None)
            now = self.context.time.now()
            going = [one for one in self._held(connection, ident) if one.step == first]
            self.queue.let_go(connection, [(one, now) for one in going])
            self.context.changes.note(connection, "run", [ident])
        self._tell()
        return self.run(ident)

    def pause(self, ident: int) -> Run:
        """Hold what it has not sent yet. Raises Refused(conflict) for a run that is over."""
        with self.context.database.writing() as connection:
            row = _row(connection, ident)
            _check_going(row)
            if row.mode == "step" or row.state == "paused":
                raise Refused("conflict", f"run {ident} waits for you already")
            unsent = (_d.run == ident) & _d.state.in_(("waiting", "ready")) & (_d.attempts == 0)
            connection.execute(update(tables.delivery).where(unsent).values(state="held", hold="run"))
            connection.execute(
                update(tables.run).where(_r.id == ident).values(state="paused", paused_at=self.context.time.now())
            )
            self.context.changes.note(connection, "run", [ident])
        self._tell()
        return self.run(ident)

    def resume(self, ident: int) -> Run:
        """Go on after a pause, the later steps moved by its length. Raises Refused(conflict)."""
        with self.context.database.writing() as connection:
            row = _row(connection, ident)
            if row.state != "paused":
                raise Refused("conflict", f"run {ident} is not paused")
            later = self.context.time.now() - row.paused_at
            self.queue.let_go(connection, [(one, one.due + later) for one in self._held(connection, ident)])
            connection.execute(update(tables.run).where(_r.id == ident).values(state="running", paused_at=None))
            self.context.changes.note(connection, "run", [ident])
        self._tell()
        return self.run(ident)

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
        self._tell()
        return self.run(ident)

    def wait(self, ident: int, timeout: float) -> Run:
        """The run when it has ended, or as it is after so many real seconds."""
        self.context.changes.wait_until(lambda: self.run(ident).state in ("finished", "stopped"), timeout)
        return self.run(ident)

    # what the queue tells

    def judge(self, connection: Connection, done: Sequence[Taken]) -> None:
        """Compare what was recorded with what steps expect; called in the transaction that records it."""
        mine = [one.row for one in done if one.row.run is not None]
        if not mine:
            return
        for run, text in expectations.unmet(connection, [row.id for row in mine]):
            self._unmet(connection, run, text)
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

    def _unmet(self, connection: Connection, run: int, text: str) -> None:
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

    def _tell(self) -> None:
        self.context.changes.tell()
        self.context.wake()


def _cast(provider: Provider, scenario: Scenario, seed: int, at: int) -> dict[str, Json]:
    from hookassay.mockserver.emission import generation

    try:
        return generation.cast(provider, scenario.cast, seed, 0, at)
    except generation.BadCast as error:
        raise Refused("invalid", f"{scenario.name}: {error}") from error


def _row(connection: Connection, ident: int) -> Row[Any]:
    row = connection.execute(select(tables.run).where(_r.id == ident, _r.gone_at.is_(None))).first()
    if row is None:
        raise Refused("not-found", f"no run {ident}")
    return row


def _check_going(row: Row[Any]) -> None:
    if row.state in ("finished", "stopped"):
        raise Refused("conflict", f"run {row.id} is over: {row.state}")
