"""One connection to a receiver: writes a request's bytes, reads the answer, bounds everything.

httptools parses; what it does not bound is bounded here: bytes of headers, number of 1xx answers,
bytes of a body, and the time of the whole exchange, so that an answer that drips in ends too.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import httptools

from hookassay.mockserver.emission.answer import Answer, Failure
from hookassay.mockserver.emission.wire import Wire

HEADER_LIMIT = 262_144
INTERIM_LIMIT = 100
BODY_KEPT = 1_048_576
BODY_LIMIT = 16 * BODY_KEPT
EXPECT_PATIENCE = 1.0
_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)
CAN_KEEP = _QUICKACK is not None
"""Whether a kept connection is as quick as a new one: where delayed acknowledgements cannot be switched
off, a receiver that answers in two writes costs 40 ms an exchange, so connections are not kept there."""


class Exchange(asyncio.Protocol):
    """A connection. `run` makes one exchange; `reusable` says whether another may follow."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.transport: asyncio.Transport | None = None
        self.used = False
        self.reusable = False
        self.lost: BaseException | bool = False
        self._done: asyncio.Future[None] | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._continue_timer: asyncio.TimerHandle | None = None
        self._socket: socket.socket | None = None

    async def run(self, wire: Wire, timeout: float, bodiless: bool) -> Answer:
        """Write a request and read its answer; never raises. `timeout` is for the whole of it, in seconds."""
        assert self.transport is not None
        self._start(bodiless)
        self._waiting: list[bytes] = []
        self._pause, self._half_close = 0.0, False
        started = self.loop.time()
        self._deadline = self.loop.call_later(timeout, self._finish, "timeout", f"within {timeout:g} s")
        self._timers.append(self._deadline)
        if self.lost is not False:
            self._finish("closed", "")
        else:
            self._write(wire)
        try:
            await self._done  # type: ignore[misc]  # set by _start
        finally:
            for timer in self._timers:
                timer.cancel()
            self._timers.clear()
        self.used = True
        if not self.reusable:
            self.close()
        return Answer(
            status=self._status,
            raw_headers=tuple(self._headers),
            body=bytes(self._body),
            elapsed=self.loop.time() - started,
            failure=self._failure,
            detail=self._detail,
            version=self._version,
            cut=self._body_bytes > BODY_KEPT,
        )

    def close(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    # what is written

    def _write(self, wire: Wire) -> None:
        assert self.transport is not None
        self._waiting = list(wire.pieces)
        self._pause, self._half_close = wire.pause, wire.half_close
        if wire.expect and self._waiting:
            self.transport.write(wire.head)
            self._quick_ack()
            self._continue_timer = self.loop.call_later(EXPECT_PATIENCE, self._next_piece)
            self._timers.append(self._continue_timer)
            return
        first = self._waiting.pop(0) if self._waiting else b""
        self.transport.write(wire.head + first)
        self._quick_ack()
        self._schedule()

    def _next_piece(self) -> None:
        if self._continue_timer is not None:
            self._continue_timer.cancel()
            self._continue_timer = None
        if self.transport is None or self.transport.is_closing() or not self._waiting:
            return
        self.transport.write(self._waiting.pop(0))
        self._quick_ack()
        self._schedule()

    def _schedule(self) -> None:
        assert self.transport is not None
        if self._waiting:
            self._timers.append(self.loop.call_later(self._pause, self._next_piece))
        elif self._half_close and self.transport.can_write_eof():
            self.transport.write_eof()

    def _quick_ack(self) -> None:
        """Answer the receiver's first packet at once; the kernel forgets it after every exchange."""
        if _QUICKACK is not None and self._socket is not None:
            try:
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
            except OSError:
                self._socket = None

    # what is read

    def _start(self, bodiless: bool) -> None:
        self._done = self.loop.create_future()
        self._bodiless = bodiless
        self._status: int | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._body = bytearray()
        self._body_bytes = 0
        self._header_bytes = 0
        self._interim = 0
        self._in_body = False
        self._complete = False
        self._failure: Failure | None = None
        self._detail = ""
        self._version = "1.1"
        self._continue_timer = None
        self.reusable = False
        self._new_parser()

    def _new_parser(self) -> None:
        self._parser: Any = httptools.HttpResponseParser(self)
        # Every client takes a bare LF in an answer's head; so do we, or a right receiver would fail.
        self._parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a TCP or TLS transport is an asyncio.Transport
        self._socket = transport.get_extra_info("socket")
        if self._socket is not None:
            try:
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                self._socket = None

    def data_received(self, data: bytes) -> None:
        if self._done is None or self._done.done():
            self.reusable = False  # words after the answer: nothing said here can be trusted any more
            self.close()
            return
        if not self._in_body:
            self._header_bytes += len(data)
            if self._header_bytes > HEADER_LIMIT:
                self._finish("not-http", f"more than {HEADER_LIMIT // 1024} kB of headers")
                return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._finish("not-http", "101, a change of protocol")
        except httptools.HttpParserError as error:
            if self._complete:
                self._finish(None, "")  # bytes after the answer's end
            else:
                self._finish("not-http", str(error) or type(error).__name__)
        else:
            if self._complete and not self._done.done():
                self._finish(None, "", reusable=self._keeps())

    def _keeps(self) -> bool:
        return CAN_KEEP and not self._waiting and not self._half_close and bool(self._keep_alive)

    def on_status(self, status: bytes) -> None:
        """Called by httptools; the code is read when the head is whole."""

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._complete:  # what follows the answer in the same packet is not part of it
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._complete:
            return
        status = self._parser.get_status_code()
        self._version = self._parser.get_http_version()
        if status < 200 and status != 101:
            return
        self._status = status
        self._keep_alive = self._parser.should_keep_alive()
        self._in_body = True
        if self._bodiless:
            self._complete = True

    def on_body(self, body: bytes) -> None:
        if self._complete:
            return
        self._body_bytes += len(body)
        if len(self._body) < BODY_KEPT:
            self._body += body[: BODY_KEPT - len(self._body)]
        if self._body_bytes > BODY_LIMIT:
            self._finish(None, "")

    def on_message_complete(self) -> None:
        if self._status is not None:
            self._complete = True
            return
        self._in_body = False
        self._interim += 1
        self._headers.clear()
        if self._interim > INTERIM_LIMIT:
            self._finish("not-http", f"more than {INTERIM_LIMIT} interim answers")
        elif self._waiting and self._continue_timer is not None:
            self._next_piece()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: BaseException | None) -> None:
        self.lost = error or True
        self.reusable = False
        if self._done is None or self._done.done():
            return
        if self._complete or (self._status is not None and self._ends_with_connection() and error is None):
            self._finish(None, "")
        elif self._status is not None or self._header_bytes:
            self._finish("incomplete", _reason(error))
        elif error is not None:
            self._finish("reset", _reason(error))
        else:
            self._finish("closed", "")

    def _ends_with_connection(self) -> bool:
        """Whether the answer has neither a length nor chunks: then the connection's end is its end (RFC 9112 section 6.3)."""
        names = {name.lower() for name, _ in self._headers}
        return b"content-length" not in names and b"transfer-encoding" not in names

    def _finish(self, failure: Failure | None, detail: str, reusable: bool = False) -> None:
        if self._done is None or self._done.done():
            return
        self._failure, self._detail, self.reusable = failure, detail, reusable
        self._done.set_result(None)
        if not reusable:
            self.close()


def _reason(error: BaseException | None) -> str:
    return "" if error is None else getattr(error, "strerror", None) or str(error) or type(error).__name__
