"""How fast the mock sends what is queued, beside a plain `requests.Session` loop against the same receiver.

    python benchmarks/serve.py [--deliveries 10000] [--runs 5]

Prints, as medians of the runs: deliveries a second and CPU time per delivery of both, their ratios
(the goal is 2 in wall time, or 2.5 in CPU time), peak memory with the whole queue beside that with a
tenth of it (the goal: at most 32 MB more), and one conversation of 4000 beside one of 500.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from hookassay.mockserver.engine import Mock, Options
from hookassay.mockserver.engine.events import Wish

PROVIDER, EVENT = "gitple", "session_state_close"
ENDPOINTS = 8
GOAL_WALL, GOAL_CPU, GOAL_MEMORY = 2.0, 2.5, 32.0
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class _Taking(asyncio.Protocol):
    """A receiver that takes everything and keeps its connections."""

    def __init__(self) -> None:
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while b"\r\n\r\n" in self._rest:
            head, _, rest = self._rest.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            if len(rest) < length:
                return
            self._rest = rest[length:]
            self._transport.write(_ANSWER)


def _receive(port: Connection) -> None:
    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(_Taking, "127.0.0.1", 0)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def fill(state: Path, url: str, deliveries: int, endpoints: int, conversation: str | None) -> None:
    """Queue so many deliveries, spread over endpoints: each of its own conversation, or all of one."""
    changes = {} if conversation is None else {"session.id": conversation}
    with Mock(Options(state=state, hello=False)) as mock:
        made = [mock.endpoints.add(PROVIDER, url=f"{url}/{number}") for number in range(endpoints)]
        seed = min(deliveries, 64)
        for number in range(seed):
            mock.events.trigger(Wish(PROVIDER, EVENT, set=changes), endpoints=[made[number % endpoints].id])
        form = "as-new" if conversation is None else "signed-again"
        firsts = [delivery.id for delivery in mock.log.deliveries("origin:trigger", limit=seed).items]
        while (missing := deliveries - mock.log.count()) > 0:
            mock.replays.replay_many(form, ids=firsts[:missing])  # type: ignore[arg-type]


def send_queued(state: Path) -> dict[str, float]:
    """Send what a state has queued: seconds and CPU seconds of the sending, peak memory in MB."""
    with Mock(Options(state=state, hello=False)) as mock:
        started, cpu = time.perf_counter(), time.process_time()
        mock.start("http://127.0.0.1:9")
        settled = mock.settle(600)
        took = {"wall": time.perf_counter() - started, "cpu": time.process_time() - cpu}
        assert settled.idle and mock.log.count("-outcome:delivered") == 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform != "darwin" else 1024) / 1024
    return {**took, "peak": peak}


def loop_of_requests(url: str, deliveries: int) -> dict[str, float]:
    """The same requests, one after another, with a session of requests."""
    import requests

    with Mock(Options(hello=False)) as mock:
        built = mock.events.build(Wish(PROVIDER, EVENT))
    headers = dict(built.request.headers)
    session = requests.Session()
    started, cpu = time.perf_counter(), time.process_time()
    for number in range(deliveries):
        session.post(f"{url}/{number % ENDPOINTS}", data=built.request.body, headers=headers, timeout=10)
    return {"wall": time.perf_counter() - started, "cpu": time.process_time() - cpu}


def _child(*arguments: str) -> dict[str, float]:
    """One measurement in a process of its own, so that none pays for another's memory."""
    command = [sys.executable, __file__, *arguments]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=1200)
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def _measured(
    url: str, deliveries: int, endpoints: int = ENDPOINTS, conversation: str | None = None
) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "serve.sqlite3"
        fill(state, url, deliveries, endpoints, conversation)
        return _child("--state", str(state))


def main() -> int:
    """Measure and print; the exit status is 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--state", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--loop", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.state is not None:
        print(json.dumps(send_queued(given.state)))
        return 0
    if given.loop is not None:
        print(json.dumps(loop_of_requests(given.loop, given.deliveries)))
        return 0
    ours, theirs = multiprocessing.Pipe()
    receiver = multiprocessing.get_context("spawn").Process(target=_receive, args=(theirs,), daemon=True)
    receiver.start()
    url = f"http://127.0.0.1:{ours.recv()}"
    try:
        return _report(url, given.deliveries, given.runs)
    finally:
        receiver.terminate()


def _report(url: str, deliveries: int, runs: int) -> int:
    mocks, loops = [], []
    for _ in range(runs):
        mocks.append(_measured(url, deliveries))
        loops.append(_child("--loop", url, "--deliveries", str(deliveries)))
    few = _measured(url, deliveries // 10)

    def median(found: list[dict[str, float]], name: str) -> float:
        return statistics.median(run[name] for run in found)

    wall = statistics.median(b["wall"] / a["wall"] for a, b in zip(mocks, loops, strict=True))
    cpu = statistics.median(b["cpu"] / a["cpu"] for a, b in zip(mocks, loops, strict=True))
    more = median(mocks, "peak") - few["peak"]
    for name, found in (("mock", mocks), ("requests", loops)):
        rate, each = deliveries / median(found, "wall"), median(found, "cpu") / deliveries * 1e6
        print(f"{name:<9} {rate:7.0f} deliveries/s   {each:5.0f} us of CPU each")
    print(f"ratio     {wall:.2f} in wall time (goal {GOAL_WALL}), {cpu:.2f} in CPU time (goal {GOAL_CPU})")
    print(f"memory    {median(mocks, 'peak'):.0f} MB with {deliveries}, {more:+.1f} MB beside {deliveries // 10}")
    short, long = (_measured(url, count, 1, "4711") for count in (500, 4000))
    slower = (long["wall"] / 4000) / (short["wall"] / 500)
    print(f"order     one conversation of 4000: {slower:.2f} times the time per delivery of one of 500")
    return 0 if (wall >= GOAL_WALL or cpu >= GOAL_CPU) and more <= GOAL_MEMORY else 1


if __name__ == "__main__":
    sys.exit(main())
