"""Replays: a delivery sent again, in one of four forms that say what they repeat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, select

from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.engine import search, vendors
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.conversations import parsed
from hookassay.mockserver.engine.details import row_of
from hookassay.mockserver.engine.endpoints import row_of as endpoint_of
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.intake import Happening, Intake
from hookassay.mockserver.engine.log import Log
from hookassay.mockserver.engine.model import REPLAY_FORMS, Form, Occurrence
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.texts import Told
from hookassay.schemas.contract import Event, Provider

MOST = 10_000
_AT_ONCE = 50
"""Replays of one transaction: others write in between."""

_d, _o = tables.delivery.c, tables.occurrence.c


@dataclass
class Replays:
    """Replays of deliveries in the log; each is an occurrence of its own."""

    context: Context
    intake: Intake
    log: Log

    def replay(self, ident: int, form: Form, *, body: bytes | None = None, endpoint: int | None = None) -> Occurrence:
        """Send a delivery again.

        `same-bytes`: head and body as they were sent, to the same URL; `signed-again`: the same body, today's
        URL and secret; `as-new`: fresh ids and times; `edited`: `body` as it is, signed. `endpoint` sends
        it to another one of the provider (not with same-bytes). Raises Refused(not-found, conflict, invalid).
        """
        _check(form, body, endpoint)
        with self.context.database.writing() as connection:
            occurrence = self._replay(connection, row_of(connection, ident), form, body, endpoint)
        self.context.changes.tell()
        self.context.wake()
        return self.log.occurrence(occurrence)

    def same_when_signed(self, ident: int) -> bool:
        """Whether *signed again* would give the very bytes of *same bytes*."""
        with self.context.database.reading() as connection:
            row = row_of(connection, ident)
            provider, event = self._known(row)
            if row.endpoint is None:
                return False
            owner = endpoint_of(connection, row.endpoint)
        made = self._built(_again(provider, event, row, "signed-again", row.body), owner)
        same = [list(pair) for pair in made.headers] == row.headers and made.body == row.body
        return bool(same and owner.url == row.url)

    def replay_many(self, form: Form, *, q: str | None = None, ids: Sequence[int] | None = None) -> int:
        """Replay what a search finds, or these; oldest first; how many. Raises Refused(too-many) above 10 000."""
        _check(form, b"" if form == "edited" else None, None)
        if form == "edited":
            raise Refused("invalid", "many cannot be edited at once: replay them as-new, or one by one", "/form")
        if (q is None) == (ids is None):
            raise Refused("invalid", "replay what a search finds (q), or some (ids)", "/q")
        with self.context.database.reading() as connection:
            found = self._found(connection, q) if ids is None else sorted(set(ids))
            if len(found) > MOST:
                raise Refused("too-many", Told("too-many", count=MOST), "/q")
            for ident in found if ids is not None else ():
                row_of(connection, ident)
        for start in range(0, len(found), _AT_ONCE):
            with self.context.database.writing() as connection:
                for ident in found[start : start + _AT_ONCE]:
                    self._replay(connection, row_of(connection, ident), form, None, None)
            self.context.changes.tell()
            self.context.wake()
        return len(found)

    def _found(self, connection: Connection, q: str | None) -> list[int]:
        wanted = (
            select(_d.id)
            .join(tables.occurrence, _o.id == _d.occurrence)
            .where(_d.gone_at.is_(None), search.parse(q or "").delivery)
        )
        return list(connection.execute(wanted.order_by(_d.id).limit(MOST + 1)).scalars())

    def _replay(
        self, connection: Connection, row: Row[Any], form: Form, body: bytes | None, endpoint: int | None
    ) -> int:
        provider, event = self._known(row)
        owner = self._owner(connection, row, endpoint)
        if form == "as-new":
            what = replace(_again(provider, event, row, form, None), document=self._renewed(provider, event, row))
        else:
            what = _again(provider, event, row, form, row.body if body is None else body)
        occurrence = self.intake.write(connection, what)
        delivery = self._built(what, owner)
        columns = self.intake.row(occurrence, what, owner, delivery)
        if form == "same-bytes":
            columns |= {name: getattr(row, name) for name in ("method", "url", "headers", "body", "spans")}
        self.intake.queue.put(connection, [columns])
        self.context.changes.note(connection, "occurrence", [occurrence])
        return occurrence

    def _built(self, what: Happening, owner: Row[Any]) -> Delivery:
        delivery = self.intake.built(what, owner)
        if what.form != "signed-again":
            return delivery
        return vendors.token_of_today(self.context, what.provider, owner.secret, delivery)

    def _renewed(self, provider: Provider, event: Event, row: Row[Any]) -> Any:
        """The occurrence's payload with fresh ids and times of now; what is no JSON stays as it is."""
        document = parsed(row.payload)
        if not isinstance(document, dict):
            raise Refused("conflict", Told("no-object", delivery=row.id), "/form")
        vendor = vendors.vendor_of(self.context, provider, "")
        return vendor.document(event, base=document, valid=False)

    def _owner(self, connection: Connection, row: Row[Any], endpoint: int | None) -> Row[Any]:
        wanted = row.endpoint if endpoint is None else endpoint
        if wanted is None:
            raise Refused("conflict", Told("of-no-endpoint", delivery=row.id), "/endpoint")
        try:
            owner = endpoint_of(connection, wanted)
        except Refused as error:
            raise Refused("conflict", Told("endpoint-gone", endpoint=wanted), "/endpoint") from error
        if owner.provider != row.provider:
            raise Refused("invalid", f"endpoint {owner.name} is one of {owner.provider}", "/endpoint")
        if not owner.enabled:
            raise Refused("conflict", Told("endpoint-off", endpoint=owner.name), "/endpoint")
        return owner

    def _known(self, row: Row[Any]) -> tuple[Provider, Event]:
        provider = self.context.providers.all.get(row.provider)
        if provider is None or row.event not in provider.events:
            raise Refused("conflict", Told("unknown-here", provider=row.provider, event=row.event))
        return provider, provider.events[row.event]


def _check(form: str, body: bytes | None, endpoint: int | None) -> None:
    if form not in REPLAY_FORMS:
        raise Refused("invalid", f"form is one of {', '.join(REPLAY_FORMS)}", "/form")
    if (form == "edited") != (body is not None):
        text = "an edited replay needs its body" if form == "edited" else f"{form} takes no body"
        raise Refused("invalid", text, "/payload")
    if form == "same-bytes" and endpoint is not None:
        raise Refused("invalid", "the same bytes go to the same URL: name no endpoint, or another form", "/endpoint")


def _again(provider: Provider, event: Event, row: Row[Any], form: Form, body: bytes | None) -> Happening:
    document = parsed(row.payload if body is None else body)
    return Happening(
        provider, event, document, "replay", body=body, origin_id=row.occurrence, form=form, replay_of=row.id
    )
