"""Import: a log of another mock, of a browser or a proxy, into this one."""

from __future__ import annotations

from flask import Blueprint, Response

from hookassay.mockserver.engine import Mock
from hookassay.mockserver.web.language import gettext
from hookassay.mockserver.web.pages import frame


def blueprint(mock: Mock) -> Blueprint:
    """The route of this page."""
    pages = Blueprint("importing", __name__)

    @pages.get("/import")
    def bring_in() -> Response:
        return frame.page("import.html", gettext("Import a log"))

    return pages
