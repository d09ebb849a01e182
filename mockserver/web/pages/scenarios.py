"""Scenarios: what can be played, and a run's steps as they happen."""

from __future__ import annotations

from flask import Blueprint, Response, request

from hookassay.mockserver.engine import Mock, Refused
from hookassay.mockserver.engine.model import Run
from hookassay.mockserver.web.language import gettext
from hookassay.mockserver.web.pages import frame


def blueprint(mock: Mock) -> Blueprint:
    """The routes of this page."""
    pages = Blueprint("scenarios", __name__)

    @pages.get("/scenarios")
    def scenarios() -> Response:
        wanted = request.args.get("provider", "")
        return frame.page(
            "scenarios.html",
            gettext("Scenarios"),
            scenarios=mock.scenarios.all(wanted if wanted in mock.providers else None),
            runs=mock.runs.all(),
            run=_run(mock, request.args.get("run", "")),
        )

    return pages


def _run(mock: Mock, ident: str) -> Run | None:
    number = frame.number(ident)
    try:
        return None if number is None else mock.runs.get(number)
    except Refused:
        return None
