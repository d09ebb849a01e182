"""Signing in where the mock wants a token: a page shows it once, and gets a cookie for it."""

from __future__ import annotations

from flask import Flask, Response, make_response, render_template, request

from hookassay.mockserver.web.operations import read_json
from hookassay.mockserver.web.problems import Problem
from hookassay.mockserver.web.security import Access, cookie_name, same


def sign_in() -> Response:
    """The page that reads the token from its own address (`#token=…`, which no server sees) or asks for it."""
    return make_response(render_template("sign-in.html"), 401)


def install(app: Flask, access: Access) -> None:
    """`POST /session` with the token makes a session, `DELETE` ends it."""

    @app.post("/session", provide_automatic_options=False)
    def begin() -> Response:
        document = read_json(request)
        token = document.get("token") if isinstance(document, dict) else None
        if access.token is None or not isinstance(token, str) or not same(token, access.token):
            raise Problem(401, "no-token", "This is not the token; the terminal of `hookassay serve` shows it.")
        response = Response(status=204)
        response.set_cookie(
            cookie_name(request), access.session, httponly=True, samesite="Strict", secure=request.is_secure
        )
        return response

    @app.delete("/session", provide_automatic_options=False)
    def end() -> Response:
        response = Response(status=204)
        response.delete_cookie(cookie_name(request), httponly=True, samesite="Strict")
        return response
