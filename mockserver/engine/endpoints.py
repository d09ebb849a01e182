"""Endpoints: webhooks as their vendor's own settings page has them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, select, update

from hookassay.mockserver.emission.answer import Reaction
from hookassay.mockserver.emission.ids import Ids
from hookassay.mockserver.emission.secret import mask
from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.engine import settings as rules
from hookassay.mockserver.engine import vendors
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.model import Endpoint, Health, Removed, Verification
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.store.inserting import insert_one
from hookassay.mockserver.engine.texts import Told
from hookassay.mockserver.engine.timekeeper import SECOND
from hookassay.mockserver.engine.undo import number_of
from hookassay.schemas import members
from hookassay.schemas.contract import Json, Provider

if TYPE_CHECKING:
    from hookassay.mockserver.engine.handshake import Handshakes
    from hookassay.mockserver.engine.undo import Undo

MOST = 1000
_HOUR = 3600 * SECOND
_table = tables.endpoint


@dataclass
class Endpoints:
    """The webhooks of all providers. Raises Refused(not-found) for an id that nobody has, in every method."""

    context: Context
    handshakes: Handshakes
    undo: Undo

    def all(self, provider: str | None = None, reveal: bool = False) -> tuple[Endpoint, ...]:
        """All, or those of one provider, in the order in which they were made."""
        wanted = select(_table).where(_table.c.gone_at.is_(None)).order_by(_table.c.id)
        if provider is not None:
            wanted = wanted.where(_table.c.provider == provider)
        with self.context.database.reading() as connection:
            return tuple(self._shown(row, reveal) for row in connection.execute(wanted))

    def get(self, ident: int, reveal: bool = False) -> Endpoint:
        with self.context.database.reading() as connection:
            return self._shown(row_of(connection, ident), reveal)

    def health(self, ident: int) -> Health:
        """How it fared within the last hour (real time)."""
        attempt, delivery = tables.attempt.c, tables.delivery.c
        joined = tables.attempt.join(tables.delivery, attempt.delivery == delivery.id)
        mine = (delivery.endpoint == ident) & attempt.ended.is_not(None) & delivery.gone_at.is_(None)
        with self.context.database.reading() as connection:
            row_of(connection, ident)
            last = connection.execute(
                select(attempt.reaction, attempt.ended).select_from(joined).where(mine).order_by(attempt.ended.desc())
            ).first()
            recent = mine & (attempt.ended > time.time_ns() - _HOUR)
            taken = func.count().filter(attempt.reaction == Reaction.TAKEN.value)
            made, good = connection.execute(select(func.count(), taken).select_from(joined).where(recent)).one()
            open_ones = (delivery.endpoint == ident) & tables.OPEN & delivery.gone_at.is_(None)
            waiting = connection.execute(select(func.count()).where(open_ones)).scalar()
        reaction = Reaction(last.reaction) if last is not None and last.reaction else None
        return Health(reaction, last.ended if last is not None else None, int(good or 0), made, int(waiting or 0))

    def add(
        self,
        provider: str,
        *,
        name: str | None = None,
        url: str | None = None,
        secret: str | None = None,
        settings: Mapping[str, Json] | None = None,
        enabled: bool = True,
        retry: str | None = None,
        success: str | None = None,
        timeout: float | None = None,
    ) -> Endpoint:
        """A new webhook. Without a URL its events go to the mock's own inbox; without a secret it gets the
        provider's test secret (or the one the mock was started with).

        `settings` are the provider's other settings by their names (its names of URL and secret are known
        too); `retry` a profile, `success` `any-2xx` or `documented`, `timeout` in seconds. Raises
        Refused(invalid, target-not-allowed) with the pointer of what is wrong.
        """
        vendor = self.context.providers.get(provider)
        given = {"name": name, "url": url, "secret": secret, "retry": retry, "success": success, "timeout": timeout}
        asked = {key: value for key, value in given.items() if value is not None}
        values = rules.read(vendor, {**asked, **(settings or {}), "enabled": enabled})
        chosen = {**rules.defaults(vendor), **values.pop("settings", {})}
        self._check_url(values.get("url", ""))
        bound = vendors.bound_events(vendor, chosen)
        event = vendor.events.get(bound[0]) if bound and len(bound) == 1 else None
        row = {
            "url": "",
            "secret": self.context.default_secret(vendor, event),
            "retry": vendor.retries[0].name,
            "success": "any-2xx",
            "timeout": vendor.timeout.seconds,
            **values,
            "provider": provider,
            "settings": chosen,
            "previous_secret": "",
            "webhook_id": webhook_id(vendor),
            "off_reason": "",
            "revision": 1,
        }
        with self.context.database.writing() as connection:
            if number_of(connection, _table) >= MOST:
                raise Refused("conflict", f"there are {MOST} endpoints: remove some first")
            row["name"] = self._name(row.get("name"), provider, names_of(connection, provider))
            ident = insert_one(connection, _table, row)
            self.context.changes.note(connection, "endpoint", [ident])
        self.context.changes.tell()
        return self.get(ident)

    def change(self, ident: int, changes: Mapping[str, Json], revision: int | None = None) -> Endpoint:
        """Change some: keys as `add` has them, or the provider's own names. A new URL or secret is not verified.

        Raises Refused(stale) where `revision` (of `If-Match`) is not today's, Refused(invalid, target-not-allowed).
        """
        with self.context.database.reading() as connection:
            provider = self.context.providers.get(row_of(connection, ident).provider)
        values = rules.read(provider, changes)
        self._check_url(values.get("url", ""))
        with self.context.database.writing() as connection:
            row = row_of(connection, ident)
            _check_revision(row, revision)
            if "settings" in values:
                values["settings"] = {**row.settings, **values["settings"]}
            if "name" in values and values["name"] != row.name:
                if values["name"] in names_of(connection, row.provider):
                    raise Refused("conflict", Told("name-taken", name=repr(values["name"])), "/name")
            if "secret" in values and values["secret"] != row.secret:
                values["previous_secret"] = row.secret
            if any(key in values and values[key] != getattr(row, key) for key in ("url", "secret")):
                values["verified_at"] = None
            if values.get("enabled"):
                values["off_reason"] = ""
            values["revision"] = row.revision + 1
            connection.execute(update(_table).where(_table.c.id == ident).values(**values))
            self.context.changes.note(connection, "endpoint", [ident])
        self.context.changes.tell()
        self.context.wake()
        return self.get(ident)

    def remove(self, ident: int, revision: int | None = None) -> Removed:
        """Take it away; what was still to be sent there is cancelled when it is purged."""
        with self.context.database.reading() as connection:
            _check_revision(row_of(connection, ident), revision)
        removed = self.undo.take_away(
            {_table: _table.c.id == ident, tables.fault: tables.fault.c.endpoint == ident},
            count=_table,
            kind="endpoint",
        )
        self.context.wake()
        return removed

    def enable(self, ident: int) -> Endpoint:
        """Turn it on again after the vendor has switched it off, or the user."""
        return self.change(ident, {"enabled": True})

    def verify(self, ident: int, reveal: bool = False) -> Verification:
        """Run the vendor's handshake now. Raises Refused(conflict) for a provider that has none."""
        with self.context.database.reading() as connection:
            row = row_of(connection, ident)
        return self.handshakes.verify(row, reveal)

    def _check_url(self, url: str) -> None:
        if url:
            self.context.targets.check(url)

    @staticmethod
    def _name(wanted: str | None, provider: str, names: set[str]) -> str:
        if wanted is not None:
            if wanted in names:
                raise Refused("conflict", Told("name-taken", name=repr(wanted)), "/name")
            return wanted
        number = 1
        while (name := provider if number == 1 else f"{provider}-{number}") in names:
            number += 1
        return name

    def _shown(self, row: Row[Any], reveal: bool) -> Endpoint:
        provider = self.context.providers.all.get(row.provider)
        target = Target.parse(row.url) if row.url else None
        return Endpoint(
            id=row.id,
            provider=row.provider,
            name=row.name,
            url=target.url if target is not None else self.context.inbox_url(row.id),
            uses_inbox=target is None,
            has_credentials=target is not None and target.credentials is not None,
            settings=row.settings,
            secret=row.secret if reveal or not row.secret else mask(row.secret),
            enabled=row.enabled,
            off_reason=row.off_reason,
            verified=row.verified_at is not None if provider is not None and provider.handshake else None,
            verified_at=row.verified_at,
            retry=row.retry,
            success=row.success,
            timeout=row.timeout,
            revision=row.revision,
            warnings=tuple(rules.warnings(provider, row)) if provider is not None else (),
        )


def row_of(connection: Connection, ident: int) -> Row[Any]:
    """An endpoint's row. Raises Refused(not-found)."""
    row = connection.execute(select(_table).where(_table.c.id == ident, _table.c.gone_at.is_(None))).first()
    if row is None:
        raise Refused("not-found", f"no endpoint {ident}")
    return row


def names_of(connection: Connection, provider: str) -> set[str]:
    """The names that a provider's endpoints have."""
    mine = select(_table.c.name).where(_table.c.provider == provider, _table.c.gone_at.is_(None))
    return set(connection.execute(mine).scalars())


def _check_revision(row: Row[Any], revision: int | None) -> None:
    if revision is not None and revision != row.revision:
        raise Refused("stale", Told("changed-meanwhile", endpoint=row.name, revision=row.revision))


def webhook_id(provider: Provider) -> Json:
    """An id of the webhook, in the shape that the examples have it; None where the provider has none."""
    trait = provider.traits.get("id-per-webhook")
    for event in provider.events.values() if trait else ():
        try:
            value = members.lookup(event.full.document, str(trait["pointer"])) if trait else None
        except KeyError:
            continue
        if isinstance(value, (str, int)):
            return Ids().renew(value)
    return None
