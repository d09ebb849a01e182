"""Inbox: what the mock's own receiver got, and how it verified."""

from __future__ import annotations

from flask import Blueprint, Response, request

from hookassay.mockserver.engine import Mock
from hookassay.mockserver.web.language import gettext
from hookassay.mockserver.web.pages import bytesview, frame


def blueprint(mock: Mock) -> Blueprint:
    """The routes of this page."""
    pages = Blueprint("inbox", __name__)

    @pages.get("/inbox")
    def inbox() -> Response:
        reveal = request.args.get("reveal") == "1"
        found = mock.inbox.all(50, frame.number(request.args.get("after", "")), reveal=reveal)
        return frame.page("inbox.html", gettext("Inbox"), found=found, show=bytesview.show, reveal=reveal)

    return pages
