"""What the battery's tests share: receivers made of one function, and runs of pytest as a process of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from hookassay.conformance import settings
from hookassay.conformance.battery import Battery
from hookassay.conformance.findings import Finding, findings
from hookassay.conformance.options import OPTIONS
from hookassay.conformance.verdict import Verdict

SECRET = "gitple-secret"
_LONG = 240.0
"""Seconds after which a run that has not ended is a failure."""


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


@pytest.fixture
def serve() -> Iterator[Callable[[Receiver], str]]:
    """`serve(function)`: a receiver on a port of its own; gives its URL."""
    with ExitStack() as stack:
        yield lambda receiver: stack.enter_context(serving(receiver))


@dataclass(frozen=True)
class Run:
    """A run of pytest: its exit status, its output, its JSON report (empty if none was written)."""

    exit: int
    out: str
    report: Mapping[str, Any]

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The findings that fail the run."""
        return [finding for finding in self.report["findings"] if finding["level"] == "failed"]

    def verdicts(self, *kinds: str) -> list[str]:
        return [verdict["id"] for verdict in self.report["verdicts"] if verdict["verdict"] in kinds]


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without anything that configures pytest or hookassay."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HOOKASSAY", "PYTEST"))}
    return {**kept, "COLUMNS": "80", "NO_COLOR": "1", **more}


def run_pytest(*arguments: str, folder: Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """pytest as a process, with our plugin (and pytest-xdist where workers are asked for) and no other.

    Other plugins that are installed beside us take seconds to import, and again in each worker.
    """
    xdist = ("-p", "xdist") if "-n" in arguments else ()
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "hookassay", *xdist, *arguments],
        cwd=folder,
        env=clean_environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", **(env or {})),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_LONG,
    )


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Run]:
    """`run("--target-url=…")`: pytest in an empty folder or in `folder`, without cache unless asked."""

    def call(
        *arguments: str, cache: bool = False, env: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> Run:
        report = tmp_path / "report.json"
        report.unlink(missing_ok=True)
        off = () if cache else ("-p", "no:cacheprovider")
        empty = tmp_path / "empty"
        empty.mkdir(exist_ok=True)
        done = run_pytest(*off, *arguments, f"--target-report={report}", folder=folder or empty, env=env)
        told = json.loads(report.read_text("utf-8")) if report.exists() else {}
        return Run(done.returncode, done.stdout + done.stderr, told)

    return call


@pytest.fixture
def judge(serve: Callable[[Receiver], str], run: Callable[..., Run]) -> Callable[..., Run]:
    """`judge(function)`: Gitple's battery, or the part of it that the arguments name, against a receiver."""

    def call(receiver: Receiver, *arguments: str, **more: Any) -> Run:
        url = serve(receiver)
        secret = f"--target-secret={SECRET}"
        return run(f"--target-url={url}", "--target-provider=gitple", secret, *arguments, **more)

    return call


def battery(
    url: str, checks: Sequence[str], secret: str = SECRET, provider: str = "gitple"
) -> tuple[list[Verdict], list[Finding]]:
    """The verdicts and findings of some checks, tried in this process: where many receivers are to be judged."""
    nothing: dict[str, Any] = {option.name: [] if option.many else None for option in OPTIONS}
    asked = {"target_url": url, "target_provider": [provider], "target_secret": [secret], "target_check": list(checks)}
    tried = Battery.fresh(settings.read({**nothing, **asked}))
    try:
        tried.begin()
        verdicts = [tried.try_case(planned) for planned in tried.planned]
    finally:
        tried.end()
        shutil.rmtree(tried.folder)
    return verdicts, findings(verdicts)


@pytest.fixture
def free_port() -> int:
    """A port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
