"""One attempt: what is sent, what the vendor makes of the answer, and how both are written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from hookassay.mockserver.emission.answer import Answer, Reaction, reaction
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.engine import schedule
from hookassay.mockserver.engine.answers import as_columns, in_words, words
from hookassay.mockserver.engine.model import View
from hookassay.mockserver.engine.store.bulk import dumped
from hookassay.mockserver.engine.strikes import Strike
from hookassay.mockserver.engine.texts import Told, kept, packed


@dataclass
class Taken:
    """A delivery in hand: its row, the attempt's number, what is sent, and what strikes it."""

    row: Row[Any]
    owner: Row[Any]
    number: int
    scheduled: int
    delivery: Delivery
    strikes: tuple[Strike, ...] = ()
    answer: Answer | None = None
    ended: int = 0

    @property
    def seen(self) -> Answer:
        """The answer as the vendor sees it: a fault may have lost it, or made it another."""
        answer = self.answer
        for strike in self.strikes:
            answer = strike.seen(answer)
        return answer if answer is not None else Answer(None, failure="unreachable", detail="not sent")


def spans_of(delivery: Delivery) -> list[list[Any]]:
    """Where a body holds what comes from a secret, as JSON."""
    return [[span.start, span.end, span.derived] for span in delivery.secrets.get("body", ())]


def difference(one: Taken) -> dict[str, Any]:
    """The columns in which this attempt is not the delivery as it was built."""
    headers = [list(pair) for pair in one.delivery.headers]
    return {
        "headers": dumped(headers) if headers != one.row.headers else None,
        "body": one.delivery.body if one.delivery.body != one.row.body else None,
        "spans": dumped(spans_of(one.delivery)) if one.delivery.body != one.row.body else None,
        "cut": one.delivery.framing.cut,
    }


def judged(one: Taken, provider: Any, endpoint: Row[Any] | None) -> dict[str, Any]:
    """What the vendor makes of one attempt: view, outcome, next moment, and the words for it."""
    rule = endpoint.success if endpoint is not None else "any-2xx"
    seen = one.seen
    tries = one.row.tries + 1
    if schedule.is_success(provider, rule, seen):
        told = Told("delivered", rule=schedule.success_in_words(provider, rule))
        return _verdict(one, "delivered", "delivered", "delivered", None, one.row.tries, told)
    retry = schedule.NO_RETRY if one.row.single or endpoint is None else schedule.retry_of(provider, endpoint.retry)
    due = schedule.next_due(retry, tries, one.scheduled, one.row.first_due)
    if due is not None:
        total = schedule.attempts_in_all(retry)
        wait = {"length": due - one.scheduled, "number": tries + 1}
        told = Told("again-of", **wait, all=total) if total else Told("again", **wait)
        return _verdict(one, "again", "ready", "again", due, tries, told)
    if one.row.single:
        return _verdict(one, "given-up", "given-up", "given-up", None, tries, Told("given-up-single"))
    if not retry.delays:
        documented = provider is not None and provider.retry_status == "documented"
        vendor = provider.title if provider is not None else one.row.provider
        told = Told("given-up-documented" if documented else "given-up-undocumented", vendor=vendor)
        return _verdict(one, "given-up", "given-up", "given-up", None, tries, told)
    if provider is not None and "off-after-give-up" in provider.traits:
        told = Told("off", count=tries - 1)
        return _verdict(one, "off", "given-up", "off", None, tries, told)
    return _verdict(one, "given-up", "given-up", "given-up", None, tries, Told("given-up", count=tries))


def _verdict(
    one: Taken, view: View, state: str, outcome: str, due: int | None, tries: int, told: Told
) -> dict[str, Any]:
    seen = one.seen
    lost = any(strike.kind == "lose-answer" for strike in one.strikes)
    return {
        "view": view,
        "state": state,
        "outcome": outcome,
        "due": due,
        "tries": tries,
        "told": Told("lost-answer", told=told) if lost else told,
        "reaction": Reaction(reaction(one.delivery, seen)).value,
    }


def attempt_columns(one: Taken, verdict: Mapping[str, Any]) -> dict[str, Any]:
    answer, body = as_columns(one.answer)
    seen = one.seen
    return {
        "b_delivery": one.row.id,
        "b_number": one.number,
        "b_ended": one.ended,
        "b_answer": dumped(answer),
        "b_answer_body": body,
        "b_text": words(body),
        "b_seen": None if seen is one.answer else dumped(as_columns(seen)[0]),
        "b_reaction": verdict["reaction"],
        "b_view": verdict["view"],
        "b_told": kept(verdict["told"]),
    }


def delivery_columns(one: Taken, verdict: Mapping[str, Any]) -> dict[str, Any]:
    seen, answer = one.seen, one.answer
    body = answer.body if answer is not None else b""
    struck = [[strike.fault, strike.label] for strike in one.strikes]
    labels = [label for label in struck if label not in one.row.faults]
    return {
        "b_id": one.row.id,
        **{f"b_{name}": verdict[name] for name in ("state", "outcome", "due", "tries", "reaction")},
        "b_status": seen.status,
        "b_failure": "" if seen.failure is None else kept(in_words(seen)),
        "b_elapsed": seen.elapsed,
        "b_faults": dumped(packed([*one.row.faults, *labels])),
        "b_size": len(body),
    }
