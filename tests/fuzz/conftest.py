"""What the fuzzer's tests share: plans, receivers of all kinds, campaigns against them."""

from __future__ import annotations

import hmac
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hookassay.conformance import settings
from hookassay.conformance.fuzz.campaign import Campaign
from hookassay.conformance.fuzz.plan import Plan
from hookassay.conformance.fuzz.tally import Limits
from hookassay.conformance.options import OPTIONS
from hookassay.demo.server import Handler
from hookassay.mockserver.emission.sending import Sender
from hookassay.schemas import catalogue

SECRET = b"gitple-secret"
Receive = Callable[[bytes, str], "tuple[int, str]"]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the machine's, and a folder of one's own."""
    for name in list(os.environ):
        if name.startswith(("HOOKASSAY_", "PYTEST_ADDOPTS")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def plan_of(provider: str = "gitple", **more: Any) -> Plan:
    """A plan over the events that every receiver takes, with the documented secret."""
    loaded = catalogue.load(provider)
    bench = bench_of("http://127.0.0.1:1/", provider)
    events = tuple(name for name, event in loaded.deliverable.items() if event.asked)
    return Plan(provider, **{"events": events, "secrets": bench.vendor.secrets, **more})


def bench_of(url: str, provider: str = "gitple") -> Any:
    """A bench for a receiver at a URL."""
    given: dict[str, Any] = {option.name: [] if option.many else None for option in OPTIONS}
    given.update(target_url=url, target_provider=[provider])
    return settings.read(given).benches[0]


@pytest.fixture
def campaign() -> Iterator[Callable[..., Campaign]]:
    """`campaign(url, count=…)`: a campaign that has run."""
    with Sender() as sender:

        def run(url: str, limits: Limits | None = None, **more: Any) -> Campaign:
            bench = bench_of(url, more.get("provider", "gitple"))
            made = Campaign(plan_of(**more), bench, sender, limits=limits or Limits(wait_back=20.0))
            made.run()
            return made

        yield run


def is_right(body: bytes, signature: str) -> bool:
    """Whether a signature is the vendor's."""
    expected = "sha256=" + hmac.new(SECRET, body, "sha256").hexdigest()
    return hmac.compare_digest(signature.encode("latin-1", "replace"), expected.encode())


def right(body: bytes, signature: str) -> tuple[int, str]:
    """What a right receiver does."""
    if not is_right(body, signature):
        return 403, "wrong signature"
    try:
        event = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return 400, "not JSON"
    return (200, "ok") if isinstance(event, dict) else (400, "not an event")


@pytest.fixture
def receiver() -> Iterator[Callable[[Receive], str]]:
    """`receiver(function)`: the URL of a receiver that answers what the function says."""
    with ExitStack() as stack:

        def start(receive: Receive) -> str:
            handler = type("Handler", (Handler,), {"receive": staticmethod(receive)})
            server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
            server.daemon_threads = True
            server.socket.listen(128)  # five at once are too few where every refused one opens another
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}/"

        yield start


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """`mortal(expression)`: the URL of a receiver that dies of bodies for which the expression holds.

    Somebody starts it again each time. `mortal.log` has a dot for each request, a new line for each death.
    """
    with ExitStack() as stack:

        def start(expression: str) -> str:
            with closing(socket.create_server(("127.0.0.1", 0))) as taken:
                port = taken.getsockname()[1]
            program = tmp_path / "mortal.py"
            log = str(tmp_path / "mortal.log")
            program.write_text(_MORTAL.format(expression=expression, port=port, log=log), encoding="utf-8")
            keeper = subprocess.Popen([sys.executable, "-c", _KEEPER, str(program)], stdout=subprocess.PIPE)
            stack.callback(keeper.wait, 10)
            stack.callback(keeper.terminate)
            assert keeper.stdout is not None
            stack.callback(keeper.stdout.close)
            assert keeper.stdout.readline() == b"listening\n"
            return f"http://127.0.0.1:{port}/"

        yield start


_MORTAL = """
import os
from http.server import ThreadingHTTPServer
from hookassay.demo.server import Handler
from tests.fuzz.conftest import right

log = os.open({log!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

def receive(body, signature):
    os.write(log, b".")
    if {expression}:
        os.write(log, b"\\n")
        os._exit(9)
    return right(body, signature)

Handler.receive = staticmethod(receive)
server = ThreadingHTTPServer(("127.0.0.1", {port}), Handler)
print("listening", flush=True)
server.serve_forever()
"""
_KEEPER = """
import signal, subprocess, sys
running = True
def stop(*_):
    global running
    running = False
    child.terminate()
signal.signal(signal.SIGTERM, stop)
while running:
    child = subprocess.Popen([sys.executable, sys.argv[1]])
    child.wait()
"""
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]))
