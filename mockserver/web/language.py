"""The reader's language: what `?lang=` says, which is kept in a cookie; else the browser's choice.

The console's script names the language of its page with each call, so that answers of the API fit the page. Nobody
else sends that header: to programs the API speaks English, whatever their language.
"""

from __future__ import annotations

from typing import Any

import flask_babel  # type: ignore[import-untyped]  # it ships no types
from flask import Flask, Response, g, request

LANGUAGES = ("en", "ko")
_COOKIE = "hookassay-lang"
_NAMED = "Hookassay-Language"
_YEAR = 365 * 86400


def install(app: Flask) -> None:
    """Choose the language of every request."""
    flask_babel.Babel(app, default_translation_directories="translations", locale_selector=_choice)

    @app.after_request
    def keep(response: Response) -> Response:
        if "language_chosen" in g:
            response.set_cookie(_COOKIE, g.language_chosen, max_age=_YEAR, samesite="Strict", httponly=True)
        return response


def gettext(text: str, /, **values: Any) -> str:
    """The text in the reader's language, its `%(name)s` filled. English is the key."""
    return str(flask_babel.gettext(text, **values))


def current() -> str:
    """The language of this request: `en` or `ko`."""
    return str(flask_babel.get_locale() or "en")


def is_named() -> bool:
    """Whether the console's script asks, for a page in a language that we have."""
    return request.headers.get(_NAMED) in LANGUAGES


def _choice() -> str:
    if is_named():
        return request.headers[_NAMED]
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        g.language_chosen = asked
        return asked
    kept = request.cookies.get(_COOKIE)
    if kept in LANGUAGES:
        return kept
    return request.accept_languages.best_match(LANGUAGES) or "en"
