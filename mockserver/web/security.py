"""Who may talk to the mock: the host that is asked for, the page that asks, the token, and what a page may load.

The mock listens on loopback, where no token is needed; but every web page in the developer's browser
can reach loopback too. So the `Host` has to be ours (a name that somebody else's DNS points at us is
not), and a write has to come from our own page or from no page at all.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from flask import Flask, Request, Response, g, request
from werkzeug.wrappers import Response as AnyResponse

from hookassay.mockserver.web.problems import Problem

LOG = logging.getLogger("hookassay.mockserver")
"""What the owner of the mock should know of; `hookassay serve` prints it."""

_READING = ("GET", "HEAD", "OPTIONS")
_OPEN_TO_ALL = ("/healthz", "/session", "/inbox/", "/static/")
"""What needs no token: the sign of life, signing in, what a vendor would call, the pages' own files."""


@dataclass(frozen=True)
class Access:
    """What the mock listens on and whom it lets in: further names of its own host, and the token, if there is one."""

    host: str = "127.0.0.1"
    names: Collection[str] = ()
    token: str | None = None

    def knows_host(self, header: str | None) -> bool:
        """Whether a `Host` header names us: loopback, the address we listen on, or a name that was allowed.

        Any address will do where we listen on all of them: only names can be pointed elsewhere.
        """
        host = host_of(header)
        if host is None:
            return False
        if host in {"localhost", self.host.lower(), *(name.lower() for name in self.names)}:
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return address.is_loopback or _is_wildcard(self.host)

    @property
    def session(self) -> str:
        """What the cookie of a page that has shown the token holds; it ends with the token."""
        return hmac.new((self.token or "").encode(), b"session", hashlib.sha256).hexdigest()

    def lets_in(self, asked: Request) -> bool:
        """Whether a request shows the token: as Bearer, or by the cookie that a page got for it."""
        if self.token is None:
            return True
        kind, _, bearer = asked.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer" and same(bearer.strip(), self.token):
            return True
        return same(asked.cookies.get(cookie_name(asked), ""), self.session)


def host_of(header: str | None) -> str | None:
    """The host of a `Host` header in lower case, an IPv6 address without brackets; None if it is none."""
    text = (header or "").strip().lower()
    if text.startswith("["):
        host, mark, port = text[1:].partition("]")
        port = port.removeprefix(":") if port[:1] == ":" else port
        return host if mark and (not port or port.isdigit()) else None
    host, _, port = text.partition(":")
    return host if host and (not port or port.isdigit()) else None


def same(given: str, wanted: str) -> bool:
    """Whether two texts are equal, compared in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def cookie_name(asked: Request) -> str:
    """The session's cookie: browsers share cookies between the ports of a host, so the port is in its name."""
    return f"hookassay-{asked.host.rpartition(':')[2] if ':' in asked.host else '80'}"


def _is_wildcard(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def nonce() -> str:
    """The nonce of this response's scripts, made when it is first asked for."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def policy() -> str:
    """The Content-Security-Policy: nothing but our own files, scripts and htmx's attributes only with the nonce."""
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce()}'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )


def install(app: Flask, access: Access) -> None:
    """Check every request before its view, and give every answer its headers."""

    @app.before_request
    def check() -> Response | None:
        if not access.knows_host(request.headers.get("Host")):
            raise Problem(
                400, "unknown-host", "The Host header names another host; --allow-host NAME lets it in.", "Unknown host"
            )
        if request.path.startswith("/inbox/"):
            return None
        if request.method not in _READING and not _from_us(request):
            raise Problem(403, "foreign-origin", "A page of another origin may not change anything here.")
        if not request.path.startswith(_OPEN_TO_ALL) and not access.lets_in(request):
            if request.path.startswith("/api"):
                raise Problem(
                    401,
                    "no-token",
                    "The token is missing or wrong: send Authorization: Bearer TOKEN.",
                    headers={"WWW-Authenticate": "Bearer"},
                )
            from hookassay.mockserver.web.pages.session import sign_in

            return sign_in()
        return None

    @app.after_request
    def note_reveal(response: AnyResponse) -> AnyResponse:
        if request.args.get("reveal") in ("1", "true") and response.status_code == 200:
            LOG.info("secrets were shown: %s %s", request.method, request.path)
        return response

    @app.after_request
    def protect(response: AnyResponse) -> AnyResponse:
        response.headers.setdefault("Content-Security-Policy", policy())
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _from_us(asked: Request) -> bool:
    """Whether a write comes from our own page, or from a program (browsers say which page asks)."""
    origin = asked.headers.get("Origin")
    if origin is not None:
        return origin == f"{asked.scheme}://{asked.host}"
    return asked.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")
