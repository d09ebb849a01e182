"""One attempt: what is sent, what the vendor makes of the answer, and how both are written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from hookassay.mockserver.emission.answer import Answer, Reaction, reaction
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.engine import schedule
from hookassay.mockserver.engine.answers import as_columns
from hookassay.mockserver.engine.conversations import folded
from hookassay.mockserver.engine.model import View
from hookassay.mockserver.engine.store.bulk import dumped
from hookassay.mockserver.engine.strikes import Strike

_ANSWER_TEXT = 4_000


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
        told = f"delivered: {schedule.success_in_words(provider, rule)}"
        return _verdict(one, "delivered", "delivered", "delivered", None, one.row.tries, told)
    retry = schedule.NO_RETRY if one.row.single or endpoint is None else schedule.retry_of(provider, endpoint.retry)
    due = schedule.next_due(retry, tries, one.scheduled, one.row.first_due)
    if due is not None:
        total = schedule.attempts_in_all(retry)
        told = f"sent again after {schedule.span(due - one.scheduled)}, attempt {tries + 1}" + (
            f" of {total}" if total else ""
        )
        return _verdict(one, "again", "ready", "again", due, tries, told)
    name = provider.title["en"] if provider is not None else "the vendor"
    if one.row.single:
        return _verdict(one, "given-up", "given-up", "given-up", None, tries, "given up: it is sent once")
    if not retry.delays:
        documented = provider is not None and provider.retry_status == "documented"
        why = f"{name} sends nothing again" if documented else f"{name} documents no retry"
        return _verdict(one, "given-up", "given-up", "given-up", None, tries, f"given up: {why}")
    if provider is not None and "off-after-give-up" in provider.traits:
        told = f"switched off after {tries - 1} failed resends"
        return _verdict(one, "off", "given-up", "off", None, tries, told)
    return _verdict(one, "given-up", "given-up", "given-up", None, tries, f"given up after {tries} attempts")


def _verdict(
    one: Taken, view: View, state: str, outcome: str, due: int | None, tries: int, told: str
) -> dict[str, Any]:
    seen = one.seen
    lost = any(strike.kind == "lose-answer" for strike in one.strikes)
    return {
        "view": view,
        "state": state,
        "outcome": outcome,
        "due": due,
        "tries": tries,
        "told": f"{told} (its answer was lost by a fault)" if lost else told,
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
        "b_seen": None if seen is one.answer else dumped(as_columns(seen)[0]),
        "b_reaction": verdict["reaction"],
        "b_view": verdict["view"],
        "b_told": verdict["told"],
    }


def delivery_columns(one: Taken, verdict: Mapping[str, Any]) -> dict[str, Any]:
    seen, answer = one.seen, one.answer
    body = answer.body if answer is not None else b""
    known = {tuple(label) for label in one.row.faults}
    labels = [[strike.fault, strike.label] for strike in one.strikes if (strike.fault, strike.label) not in known]
    return {
        "b_id": one.row.id,
        **{f"b_{name}": verdict[name] for name in ("state", "outcome", "due", "tries", "reaction")},
        "b_status": seen.status,
        "b_failure": "" if seen.failure is None else seen.in_words(),
        "b_elapsed": seen.elapsed,
        "b_faults": dumped([*one.row.faults, *labels]),
        "b_text": f"\n{folded(body[:_ANSWER_TEXT].decode('utf-8', 'replace'))}" if body else "",
        "b_size": len(body),
    }
