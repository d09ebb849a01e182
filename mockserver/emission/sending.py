"""The one sender: deliveries to a target, each to an `Answer`, none to an exception.

An asyncio loop of its own in a thread; `send` and `send_together` are its blocking front. Headers
and body leave in one write; redirects are never followed; proxies are those of the environment,
none for loopback.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import TracebackType

from hookassay.mockserver.emission import connecting
from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.connecting import Unconnected
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.exchange import Exchange
from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.emission.wire import Wire, encode

_KEPT = 64
"""Idle connections that are kept for one target."""

_LOOKED_AT = 4
_LATE_BYTES = 0.005
"""After so many first answers on one connection, so many seconds are spent on looking for bytes behind them."""


@dataclass(frozen=True)
class _Order:
    """One delivery on its way: what is written where, until when (the loop's time), in how many seconds."""

    delivery: Delivery
    target: Target
    wire: Wire
    deadline: float
    allowed: float
    keep: bool

    @property
    def bodiless(self) -> bool:
        """Whether its answer has no body, whatever the headers say."""
        return self.delivery.method == "HEAD"


class Sender:
    """Sends deliveries. Connections are kept between plain exchanges that were taken, and to one target only.

    Use as a context manager, or call `close()`. Every method that sends raises ValueError for a delivery
    that cannot be written as HTTP (`wire.encode`), and nothing else.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._idle: dict[Target, list[Exchange]] = {}
        self._starting = threading.Lock()

    def send(self, delivery: Delivery, target: Target, timeout: float = 30.0) -> Answer:
        """One delivery, its whole exchange within `timeout` seconds."""
        return asyncio.run_coroutine_threadsafe(self.exchange(delivery, target, timeout), self._running()).result()

    def send_together(self, deliveries: Sequence[Delivery], target: Target, timeout: float = 30.0) -> list[Answer]:
        """Several deliveries at once, each on a connection of its own; answers in the same order."""

        async def together() -> list[Answer]:
            return await asyncio.gather(*(self.exchange(delivery, target, timeout) for delivery in deliveries))

        return asyncio.run_coroutine_threadsafe(together(), self._running()).result()

    def send_in_turn(self, deliveries: Sequence[Delivery], target: Target, timeout: float = 30.0) -> list[Answer]:
        """Several deliveries in turn on one connection, as long as the receiver keeps it, whatever it answers.

        After the first few it looks whether bytes follow the answer.
        """

        async def in_turn() -> list[Answer]:
            answers = []
            for number, delivery in enumerate(deliveries):
                answer = await self.exchange(delivery, target, timeout, keep=True)
                if number < _LOOKED_AT:
                    await asyncio.sleep(_LATE_BYTES)
                    late = any(exchange.overlong for exchange in self._idle.get(target, ()))
                    answer = replace(answer, overlong=answer.overlong or late)
                answers.append(answer)
            return answers

        return asyncio.run_coroutine_threadsafe(in_turn(), self._running()).result()

    def forget(self) -> None:
        """Close all kept connections: the next delivery opens a new one."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._drop_idle)

    def close(self) -> None:
        """Close all connections and end the sender's thread; another delivery would start both again."""
        if self._loop is None or self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._drop_idle)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop = self._thread = None

    def __enter__(self) -> Sender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=_serve, args=(self._loop,), name="hookassay-sender", daemon=True)
                self._thread.start()
            return self._loop

    def _drop_idle(self) -> None:
        for exchanges in self._idle.values():
            for exchange in exchanges:
                exchange.close()
        self._idle.clear()

    async def exchange(self, delivery: Delivery, target: Target, timeout: float, keep: bool = False) -> Answer:
        """One delivery, for callers with an asyncio loop of their own (always the same one, and no blocking method)."""
        deadline = asyncio.get_running_loop().time() + timeout
        order = _Order(delivery, target, _wire(delivery, target), deadline, timeout, keep)
        kept = self._kept(target) if delivery.framing.plain else None
        if kept is not None:
            answer = await kept.run(order.wire, deadline, order.bodiless, timeout)
            if answer.failure not in ("closed", "reset"):
                self._put_back(kept, order, answer)
                return answer
            # It had idled and was closed before a byte came back: that proves nothing; once more, on a new one.
        return await self._on_new_connection(order)

    async def _on_new_connection(self, order: _Order) -> Answer:
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            exchange = await asyncio.wait_for(connecting.connect(order.target), max(0.01, order.deadline - started))
        except asyncio.TimeoutError:
            return Answer(None, failure="timeout", detail="no connection", elapsed=loop.time() - started)
        except Unconnected as error:
            return Answer(None, failure=error.failure, detail=error.detail, elapsed=loop.time() - started)
        connecting_took = loop.time() - started
        answer = await exchange.run(order.wire, order.deadline, order.bodiless, order.allowed)
        if order.delivery.framing.plain:
            self._put_back(exchange, order, answer)
        else:
            exchange.close()
        return replace(answer, elapsed=answer.elapsed + connecting_took)

    def _kept(self, target: Target) -> Exchange | None:
        idle = self._idle.get(target, [])
        while idle:
            exchange = idle.pop()
            if exchange.reusable:
                return exchange
        return None

    def _put_back(self, exchange: Exchange, order: _Order, answer: Answer) -> None:
        """Keep a connection after a clean exchange. After a refusal only if asked to: a receiver that does
        not read the body of what it refuses leaves its connection in a state that is a finding of its own."""
        taken = answer.status is not None and 200 <= answer.status < 300
        idle = self._idle.setdefault(order.target, [])
        if exchange.reusable and (taken or order.keep) and len(idle) < _KEPT:
            idle.append(exchange)
        else:
            exchange.close()


def _wire(delivery: Delivery, target: Target) -> Wire:
    """The bytes of a delivery, as the target or its proxy wants them."""
    proxy = target.proxy
    if proxy is None or target.scheme == "https":
        return encode(delivery, target)
    headers = (("Proxy-Authorization", value) for value in connecting.credentials(proxy))
    return encode(delivery.with_headers(*headers), target, through_proxy=True)


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        unfinished = asyncio.all_tasks(loop)
        for task in unfinished:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*unfinished, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
