"""What an answer usually means: likely causes, told as likely."""

from __future__ import annotations

from urllib.parse import urlsplit

from hookassay.conformance.bench import Bench
from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.delivery import Delivery

_TEXTS: tuple[tuple[tuple[int, ...], tuple[str, ...], str], ...] = (
    (
        (403, 419, 422),
        ("csrf", "page expired", "authenticity_token", "invalidauthenticitytoken"),
        "a CSRF protection refuses every POST without its token: exempt the webhook's route (Django csrf_exempt, Laravel withoutMiddleware, Rails skip_forgery_protection)",
    ),
    (
        (400, 403),
        ("allowed_hosts", "blocked host", "invalid host", "disallowedhost"),
        "the Host header is checked against a list: add this host to it",
    ),
    (
        (401, 403, 503),
        (
            "cloudflare",
            "attention required",
            "just a moment",
            "access denied",
            "request blocked",
            "mod_security",
            "modsecurity",
            "incapsula",
            "sucuri",
        ),
        "a firewall or bot guard in front refuses the request, not the receiver",
    ),
    (
        (200, 401, 403),
        ("ngrok", "browser warning", "vercel authentication", "sign in"),
        "a login or warning page stands in front of the receiver",
    ),
)


def hint(bench: Bench, delivery: Delivery, answer: Answer) -> str:
    """The likeliest reason for an answer that should have been another; empty where nothing is known."""
    if answer.failure is not None:
        return _of_failure(answer)
    status = answer.status or 0
    text = answer.content[:20_000].decode("utf-8", "replace").lower()
    for statuses, words, reason in _TEXTS:
        if status in statuses and any(word in text for word in words):
            return reason
    if 300 <= status < 400:
        return _of_redirect(bench, answer)
    told = {
        400: "the receiver could not parse or did not like the body",
        401: "the receiver does not find the signature or token right: is the secret given here (--target-secret) the one it is configured with?",
        403: "the receiver does not find the signature or token right, or something in front of it forbids the request: is the secret given here (--target-secret) the one it is configured with?",
        404: "nothing is served at this address: is the path right, its slash at the end too?",
        405: "POST is not allowed at this address: is the path right?",
        408: "the receiver gave up waiting for the body",
        411: "the receiver demands a Content-Length",
        413: "a limit on the size of bodies (100 kB in Express and Bottle, 1 MB in nginx, Fastify, Koa, aiohttp, 2.5 MB in Django)",
        415: "the receiver insists on a Content-Type",
        429: "a rate limit",
        431: "a limit on the size of headers",
        502: "the server in front got no answer from the receiver",
        504: "the server in front waited too long for the receiver",
    }
    if status in told:
        return told[status]
    if status >= 500:
        return "an error that nobody caught: look into the receiver's log at this time"
    return ""


def _of_failure(answer: Answer) -> str:
    return {
        "unreachable": "nothing listens there any more: the process has ended",
        "reset": "the process or its worker ended in the middle of the request",
        "closed": "the handler ended without an answer: an error that nobody caught, or the end of the process",
        "timeout": "the handler waits for something, or loops",
        "not-http": "the server answers something that is not HTTP",
        "incomplete": "the handler ended while it was answering",
        "tls": "the certificate or its chain is not trusted here (a private authority: --target-ca FILE)",
        "proxy": "the proxy of the environment (HTTP_PROXY, HTTPS_PROXY) refuses the connection",
    }[answer.failure or "closed"]


def _of_redirect(bench: Bench, answer: Answer) -> str:
    location = answer.header("location") or ""
    parts = urlsplit(location)
    if parts.path.rstrip("/") == bench.target.path.rstrip("/") and parts.path != bench.target.path:
        return f"a slash at the end of the address: vendors do not follow redirects, so configure {location}"
    if parts.scheme == "https" and bench.target.scheme == "http":
        return f"http is redirected to https: configure {location}"
    if "accounts.google.com" in location:
        return "the Apps Script deployment is not open to anonymous callers: deploy it with access for anyone, even anonymous"
    if any(word in location.lower() for word in ("login", "signin", "auth")):
        return f"a login page stands in front ({location})"
    return f"vendors do not follow redirects (to {location})" if location else "a redirect without a Location"
