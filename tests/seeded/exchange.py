"""HTTP around the webhooks: one request read whole, one reply written, whatever comes.

Every method of `Exchange` below the first line of its body is a step that a defect or style may replace.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

MAX_BODY = 4 * 1024 * 1024
"""Bytes. No vendor documents a bound; long transcripts have to pass."""

_DRAINED = 64 * 1024 * 1024


@dataclass(frozen=True)
class Request:
    """What was sent: `headers` as they came, `body` to the last byte."""

    method: str
    path: str
    query: str
    headers: Message
    body: bytes

    def header(self, name: str) -> str:
        """All values of a header, joined as a proxy would join them; empty if there is none."""
        return ",".join(self.headers.get_all(name, [])).strip(" \t")


@dataclass(frozen=True)
class Reply:
    """What is answered. A Content-Type among `headers` replaces text/plain."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def text(status: int, words: str) -> Reply:
    """A reply of plain text."""
    return Reply(status, words.encode("utf-8"))


class Answering(Protocol):
    """A webhook, as far as HTTP knows it."""

    def answer(self, request: Request) -> Reply: ...


class Unreadable(Exception):
    """The body cannot be read; `reply` says why. The connection is closed behind it."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.reply = text(status, words)


class Exchange(BaseHTTPRequestHandler):
    """One connection. `webhooks` are found by path; `memory` is what defects and styles keep for the process."""

    webhooks: Mapping[str, Answering] = {}
    memory: dict[str, Any] = {}

    server_version, sys_version = "receiver", ""
    timeout = 30  # seconds: a body that never comes must not hold its thread for ever
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.protocol_version = self.version()

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Every method, known or not, is answered in one place."""
        if name.startswith("do_"):
            return self.exchange
        raise AttributeError(name)

    def version(self) -> str:
        return "HTTP/1.1"

    def exchange(self) -> None:
        path, _, query = self.path.partition("?")
        try:
            request = Request(self.command, path, query, self.headers, self.read_body())
        except Unreadable as error:
            self.close_connection = True
            self.write(error.reply)
            self.drain()
            return
        self.write(self.respond(request))

    def read_body(self) -> bytes:
        """The whole body. Raises Unreadable for bad framing, a body cut short or one too large."""
        if "Transfer-Encoding" in self.headers:
            return self.read_chunks()
        length = self.length()
        body = self.rfile.read(length)
        if len(body) < length:
            raise Unreadable(400, "cut short")
        return body

    def length(self) -> int:
        values = set(self.headers.get_all("Content-Length", ["0"]))
        value = values.pop()
        if values or not re.fullmatch("[0-9]{1,12}", value):
            raise Unreadable(400, "bad Content-Length")
        if int(value) > MAX_BODY:
            raise Unreadable(413, "too large")
        return int(value)

    def read_chunks(self) -> bytes:
        """A chunked body (RFC 9112, 7.1); extensions and trailers are passed over."""
        body = b""
        while True:
            size = self.rfile.readline(1024).partition(b";")[0].strip()
            if not re.fullmatch(b"[0-9A-Fa-f]{1,8}", size):
                raise Unreadable(400, "bad chunk")
            body += self.rfile.read(int(size, 16))
            if len(body) > MAX_BODY:
                raise Unreadable(413, "too large")
            end = self.rfile.readline(1024)
            if int(size, 16) == 0:
                while end.strip():
                    end = self.rfile.readline(1024)
                return body
            if end != b"\r\n":
                raise Unreadable(400, "cut short")

    def respond(self, request: Request) -> Reply:
        try:
            return self.route(request)
        except Exception as error:  # as every framework does
            return self.broken(error)

    def route(self, request: Request) -> Reply:
        webhook = self.webhooks.get(request.path)
        return self.no_such_path(request) if webhook is None else webhook.answer(request)

    def no_such_path(self, request: Request) -> Reply:
        return text(404, "no such webhook")

    def broken(self, error: Exception) -> Reply:
        return text(500, "Internal Server Error")

    def write(self, reply: Reply) -> None:
        self.send_response(reply.status)
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        if reply.status != 204:
            headers["Content-Length"] = str(len(reply.body))
        headers.update(reply.headers)
        if self.close_connection:
            headers["Connection"] = "close"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and reply.status != 204:
            self.wfile.write(reply.body)

    def drain(self) -> None:
        """Closing on bytes that nobody has read resets the connection, and the reply may be lost."""
        self.connection.settimeout(1)
        left = _DRAINED
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            while left > 0:
                received = len(self.connection.recv(65_536))
                if not received:
                    break
                left -= received

    def handle(self) -> None:
        with suppress(OSError):  # the sender went away
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Silent: a path or header may hold what belongs in no log."""


class Server(ThreadingHTTPServer):
    """A thread for each connection."""

    daemon_threads = True
    request_queue_size = 128  # a burst must not wait for its connections
