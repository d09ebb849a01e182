"""The one sender: deliveries to a target, each to an `Answer`, none to an exception.

An asyncio loop of its own in a thread; `send` and `send_together` are its blocking front. Headers
and body leave in one write; redirects are never followed; proxies are those of the environment,
none for loopback.
"""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from urllib.parse import SplitResult, unquote

from hookassay.mockserver.emission.answer import Answer, Failure
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.exchange import Exchange
from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.emission.wire import Wire, encode

_KEPT = 64
_HEAD_LIMIT = 65_536


class Sender:
    """Sends deliveries. Connections are kept between plain exchanges that were taken, and to one target only.

    Use as a context manager, or call `close()`.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._idle: dict[Target, list[Exchange]] = {}
        self._starting = threading.Lock()

    def send(self, delivery: Delivery, target: Target, timeout: float = 30.0) -> Answer:
        """One delivery, its whole exchange within `timeout` seconds."""
        loop = self._running()
        return asyncio.run_coroutine_threadsafe(self._exchange(delivery, target, timeout), loop).result()

    def send_together(self, deliveries: Sequence[Delivery], target: Target, timeout: float = 30.0) -> list[Answer]:
        """Several deliveries at once, each on a connection of its own; answers in the same order."""

        async def together() -> list[Answer]:
            return await asyncio.gather(*(self._exchange(delivery, target, timeout) for delivery in deliveries))

        return asyncio.run_coroutine_threadsafe(together(), self._running()).result()

    def send_in_turn(self, deliveries: Sequence[Delivery], target: Target, timeout: float = 30.0) -> list[Answer]:
        """Several deliveries one after another on one connection, as long as the receiver keeps it, whatever it answers."""

        async def in_turn() -> list[Answer]:
            return [await self._exchange(delivery, target, timeout, keep=True) for delivery in deliveries]

        return asyncio.run_coroutine_threadsafe(in_turn(), self._running()).result()

    def forget(self) -> None:
        """Close all kept connections: the next delivery opens a new one."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._drop_idle)

    def close(self) -> None:
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

    async def _exchange(self, delivery: Delivery, target: Target, timeout: float, keep: bool = False) -> Answer:
        proxy = target.proxy
        through = proxy is not None and target.scheme == "http"
        wire = encode(_for_proxy(delivery, proxy) if through and proxy else delivery, target, through)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        plain = delivery.framing.plain and not delivery.framing.fresh
        kept = self._kept(target) if plain else None
        if kept is not None:
            answer = await kept.run(wire, timeout, delivery.method == "HEAD")
            if answer.failure not in ("closed", "reset"):
                self._put_back(kept, target, answer, keep)
                return answer
            # It had idled and was closed before a byte came back: that proves nothing; once more, on a new one.
        return await self._on_new_connection(wire, delivery, target, proxy, deadline, plain, keep)

    async def _on_new_connection(
        self,
        wire: Wire,
        delivery: Delivery,
        target: Target,
        proxy: SplitResult | None,
        deadline: float,
        plain: bool,
        keep: bool,
    ) -> Answer:
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            exchange = await asyncio.wait_for(_connect(target, proxy), max(0.01, deadline - started))
        except asyncio.TimeoutError:
            return Answer(None, failure="timeout", detail="no connection", elapsed=loop.time() - started)
        except (ssl.SSLError, ssl.CertificateError) as error:
            return _failed("tls", _tls_reason(error), loop.time() - started)
        except _ProxyRefused as error:
            return _failed("proxy", str(error), loop.time() - started)
        except OSError as error:
            return _failed("unreachable", _reason(error, target), loop.time() - started)
        connecting = loop.time() - started
        answer = await exchange.run(wire, max(0.01, deadline - loop.time()), delivery.method == "HEAD")
        if plain:
            self._put_back(exchange, target, answer, keep)
        else:
            exchange.close()
        return replace(answer, elapsed=answer.elapsed + connecting)

    def _kept(self, target: Target) -> Exchange | None:
        idle = self._idle.get(target, [])
        while idle:
            exchange = idle.pop()
            if exchange.reusable and exchange.lost is False:
                return exchange
        return None

    def _put_back(self, exchange: Exchange, target: Target, answer: Answer, keep: bool) -> None:
        """Keep a connection after a clean exchange. After a refusal only if asked to: a receiver that does
        not read the body of what it refuses leaves its connection in a state that is a finding of its own."""
        taken = answer.status is not None and 200 <= answer.status < 300
        idle = self._idle.setdefault(target, [])
        if exchange.reusable and (taken or keep) and len(idle) < _KEPT:
            idle.append(exchange)
        else:
            exchange.close()


class _ProxyRefused(Exception):
    """A proxy that does not open a tunnel."""


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _connect(target: Target, proxy: SplitResult | None) -> Exchange:
    loop = asyncio.get_running_loop()
    if proxy is not None and target.scheme == "https":
        return await _tunnel(target, proxy)
    host, port = (proxy.hostname or "", proxy.port or 80) if proxy is not None else (target.host, target.port)
    _, exchange = await loop.create_connection(
        Exchange, host, port, ssl=target.tls, server_hostname=target.host if target.tls else None
    )
    return exchange


async def _tunnel(target: Target, proxy: SplitResult) -> Exchange:
    """A TLS connection through a proxy: CONNECT (RFC 9110 section 9.3.6), then the handshake inside."""
    loop = asyncio.get_running_loop()
    raw = await asyncio.to_thread(socket.create_connection, (proxy.hostname or "", proxy.port or 80), 30)
    raw.setblocking(False)
    address = (
        target.authority_part
        if ":" in target.authority_part.rpartition("]")[2]
        else f"{target.authority_part}:{target.port}"
    )
    lines = [
        f"CONNECT {address} HTTP/1.1",
        f"Host: {address}",
        *(f"Proxy-Authorization: {value}" for value in _proxy_credentials(proxy)),
    ]
    await loop.sock_sendall(raw, ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _HEAD_LIMIT:
        data = await loop.sock_recv(raw, 4096)
        if not data:
            break
        head += data
    status = head.split(b"\r\n", 1)[0].decode("latin-1")
    if " 200" not in status:
        raw.close()
        raise _ProxyRefused(status or "closed without an answer")
    _, exchange = await loop.create_connection(Exchange, sock=raw, ssl=target.tls, server_hostname=target.host)
    return exchange


def _for_proxy(delivery: Delivery, proxy: SplitResult) -> Delivery:
    return delivery.with_headers(*(("Proxy-Authorization", value) for value in _proxy_credentials(proxy)))


def _proxy_credentials(proxy: SplitResult) -> list[str]:
    if proxy.username is None:
        return []
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
    return [f"Basic {base64.b64encode(pair).decode('ascii')}"]


def _failed(failure: Failure, detail: str, elapsed: float) -> Answer:
    return Answer(None, failure=failure, detail=detail, elapsed=elapsed)


def _reason(error: OSError, target: Target) -> str:
    if isinstance(error, socket.gaierror):
        return f"{target.host}: {error.strerror or error}"
    text = error.strerror or str(error)
    return text if len(text) < 200 else text[:200]


def _tls_reason(error: ssl.SSLError | ssl.CertificateError) -> str:
    return getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)
