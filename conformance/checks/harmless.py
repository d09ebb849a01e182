"""What a forged event may carry to look harmless: a test, a local call, a ping. None of it authenticates anything."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import replace

from hookassay.conformance.bench import Bench
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.vendor import Headers
from hookassay.schemas.contract import Json, Level

CONTENT_TYPES = {
    "text-plain": "text/plain",
    "form": "application/x-www-form-urlencoded",
    "vendor-json": "application/vnd.api+json",
    "octet-stream": "application/octet-stream",
    "xml": "application/xml",
    "charset": "application/json; charset=utf-8",
    "upper-case": "APPLICATION/JSON",
    "none": "",
}
"""Name → Content-Type; empty for none."""

MEMBERS: dict[str, dict[str, Json]] = {
    "ping": {"ping": True},
    "test": {"test": True, "mode": "test", "debug": True},
    "challenge": {"challenge": "x", "hub.challenge": "x"},
    "verified": {"verified": True, "signature": "x"},
}

QUERY = "debug=1&test=true&skip=1"

_HEADERS: dict[str, Headers] = {
    "forwarded-for-loopback": (("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "127.0.0.1")),
    "forwarded-host": (("X-Forwarded-Host", "localhost"), ("X-Forwarded-Proto", "https")),
    "internal-marks": (("X-Internal", "true"), ("X-Debug", "1"), ("X-Test", "1")),
    "debug-marks": (("X-Internal", "1"), ("X-Debug", "true"), ("X-Test", "true")),
    "retry-marks": (("X-Retry-Num", "1"), ("X-Slack-Retry-Num", "1")),
    "health-probe": (("User-Agent", "kube-probe/1.31"),),
    "credentials-empty": (("Authorization", "Basic Og=="),),
    "password-empty": (("Authorization", "Basic dmVuZG9yOg=="),),
}


def headers(bench: Bench) -> dict[str, Headers]:
    """Name → headers. Another `Host` only where it cannot lead to another site; no credentials but the URL's own."""
    local = {"host-localhost": (("Host", "localhost"),)} if bench.target.is_loopback else {}
    own = bench.target.credentials is not None
    return {name: them for name, them in {**_HEADERS, **local}.items() if not own or them[0][0] != "Authorization"}


def wrappings(bench: Bench) -> Iterator[tuple[str, Level, Callable[[Delivery], Delivery]]]:
    """Name, level, and how the same event comes in another way, which a receiver may take, but not unchecked.

    At another address somebody else may answer, who takes everything; not where what is no JSON is refused.
    """
    yield "gzip", "must", _gzipped
    if bench.facts.http_version != "1.0":
        yield "chunked", "must", lambda delivery: delivery.with_framing(chunked=True)
    if not bench.target.path.endswith("/"):
        yield "path-slash", "must" if bench.facts.slash_reads else "should", behind_slash


def behind_slash(delivery: Delivery) -> Delivery:
    """The same delivery to the address with a slash behind it."""
    return replace(delivery, path=f"{delivery.path}/")


def _gzipped(delivery: Delivery) -> Delivery:
    packed = replace(delivery, body=gzip.compress(delivery.body), secrets={**delivery.secrets, "body": ()})
    return packed.with_headers(("Content-Encoding", "gzip"))


def nearly_empty(bench: Bench) -> Json:
    """An event of which hardly more than the type is left, as somebody would try whether an address works."""
    return {
        name: {} if isinstance(value, dict) else [] if isinstance(value, list) else value
        for name, value in bench.document().items()
    }
