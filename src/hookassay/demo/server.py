"""What both receivers stand on: reads a request, asks `receive` for status and text, answers."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_BODY = 1024 * 1024

Receive = Callable[[bytes, str], "tuple[int, str]"]
"""Body and signature header in, status and text out."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30  # a body that never comes must not hold its thread for ever
    disable_nagle_algorithm = True
    receive: Receive

    def do_POST(self) -> None:
        if "Transfer-Encoding" in self.headers:
            return self.refuse(411, "send a Content-Length")
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()):
            return self.refuse(400, "bad Content-Length")
        if int(length) > MAX_BODY:
            return self.refuse(413, "too large")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            return self.refuse(400, "cut short")
        signature = ",".join(self.headers.get_all("X-Hub-Signature", []))
        self.answer(*type(self).receive(body, signature))

    def do_other(self) -> None:
        self.refuse(405, "POST only")

    do_GET = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_other

    def refuse(self, status: int, text: str) -> None:
        """Answer without having read the body: what is left of it must not be taken for the next request."""
        self.close_connection = True
        self.answer(status, text)

    def answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle(self) -> None:
        with suppress(ConnectionError):  # the sender went away
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # for bursts


def serve(receive: Receive) -> None:
    """Serve on a free port of 127.0.0.1, told in one line, until standard input ends, as it does with the demo."""
    Handler.receive = staticmethod(receive)
    server = Server(("127.0.0.1", 0), Handler)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)
