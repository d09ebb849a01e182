"""Receivers made of one function, on a port of their own; a right one in a dozen lines, and how to be wrong.

Imports neither pytest nor hookassay: some of them run as processes of their own.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

SECRET = "gitple-secret"


@dataclass(frozen=True)
class Request:
    """What a receiver was sent; `number` counts them from one."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    number: int

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


Reply = int | tuple[int, bytes] | tuple[int, bytes, dict[str, str]]
Receiver = Callable[[Request], Reply]


def right(request: Request) -> int:
    """A right Gitple receiver, in a dozen lines."""
    if request.method != "POST":
        return 405
    expected = "sha256=" + hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
    given = request.values("X-Hub-Signature")
    if len(given) != 1 or not hmac.compare_digest(given[0].encode("latin-1"), expected.encode()):
        return 401
    try:
        event = json.loads(request.body.decode())
    except (ValueError, RecursionError):
        return 400
    return 200 if isinstance(event, dict) and isinstance(event.get("type"), str) else 400


def _whole(reply: Reply) -> tuple[int, bytes, dict[str, str]]:
    if isinstance(reply, int):
        return reply, b"", {}
    return reply if len(reply) == 3 else (*reply, {})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 200


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    numbers, lock = count(1), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with lock:
                number = next(numbers)
            request = Request(self.command, self.path, tuple(self.headers.items()), body, number)
            reply = receiver(request)
            status, content, headers = _whole(reply)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer

        def log_message(self, *arguments: Any) -> None:
            pass

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                pass  # the sender has gone away, as some cases do

    return Handler


def listen(receiver: Receiver, port: int) -> None:
    """Serve a receiver on a port of this machine until the process ends."""
    _Server(("127.0.0.1", port), _handler(receiver)).serve_forever()


@contextmanager
def serving(receiver: Receiver) -> Iterator[str]:
    """The URL of a receiver on a port of its own, as long as the block lasts."""
    server = _Server(("127.0.0.1", 0), _handler(receiver))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook"
    finally:
        server.shutdown()
        server.server_close()
