"""What the command line's tests share: ways to call it, and receivers to point it at."""

from __future__ import annotations

import inspect
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hookassay.cli.group import cli
from hookassay.demo.server import Handler

_LONG = 60.0
"""Seconds after which a process that has not ended is a failure."""


@dataclass(frozen=True)
class Outcome:
    """What a call came to."""

    status: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the machine's, and a folder of one's own."""
    for name in list(os.environ):
        if name.startswith(("HOOKASSAY_", "PYTEST_ADDOPTS", "NO_COLOR", "COLUMNS", "_HOOKASSAY")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run() -> Callable[..., Outcome]:
    """`run("events", "gitple")`: a command in this process, its output caught."""
    separate = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}

    def call(*arguments: str, input: str | bytes | None = None) -> Outcome:
        result = CliRunner(**separate).invoke(cli, list(arguments), input=input)  # type: ignore[arg-type]
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return call


@pytest.fixture
def process() -> Callable[..., Outcome]:
    """`process("events", "gitple")`: a command as a process of its own."""

    def call(*arguments: str, env: Mapping[str, str] | None = None, **more: Any) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "hookassay", *arguments],
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_LONG,
            **more,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def begin() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """`begin("demo")`: a command as a process that goes on; ended with the test, if it has not ended itself."""
    with ExitStack() as stack:

        def call(*arguments: str) -> subprocess.Popen[str]:
            running = subprocess.Popen(
                [sys.executable, "-m", "hookassay", *arguments],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
            stack.enter_context(running)
            stack.callback(running.kill)
            return running

        yield call


Receive = Callable[[bytes, str], "tuple[int, str]"]


@pytest.fixture
def receiver() -> Iterator[Callable[[Receive], str]]:
    """`receiver(function)`: the URL of a receiver of Gitple's events that answers what the function says."""
    with ExitStack() as stack:

        def start(receive: Receive) -> str:
            handler = type("Handler", (Handler,), {"receive": staticmethod(receive)})
            server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}/"

        yield start


@pytest.fixture
def nobody() -> str:
    """A URL at which nothing listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    return f"http://127.0.0.1:{port}/"


@pytest.fixture
def hangs_up() -> Iterator[str]:
    """The URL of a receiver that ends the connection in the middle of its answer."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65_536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of")

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        server.shutdown(socket.SHUT_RDWR)


ACME = """
name = "acme"
title = { en = "Acme", ko = "에이콤" }
contract = "1"
method = "POST"
path = "/acme"
headers = { "Content-Type" = "application/json" }
timeout = { seconds = 10, status = "ours", source = "guide: nothing documented" }
success = { rule = "any-2xx", status = "ours", source = "guide: nothing documented" }
test_secret = "acme-secret"

[documents.guide]
title = "Acme guide"
date = "2026-11-21"
url = "https://acme.example/guide"

[authentication]
kind = "hmac-header"
algorithm = "sha256"
headers = { "X-Acme" = "{digest}" }
source = "guide: signature"

[[events]]
name = "order_paid"
source = "guide: orders"
"""
ORDER = """{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://acme.example/order_paid.schema.json",
  "title": "Order paid",
  "type": "object",
  "properties": {
    "type": {
      "const": "order_paid", "description": "The event.", "x-source": "guide: orders", "x-status": "documented"
    },
    "id": {
      "type": "string", "description": "Of the order.", "x-role": "delivery",
      "x-source": "guide: orders", "x-status": "documented"
    },
    "note": {
      "type": "string", "description": "Of the buyer.", "x-source": "guide: orders", "x-status": "documented"
    }
  },
  "required": ["type", "id"]
}
"""


@pytest.fixture
def own_provider(tmp_path: Path) -> Path:
    """A provider folder of somebody's own, with one event."""
    folder = tmp_path / "contracts" / "acme"
    for name, text in {
        "provider.toml": ACME,
        "events/order_paid.schema.json": ORDER,
        "examples/order_paid.minimal.json": '{"type": "order_paid", "id": "17"}',
        "examples/order_paid.full.json": '{"type": "order_paid", "id": "17", "note": "leave it at the door"}',
        "requirements.toml": REQUIREMENT,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


REQUIREMENT = """
[[requirement]]
id = "AC-01"
level = "must"
text = "takes the event in its full form"
source = "guide: orders"
checks = ["payload/full"]
"""
