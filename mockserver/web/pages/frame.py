"""What every page has around it: language, the provider filter, the status strip; and whole page or its inner part."""

from __future__ import annotations

from typing import Any, get_args

from flask import Flask, Response, make_response, render_template, request

from hookassay import __version__
from hookassay.mockserver.engine import Mock
from hookassay.mockserver.engine.expectations import REACTIONS
from hookassay.mockserver.engine.model import Outcome, Reason
from hookassay.mockserver.web import language, security, telling
from hookassay.mockserver.web.api.models import iso
from hookassay.mockserver.web.language import gettext
from hookassay.mockserver.web.pages import wording
from hookassay.mockserver.web.problems import Problem


def install(app: Flask, mock: Mock) -> None:
    """Give templates their language, their words and the frame."""
    language.install(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        nonce=security.nonce, reaction=telling.reaction, outcome=telling.outcome, wording=wording, iso=iso
    )
    app.jinja_env.filters.update(local=telling.local, span=telling.span, exact=telling.exact, value=wording.value)
    app.jinja_env.filters.update(told=telling.told, state=telling.state, fault=telling.fault)
    app.jinja_env.filters.update(breakable=wording.breakable)

    @app.context_processor
    def frame() -> dict[str, Any]:
        providers = mock.providers
        return {
            "providers": providers,
            "version": __version__,
            "language": language.current(),
            "languages": language.LANGUAGES,
            "provider_filter": request.args.get("provider", ""),
            "status": mock.status(),
            "clock": mock.clock.state(),
            "last_change": mock.changes.last(),
            "address_with": address_with,
            "words": words,
        }


def page(template: str, title: str, status: int = 200, **values: Any) -> Response:
    """A page: whole, or, where a page of ours asks for a fresh view, only what stands inside its body."""
    inner = request.headers.get("HX-Request") == "true"
    text = render_template(template, whole=not inner, title=title, **values)
    response = make_response(text, status)
    response.headers["Vary"] = "HX-Request, Accept-Language, Cookie"
    return response


def number(text: str) -> int | None:
    """A row's number as an address has it; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def words() -> dict[str, str]:
    """The words that the script needs, in the reader's language."""
    return {
        "now": gettext("now"),
        "ago": gettext("%(time)s ago", time="{}"),
        "in": gettext("in %(time)s", time="{}"),
        "s": gettext("%(count)s s", count="{}"),
        "min": gettext("%(count)s min", count="{}"),
        "h": gettext("%(count)s h", count="{}"),
        "d": gettext("%(count)s d", count="{}"),
        "copied": gettext("copied"),
        "undo": gettext("Undo"),
        "removed": gettext("%(count)s removed", count="{}"),
        "new": gettext("%(count)s new", count="{}"),
        "live": gettext("live"),
        "polling": gettext("polling"),
        "offline": gettext("not connected"),
        "working": gettext("working …"),
        "vendor": gettext("vendor’s time"),
        "looking": gettext("Looking for the cause: at most 400 requests …"),
        "proven": gettext("Proven:"),
        "unproven": gettext("Not proven:"),
        "requests": gettext("%(count)s requests", count="{}"),
        "sure": gettext("%(count)s deliveries: press again", count="{}"),
        "attempts": gettext("%(count)s attempts made", count="{}"),
        "lost": gettext("The mock does not answer. Is it still running?"),
        "send": gettext("Send"),
        "sendInvalid": gettext("Send although invalid"),
        "same": gettext("None: it is the example, with fresh ids and times."),
        "valid": gettext("valid by the contract"),
        "notJson": gettext("This is not JSON:"),
        "notSent": gettext("not sent:"),
        "goTo": gettext("go to"),
        "verified": gettext("verified"),
        "notVerified": gettext("not verified"),
        "absent": gettext("absent"),
        "nobody": gettext("(no webhook wants it)"),
        "more": gettext("and %(count)s more", count="{}"),
        "empty": gettext("(nothing)"),
        "broughtIn": gettext("Imported: %(count)s", count="{}"),
        "entry": gettext("line or entry %(number)s:", number="{}"),
        **{name: telling.state(name) for name in (*REACTIONS, *get_args(Outcome))},
        **{name: wording.reason(name) for name in get_args(Reason)},
    }


def error(problem: Problem) -> Response | None:
    """A page that says what is wrong, for people who look for a page; None for programs."""
    if request.path.startswith(("/api", "/inbox", "/healthz", "/static")):
        return None
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) != "text/html" or problem.status >= 500:
        return None
    return page("error.html", gettext("Not found"), problem.status, problem=problem)


def address_with(**changes: Any) -> str:
    """This page's address with some of its query changed (None: taken out)."""
    from urllib.parse import urlencode

    query = {key: values[0] for key, values in request.args.lists() if key != "lang"}
    query.update({key: str(value) for key, value in changes.items() if value is not None})
    for key, value in changes.items():
        if value is None:
            query.pop(key, None)
    return f"{request.path}?{urlencode(query)}" if query else request.path
