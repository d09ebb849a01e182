"""The bytes of a request: what is written, in which pieces, with which pauses."""

from __future__ import annotations

from dataclasses import dataclass

from hookassay.mockserver.emission.addressed import addressed
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

    Raises ValueError for what would break out of its line, or has characters that no header can carry.
    """
    delivery = addressed(delivery, target)
    framing = delivery.framing
    given = {name.lower() for name, _ in delivery.headers}
    lines = [_request_line(delivery, target, through_proxy)]
    if "host" not in given:
        lines.append(_line("Host", target.authority_part))
    lines += [_line(name, value) for name, value in delivery.headers]
    if framing.chunked:
        lines.append(b"Transfer-Encoding: chunked")
    if framing.expect:
        lines.append(b"Expect: 100-continue")
    if framing.version == "1.0":
        lines.append(b"Connection: close")
    if not framing.chunked and "content-length" not in given:
        lines.append(b"Content-Length: %d" % (len(delivery.body) if framing.declared is None else framing.declared))
    body = delivery.body if framing.cut is None else delivery.body[: framing.cut]
    pieces = (_chunks(body),) if framing.chunked else _cut(body, framing.pieces)
    head = b"\r\n".join(lines) + b"\r\n\r\n"
    return Wire(head, pieces, framing.pause, framing.expect, framing.cut is not None)


def _request_line(delivery: Delivery, target: Target, through_proxy: bool) -> bytes:
    address = f"{target.path}{delivery.path}{f'?{delivery.query}' if delivery.query else ''}"
    if any(character in delivery.method + address for character in " \r\n\0"):
        raise ValueError(f"{delivery.method!r}, {address!r}: a blank, line end or NUL cannot stand in a request line")
    origin = f"{target.scheme}://{target.authority_part}" if through_proxy else ""
    return _latin(f"{delivery.method} {origin}{address} HTTP/{delivery.framing.version}", "the request line")


def _line(name: str, value: str) -> bytes:
    if any(character in name + value for character in "\r\n\0"):
        raise ValueError(f"header {name!r}: a line end or NUL cannot stand in a header")
    return _latin(f"{name}: {value}", f"header {name!r}")


def _latin(line: str, what: str) -> bytes:
    try:
        return line.encode("latin-1")
    except UnicodeEncodeError as error:
        bad = line[error.start]
        raise ValueError(f"{what}: {bad!r} is no Latin-1 character (one character is one byte there)") from error


def _cut(body: bytes, offsets: tuple[int, ...]) -> tuple[bytes, ...]:
    marks = [0, *sorted(offset for offset in set(offsets) if 0 < offset < len(body)), len(body)]
    return tuple(body[start:end] for start, end in zip(marks, marks[1:], strict=False))


def _chunks(body: bytes) -> bytes:
    """The body in chunks of half a kilobyte (RFC 9112 section 7.1), the last one empty."""
    parts = [body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
