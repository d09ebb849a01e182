"""How fast cases are made, beside schemathesis and beside the standard library's own limit."""

from __future__ import annotations

import hmac
import json
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs

from benchmarks.fuzz.measure import TURNS, Figure, compared, seconds_each
from hookassay.mockserver.emission import generation
from hookassay.mockserver.emission.authentication import mac
from hookassay.schemas import catalogue

PROVIDER, EVENT = "gitple", "session_state_close"
AT = 1_704_067_200 * 10**9
KEY = b"gitple-secret"
INDICES = (10**3, 10**6, 10**9, 2**60)


def figures(full: bool) -> Iterator[Figure]:
    made = generation.compiled(catalogue.load(PROVIDER), EVENT)
    made.valid(0, 0, AT)
    made.invalid(0, 0, AT)

    def valid(index: int) -> object:
        body = made.valid(1, index, AT)
        return body, mac(KEY, body, "sha256").hex()

    def invalid(index: int) -> object:
        body = made.invalid(1, index, AT).body
        return body, mac(KEY, body, "sha256").hex()

    sizes = [len(made.valid(1, index, AT)) for index in range(2000)]
    mean = sum(sizes) // len(sizes)
    yield from _beside_schemathesis(valid, invalid)
    yield _beside_json(valid, mean)
    yield from _anywhere(made)
    yield _memory(made, 10_000_000 if full else 300_000)
    if full:
        yield from _judged()


def _beside_schemathesis(valid: Any, invalid: Any) -> Iterator[Figure]:
    try:
        import schemathesis
    except ImportError:
        yield Figure("schemathesis is not installed", "-", "≥ 1000", "pip install -r benchmarks/fuzz/requirements.txt")
        return
    from benchmarks.fuzz.peers import payloads_of_schemathesis

    schema = catalogue.load(PROVIDER).events[EVENT].expanded
    for name, ours, negative in (("valid", valid, False), ("invalid", invalid, True)):
        turns = [
            (_theirs(lambda: payloads_of_schemathesis(schema, 100, negative)), seconds_each(ours, 3000, turn * 3000))  # noqa: B023 (called at once)
            for turn in range(TURNS)
        ]
        theirs, each = statistics.median(turn[0] for turn in turns), statistics.median(turn[1] for turn in turns)
        ratio = statistics.median(one / other for one, other in turns)
        told = f"{1 / each:.0f}/s signed; {1 / theirs:.0f}/s unsigned ({schemathesis.__version__})"
        yield Figure(f"{name} signed payloads ÷ schemathesis' {name} payloads", f"{ratio:.0f}", "≥ 1000", told)


def _theirs(make: Callable[[], list[Any]]) -> float:
    """CPU seconds of one payload; how many they are is theirs to say."""
    began = time.process_time()
    found = make()
    return (time.process_time() - began) / max(1, len(found))


def _beside_json(valid: Any, mean: int) -> Figure:
    """The limit of writing one fixed document of the same size with json, and signing it."""
    document: dict[str, Any] = json.loads(json.dumps(catalogue.load(PROVIDER).events[EVENT].full.document))
    document["session"]["note"] = ""
    room = mean - len(json.dumps(document, ensure_ascii=False).encode())
    document["session"]["note"] = "가나다라 " * max(0, room // 13)

    def limit(index: int) -> object:
        body = json.dumps(document, ensure_ascii=False).encode()
        return body, hmac.digest(KEY, body, "sha256").hex()

    ratio, ours, theirs = compared(valid, limit, (3000, 3000))
    seen = (
        f"{ours * 1e6:.0f} µs; {theirs * 1e6:.0f} µs at {len(json.dumps(document, ensure_ascii=False).encode())} bytes"
    )
    return Figure("valid signed ÷ one fixed document by json and HMAC, same size", f"{ratio:.2f}", "≥ 1", seen)


def _anywhere(made: generation.Compiled) -> Iterator[Figure]:
    """What a case costs far out, beside the beginning."""
    for start in INDICES:
        ratio, _, cost = compared(
            lambda index: made.valid(1, index, AT),
            lambda index, start=start: made.valid(1, start + index, AT),  # type: ignore[misc]
            (1500, 1500),
        )
        yield Figure(f"cost of a case at index {start:.0e} ÷ at 0", f"{ratio:.2f}", "0.9–1.1", f"{cost * 1e6:.0f} µs")


def _memory(made: generation.Compiled, cases: int) -> Figure:
    """How much the process has grown over so many cases."""
    for index in range(20_000):
        made.valid(1, index, AT)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for index in range(cases):
        made.valid(1, index, AT)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return Figure(f"memory over {cases} cases", f"{grown:.1f} MB", "< 16 MB", "peak resident size")


def _judged() -> Iterator[Figure]:
    """Every event, a hundred thousand cases each way, by jsonschema-rs."""
    for name in catalogue.find():
        for event in catalogue.load(name).events:
            made = generation.compiled(catalogue.load(name), event)
            judge = jsonschema_rs.Draft202012Validator(dict(made.event.expanded), validate_formats=True)
            wrong = sum(not judge.is_valid(json.loads(made.valid(1, index, AT))) for index in range(100_000))
            missed = sum(judge.is_valid(json.loads(made.invalid(1, index, AT).body)) for index in range(100_000))
            yield Figure(
                f"{name} {event}: misjudged of 2 × 100 000", f"{wrong + missed}", "0", f"{len(made.sites)} sites"
            )
