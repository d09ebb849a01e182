"""Message axis: something else than the body's bytes is signed."""

from __future__ import annotations

import base64
import html
import re
import urllib.parse
from collections.abc import Iterator

from hookassay.mockserver.emission.causes import charset, rewriting
from hookassay.mockserver.emission.causes.hypothesis import Hypothesis, Message
from hookassay.mockserver.emission.causes.reading import as_text
from hookassay.mockserver.emission.serialisers import SERIALISERS
from hookassay.mockserver.emission.spelling import write

_STAND_INS = (b"{}", b"[object Object]", b"undefined", b"null", b'""', b"None")
_BASE_STRINGS = ("undefined.", "null.", "None.", ".", "v0:undefined:", "v0:None:", "v0::")
_READS = (512, 1024, 2048, 4096, 8192, 16384, 32768, 65536)

_LINES_AND_BLANKS: tuple[tuple[str, str, Message], ...] = (
    (
        "CA-M15",
        "signs the body as a JSON string literal (serialised twice, JavaScript)",
        as_text(lambda t: write(t).data),
    ),
    (
        "CA-M15",
        "signs the body as a JSON string literal (serialised twice, Python)",
        as_text(lambda t: write(t, SERIALISERS["json.dumps"]).data),
    ),
    ("CA-M17", "adds a line feed to the body before it signs", lambda b: b + b"\n"),
    ("CA-M17", "adds CR LF to the body before it signs", lambda b: b + b"\r\n"),
    (
        "CA-M17",
        "loses the body's last line feed before it signs",
        lambda b: b[:-1] if b.endswith(b"\n") else None,
    ),
    ("CA-M17", "loses the body's last line end before it signs", lambda b: b.rstrip(b"\r\n")),
    ("CA-M17", "trims blanks around the body before it signs", lambda b: b.strip()),
    ("CA-M17", "trims blanks at the body's end before it signs", lambda b: b.rstrip()),
    ("CA-M17", "trims blanks at the body's start before it signs", lambda b: b.lstrip()),
    (
        "CA-M17",
        "reads the body line by line and joins the lines with line feeds",
        as_text(lambda t: "\n".join(t.splitlines())),
    ),
    ("CA-M17", "turns CR LF into line feeds before it signs", lambda b: b.replace(b"\r\n", b"\n")),
    ("CA-M17", "turns line feeds into CR LF before it signs", lambda b: re.sub(rb"\r?\n", b"\r\n", b)),
    ("CA-M17", "reads the body line by line and loses the line ends", lambda b: re.sub(rb"\r?\n", b"", b)),
    ("CA-M18", "adds a byte order mark", lambda b: b"\xef\xbb\xbf" + b),
    ("CA-M18", "loses the byte order mark", lambda b: b.removeprefix(b"\xef\xbb\xbf")),
)

_CODINGS: tuple[tuple[str, str, Message], ...] = (
    ("CA-M26", "signs the body in base64 (a gateway hands it over so)", base64.b64encode),
    ("CA-M26", "signs the body in hex", lambda b: b.hex().encode()),
    ("CA-M27", "signs the URL-decoded body", as_text(urllib.parse.unquote)),
    ("CA-M27", "signs the URL-decoded body, + as a blank (a form parser)", as_text(urllib.parse.unquote_plus)),
    ("CA-M27", "signs the URL-encoded body", as_text(lambda t: urllib.parse.quote(t, safe=""))),
    (
        "CA-M27",
        "signs payload= and the URL-encoded body",
        as_text(lambda t: "payload=" + urllib.parse.quote_plus(t)),
    ),
    (
        "CA-M28",
        "HTML-escapes the body before it signs (htmlspecialchars)",
        as_text(lambda t: html.escape(t).replace("&#x27;", "&#039;")),
    ),
    ("CA-M28", "HTML-escapes the body before it signs", as_text(html.escape)),
    (
        "CA-M28",
        "adds slashes to the body before it signs (addslashes)",
        as_text(lambda t: re.sub(r"(['\"\\])", r"\\\1", t)),
    ),
    (
        "CA-M28",
        "strips slashes from the body before it signs (stripslashes)",
        as_text(lambda t: re.sub(r"\\(.)", r"\1", t)),
    ),
    ("CA-M28", "strips tags from the body before it signs", as_text(lambda t: re.sub(r"<[^>]*>", "", t))),
    (
        "CA-M29",
        "replaces every apostrophe in the body by a quotation mark",
        lambda b: b.replace(b"'", b'"'),
    ),
    ("CA-M30", "removes white space from the body before it signs", as_text(lambda t: re.sub(r"\s", "", t))),
    ("CA-M30", "lower-cases the body before it signs", as_text(str.lower)),
)


def _always(text: bytes) -> Message:
    return lambda body: text


def _behind(text: str) -> Message:
    return lambda body: text.encode() + body


def _first(size: int) -> Message:
    return lambda body: body[:size] if len(body) > size else None


def hypotheses() -> Iterator[Hypothesis]:
    """Rewritten JSON, nothing at all, line ends and blanks, charsets, codings, base strings, one read."""
    yield from rewriting.hypotheses()
    yield Hypothesis(
        "CA-M1", "signs no bytes at all: the stream was read before (a parser or filter in front)", message=_always(b"")
    )
    for stand_in in _STAND_INS:
        yield Hypothesis("CA-M2", f"signs {stand_in.decode()!r} instead of the body", message=_always(stand_in))
    for name, text, message in _LINES_AND_BLANKS:
        yield Hypothesis(name, text, message=message)
    yield from charset.hypotheses()
    for name, text, message in _CODINGS:
        yield Hypothesis(name, text, message=message)
    for before in _BASE_STRINGS:
        text = f"signs {before!r} and the body: the base string of a vendor that sends a timestamp"
        yield Hypothesis("CA-M31", text, message=_behind(before))
    for size in _READS:
        text = f"signs only the first {size} bytes of the body (one read)"
        yield Hypothesis("CA-M36", text, message=_first(size))
