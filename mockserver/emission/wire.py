"""The bytes of a request: what is written, in which pieces, with which pauses."""

from __future__ import annotations

from dataclasses import dataclass

from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.target import Target

_CHUNK = 512


@dataclass(frozen=True)
class Wire:
    """A request ready to be written: its head, then its body in pieces, `pause` seconds apart.

    Head and first piece go in one write unless the body has to wait for `100 Continue`: two writes
    cost 44 ms on many receivers.
    """

    head: bytes
    pieces: tuple[bytes, ...]
    pause: float
    expect: bool
    half_close: bool


def encode(delivery: Delivery, target: Target, through_proxy: bool = False) -> Wire:
    """The bytes of a delivery to a target, exactly as its framing says.

    Raises ValueError for a header that would break out of its line.
    """
    framing = delivery.framing
    path = target.path + delivery.path
    query = "&".join(part for part in (target.query, delivery.query) if part)
    address = f"{path}?{query}" if query else path
    if through_proxy:
        address = f"{target.scheme}://{target.authority_part}{address}"
    lines = [f"{delivery.method} {address} HTTP/{framing.version}".encode("latin-1")]
    given = {name.lower() for name, _ in delivery.headers}
    if "host" not in given:
        lines.append(f"Host: {target.authority_part}".encode("latin-1"))
    lines += [_line(name, value) for name, value in (*delivery.headers, *target.headers)]
    if delivery.credentials and target.basic is not None and "authorization" not in given:
        lines.append(_line("Authorization", target.basic))
    body = delivery.body if framing.cut is None else delivery.body[: framing.cut]
    if framing.chunked:
        lines.append(b"Transfer-Encoding: chunked")
        pieces = tuple(_chunks(body))
    else:
        if "content-length" not in given:
            lines.append(b"Content-Length: %d" % (len(delivery.body) if framing.declared is None else framing.declared))
        pieces = _cut(body, framing.pieces)
    if framing.expect:
        lines.append(b"Expect: 100-continue")
    if framing.version == "1.0":
        lines.append(b"Connection: close")
    head = b"\r\n".join(lines) + b"\r\n\r\n"
    return Wire(head, pieces, framing.pause, framing.expect, framing.cut is not None)


def _line(name: str, value: str) -> bytes:
    if any(character in name + value for character in "\r\n\0"):
        raise ValueError(f"header {name!r}: a line end or NUL cannot stand in a header")
    return f"{name}: {value}".encode("latin-1")


def _cut(body: bytes, offsets: tuple[int, ...]) -> tuple[bytes, ...]:
    marks = [0, *sorted(offset for offset in offsets if 0 < offset < len(body)), len(body)]
    return tuple(body[start:end] for start, end in zip(marks, marks[1:], strict=False))


def _chunks(body: bytes) -> list[bytes]:
    """Chunks of half a kilobyte (RFC 9112 section 7.1), the last one empty; all in one piece."""
    parts = [body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK)]
    return [b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"]
