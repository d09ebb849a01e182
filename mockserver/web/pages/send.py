"""Send: an event of a provider, changed by hand, seen signed before it leaves."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Blueprint, Response, request

from hookassay.mockserver.engine import Mock, Refused
from hookassay.mockserver.web.language import gettext
from hookassay.mockserver.web.pages import frame
from hookassay.schemas.contract import Event, Provider

_RECENT = 100
"""Deliveries among which the events that were sent lately are looked for."""


def blueprint(mock: Mock) -> Blueprint:
    """The routes of this page."""
    pages = Blueprint("send", __name__)

    @pages.get("/send")
    def send() -> Response:
        edited = _edited(mock, request.args.get("edit", ""))
        provider, name = edited[:2] if edited else (request.args.get("provider", ""), request.args.get("event", ""))
        chosen = mock.providers.get(provider)
        event = (chosen.events.get(name) if chosen else None) or _latest(mock, provider)
        example = request.args.get("example", "full")
        if event is not None and example not in event.examples:
            example = "full"
        text = edited[2] if edited else _text(event, example)
        return frame.page(
            "send.html",
            gettext("Send"),
            event=event,
            lists=_events(mock),
            example=example,
            text=text,
            edited=request.args.get("edit") if edited else None,
            endpoints=[one for one in mock.endpoints.all() if event is None or one.provider == event.provider],
            chosen_endpoint=request.args.get("to", ""),
        )

    return pages


def _text(event: Event | None, example: str) -> str:
    return "" if event is None else json.dumps(event.examples[example].document, ensure_ascii=False, indent=2)


def _events(mock: Mock) -> list[tuple[Provider, list[str]]]:
    """Every event by provider: what was sent lately first, then in the order of the provider's data."""
    recent: dict[str, list[str]] = {}
    for row in mock.log.deliveries("-origin:hello", limit=_RECENT).items:
        if not row.attempts:  # a later step of a scenario, say: it only waits
            continue
        names = recent.setdefault(row.provider, [])
        if row.event not in names:
            names.append(row.event)
    known = mock.providers
    ordered = [*(known[name] for name in recent if name in known), *(p for p in known.values() if p.name not in recent)]
    return [(provider, sorted(provider.events, key=_place_in(recent.get(provider.name, [])))) for provider in ordered]


def _place_in(names: list[str]) -> Callable[[str], int]:
    """A sort key that puts these names first, in their order, and leaves the others as they are."""
    return lambda name: names.index(name) if name in names else len(names)


def _latest(mock: Mock, provider: str) -> Event | None:
    """The event that was sent last (of this provider), else the first that there is."""
    try:
        q = f"provider:{provider}" if provider in mock.providers else ""
        for row in mock.log.deliveries(q, limit=_RECENT).items:
            known = mock.providers.get(row.provider)
            if row.attempts and known and row.event in known.events:
                return known.events[row.event]
    except Refused:
        pass
    for one in mock.providers.values():
        if provider in ("", one.name):
            return next(iter(one.deliverable.values()))
    return None


def _edited(mock: Mock, ident: str) -> tuple[str, str, str] | None:
    """Provider, event and body of a delivery that is to be edited."""
    number = frame.number(ident)
    if number is None:
        return None
    try:
        summary = mock.log.delivery(number).summary
        body = mock.log.body(number).decode("utf-8")
    except (Refused, UnicodeDecodeError):
        return None
    return summary.provider, summary.event, body
