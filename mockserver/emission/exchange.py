"""One connection to a receiver: writes a request's bytes, reads the answer, bounds the time of the whole."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import cast

from hookassay.mockserver.emission.answer import Answer, Failure
from hookassay.mockserver.emission.reading import AnswerReader
from hookassay.mockserver.emission.wire import Wire

EXPECT_PATIENCE = 1.0
"""Seconds after which the body follows although no `100 Continue` came (RFC 9110 section 10.1.1)."""

CUT_PATIENCE = 1.0
"""Seconds for an answer to a request that was cut short, where the connection cannot be half-closed (TLS)."""

_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)
CAN_KEEP = _QUICKACK is not None
"""Whether a kept connection is as quick as a new one: where delayed acknowledgements cannot be switched
off, a receiver that answers in two writes costs 40 ms an exchange, so connections are not kept there."""


class Exchange(asyncio.Protocol):
    """A connection. `run` makes one exchange; `reusable` says whether another may follow.

    `overlong`: the receiver has said more than it was asked, at any time.
    """

    def __init__(self) -> None:
        self.reusable = False
        self.overlong = False
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._socket: socket.socket | None = None
        self._lost = False
        self._reader: AnswerReader | None = None
        self._answered: asyncio.Future[None] | None = None
        self._waiting: list[bytes] = []
        self._wire: Wire | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._continue_timer: asyncio.TimerHandle | None = None

    async def run(self, wire: Wire, deadline: float, bodiless: bool, allowed: float) -> Answer:
        """Write a request and read its answer; never raises.

        `deadline` is the loop's time at which it has to be there, `allowed` the seconds that the sender
        was given, for the message. `bodiless`: the answer has no body, whatever its headers say (HEAD).
        """
        started = self._loop.time()
        self.reusable = False
        self._reader = reader = AnswerReader(bodiless)
        self._answered = self._loop.create_future()
        self._at(deadline, lambda: self._give_up("timeout", f"within {allowed:g} s"))
        if self._lost:
            reader.end()
            self._look()
        else:
            self._write(wire)
        try:
            await self._answered
        finally:
            for timer in self._timers:
                timer.cancel()
            self._timers.clear()
            if not self.reusable:
                self.close()
        self.overlong = self.overlong or reader.overlong
        return reader.answer(self._loop.time() - started)

    def close(self) -> None:
        """End the connection at once; what was not written yet is lost."""
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    # what is written

    def _write(self, wire: Wire) -> None:
        self._wire, self._waiting = wire, list(wire.pieces)
        if wire.expect and self._waiting:
            self._send(wire.head)
            self._continue_timer = self._at(self._loop.time() + EXPECT_PATIENCE, self._next_piece)
            return
        self._send(wire.head + (self._waiting.pop(0) if self._waiting else b""))
        self._after_piece(wire)

    def _next_piece(self) -> None:
        self._continue_timer = None
        if self._wire is not None and self._waiting and not self._lost:
            self._send(self._waiting.pop(0))
            self._after_piece(self._wire)

    def _after_piece(self, wire: Wire) -> None:
        """Wait for the next piece's turn; after the last one end what is cut short."""
        assert self._transport is not None
        if self._waiting:
            self._at(self._loop.time() + wire.pause, self._next_piece)
        elif wire.half_close and self._transport.can_write_eof():
            self._transport.write_eof()
        elif wire.half_close:
            self._at(self._loop.time() + CUT_PATIENCE, lambda: self._give_up("closed", "by us, after a cut request"))

    def _send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)
            self._acknowledge_quickly()

    def _acknowledge_quickly(self) -> None:
        """Have the receiver's first packet acknowledged at once; the kernel forgets it after every exchange."""
        if _QUICKACK is not None and self._socket is not None:
            try:
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
            except OSError:
                self._socket = None

    def _at(self, when: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        timer = self._loop.call_at(when, call)
        self._timers.append(timer)
        return timer

    # what is read

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._socket = transport.get_extra_info("socket")
        if self._socket is not None:
            try:
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                self._socket = None

    def data_received(self, data: bytes) -> None:
        if self._reader is None:
            self.overlong = True  # it speaks before it is asked
            self.close()
            return
        self._reader.feed(data)
        if self._reader.overlong:
            self.overlong = True
            self.close()
        self._look()

    def eof_received(self) -> bool:
        if self._reader is not None:
            self._reader.end()
            self._look()
        return False

    def connection_lost(self, error: BaseException | None) -> None:
        self._lost, self.reusable = True, False
        if self._reader is not None:
            self._reader.end(error)
            self._look()

    def _give_up(self, failure: Failure, detail: str) -> None:
        if self._reader is not None:
            self._reader.fail(failure, detail)
            self._look()

    def _look(self) -> None:
        """Go on with what the reader has found out."""
        reader, answered = self._reader, self._answered
        if reader is None or answered is None or answered.done():
            return
        if reader.done:
            whole = not self._waiting and not (self._wire is not None and self._wire.half_close)
            self.reusable = CAN_KEEP and reader.keeps and whole and not self._lost
            answered.set_result(None)
        elif reader.continues and self._continue_timer is not None:
            self._continue_timer.cancel()
            self._next_piece()
