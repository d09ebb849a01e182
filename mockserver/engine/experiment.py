"""Requests outside of the queue: handshakes, and those that prove why a delivery was refused."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Connection, Row, insert

from hookassay.mockserver.emission.answer import Answer, reaction
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.secret import MASK
from hookassay.mockserver.emission.sending import Sender
from hookassay.mockserver.engine.answers import as_columns, in_words, words
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.intake import Happening, Intake
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.store.inserting import insert_delivery
from hookassay.mockserver.engine.targets import is_verified
from hookassay.mockserver.engine.texts import Told


def send(context: Context, sender: Sender, delivery: Delivery, endpoint: Row[Any]) -> Answer:
    """One delivery to an endpoint, now, whatever waits; never raises."""
    try:
        url = endpoint.url or context.inbox_url(endpoint.id)
        target = context.targets.resolve(url, is_verified(endpoint.settings))
    except Refused as error:
        return Answer(None, failure="unreachable", detail=error.detail)
    except OSError as error:
        return Answer(None, failure="unreachable", detail=error.strerror or str(error))
    return sender.send(delivery, target, endpoint.timeout)


def record(
    connection: Connection,
    context: Context,
    intake: Intake,
    what: Happening,
    endpoint: Row[Any],
    delivery: Delivery,
    answer: Answer,
    delivered: bool,
    occurrence: int | None = None,
) -> int:
    """Write such a request into the log, finished; its delivery's id. Its occurrence is the one given, or new."""
    ident = intake.write(connection, what) if occurrence is None else occurrence
    row = intake.row(ident, what, endpoint, delivery)
    outcome = "delivered" if delivered else "given-up"
    told = Told("taken" if delivered else "not-taken")
    seen = reaction(delivery, answer, what.provider.method).value
    if delivery.path or delivery.query:  # a query of ours holds a token
        base = endpoint.url or context.inbox_url(endpoint.id)
        row["url"] = f"{base}{delivery.path}{'?' + MASK if delivery.query else ''}"
    row |= {
        "state": outcome,
        "outcome": outcome,
        "due": None,
        "key": None,
        "attempts": 1,
        "status": answer.status,
        "failure": "" if answer.failure is None else in_words(answer),
        "reaction": seen,
        "elapsed": answer.elapsed,
    }
    number = insert_delivery(connection, row)
    columns, body = as_columns(answer)
    now = time.time_ns()
    connection.execute(
        insert(tables.attempt).values(
            delivery=number,
            number=1,
            scheduled=context.time.now(),
            started=now - round(answer.elapsed * 1e9),
            ended=now,
            answer=columns,
            answer_body=body,
            text=words(body),
            reaction=seen,
            view=outcome,
            told=told,
            faults=[],
        )
    )
    context.changes.note(connection, "occurrence", [ident])
    context.changes.note(connection, "delivery", [number])
    return number
