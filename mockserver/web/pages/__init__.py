"""The console: pages rendered on the server over the engine, a module for each. Acts go through the API.

A page reads without JavaScript; `static/console.js` adds acting, live changes and the keyboard.
"""

from __future__ import annotations

from flask import Flask

from hookassay.mockserver.engine import Mock
from hookassay.mockserver.web.pages import (
    contracts,
    deliveries,
    endpoints,
    frame,
    importing,
    inbox,
    scenarios,
    send,
    session,
)
from hookassay.mockserver.web.pages.frame import error
from hookassay.mockserver.web.security import Access

__all__ = ["error", "install"]


def install(app: Flask, mock: Mock, access: Access) -> None:
    """Route every page."""
    frame.install(app, mock)
    session.install(app, access)
    for page in (deliveries, send, endpoints, scenarios, contracts, inbox, importing):
        app.register_blueprint(page.blueprint(mock))
