"""Bad days: what goes wrong on the way, by counted plans first."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, func, select, update

from hookassay.mockserver.engine import notes, plans, vendors
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.model import Fault, FaultKind
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.store.inserting import insert_one
from hookassay.mockserver.engine.strikes import Strike
from hookassay.mockserver.engine.texts import Told
from hookassay.schemas.contract import Json

_table = tables.fault
_SWITCH = "faults"


@dataclass
class Faults:
    """The faults of all endpoints, and the one switch that silences them. Off means: none is there."""

    context: Context
    release: Callable[[Connection, int, int], int] = lambda connection, fault, now: 0
    _active: list[Row[Any]] | None = field(default=None, repr=False)

    def all(self, endpoint: int | None = None) -> tuple[Fault, ...]:
        wanted = select(_table).where(_table.c.gone_at.is_(None)).order_by(_table.c.id)
        if endpoint is not None:
            wanted = wanted.where(_table.c.endpoint == endpoint)
        with self.context.database.reading() as connection:
            return tuple(_shown(row) for row in connection.execute(wanted))

    def get(self, ident: int) -> Fault:
        with self.context.database.reading() as connection:
            return _shown(self._row(connection, ident))

    def add(
        self,
        endpoint: int,
        kind: FaultKind,
        *,
        events: str = "*",
        parameters: Mapping[str, Json] | None = None,
        next: int | None = None,
        every: int | None = None,
        chance: float | None = None,
        seed: int | None = None,
    ) -> Fault:
        """A new one. `parameters` by kind: `answer-as` status, send; `duplicate` copies, after (seconds); `delay`
        by (seconds); `reorder`, `burst` n; `wrong-signature` mutation; `truncated-body` share. Without a plan: the
        next one. Raises Refused(invalid) with the pointer, Refused(no-authentication), Refused(not-found).
        """
        given = {"next": next, "every": every, "chance": chance, "seed": seed}
        plan = plans.read({key: value for key, value in given.items() if value is not None}, kind, parameters or {})
        with self.context.database.writing() as connection:
            ident = self.insert(connection, endpoint, kind, events, parameters or {}, plan)
        self.context.changes.tell()
        return self.get(ident)

    def insert(
        self,
        connection: Connection,
        endpoint: int,
        kind: FaultKind,
        events: str,
        parameters: Mapping[str, Json],
        plan: Mapping[str, Any],
        run: int | None = None,
        delivery: int | None = None,
    ) -> int:
        """A new one, within a transaction of the caller's; its id."""
        owner = connection.execute(
            select(tables.endpoint.c.provider).where(
                tables.endpoint.c.id == endpoint, tables.endpoint.c.gone_at.is_(None)
            )
        ).first()
        if owner is None:
            raise Refused("not-found", f"no endpoint {endpoint}", "/endpoint")
        plans.check_parameters(kind, parameters)
        self._check_authentication(owner.provider, kind, parameters)
        if plan.get("chance") is not None and plan.get("seed") is None:
            plan = {**plan, "seed": secrets.randbelow(1_000_000)}
        row = {
            "endpoint": endpoint,
            "kind": kind,
            "events": events,
            "parameters": dict(parameters),
            "enabled": True,
            "met": 0,
            "used": 0,
            "run": run,
            "delivery": delivery,
            **plan,
        }
        ident = insert_one(connection, _table, row)
        self._active = None
        self.context.changes.note(connection, "fault", [ident])
        return ident

    def _check_authentication(self, name: str, kind: FaultKind, parameters: Mapping[str, Json]) -> None:
        if kind not in ("wrong-signature", "old-secret"):
            return
        provider = self.context.providers.get(name)
        if not provider.authentication.has_secret:
            raise Refused("no-authentication", Told("no-signature", provider=name), "/kind")
        if "mutation" in parameters:
            vendors.check_mutation(provider, str(parameters["mutation"]))

    def change(self, ident: int, changes: Mapping[str, Json]) -> Fault:
        """Change `enabled`, `events`, `parameters`, `next`, `every`, `chance`, `seed`."""
        with self.context.database.writing() as connection:
            row = self._row(connection, ident)
            values = plans.changed(row, changes)
            if values:
                connection.execute(update(_table).where(_table.c.id == ident).values(**values))
            if values.get("enabled") is False:
                self._release(connection, ident)
            self._active = None
            self.context.changes.note(connection, "fault", [ident])
        self._tell()
        return self.get(ident)

    def remove(self, ident: int) -> None:
        """Take it away; what it held is sent."""
        with self.context.database.writing() as connection:
            self._row(connection, ident)
            self._release(connection, ident)
            connection.execute(delete(_table).where(_table.c.id == ident))
            self._active = None
            self.context.changes.note(connection, "fault", [ident])
        self._tell()

    def switch(self, on: bool) -> None:
        """Silence all of them, scenarios' own included, or let them strike again."""
        with self.context.database.writing() as connection:
            notes.write(connection, _SWITCH, on)
            if not on:
                for ident in connection.execute(select(_table.c.id)).scalars().all():
                    self._release(connection, ident)
            self._active = None
            self.context.changes.note(connection, "fault", [0])
        self._tell()

    @property
    def on(self) -> bool:
        with self.context.database.reading() as connection:
            return self.is_on(connection)

    @staticmethod
    def is_on(connection: Connection) -> bool:
        return bool(notes.read(connection, _SWITCH, True))

    def forget(self) -> None:
        """Read them anew before the next attempt."""
        self._active = None

    # what the queue asks

    def strikes(self, connection: Connection, row: Row[Any], number: int) -> tuple[Strike, ...]:
        """The faults that strike an attempt, counted down in the caller's transaction."""
        if self._active is None:
            # Those whose count is used up cannot strike any more.
            wanted = select(_table).where(is_live()).order_by(_table.c.id)
            self._active = list(connection.execute(wanted)) if self.is_on(connection) else []
        struck, counts = [], []
        past = {fault for fault, _ in row.faults}
        for fault in self._active:
            mine = fault.delivery == row.id if fault.delivery is not None else fault.delivery is None
            if fault.endpoint != row.endpoint or not mine or not fnmatchcase(row.event, fault.events):
                continue
            if row.single or (fault.kind in ("delay", "reorder", "burst") and fault.id in past):
                continue
            strikes, left = _draw(fault, row.id, number)
            counts.append({"it": fault.id, "left": left, "one": 1 if strikes else 0})
            if strikes:
                struck.append(Strike(fault.id, fault.kind, fault.parameters, _label(fault, left)))
        if counts:
            connection.execute(_COUNT, counts)
            self._active = None
            self.context.changes.note(connection, "fault", [count["it"] for count in counts if count["one"]])
        return tuple(struck)

    def order_of_release(self, connection: Connection, ident: int, ids: list[int]) -> list[int] | None:
        """The order in which held deliveries go: shuffled, and never as they came; None for all at once."""
        fault = connection.execute(select(_table).where(_table.c.id == ident)).first()
        if fault is None or fault.kind != "reorder" or len(ids) < 2:
            return None
        shuffled = list(ids)
        random.Random(f"{fault.seed or 0}:{ids[0]}").shuffle(shuffled)
        return shuffled if shuffled != ids else [*ids[1:], ids[0]]

    def held_by(self, connection: Connection) -> list[int]:
        """The faults that hold deliveries back now."""
        holds = connection.execute(
            select(tables.delivery.c.hold).where(tables.delivery.c.hold.like("fault:%")).distinct()
        )
        return [int(hold.partition(":")[2]) for hold in holds.scalars()]

    def _release(self, connection: Connection, ident: int) -> None:
        self.release(connection, ident, self.context.time.now())

    def _row(self, connection: Connection, ident: int) -> Row[Any]:
        row = connection.execute(select(_table).where(_table.c.id == ident, _table.c.gone_at.is_(None))).first()
        if row is None:
            raise Refused("not-found", f"no fault {ident}")
        return row

    def _tell(self) -> None:
        self.context.changes.tell()
        self.context.wake()


