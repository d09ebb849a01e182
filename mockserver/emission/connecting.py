"""Opening connections: straight, through a proxy, with TLS; and saying in one line why it did not work."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import os
import re
import socket
import ssl
from collections.abc import Callable
from typing import TypeVar, cast
from urllib.parse import unquote

from hookassay.mockserver.emission.answer import Failure
from hookassay.mockserver.emission.exchange import Exchange
from hookassay.mockserver.emission.target import BadTarget, Proxy, Target

_HEAD_LIMIT = 65_536
_P = TypeVar("_P", bound=asyncio.Protocol)
_OPENED = re.compile(rb"HTTP/1\.[01] 2[0-9][0-9][ \r\n]")


class Unconnected(Exception):
    """There is no connection: the kind of failure, and a detail for people."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure
        self.detail = detail


async def connect(target: Target) -> Exchange:
    """A connection to a target, or to its proxy. Raises Unconnected, and nothing else."""
    proxy = target.proxy
    if proxy is not None and proxy.problem:
        raise Unconnected("proxy", proxy.problem)
    try:
        if proxy is not None and target.scheme == "https":
            return await _tunnel(target, proxy)
        host, port = (target.address or target.host, target.port) if proxy is None else (proxy.host, proxy.port)
        name = target.host if target.tls else None
        _, exchange = await _connected(Exchange, host, port, target.tls, name)
        return exchange
    except BadTarget as error:
        raise Unconnected("tls", str(error)) from error
    except (ssl.SSLError, ssl.CertificateError) as error:
        raise Unconnected("tls", _tls_reason(error)) from error
    except OSError as error:
        raise Unconnected("unreachable", _reason(error, target.host if proxy is None else proxy.host)) from error


async def _connected(
    protocol: Callable[[], _P], host: str, port: int, tls: ssl.SSLContext | None = None, name: str | None = None
) -> tuple[asyncio.Transport, _P]:
    """A connection to the first address of a host that takes one. Raises OSError.

    Names are looked up here, not by the loop: uvloop's would not be those of the process (`socket.getaddrinfo`).
    """
    loop, refused = asyncio.get_running_loop(), OSError(f"{host} has no address")
    for address in [host] if _is_address(host) else await loop.run_in_executor(None, _addresses, host, port):
        try:
            return await loop.create_connection(protocol, address, port, ssl=tls, server_hostname=name)
        except ssl.SSLError:
            raise
        except OSError as error:
            refused = error
    raise refused


def _addresses(host: str, port: int) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


async def _tunnel(target: Target, proxy: Proxy) -> Exchange:
    """A TLS connection through a proxy: CONNECT (RFC 9110 section 9.3.6), then the handshake inside."""
    loop = asyncio.get_running_loop()
    host = f"[{target.host}]" if ":" in target.host else target.ascii_host
    transport, opening = await _connected(_Opening, proxy.host, proxy.port)
    try:
        transport.write(_connect_request(f"{host}:{target.port}", proxy))
        head = await opening.answered
        if not _OPENED.match(head):
            raise Unconnected("proxy", _first_line(head) or "it closed the connection without an answer")
        exchange = Exchange()
        assert target.tls is not None
        inside = await loop.start_tls(transport, exchange, target.tls, server_hostname=target.host)
        exchange.connection_made(cast(asyncio.BaseTransport, inside))
    except BaseException:
        transport.abort()
        raise
    return exchange


class _Opening(asyncio.Protocol):
    """Waits for a proxy's answer to CONNECT: its head, or what there was when the connection ended."""

    def __init__(self) -> None:
        self.answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._head = b""

    def data_received(self, data: bytes) -> None:
        self._head += data
        if b"\r\n\r\n" in self._head or len(self._head) > _HEAD_LIMIT:
            self._end()

    def connection_lost(self, error: BaseException | None) -> None:
        self._end()

    def _end(self) -> None:
        if not self.answered.done():
            self.answered.set_result(self._head)


def _connect_request(address: str, proxy: Proxy) -> bytes:
    lines = [f"CONNECT {address} HTTP/1.1", f"Host: {address}"]
    lines += [f"Proxy-Authorization: {value}" for value in credentials(proxy)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def credentials(proxy: Proxy) -> list[str]:
    """The value of `Proxy-Authorization` that the proxy's URL makes, if it has user and password."""
    if proxy.user is None:
        return []
    pair = f"{unquote(proxy.user)}:{unquote(proxy.password or '')}".encode()
    return [f"Basic {base64.b64encode(pair).decode('ascii')}"]


def _first_line(head: bytes) -> str:
    return head.split(b"\r\n", 1)[0].decode("latin-1")[:200]


def _reason(error: OSError, host: str) -> str:
    if isinstance(error, socket.gaierror):
        return f"{host}: {error.strerror or error}"
    # asyncio's own text names address tuples, one for each that it has tried; the number says it better.
    number = error.errno or next((int(n) for n in re.findall(r"\[Errno (\d+)\]", str(error))), None)
    return os.strerror(number).lower() if number else str(error)[:200]


def _tls_reason(error: ssl.SSLError | ssl.CertificateError) -> str:
    return getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)
