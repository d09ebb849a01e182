"""Taking in what happens at the vendor: who gets it, who does not and why, and the deliveries made of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.spelling import write
from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.engine import vendors
from hookassay.mockserver.engine.attempts import spans_of
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.conversations import key_of, order_rule, parsed, searchable
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.model import Form, Origin, Reason
from hookassay.mockserver.engine.queue import Queue
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.store.inserting import insert_one
from hookassay.mockserver.engine.texts import Told
from hookassay.schemas import members
from hookassay.schemas.contract import Event, Json, Provider


@dataclass(frozen=True)
class Happening:
    """Something that happens: the payload before anything of an endpoint, or exact bytes (`body`)."""

    provider: Provider
    event: Event
    document: Json
    origin: Origin
    body: bytes | None = None
    origin_id: int | None = None
    seed: int | None = None
    virtual: int | None = None
    mutation: str | None = None
    form: Form = "first"
    replay_of: int | None = None
    run: int | None = None
    step: int | None = None
    expect: str | None = None
    single: bool = False

    @property
    def payload(self) -> bytes:
        return write(self.document).data if self.body is None else self.body


@dataclass
class Intake:
    """The one way into the log."""

    context: Context
    queue: Queue

    def happen(
        self,
        connection: Connection,
        what: Happening,
        *,
        named: Sequence[int] | None = None,
        force: bool = False,
        held: bool = False,
        tolerant: bool = False,
    ) -> int:
        """Write down an occurrence, its deliveries and its unsent rows; its id.

        `held`: the deliveries wait until a run lets them go. Raises Refused(not-sent) for a named endpoint
        that would not get it, unless `force`.
        """
        chosen = self.decide(connection, what.provider, what.event, what.document, named)
        refused = [(row, reason) for row, reason in chosen if reason is not None]
        if named is not None and refused and not force and not tolerant:
            raise Refused("not-sent", told(*refused[0], what.event), "/endpoints")
        occurrence = self.write(connection, what)
        rows = []
        for row, reason in chosen:
            if reason is None or (named is not None and force and reason != "routed-elsewhere"):
                rows.append(self._row(occurrence, what, row, held))
            else:
                connection.execute(
                    insert(tables.unsent).values(
                        occurrence=occurrence,
                        endpoint=row.id,
                        endpoint_name=row.name,
                        reason=reason,
                        text=told(row, reason, what.event),
                    )
                )
        self.queue.put(connection, rows)
        self.context.changes.note(connection, "occurrence", [occurrence])
        return occurrence

    def write(self, connection: Connection, what: Happening) -> int:
        """Write down the occurrence alone; its id."""
        now = self.context.time.now()
        values = {
            "provider": what.provider.name,
            "event": what.event.name,
            "conversation": None if what.origin == "why" else key_of(what.provider, what.document),
            "payload": what.payload,
            "origin": what.origin,
            "origin_id": what.origin_id,
            "seed": what.seed,
            "at": time.time_ns(),
            "virtual": now if what.virtual is None else what.virtual,
            "run": what.run,
            "step": what.step,
            "expect": what.expect,
        }
        return insert_one(connection, tables.occurrence, values)

    def decide(
        self,
        connection: Connection,
        provider: Provider,
        event: Event,
        document: Json,
        named: Sequence[int] | None = None,
    ) -> list[tuple[Row[Any], Reason | None]]:
        """Every endpoint (or those named), with the reason why it does not get the event. Raises Refused(not-found)."""
        endpoint = tables.endpoint
        rows = connection.execute(
            select(endpoint)
            .where(endpoint.c.provider == provider.name, endpoint.c.gone_at.is_(None))
            .order_by(endpoint.c.id)
        ).all()
        known = {row.id for row in rows}
        unknown = [ident for ident in named or () if ident not in known]
        if unknown:
            raise Refused("not-found", f"{provider.name} has no endpoint {unknown[0]}", "/endpoints")
        reasons = {row.id: _reason(provider, event, row) for row in rows}
        able = [row for row in rows if reasons[row.id] is None]
        chosen = {row.id for row in routed(provider, document, able)}
        for row in able:
            if row.id not in chosen:
                reasons[row.id] = "routed-elsewhere"
        return [(row, reasons[row.id]) for row in rows if named is None or row.id in named]

    def built(self, what: Happening, endpoint: Row[Any] | None) -> Delivery:
        """The delivery that an endpoint gets (None: one of today's defaults). Raises Refused for a bad mutation."""
        secret = self.context.default_secret(what.provider, what.event) if endpoint is None else endpoint.secret
        vendor = vendors.vendor_of(self.context, what.provider, secret, self._signed_url(endpoint))
        document = vendors.for_endpoint(what.provider, endpoint, what.document)
        settings = {} if endpoint is None else endpoint.settings
        return vendors.deliver(vendor, what.event, document, body=what.body, mutation=what.mutation, settings=settings)

    def _signed_url(self, endpoint: Row[Any] | None) -> str:
        """What a signing template's `{url}` is: the address without credentials."""
        if endpoint is None:
            return ""
        return Target.parse(endpoint.url).url if endpoint.url else self.context.inbox_url(endpoint.id)

    def _row(self, occurrence: int, what: Happening, endpoint: Row[Any], held: bool) -> dict[str, Any]:
        row = self.row(occurrence, what, endpoint, self.built(what, endpoint))
        return {**row, "state": "held", "hold": "run"} if held else row

    def row(self, occurrence: int, what: Happening, endpoint: Row[Any] | None, delivery: Delivery) -> dict[str, Any]:
        """The columns of a delivery to an endpoint, ready at the moment of its occurrence."""
        due = self.context.time.now() if what.virtual is None else what.virtual
        rule = order_rule(what.provider)
        document = what.document if what.body is None else parsed(what.body)
        key = None if rule == "none" or what.single else key_of(what.provider, document)
        labels = [[0, Told("wrong-on-purpose", mutation=what.mutation)]] if what.mutation else []
        return {
            "occurrence": occurrence,
            "endpoint": None if endpoint is None else endpoint.id,
            "endpoint_name": "" if endpoint is None else endpoint.name,
            "replay_of": what.replay_of,
            "form": what.form,
            "method": delivery.method,
            "url": "" if endpoint is None else endpoint.url,
            "headers": [list(pair) for pair in delivery.headers],
            "body": delivery.body,
            "spans": spans_of(delivery),
            "state": "ready",
            "outcome": "waiting",
            "due": due,
            "first_due": due,
            "key": key,
            "sequence": time.time_ns(),
            "strict": rule == "strict",
            "single": what.single,
            "hold": None,
            "attempts": 0,
            "tries": 0,
            "failure": "",
            "faults": labels,
            "run": what.run,
            "size": len(delivery.body),
            "text": searchable(document, delivery.headers),
            "at": time.time_ns(),
        }


def routed(provider: Provider, document: Json, endpoints: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """Of the endpoints that could get it, those of the first level that has one for this document."""
    trait = provider.traits.get("route")
    if not trait:
        return endpoints
    try:
        value = members.lookup(document, str(trait["pointer"]))
    except KeyError:
        value = None
    own = {str(setting["name"]) for setting in provider.settings}
    for level in trait["levels"]:
        # A level with a setting of its own name (an agent's) is for the value that this setting has.
        mine = [
            row
            for row in endpoints
            if row.settings.get("level") == level and (level not in own or row.settings.get(level) == value)
        ]
        if mine:
            return mine
    return ()


def told(endpoint: Row[Any], reason: Reason, event: Event) -> Told:
    """`not sent: shop does not bind send_external_message`."""
    values = {"endpoint": endpoint.name}
    if reason == "not-subscribed":
        values["event"] = event.name
    if reason == "switched-off":
        values["why"] = endpoint.off_reason
    return Told("not-sent", why=Told(reason, **values))


def _reason(provider: Provider, event: Event, row: Row[Any]) -> Reason | None:
    if row.off_reason:
        return "switched-off"
    if not row.enabled:
        return "disabled"
    if provider.handshake is not None and event is not provider.handshake and row.verified_at is None:
        return "not-verified"
    bound = vendors.bound_events(provider, row.settings)
    return "not-subscribed" if bound is not None and event.name not in bound else None
