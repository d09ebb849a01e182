"""How fast cases are sent and judged, beside a plain loop of `requests`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.fuzz.measure import TURNS, Figure
from hookassay.conformance import settings
from hookassay.conformance.fuzz.cases import Cases
from hookassay.conformance.fuzz.counter import Place
from hookassay.conformance.fuzz.line import Line
from hookassay.conformance.fuzz.oracle import Oracle
from hookassay.conformance.options import OPTIONS
from hookassay.mockserver.emission.sending import Sender

CONNECTIONS = 8
CASES = 1200

_RECEIVER = """
import asyncio
class Taking(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.data = transport, b""
    def data_received(self, data):
        self.data += data
        while True:
            head, mark, rest = self.data.partition(b"\\r\\n\\r\\n")
            if not mark:
                return
            length = int(head.lower().partition(b"content-length:")[2].split(b"\\r\\n")[0])
            if len(rest) < length:
                return
            self.data = rest[length:]
            self.transport.write(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")
async def main():
    server = await asyncio.get_running_loop().create_server(Taking, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def figures(full: bool) -> Iterator[Figure]:
    receiver = subprocess.Popen([sys.executable, "-c", _RECEIVER], stdout=subprocess.PIPE, text=True)
    assert receiver.stdout is not None
    try:
        url = f"http://127.0.0.1:{int(receiver.stdout.readline())}/"
        yield _beside_requests(url)
    finally:
        receiver.terminate()
        receiver.wait()


def _beside_requests(url: str) -> Figure:
    given: dict[str, Any] = {option.name: [] if option.many else None for option in OPTIONS}
    given.update(target_url=url, target_provider=["gitple"])
    bench = settings.read(given).benches[0]
    cases = Cases(bench.vendor, 1)
    built = [cases.build(Place("session_state_close", "valid", index), time.time_ns()) for index in range(CASES)]
    ratios, ours, theirs = [], [], []
    with Sender() as sender:
        line = Line(sender, bench, Oracle(bench))
        line.together(built[:CONNECTIONS])
        for _ in range(TURNS):
            began = time.perf_counter()
            for start in range(0, CASES, CONNECTIONS):
                line.together(built[start : start + CONNECTIONS])
            ours.append(CASES / (time.perf_counter() - began))
            theirs.append(_requests(url, [(case.delivery.body, dict(case.delivery.headers)) for case in built]))
            ratios.append(ours[-1] / theirs[-1])
    seen = f"{statistics.median(ours):.0f}/s sent and judged; {statistics.median(theirs):.0f}/s by requests"
    name = f"sent and judged ÷ requests.Session, {CONNECTIONS} connections"
    return Figure(name, f"{statistics.median(ratios):.1f}", "≥ 20", seen)


def _requests(url: str, deliveries: list[tuple[bytes, dict[str, str]]]) -> float:
    """Deliveries a second by `requests`, a session for each of so many threads."""
    import requests

    def send(part: list[tuple[bytes, dict[str, str]]]) -> None:
        with requests.Session() as session:
            for body, headers in part:
                assert session.post(url, data=body, headers=headers, timeout=30).status_code == 204

    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(send, [deliveries[place::CONNECTIONS] for place in range(CONNECTIONS)]))
    return len(deliveries) / (time.perf_counter() - began)
