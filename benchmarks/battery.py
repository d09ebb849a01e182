"""How long the battery takes, beside sending the same requests one after another with requests.Session.

    python benchmarks/battery.py [--runs 5] [--provider gitple]

The battery's requests are recorded once on their way. Then, for each receiver, battery and plain sending take
turns, so that a busy machine slows both. Prints the median of each and the ratio, 1 or less being the goal.
The battery's time is that of its report: from the start of pytest's session to its end. Plain sending is
measured on every fifth request, and counted for as many requests as the battery has sent.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

HERE = Path(__file__).parent
MANNERS = ("fast", "delayed", "closing")
SAMPLE = 5
"""One request of so many is sent plainly: where keep-alive is slow, all of them take minutes."""
_LONG = 600.0


@dataclass(frozen=True)
class Recorded:
    """A request as the receiver saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@contextmanager
def receiver(manner: str) -> Iterator[str]:
    """The address of a receiver of benchmarks/receivers.py, as a process of its own."""
    command = [sys.executable, str(HERE / "receivers.py"), manner, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1]
        finally:
            process.kill()


@contextmanager
def recorder(target: str, recorded: list[Recorded]) -> Iterator[str]:
    """The address of a server that keeps what comes and hands it on, so that the battery sees a right receiver."""
    session = threading.local()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        timeout = 5

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self.hand_on
            raise AttributeError(name)

        def hand_on(self) -> None:
            if "Transfer-Encoding" in self.headers:
                self.close_connection = True
                return self.answer(411, b"")
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:
                self.close_connection = True
                return self.answer(400, b"")
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_A_HOP}
            recorded.append(Recorded(self.command, self.path, headers, body))
            if not hasattr(session, "kept"):
                session.kept = requests.Session()
            answer = send(session.kept, target, recorded[-1])
            self.answer(answer.status_code, answer.content)

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                pass  # the sender has gone away, as some cases do

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


_OF_A_HOP = {"host", "connection", "content-length", "expect"}


def send(session: requests.Session, target: str, request: Recorded) -> requests.Response:
    return session.request(
        request.method, target + request.path, headers=request.headers, data=request.body, allow_redirects=False
    )


def battery(target: str, provider: str) -> dict[str, Any]:
    """The report of a run in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        arguments = [f"--target-url={target}/{provider}", f"--target-provider={provider}", f"--target-report={report}"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_LONG,
        )
        if done.returncode != 0:
            raise SystemExit(f"the battery did not pass, so there is nothing to measure:\n{done.stdout[-2000:]}")
        loaded: dict[str, Any] = json.loads(report.read_text("utf-8"))
        return loaded


def plain(target: str, recorded: list[Recorded]) -> float:
    """Seconds for all requests with one session, one after another."""
    started = time.perf_counter()
    with requests.Session() as session:
        for request in recorded:
            send(session, target, request)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description="Battery time ÷ time of the same requests with requests.Session.")
    parser.add_argument("--runs", type=int, default=5, help="of which the median is taken (default 5)")
    parser.add_argument("--provider", default="gitple", help="whose battery (default gitple)")
    options = parser.parse_args()
    print("| receiver | requests | battery, s | requests.Session, s | ratio |")
    print("|---|---|---|---|---|")
    recorded: list[Recorded] = []
    with receiver("fast") as target, recorder(target, recorded) as address:
        battery(address, options.provider)
    sample = recorded[::SAMPLE]
    for manner in MANNERS:
        judged, sent, count = [], [], 0
        with receiver(manner) as target:
            for _ in range(options.runs):
                report = battery(target, options.provider)
                judged.append(report["seconds"])
                count = report["requests"]
                sent.append(plain(target, sample))
        took, plainly = statistics.median(judged), statistics.median(sent) * count / len(sample)
        print(f"| {manner} | {count} | {took:.1f} | {plainly:.1f} | {took / plainly:.2f} |", flush=True)


if __name__ == "__main__":
    main()
