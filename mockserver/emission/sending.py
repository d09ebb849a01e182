"""The one sender: deliveries to a target, each to an `Answer`, none to an exception.

An event loop of its own in a thread (uvloop's where it is installed, else asyncio's); `send`,
`send_together`, `send_in_turn` and `stream` are its blocking front. Headers and body leave in one
write; redirects are never followed; proxies are those of the environment, none for loopback.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import replace
from types import TracebackType

from hookassay.mockserver.emission import connecting
from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.connecting import Unconnected
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.exchange import Exchange
from hookassay.mockserver.emission.streaming import Case, Pace, Stream
from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.emission.wire import Wire, at_once, encode

_KEPT = 64
"""Idle connections that are kept for one target."""

_STALE = ("closed", "reset")
"""How a kept connection fails that had idled and was closed before a byte came back: that proves nothing."""

_LOOKED_AT = 4
_LATE_BYTES = 0.005
"""After so many first answers on one connection, so many seconds are spent on looking for bytes behind them."""


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

    def send(
        self,
        delivery: Delivery,
        target: Target,
        timeout: float = 30.0,
        meanwhile: Callable[[], None] | None = None,
    ) -> Answer:
        """One delivery, its whole exchange within `timeout` seconds.

        `meanwhile` is called in the sender's thread once the request has been written, so that what it does takes
        no time of its own while the receiver works. It must not raise.
        """
        exchange = self.exchange(delivery, target, timeout, meanwhile=meanwhile)
        return asyncio.run_coroutine_threadsafe(exchange, self._running()).result()

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

    def stream(
        self, cases: Iterable[Case], target: Target, at_once: int, pace: Pace, timeout: float = 30.0
    ) -> Iterator[tuple[Case, Answer]]:
        """Cases with their answers, in the order of the cases; `at_once` of them are in flight at any time.

        A case is asked for when a connection is free, in the sender's thread; the stream ends with what
        was in flight when there were no more.
        """
        loop = self._running()
        return Stream(cases, _Connections(self, target, timeout, self._kept(target)), at_once, pace).run(loop)

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
                self._loop = _new_loop()
                self._thread = threading.Thread(target=_serve, args=(self._loop,), name="hookassay-sender", daemon=True)
                self._thread.start()
            return self._loop

    def _kept(self, target: Target) -> list[Exchange]:
        return self._idle.setdefault(target, [])

    def _drop_idle(self) -> None:
        for exchanges in self._idle.values():
            for exchange in exchanges:
                exchange.close()
            exchanges.clear()

    async def exchange(
        self,
        delivery: Delivery,
        target: Target,
        timeout: float,
        keep: bool = False,
        meanwhile: Callable[[], None] | None = None,
    ) -> Answer:
        """One delivery, for callers with an asyncio loop of their own (always the same one, and no blocking method)."""
        wire = _wire(delivery, target)
        bodiless = delivery.method == "HEAD"
        plain = _plain(delivery)
        idle = self._kept(target)
        began = time.monotonic()
        deadline = began + timeout
        exchange = _reusable(idle) if plain else None
        if exchange is not None:
            _soon(meanwhile)
            answer = await exchange.run(wire, deadline, bodiless, timeout)
            if answer.failure not in _STALE:
                _put_back(exchange, answer, idle, keep)
                return answer
            meanwhile = None  # once more, on a new one
        try:
            exchange = await asyncio.wait_for(connecting.connect(target), max(0.01, deadline - time.monotonic()))
        except asyncio.TimeoutError:
            return Answer(None, failure="timeout", detail="no connection", elapsed=time.monotonic() - began)
        except Unconnected as error:
            return Answer(None, failure=error.failure, detail=error.detail, elapsed=time.monotonic() - began)
        _soon(meanwhile)
        answer = await exchange.run(wire, deadline, bodiless, timeout)
        if plain:
            _put_back(exchange, answer, idle, keep)
        else:
            exchange.close()
        return answer


class _Connections:
    """What a stream sends through: the sender's connections to one target."""

    def __init__(self, sender: Sender, target: Target, timeout: float, idle: list[Exchange]) -> None:
        self._sender, self._target, self._timeout, self._idle = sender, target, timeout, idle

    def through_kept(self, delivery: Delivery, done: Callable[[], None]) -> Exchange | None:
        wire = _wire(delivery, self._target)
        exchange = _reusable(self._idle) if delivery.framing.plain else None
        if exchange is not None:
            deadline = time.monotonic() + self._timeout
            exchange.start(wire, deadline, delivery.method == "HEAD", self._timeout, done)
        return exchange

    def ended(self, exchange: Exchange) -> Answer | None:
        answer = exchange.answer()
        if answer.failure in _STALE:
            return None
        _put_back(exchange, answer, self._idle, keep=False)
        return answer

    def anew(self, delivery: Delivery) -> Coroutine[None, None, Answer]:
        return self._sender.exchange(delivery, self._target, self._timeout)


def _plain(delivery: Delivery) -> bool:
    return delivery.framing.plain


def _soon(call: Callable[[], None] | None) -> None:
    """Have something called once what is being written has been written."""
    if call is not None:
        asyncio.get_running_loop().call_soon(call)


def _reusable(idle: list[Exchange]) -> Exchange | None:
    """A kept connection that is still open."""
    while idle:
        exchange = idle.pop()
        if exchange.reusable:
            return exchange
    return None


def _put_back(exchange: Exchange, answer: Answer, idle: list[Exchange], keep: bool) -> None:
    """Keep a connection after a clean exchange. After a refusal only if asked to: a receiver that does
    not read the body of what it refuses leaves its connection in a state that is a finding of its own."""
    taken = answer.status is not None and 200 <= answer.status < 300
    if exchange.reusable and (taken or keep) and len(idle) < _KEPT:
        idle.append(exchange)
    else:
        exchange.close()


def _wire(delivery: Delivery, target: Target) -> Wire | bytes:
    """The bytes of a delivery, as the target or its proxy wants them."""
    through_proxy = target.proxy is not None and target.scheme != "https"
    if target.proxy is not None and through_proxy:
        headers = (("Proxy-Authorization", value) for value in connecting.credentials(target.proxy))
        delivery = delivery.with_headers(*headers)
    return at_once(delivery, target, through_proxy) or encode(delivery, target, through_proxy)


def _new_loop() -> asyncio.AbstractEventLoop:
    """A loop: uvloop's, a fifth cheaper, where it is installed; never in a process that gevent has patched,
    where uvloop's hangs for ever."""
    patched = sys.modules.get("gevent.monkey")
    if patched is not None and (patched.is_module_patched("threading") or patched.is_module_patched("socket")):
        return asyncio.new_event_loop()
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


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
