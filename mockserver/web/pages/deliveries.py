"""Deliveries, the first page: what happened, to whom it was sent, what came back; one of them in full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from hookassay.mockserver.engine import Mock, Refused
from hookassay.mockserver.engine.log import FILTERS, Filter
from hookassay.mockserver.engine.model import Conversation, Detail, Occurrence, Page, Summary
from hookassay.mockserver.web.language import gettext
from hookassay.mockserver.web.pages import bytesview, frame, wording

_ROWS = 50


@dataclass(frozen=True)
class Listing:
    """The list as it is asked for: the search as typed and with the provider's filter, the filter of the list, what
    was found, how much each filter has."""

    typed: str
    q: str
    show: Filter
    found: Page[Occurrence]
    counts: dict[str, int]
    problem: str = ""


def blueprint(mock: Mock) -> Blueprint:
    """The routes of this page."""
    pages = Blueprint("deliveries", __name__)

    @pages.get("/")
    def deliveries() -> Response:
        listing = _listing(mock)
        ident = request.args.get("d", "")
        detail = _detail(mock, ident) if ident else None
        return frame.page(
            "deliveries.html",
            gettext("Deliveries"),
            listing=listing,
            detail=detail,
            detail_asked=ident,
            **(_parts(mock, detail) if detail else {}),
        )

    return pages


def _listing(mock: Mock) -> Listing:
    """What the address asks for. A search that cannot be read is told, and nothing is found."""
    provider, typed = request.args.get("provider", ""), request.args.get("q", "").strip()
    q = " ".join(part for part in (f"provider:{provider}" if provider in mock.providers else "", typed) if part)
    try:
        counts = mock.log.counts(q)
        asked = request.args.get("show", "look" if counts["look"] and not request.args.get("d") else "all")
        show: Filter = next((name for name in FILTERS if name == asked), "all")
        found = mock.log.occurrences(q, _ROWS, frame.number(request.args.get("after", "")), show)
        return Listing(typed, q, show, found, counts)
    except Refused as refusal:
        return Listing(typed, q, "all", Page(()), {}, refusal.detail)


def _detail(mock: Mock, ident: str) -> Detail | None:
    number = frame.number(ident)
    try:
        return None if number is None else mock.log.delivery(number, reveal=request.args.get("reveal") == "1")
    except Refused:
        return None


def _parts(mock: Mock, detail: Detail) -> dict[str, Any]:
    """What the page shows of one delivery besides itself."""
    summary = detail.summary
    provider = mock.providers.get(summary.provider)
    number = request.args.get("attempt", "")
    attempts = {str(attempt.number): attempt for attempt in detail.attempts}
    attempt = attempts.get(number) or (detail.attempts[-1] if detail.attempts else None)
    sent = attempt.request if attempt and attempt.differs else detail.request
    asked = request.args.get("form", "pretty")
    form: bytesview.Form = next((one for one in bytesview.FORMS if one == asked), "pretty")
    return {
        "sentence": wording.sentence(detail, provider, mock.clock.now(), _went_to_inbox(mock, summary)),
        "provider": provider,
        "event": provider.events.get(summary.event) if provider else None,
        "attempt": attempt,
        "sent": sent,
        "form": form,
        "sent_body": bytesview.show(sent.body, form),
        "answer_body": bytesview.show(attempt.answer.content, form) if attempt and attempt.answer else None,
        "conversation": _conversation(mock, detail),
        "same_when_signed": _same_when_signed(mock, summary.id),
        "edit": f"/send?{urlencode({'edit': summary.id})}",
        "occurrence": mock.log.occurrence(summary.occurrence),
    }


def _went_to_inbox(mock: Mock, summary: Summary) -> bool:
    return summary.endpoint is not None and summary.url == mock.inbox.context.inbox_url(summary.endpoint)


def _same_when_signed(mock: Mock, ident: int) -> bool:
    try:
        return mock.replays.same_when_signed(ident)
    except Refused:
        return False


def _conversation(mock: Mock, detail: Detail) -> Conversation | None:
    key = detail.summary.conversation
    if not key:
        return None
    try:
        return mock.log.conversation(key, detail.summary.provider)
    except Refused:
        return None
