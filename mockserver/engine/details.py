"""One delivery in full: its request, attempts made and to come, what its contract says, whether *why* can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, select

from hookassay.mockserver.emission.answer import Reaction
from hookassay.mockserver.emission.curl import command
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.secret import MASK, Span
from hookassay.mockserver.engine import attempts_json, recognition, schedule, statements, vendors
from hookassay.mockserver.engine.answers import as_answer
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.conversations import parsed
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.hints import hints
from hookassay.mockserver.engine.model import OPEN_STATES, Attempt, Detail, Planned, Summary
from hookassay.mockserver.engine.requests import shown
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.summaries import SUMMARY, summary
from hookassay.mockserver.engine.texts import Told
from hookassay.schemas import validation
from hookassay.schemas.contract import Provider

_PLANNED = 20
_d, _o, _e = tables.delivery.c, tables.occurrence.c, tables.endpoint.c


def detail(context: Context, ident: int, reveal: bool) -> Detail:
    """A delivery by its number, its secrets masked unless revealed. Raises Refused(not-found)."""
    with context.database.reading() as connection:
        row = row_of(connection, ident)
        short = connection.execute(SUMMARY.where(_d.id == ident)).one()
        made = connection.execute(
            select(tables.attempt).where(tables.attempt.c.delivery == ident).order_by(tables.attempt.c.number)
        ).all()
        again = select(_d.id).where(_d.replay_of == ident, _d.gone_at.is_(None)).order_by(_d.id)
        replays = tuple(connection.execute(again).scalars())
    told = summary(context, short)
    provider = context.providers.all.get(told.provider)
    delivery = restored(context, row)
    url = row.url or told.url
    target, request = shown(context, provider, delivery, url, reveal=reveal)
    secrets = None if reveal else secrets_of(context, row.endpoint)
    return Detail(
        summary=told,
        request=request,
        attempts=tuple(_attempt(context, provider, delivery, url, told, one, secrets) for one in made),
        schedule=_schedule(provider, short, row),
        problems=_problems(provider, told.event, row.body),
        replays=replays,
        why=why_not(provider, told, made),
        curl=command(delivery, target, reveal),
    )


def restored(context: Context, row: Row[Any]) -> Delivery:
    """The delivery of a row, as it was built."""
    provider = context.providers.all.get(row.provider)
    return vendors.restored(row, row.provider, row.event, provider is None or "basic-from-url" in provider.traits)


def secrets_of(context: Context, endpoint: int | None) -> tuple[str, ...]:
    """The secrets that an answer of an endpoint may repeat: today's, and the one before."""
    wanted = select(_e.secret, _e.previous_secret).where(_e.id == endpoint)
    with context.database.reading() as connection:
        return tuple(secret for row in connection.execute(wanted) for secret in row if secret)


def row_of(connection: Connection, ident: int) -> Row[Any]:
    """A delivery's whole row with its occurrence's provider and event. Raises Refused(not-found)."""
    wanted = (
        statements.WHOLE.add_columns(_o.provider, _o.event, _o.payload)
        .join(tables.occurrence, _o.id == _d.occurrence)
        .where(_d.id == ident, _d.gone_at.is_(None))
    )
    row = connection.execute(wanted).first()
    if row is None:
        raise Refused("not-found", f"no delivery {ident}")
    return row


def why_not(provider: Provider | None, told: Summary, attempts: list[Row[Any]] | Any) -> str:
    """Why nobody can ask why it was refused; empty where it can be asked."""
    if provider is None or told.event not in provider.events:
        return Told("provider-unknown")
    if told.reaction not in (Reaction.REFUSED, Reaction.BROKE) or not attempts:
        return Told("not-refused")
    if attempts[-1].answer and attempts[-1].answer["failure"] in ("unreachable", "tls"):
        return Told("nobody-reached")
    if any(row.headers is not None or row.body is not None or row.cut is not None for row in attempts[-1:]):
        return Told("made-wrong-by-fault")
    if any(label.startswith("wrong on purpose") for label in told.faults):
        return Told("made-wrong")
    if told.endpoint is None:
        return Told("endpoint-of-before")
    return ""


def _problems(provider: Provider | None, event: str, body: bytes) -> tuple[str, ...]:
    if provider is None or event not in provider.events:
        return ()
    document = parsed(body)
    if document is None:
        return (Told("body-no-json"),)
    return recognition.problems(validation.problems(provider.events[event], document))


def _attempt(
    context: Context,
    provider: Provider | None,
    built: Delivery,
    url: str,
    told: Summary,
    row: Row[Any],
    secrets: Sequence[str] | None,
) -> Attempt:
    """The record of an attempt; `secrets` are hidden wherever the answer repeats them (None: all is revealed)."""
    differs = row.headers is not None or row.body is not None or row.cut is not None
    sent = built
    if row.headers is not None:
        sent = replace(sent, headers=tuple((name, value) for name, value in row.headers))
    if row.body is not None:
        sent = replace(sent, body=row.body, secrets={"body": tuple(Span(*span) for span in row.spans or ())})
    if row.cut is not None:
        sent = sent.with_framing(cut=row.cut)
    answer = as_answer(row.answer, row.answer_body)
    if answer is not None and secrets is not None:
        answer = attempts_json.hidden(answer, secrets, MASK)
    seen = as_answer(row.seen, None)
    is_unknown = row.ended is None and (told.state != "in-hand" or row.number < told.attempts)
    return Attempt(
        number=row.number,
        scheduled=row.scheduled,
        started=row.started,
        ended=row.ended,
        request=shown(context, provider, sent, url, reveal=secrets is None)[1],
        differs=differs,
        answer=answer,
        seen=seen,
        reaction=Reaction(row.reaction) if row.reaction else None,
        view="unknown" if is_unknown else row.view,
        told=Told("unknown") if is_unknown else row.told,
        faults=tuple(row.faults),
        hints=hints(provider, seen if seen is not None else answer) if provider is not None else (),
    )


def _schedule(provider: Provider | None, short: Row[Any], row: Row[Any]) -> tuple[Planned, ...]:
    if row.state not in OPEN_STATES or row.due is None or short.retry is None:
        return ()
    retry = schedule.NO_RETRY if row.single else schedule.retry_of(provider, short.retry)
    moments = schedule.planned(retry, row.tries, row.due, row.first_due)
    return tuple(Planned(row.attempts + n, at) for n, at in enumerate(islice(moments, _PLANNED), 1))
