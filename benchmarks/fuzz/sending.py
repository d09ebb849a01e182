"""How fast cases are sent and judged, beside a plain loop of `requests`, and beside wrk where it is installed."""

from __future__ import annotations

import re
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.fuzz.measure import TURNS, Figure
from benchmarks.fuzz.receiver import receiver
from hookassay.conformance import settings
from hookassay.conformance.bench import Bench
from hookassay.conformance.fuzz.case import FuzzCase
from hookassay.conformance.fuzz.cases import Cases
from hookassay.conformance.fuzz.counter import Place
from hookassay.conformance.fuzz.line import Line
from hookassay.conformance.fuzz.oracle import Oracle
from hookassay.conformance.options import OPTIONS
from hookassay.mockserver.emission.sending import Sender

PROVIDER, EVENT = "gitple", "session_state_close"
CONNECTIONS = 8
CASES, DELIVERIES = 4000, 250
"""Requests of a turn, and how many different deliveries they are: more would not stay in the processor's cache, and
`wrk`, which sends one again and again, has its own there."""

PLAIN = 800
"""Requests of a turn of `requests`, which takes as long for them."""

WRK_SECONDS = 2


class Rate(NamedTuple):
    """What a turn came to: requests a second, and what one costs its sender in CPU seconds."""

    each_second: float
    cpu: float


def figures(full: bool) -> Iterator[Figure]:
    with receiver() as (name, url), Sender() as sender:
        bench = _bench(url)
        cases = Cases(bench.vendor, 1)
        built = [_case(cases, index) for index in range(DELIVERIES)] * (CASES // DELIVERIES)
        line = Line(sender, bench, Oracle(bench))
        ways: dict[str, Callable[[], Rate]] = {
            "ours": lambda: _timed(lambda: _drained(line, built), len(built)),
            "with building": lambda: _timed(lambda: _drained(line, (_case(cases, i) for i in range(CASES))), CASES),
            "requests": lambda: _timed(lambda: _by_requests(url, built[:PLAIN]), PLAIN),
        }
        if shutil.which("wrk"):
            ways["wrk"] = lambda: _by_wrk(url, built[len(built) // 2])
        turns = [{way: measure() for way, measure in ways.items()} for _ in range(TURNS)]
        yield _ratio(turns, "ours", "requests", f"sent to {name} and judged ÷ requests.Session", "≥ 20")
        yield _ratio(turns, "with building", "requests", "built, signed, sent and judged ÷ requests.Session", "-")
        if "wrk" in ways:
            yield _ratio(turns, "ours", "wrk", f"sent to {name} and judged ÷ wrk", "≥ 0.25")


def _ratio(turns: Sequence[dict[str, Rate]], one: str, other: str, name: str, goal: str) -> Figure:
    ratios = [turn[one].each_second / turn[other].each_second for turn in turns]
    told = (
        f"{statistics.median(turn[way].each_second for turn in turns):.0f}/s "
        f"({statistics.median(turn[way].cpu for turn in turns) * 1e6:.0f} µs CPU)"
        for way in (one, other)
    )
    seen = "; {} ".join(told).format(other)
    return Figure(f"{name}, {CONNECTIONS} connections", f"{statistics.median(ratios):.3g}", goal, seen)


def _bench(url: str) -> Bench:
    given: dict[str, Any] = {option.name: [] if option.many else None for option in OPTIONS}
    given.update(target_url=url, target_provider=[PROVIDER])
    return settings.read(given).benches[0]


def _case(cases: Cases, index: int) -> FuzzCase:
    return cases.build(Place(EVENT, "valid", index), time.time_ns())


def _timed(work: Callable[[], object], count: int) -> Rate:
    cpu, began = time.process_time(), time.perf_counter()
    work()
    return Rate(count / (time.perf_counter() - began), (time.process_time() - cpu) / count)


def _drained(line: Line, cases: Any) -> None:
    wrong = [judged.problem for judged in line.stream(cases, CONNECTIONS) if judged.problem is not None]
    assert not wrong, wrong[0]


def _by_requests(url: str, cases: Sequence[FuzzCase]) -> None:
    """A session for each of so many threads; nothing is judged but the status."""
    import requests

    def send(part: Sequence[FuzzCase]) -> None:
        with requests.Session() as session:
            for case in part:
                delivery = case.delivery
                answer = session.post(url, data=delivery.body, headers=dict(delivery.headers), timeout=30)
                assert answer.status_code == 200

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(send, [cases[place::CONNECTIONS] for place in range(CONNECTIONS)]))


def _by_wrk(url: str, case: FuzzCase) -> Rate:
    """One delivery, again and again, nothing read but where an answer ends."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "post.lua")
        headers = "".join(f'wrk.headers["{name}"] = "{value}"\n' for name, value in case.delivery.headers)
        body = f"local file = io.open('{folder}/body', 'rb')\nwrk.body = file:read('*a')\n"
        Path(folder, "body").write_bytes(case.delivery.body)
        script.write_text(f'wrk.method = "POST"\n{headers}{body}', encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{WRK_SECONDS}", "-s", str(script), url]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    count = re.search(r"([0-9]+) requests in", told)
    rate = re.search(r"Requests/sec: +([0-9.]+)", told)
    assert count is not None and rate is not None and "Non-2xx" not in told, told
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Rate(float(rate[1]), cpu / max(1, int(count[1])))
