"""One connection to a receiver: writes a request's bytes, reads the answer, bounds the time of the whole."""

from __future__ import annotations

import asyncio
import socket
import time
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
    """A connection. `run` makes one exchange, `start` likewise; `reusable` says whether another may follow.

    `overlong`: the receiver has said more than it was asked, at any time.
    """

    def __init__(self) -> None:
        self.reusable = False
        self.overlong = False
        self._loop = asyncio.get_running_loop()
        # Some of uvloop's releases write at the end of its turn, and a write makes the kernel forget.
        self._writes_later = not isinstance(self._loop, asyncio.BaseEventLoop)
        self._transport: asyncio.Transport | None = None
        self._socket: socket.socket | None = None
        self._lost = self._is_tls = False
        self._reader: AnswerReader | None = None
        self._done: Callable[[], None] | None = None
        self._wire: Wire | None = None
        self._unwritten: list[bytes] = []
        self._turns: list[asyncio.TimerHandle] = []
        self._continue_turn: asyncio.TimerHandle | None = None
        self._deadline = self._allowed = self._rings = self._took = 0.0
        self._alarm: asyncio.TimerHandle | None = None

    async def run(self, wire: Wire | bytes, deadline: float, bodiless: bool, allowed: float) -> Answer:
        """Write a request and read its answer; never raises.

        `deadline` is when it has to be there (`time.monotonic`), `allowed` how long before that the delivery
        began, in seconds. `bodiless`: the answer has no body, whatever its headers say (HEAD).
        """
        answered: asyncio.Future[None] = self._loop.create_future()

        def done() -> None:
            if not answered.done():
                answered.set_result(None)

        self.start(wire, deadline, bodiless, allowed, done)
        try:
            await answered
        finally:
            if not answered.done() or answered.cancelled():
                self.close()
        return self.answer()

    def start(
        self, wire: Wire | bytes, deadline: float, bodiless: bool, allowed: float, done: Callable[[], None]
    ) -> None:
        """Write a request and have `done` called once there is an `answer`, whatever happens; as `run` otherwise."""
        self.reusable = False
        self._reader, self._done = AnswerReader(bodiless), done
        self._deadline, self._allowed = deadline, allowed
        if self._alarm is None or self._rings > deadline:
            self._set_alarm()
        if self._lost:
            self._reader.end()
            self._look()
        elif isinstance(wire, bytes):
            self._wire = None
            self._send(wire)
        else:
            self._write(wire)

    def answer(self) -> Answer:
        """What was read, after the time that it took."""
        assert self._reader is not None
        self.overlong = self.overlong or self._reader.overlong
        return self._reader.answer(self._took)

    def close(self) -> None:
        """End the connection at once; what was not written yet is lost."""
        self.reusable = False
        self._let_go()
        if self._transport is not None:
            self._transport.abort()

    # the time of the whole

    def _set_alarm(self) -> None:
        """Have the exchange end at its deadline. One alarm lives through many exchanges: setting one for each
        would cost a fifth of an exchange."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._rings = self._deadline
        self._alarm = self._loop.call_later(max(0.0, self._deadline - time.monotonic()), self._ring)

    def _ring(self) -> None:
        """The alarm: it belongs to the exchange of now, or to one before it, or to none."""
        self._alarm = None
        if not self._deadline:
            return
        if self._deadline > time.monotonic():  # also where the loop counts in milliseconds
            self._set_alarm()
        else:
            self._give_up("timeout", f"within {self._allowed:g} s")

    def _give_up(self, failure: Failure, detail: str) -> None:
        if self._reader is not None:
            self._reader.fail(failure, detail)
            self._look()

    # what is written

    def _write(self, wire: Wire) -> None:
        self._wire = wire
        self._unwritten = list(wire.pieces)
        if wire.expect and self._unwritten:
            self._send(wire.head)
            self._continue_turn = self._at(EXPECT_PATIENCE, self._next_piece)
            return
        self._send(wire.head + (self._unwritten.pop(0) if self._unwritten else b""))
        self._after_piece(wire)

    def _next_piece(self) -> None:
        self._continue_turn = None
        if self._wire is not None and self._unwritten and not self._lost:
            self._send(self._unwritten.pop(0))
            self._after_piece(self._wire)

    def _after_piece(self, wire: Wire) -> None:
        """Wait for the next piece's turn; after the last one end what is cut short."""
        assert self._transport is not None
        if self._unwritten:
            self._at(wire.pause, self._next_piece)
        elif wire.half_close and self._transport.can_write_eof():
            self._transport.write_eof()
        elif wire.half_close:
            self._at(CUT_PATIENCE, lambda: self._give_up("closed", "by us, after a cut request"))

    def _send(self, data: bytes) -> None:
        """Write to the socket what goes at once, the rest to the transport, whose way is slower; some loops' writes
        only at the end of their turn."""
        if self._transport is None:
            return
        if self._socket is not None and not self._is_tls and not self._transport.get_write_buffer_size():
            # full, or gone: the transport finds out, and knows what to do
            try:
                data = data[self._socket.send(data) :]
            except OSError:
                pass
        if data:
            self._transport.write(data)
        if self._is_tls:  # a part of a record is not seen here
            self._acknowledge_quickly()
            if self._writes_later:
                self._loop.call_soon(self._acknowledge_quickly)

    def _acknowledge_quickly(self) -> None:
        """Have what has come acknowledged at once: a receiver that answers in two writes waits for it with the second.

        The kernel forgets it after every exchange. Asked for where a part of an answer is there: each time it costs
        a fifth of an exchange.
        """
        if self._socket is not None and _QUICKACK is not None:
            try:
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
            except OSError:
                self._socket.close()
                self._socket = None

    def _at(self, delay: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        turn = self._loop.call_later(delay, call)
        self._turns.append(turn)
        return turn

    def _end_turns(self) -> None:
        for turn in self._turns:
            turn.cancel()
        self._turns.clear()

    # what is read

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._is_tls = transport.get_extra_info("ssl_object") is not None
        connected: socket.socket | None = transport.get_extra_info("socket")
        if connected is not None:
            try:
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                # Of its own: the one that a loop lends out is made anew for each option that is set.
                self._socket = connected.dup() if _QUICKACK is not None else None
            except OSError:
                self._socket = None

    def data_received(self, data: bytes) -> None:
        reader = self._reader
        if reader is None:
            self.overlong = True  # it speaks before it is asked
            self.close()
            return
        reader.feed(data)
        if reader.overlong:
            self.overlong = True
            self.close()
        if not reader.done:
            self._acknowledge_quickly()
        self._look()

    def eof_received(self) -> bool:
        if self._reader is not None:
            self._reader.end()
            self._look()
        return False

    def connection_lost(self, error: BaseException | None) -> None:
        self._lost, self.reusable = True, False
        self._let_go()
        if self._reader is not None:
            self._reader.end(error)
            self._look()

    def _let_go(self) -> None:
        """Give up what outlives the transport: the alarm, and the socket that would hold the connection open."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _look(self) -> None:
        """Go on with what the reader has found out."""
        reader, done = self._reader, self._done
        if reader is None or done is None:
            return
        if reader.done:
            # The loop's own time would not do: that of some stands still while they work.
            self._took = time.monotonic() - self._deadline + self._allowed
            self._deadline, self._done = 0.0, None
            whole = not self._unwritten and not (self._wire is not None and self._wire.half_close)
            self.reusable = CAN_KEEP and reader.keeps and whole and not self._lost
            if self._turns:
                self._end_turns()
            if not self.reusable:
                self.close()
            done()  # may start the next exchange: nothing follows
        elif reader.continues and self._continue_turn is not None:
            self._continue_turn.cancel()
            self._next_piece()