def is_live() -> ColumnElement[bool]:
    """On a fault: it may still strike."""
    used_up = func.coalesce(_table.c.remaining, 1) == 0
    return and_(_table.c.enabled, _table.c.gone_at.is_(None), ~used_up)


_COUNT = (
    update(_table)
    .where(_table.c.id == bindparam("it"))
    .values(remaining=bindparam("left"), met=_table.c.met + 1, used=_table.c.used + bindparam("one"))
)


def _draw(fault: Row[Any], delivery: int, number: int) -> tuple[bool, int | None]:
    """Whether a fault strikes this attempt, and what is left of its count."""
    if fault.remaining is not None:
        return fault.remaining > 0, max(0, fault.remaining - 1)
    if fault.every is not None:
        return (fault.met + 1) % fault.every == 0, None
    digest = hashlib.blake2b(f"{fault.seed}:{delivery}:{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < (fault.chance or 0.0) * 2**64, None


def _label(fault: Row[Any], left: int | None) -> Told:
    if fault.remaining is not None:
        told = Told("fault-next", kind=fault.kind, left=left)
    elif fault.every is not None:
        told = Told("fault-every", kind=fault.kind, number=fault.every)
    else:
        told = Told("fault-chance", kind=fault.kind, chance=f"{fault.chance:g}", seed=fault.seed)
    return told if fault.run is None else Told("of-run", told=told, run=fault.run)


def _shown(row: Row[Any]) -> Fault:
    return Fault(
        id=row.id,
        endpoint=row.endpoint,
        kind=row.kind,
        events=row.events,
        parameters=row.parameters,
        remaining=row.remaining,
        every=row.every,
        chance=row.chance,
        seed=row.seed,
        enabled=row.enabled,
        used=row.used,
        run=row.run,
        delivery=row.delivery,
    )
