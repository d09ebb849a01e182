"""The bytes of a request: what is written, in which pieces, with which pauses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from hookassay.mockserver.emission.addressed import addressed
from hookassay.mockserver.emission.delivery import PLAIN, Delivery, Framing
from hookassay.mockserver.emission.target import Target

_BREAKS_A_LINE = re.compile(r"[\r\n\0]")
_BREAKS_A_REQUEST_LINE = re.compile(r"[ \r\n\0]")


class Wire(NamedTuple):
    """A request ready to be written: its head, then its body in pieces, `pause` seconds apart.

    Head and first piece go in one write unless the body has to wait for `100 Continue`: two writes
    cost 44 ms on many receivers.
    """

    head: bytes
    pieces: tuple[bytes, ...]
    pause: float
    expect: bool
    half_close: bool


def at_once(delivery: Delivery, target: Target, through_proxy: bool = False) -> bytes | None:
    """All bytes of a delivery that travels in the plain way, as nearly all do, for one write; None for others.

    Raises ValueError as `encode` does.
    """
    if delivery.framing is not PLAIN:
        return None
    opening, fields, adds_length = _lines(addressed(delivery, target), target, through_proxy)
    body = delivery.body
    return b"%b%b\r\nContent-Length: %d\r\n\r\n%b" % (opening, fields, len(body), body) if adds_length else None


def encode(delivery: Delivery, target: Target, through_proxy: bool = False) -> Wire:
    """The bytes of a delivery to a target, exactly as its framing says.

    Raises ValueError for what would break out of its line, or has characters that no header can carry.
    """
    delivery = addressed(delivery, target)
    framing, body = delivery.framing, delivery.body
    opening, fields, adds_length = _lines(delivery, target, through_proxy)
    lines = [opening, fields]
    if framing.chunked:
        lines.append(b"\r\nTransfer-Encoding: chunked")
    if framing.expect:
        lines.append(b"\r\nExpect: 100-continue")
    if framing.version == "1.0":
        lines.append(b"\r\nConnection: close")
    if adds_length and (framing.declared is not None or not framing.chunked):
        lines.append(b"\r\nContent-Length: %d" % (len(body) if framing.declared is None else framing.declared))
    if framing.contradicted is not None:
        lines.append(b"\r\nContent-Length: %d" % framing.contradicted)
    sent = body if framing.cut is None else body[: framing.cut]
    pieces = _cut(_chunks(sent, framing) if framing.chunked else sent, framing.pieces)
    head = b"".join(lines)
    if framing.bare_lf:  # the head's own end stays whole: a server that knows no bare LF would wait for it for ever
        head = head.replace(b"\r\n", b"\n")
    head += b"\r\n\r\n"
    if framing.copies > 1:
        pieces = (b"".join(pieces) + (head + b"".join(pieces)) * (framing.copies - 1),)
    if framing.head_pieces > 1:
        *parts, last = _cut(head, tuple(len(head) * part // framing.head_pieces for part in range(framing.head_pieces)))
        head, pieces = b"", (*parts, last + pieces[0], *pieces[1:])
    return Wire(head, pieces, framing.pause, framing.expect, framing.cut is not None or framing.half_close)


def _lines(delivery: Delivery, target: Target, through_proxy: bool) -> tuple[bytes, bytes, bool]:
    """The request line with what Host needs, the headers, and whether Content-Length is ours to add."""
    address = target.path
    if delivery.path or delivery.query or through_proxy:
        query = f"?{delivery.query}" if delivery.query else ""
        origin = f"{target.scheme}://{target.authority_part}" if through_proxy else ""
        address = f"{origin}{address}{delivery.path}{query}"
    names = tuple([name for name, _ in delivery.headers])
    opening, adds_length = _opening(delivery.method, address, delivery.framing.version, target.authority_part, names)
    return opening, _fields(delivery.headers), adds_length


@lru_cache(maxsize=64)
def _opening(method: str, address: str, version: str, authority: str, names: tuple[str, ...]) -> tuple[bytes, bool]:
    """The request line, with a Host unless there is one under these names; whether Content-Length is ours to add."""
    if _BREAKS_A_REQUEST_LINE.search(method + address):
        raise ValueError(f"{method!r}, {address!r}: a blank, line end or NUL cannot stand in a request line")
    given = {name.lower() for name in names}
    host = b"" if "host" in given else _line("Host", authority)
    return _latin(f"{method} {address} HTTP/{version}", "the request line") + host, "content-length" not in given


def _fields(headers: Sequence[tuple[str, str]]) -> bytes:
    """The lines of headers, each behind a line end; looked at together first, which takes a third of the time."""
    text = "".join([f"\r\n{name}: {value}" for name, value in headers])
    if text.isascii() and text.count("\n") == text.count("\r") == len(headers) and "\0" not in text:
        return text.encode()
    return b"".join([_line(name, value) for name, value in headers])


@lru_cache(maxsize=64)
def _line(name: str, value: str) -> bytes:
    line = f"{name}: {value}"
    if _BREAKS_A_LINE.search(line):
        raise ValueError(f"header {name!r}: a line end or NUL cannot stand in a header")
    return _latin(f"\r\n{line}", f"header {name!r}")


def _latin(line: str, what: str) -> bytes:
    try:
        return line.encode("latin-1")
    except UnicodeEncodeError as error:
        bad = line[error.start]
        raise ValueError(f"{what}: {bad!r} is no Latin-1 character (one character is one byte there)") from error


def _cut(body: bytes, offsets: tuple[int, ...]) -> tuple[bytes, ...]:
    if not offsets:
        return (body,)
    marks = [0, *sorted(offset for offset in set(offsets) if 0 < offset < len(body)), len(body)]
    return tuple(body[start:end] for start, end in zip(marks, marks[1:], strict=False))


def _chunks(body: bytes, framing: Framing) -> bytes:
    """The body in chunks (RFC 9112 section 7.1), the last one empty."""
    extension = _latin(framing.extension, "the chunk extension")
    parts = (body[start : start + framing.chunk] for start in range(0, len(body), framing.chunk))
    return b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts) + b"0\r\n\r\n"
