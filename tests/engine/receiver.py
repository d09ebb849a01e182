"""A receiver on loopback that does as it is told, and remembers what it got."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Got:
    """One request as it came."""

    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: float

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


Answer = tuple[int, bytes]
Behaviour = Callable[[Got], Answer]


def always(status: int, body: bytes = b"ok") -> Behaviour:
    return lambda got: (status, body)


@dataclass
class Receiver:
    """`behaviour` answers each request; `first` are the statuses of the first ones, then it is `behaviour`'s turn."""

    behaviour: Behaviour = field(default_factory=lambda: always(200))
    first: list[int] = field(default_factory=list)
    got: list[Got] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, text = receiver.answer(Got(self.path, tuple(self.headers.items()), body, time.monotonic()))
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)
                except OSError:
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A sender that was killed, or that cut its body short, is what some tests want."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def answer(self, got: Got) -> Answer:
        with self._lock:
            self.got.append(got)
            if self.first:
                return self.first.pop(0), b"first"
        return self.behaviour(got)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def bodies(self) -> list[bytes]:
        return [got.body for got in self.got]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
