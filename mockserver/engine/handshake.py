"""The handshake: sent, answered, compared; a webhook that has not passed it gets nothing."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, select, update

from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.ids import GENERATORS
from hookassay.mockserver.emission.secret import mask
from hookassay.mockserver.emission.sending import Sender
from hookassay.mockserver.engine import experiment
from hookassay.mockserver.engine.answers import in_words
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.conversations import parsed
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.intake import Happening, Intake
from hookassay.mockserver.engine.model import Verification
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.texts import Told
from hookassay.schemas import members
from hookassay.schemas.contract import Provider

_LONGEST = 200


@dataclass
class Handshakes:
    """Runs the vendor's verification of a webhook."""

    context: Context
    intake: Intake
    sender: Sender

    def verify(self, endpoint: Row[Any], reveal: bool = False) -> Verification:
        """Send the verification request and compare what comes back. Raises Refused(conflict) where there is none."""
        provider = self.context.providers.get(endpoint.provider)
        event = provider.handshake
        if event is None:
            raise Refused("conflict", f"{provider.title['en']} verifies no webhook: there is no handshake to run")
        document = {**event.full.document, _answer_member(provider): GENERATORS["digits"]()}
        expected = str(document[_answer_member(provider)])
        what = Happening(provider, event, document, "verify", origin_id=endpoint.id, single=True)
        delivery = self.intake.built(what, endpoint)
        answer = experiment.send(self.context, self.sender, delivery, endpoint)
        received = _text_of(answer)
        show: Callable[[str], str] = (lambda text: text) if reveal else _masked(endpoint.secret)
        told = replace(answer, detail=show(answer.detail))  # it may hold what the receiver sent
        verified, compared = _compared(told, expected, received)
        with self.context.database.writing() as connection:
            ident = experiment.record(connection, self.context, self.intake, what, endpoint, delivery, answer, verified)
            _write(connection, endpoint, verified)
            self.context.changes.note(connection, "endpoint", [endpoint.id])
        self.context.changes.tell()
        return Verification(
            delivery=ident,
            sent=Told("handshake-sent", method=delivery.method, event=event.name, answer=expected),
            answered=in_words(told),
            expected=expected,
            received=show(received),
            compared=compared,
            verified=verified,
        )


def answer_to(provider: Provider, document: Any, secret: str) -> str | None:
    """What a right receiver answers to a handshake's document; None where it is none, or not meant for it."""
    trait = provider.traits["handshake"]
    try:
        token = members.lookup(document, str(trait["token"]))
        answer = members.lookup(document, str(trait["answer"]))
    except KeyError:
        return None
    right = isinstance(token, str) and hmac.compare_digest(token.encode("utf-8", "replace"), secret.encode())
    return str(answer) if right else None


def _answer_member(provider: Provider) -> str:
    """The top-level member whose value the receiver has to answer with."""
    return str(provider.traits["handshake"]["answer"]).removeprefix("/")


def _text_of(answer: Answer) -> str:
    return answer.content[:_LONGEST].decode("utf-8", "replace") if answer.failure is None else ""


def _compared(answer: Answer, expected: str, received: str) -> tuple[bool, Told]:
    """Whether the receiver has passed, and what to tell its owner. The text may stand in quotes, as JSON has it."""
    if answer.failure is not None:
        return False, Told("no-answer", answered=in_words(answer))
    if answer.status != 200:
        return False, Told("status-not-200", status=answer.status)
    plain = parsed(received.encode())
    if received.strip() == expected or plain == expected:
        return True, Told("answer-right")
    if isinstance(plain, (dict, list)):
        return False, Told("answer-json")
    return False, Told("answer-other" if received else "answer-empty")


def _masked(secret: str) -> Callable[[str], str]:
    return lambda text: text.replace(secret, mask(secret)) if secret and secret in text else text


def _write(connection: Connection, endpoint: Row[Any], verified: bool) -> None:
    """Note the outcome, unless URL or secret were changed while the handshake ran."""
    table = tables.endpoint
    now = connection.execute(select(table).where(table.c.id == endpoint.id)).first()
    if now is None or (now.url, now.secret) != (endpoint.url, endpoint.secret):
        return
    moment = time.time_ns() if verified else None
    connection.execute(
        update(table).where(table.c.id == endpoint.id).values(verified_at=moment, revision=table.c.revision + 1)
    )
