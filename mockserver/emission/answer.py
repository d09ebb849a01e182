"""What came back, and its class: the reaction.

Judged by status alone (of a redirect also by its `Location`), never by body (docs/checks.md, "How an
answer is judged").
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Literal
from urllib.parse import urlsplit

from hookassay.mockserver.emission.delivery import Delivery

Failure = Literal["unreachable", "reset", "closed", "timeout", "not-http", "incomplete", "tls", "proxy"]
"""How an exchange can fail: no connection; ended without a word; too late; words that are no HTTP;
an answer that stops in its middle; no trust; a proxy that refuses."""

APPS_SCRIPT_HOST = "script.googleusercontent.com"
"""Where Google Apps Script sends its callers to fetch what a script that has run returned."""

_INFLATED = 1_000_000


class Reaction(str, Enum):
    """The class of an answer."""

    TAKEN = "taken"
    REFUSED = "refused"
    REDIRECTED = "redirected"
    BROKE = "broke"
    SILENT = "silent"

    def __str__(self) -> str:
        return self.value


@dataclass  # not frozen: that would be a tenth of what a whole exchange costs
class Answer:
    """What a receiver answered, or how the exchange failed; never changed once made.

    `elapsed` in seconds; the body is bounded. `cut`: the body was longer than what is kept. `overlong`:
    bytes followed the answer's end, so that the next answer on the connection cannot be read.
    """

    status: int | None
    raw_headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    elapsed: float = 0.0
    failure: Failure | None = None
    detail: str = ""
    version: str = "1.1"
    cut: bool = False
    overlong: bool = False

    @cached_property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The headers as Latin-1 text, in their order (trailers are none of them)."""
        return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in self.raw_headers)

    def header(self, name: str) -> str | None:
        """The first value of a header, by its name in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @cached_property
    def content(self) -> bytes:
        """The body with a Content-Encoding of gzip or deflate undone (a megabyte at most)."""
        coding = (self.header("content-encoding") or "").strip().lower()
        if coding not in ("gzip", "x-gzip", "deflate"):
            return self.body
        try:
            return zlib.decompressobj(47 if coding != "deflate" else 15).decompress(self.body, _INFLATED)
        except zlib.error:
            return self.body

    @property
    def rate_limited(self) -> bool:
        """429, or 503 that says when to come again."""
        return self.status == 429 or (self.status == 503 and self.header("retry-after") is not None)

    @property
    def retry_after(self) -> float | None:
        """Seconds after which the receiver asks to be tried again, where it says so in seconds."""
        value = (self.header("retry-after") or "").strip()
        return float(value) if re.fullmatch(r"[0-9]{1,6}", value) else None

    @property
    def is_apps_script(self) -> bool:
        """Whether a Google Apps Script web app has run: it sends its callers on for what it returned."""
        if self.status not in (301, 302, 303, 307):
            return False
        try:
            return urlsplit(self.header("location") or "").hostname == APPS_SCRIPT_HOST
        except ValueError:  # a Location that is no URL
            return False

    def in_words(self) -> str:
        """`401 in 12 ms`, or what happened instead of an answer."""
        if self.failure is None:
            return f"{self.status} in {duration(self.elapsed)}"
        return f"{FAILURES[self.failure]}{f' ({self.detail})' if self.detail else ''} after {duration(self.elapsed)}"


FAILURES: dict[Failure, str] = {
    "unreachable": "no connection",
    "reset": "connection reset",
    "closed": "connection closed without an answer",
    "timeout": "no whole answer",
    "not-http": "an answer that is not HTTP",
    "incomplete": "an answer that stops in its middle",
    "tls": "no TLS connection",
    "proxy": "the proxy refused",
}


def duration(seconds: float) -> str:
    """A time for people: `12 ms`, `1.4 s`."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def reaction(delivery: Delivery, answer: Answer, usual_method: str = "POST") -> Reaction:
    """The class of an answer to a delivery.

    A right refusal may also be 501 to a method other than the vendor's, 505 to another HTTP version, a
    closed connection where the request was very large, and anything or nothing where it was cut short
    on purpose.
    """
    if answer.failure is None and answer.status is not None and 200 <= answer.status < 300:  # as most are
        return Reaction.TAKEN
    if answer.failure in ("timeout", "reset", "closed", "incomplete") and not delivery.is_whole:
        return Reaction.REFUSED
    if answer.failure in ("reset", "closed", "incomplete") and delivery.may_be_cut_off:
        return Reaction.REFUSED
    if answer.failure == "timeout":
        return Reaction.SILENT
    if answer.failure is not None or answer.status is None:
        return Reaction.BROKE
    if answer.is_apps_script:
        return Reaction.TAKEN
    if 300 <= answer.status < 400:
        return Reaction.REDIRECTED
    if 400 <= answer.status < 500:
        return Reaction.REFUSED
    if answer.status == 501 and delivery.method != usual_method:
        return Reaction.REFUSED
    if answer.status == 505 and delivery.framing.version != "1.1":
        return Reaction.REFUSED
    return Reaction.BROKE
