"""Deliveries of a file (`incoming`) into the log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, insert, select

from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.target import BadTarget, Target
from hookassay.mockserver.engine import attempts_json, vendors
from hookassay.mockserver.engine.answers import in_words
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.conversations import parsed
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.incoming import Incoming
from hookassay.mockserver.engine.intake import Happening, Intake
from hookassay.mockserver.engine.model import Origin
from hookassay.mockserver.engine.requests import placeholder
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.texts import Told
from hookassay.schemas import validation
from hookassay.schemas.contract import Event, Provider

LARGEST = 8_000_000
"""Bytes of a delivery's body at most."""

_HEADER_NAME = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_MADE_BY_URL = ("host", "content-length", "authorization", "transfer-encoding", "connection")


def keep(context: Context, connection: Connection, intake: Intake, found: Incoming, origin: Origin) -> int:
    """Write one into the log, finished, with the attempts that it had; its delivery's id. Raises Refused(invalid)."""
    if len(found.body) > LARGEST:
        raise Refused("invalid", f"the body has {len(found.body)} bytes; at most {LARGEST}")
    for name, value in found.headers:
        if not name or not _HEADER_NAME.issuperset(name) or any(ord(c) > 255 or c in "\r\n\0" for c in value):
            raise Refused("invalid", f"the header {name[:80]!r} cannot be sent")
    provider, event = _recognised(context, found)
    endpoint = _endpoint(connection, provider, found, origin)
    secret = context.default_secret(provider, event) if endpoint is None else str(endpoint.secret)
    mark = placeholder(provider)
    body = found.body.replace(mark.encode(), secret.encode()) if found.masked else found.body
    headers = tuple(
        (name, value.replace(mark, secret) if found.masked else value)
        for name, value in found.headers
        if name.lower() not in _MADE_BY_URL
    )
    spans = vendors.spans_of_secret(body, secret) if found.spans is None else found.spans
    delivery = Delivery(provider.name, event.name, found.method, headers, body, secrets={"body": spans})
    document = parsed(body)
    what = Happening(provider, event, document, origin, body=body)
    occurrence = intake.write(connection, what)
    row = {
        **intake.row(occurrence, what, endpoint, delivery),
        "url": _url(found.url) or ("" if endpoint is None else endpoint.url),
        "state": "cancelled",
        "outcome": "cancelled",
        "due": None,
        "first_due": None,
        "key": None,
        "faults": [[0, label] for label in dict.fromkeys(_labels(found, origin))],
    }
    attempts = attempts_json.rows(found.tried, delivery, provider.method)
    if attempts:
        row |= _outcome(found.tried[-1].answer, attempts)
    ident = intake.queue.put(connection, [row])[0]
    for attempt in attempts:
        connection.execute(insert(tables.attempt).values(delivery=ident, **attempt))
    context.changes.note(connection, "occurrence", [occurrence])
    return ident


def _labels(found: Incoming, origin: Origin) -> list[str]:
    labels = [label for one in found.tried for label in one.faults]
    return [Told("imported"), *labels] if origin == "import" else labels


def _outcome(answer: Answer, attempts: list[dict[str, Any]]) -> dict[str, Any]:
    """What became of it, by its last attempt; what would have been sent again is not: that was elsewhere."""
    last = attempts[-1]
    outcome = last["view"] if last["view"] in ("delivered", "given-up", "off") else "cancelled"
    return {
        "state": "given-up" if outcome == "off" else outcome,
        "outcome": outcome,
        "attempts": len(attempts),
        "tries": sum(attempt["view"] != "delivered" for attempt in attempts),
        "status": answer.status,
        "failure": "" if answer.failure is None else in_words(answer),
        "reaction": last["reaction"],
        "elapsed": answer.elapsed,
    }


def _url(url: str) -> str:
    try:
        return url if url and Target.parse(url) else ""
    except (BadTarget, ValueError) as error:
        raise Refused("invalid", str(error)) from error


def _recognised(context: Context, found: Incoming) -> tuple[Provider, Event]:
    """Whose delivery it is: what the file says, else the one provider whose event fits."""
    if found.provider:
        provider = context.providers.get(found.provider)
        return provider, context.providers.event(provider.name, found.event)
    document = parsed(found.body)
    fitting = [
        (provider, event)
        for provider in context.providers.all.values()
        for event in provider.events.values()
        if isinstance(document, dict) and validation.is_valid(event, document)
    ]
    providers = {provider.name for provider, _ in fitting}
    if len(providers) != 1:
        told = f"it could be of {', '.join(sorted(providers))}" if providers else "no event of any provider fits it"
        raise Refused("invalid", f"whose delivery is this? {told}")
    return fitting[0]


def _endpoint(connection: Connection, provider: Provider, found: Incoming, origin: Origin) -> Row[Any] | None:
    """The endpoint that it went to: of the name in the file, else the first of its provider, to be replayed to. What
    `send` has sent belongs to the one of the same URL, or to none."""
    table = tables.endpoint
    mine = select(table).where(table.c.provider == provider.name, table.c.gone_at.is_(None)).order_by(table.c.id)
    rows = connection.execute(mine).all()
    if origin == "send":
        return next((row for row in rows if row.url == found.url), None)
    return next((row for row in rows if row.name == found.endpoint), rows[0] if rows else None)
