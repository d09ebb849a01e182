"""The first start: the endpoints that every provider's data names, each at its own inbox, greeted with an event."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Connection

from hookassay.mockserver.emission.vendor import Secrets, Vendor
from hookassay.mockserver.engine import settings
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.endpoints import names_of, webhook_id
from hookassay.mockserver.engine.intake import Happening, Intake
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.store.inserting import insert_one

_table = tables.endpoint


def make_endpoints(context: Context, connection: Connection) -> list[int]:
    """Make them, verified; their ids. A name that is taken already stays with its owner."""
    made = []
    for provider in context.providers.all.values():
        taken = names_of(connection, provider.name)
        for hello in provider.hello:
            name = str(hello["endpoint"])
            if name in taken:
                continue
            taken.add(name)
            given = {key: value for key, value in hello.items() if key not in ("endpoint", "event")}
            subscribe = provider.traits.get("subscribe")
            event = provider.events[str(hello["event"])]
            if subscribe and _type_of(provider, str(subscribe["setting"])) == "choice":
                given.setdefault(str(subscribe["setting"]), event.name)
            values = settings.read(provider, given)
            row: dict[str, Any] = {
                "provider": provider.name,
                "name": name,
                "url": "",
                "secret": context.default_secret(provider, event),
                "previous_secret": "",
                "webhook_id": webhook_id(provider),
                "enabled": True,
                "off_reason": "",
                "verified_at": time.time_ns() if provider.handshake is not None else None,
                "retry": provider.retries[0].name,
                "success": "any-2xx",
                "timeout": provider.timeout.seconds,
                "revision": 1,
                **values,
                "settings": {**settings.defaults(provider), **values.get("settings", {})},
            }
            if context.secrets:  # what the user has given goes before the test secret of the data
                row["secret"] = context.default_secret(provider, event) or row["secret"]
            made.append(insert_one(connection, _table, row))
    context.changes.note(connection, "endpoint", made)
    return made


def greet(context: Context, connection: Connection, intake: Intake) -> None:
    """Let one event happen for each of them."""
    for provider in context.providers.all.values():
        for hello in provider.hello:
            event = provider.events[str(hello["event"])]
            vendor = Vendor(provider, Secrets(), clock=context.time.now)
            document = vendor.document(event)
            intake.happen(connection, Happening(provider, event, document, "hello"))


def _type_of(provider: Any, name: str) -> str:
    return next((str(setting["type"]) for setting in provider.settings if setting["name"] == name), "")
