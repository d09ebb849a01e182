"""The line to the receiver: at which pace, and what a receiver that asks for less gets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from hookassay.conformance.fuzz.case import FuzzCase
from hookassay.conformance.fuzz.counter import Place
from hookassay.conformance.fuzz.line import Line
from hookassay.conformance.fuzz.oracle import Oracle
from hookassay.mockserver.emission.sending import Sender
from tests.emission import servers
from tests.fuzz.conftest import Receive, bench_of, plan_of, right

Start = Callable[[Receive], str]


def built(count: int) -> list[FuzzCase]:
    cases = plan_of().cases()
    return [cases.build(Place("session_state_close", "valid", index), time.time_ns()) for index in range(count)]


def test_a_rate_is_kept(receiver: Start) -> None:
    """At a hundred a second, eight at once are not quicker than one."""
    with Sender() as sender:
        bench = bench_of(receiver(right))
        line = Line(sender, bench, Oracle(bench), rate=100)
        began = time.monotonic()
        judged = list(line.stream(built(60), 8))
        assert 0.5 <= time.monotonic() - began < 5
        assert [one.problem for one in judged] == [None] * 60
        assert line.requests == 60 and not line.limited


def test_a_rate_limit_is_told_once_and_halves_the_rate_once(receiver: Start) -> None:
    """Eight are refused at once for being too many: one wait, half the rate, each is sent again and taken."""
    told: list[str] = []
    begun, lock, together = 0, threading.Lock(), threading.Barrier(8, timeout=10)

    def limited(body: bytes, signature: str) -> tuple[int, str]:
        nonlocal begun
        with lock:
            begun += 1
            early = 20 < begun <= 28
        if early:
            together.wait()
        return (429, "too many") if early else right(body, signature)

    with Sender() as sender:
        bench = bench_of(receiver(limited))
        line = Line(sender, bench, Oracle(bench), rate=10_000, tell=told.append)
        judged = list(line.stream(built(60), 8))
    assert [str(one.sent.reaction) for one in judged] == ["taken"] * 60
    assert [one.case.name.index for one in judged] == list(range(60))
    assert line.requests == 68
    assert told == ["rate limited (429): waiting and going on at half the rate"]
    assert line.rate == 5_000


def test_who_always_asks_for_less_is_not_asked_for_ever(receiver: Start) -> None:
    """A receiver that limits even one request a second is answered so; that is no problem of its own."""
    with Sender() as sender:
        bench = bench_of(receiver(lambda body, signature: (429, "no")))
        line = Line(sender, bench, Oracle(bench), rate=1.5)
        judged = line.one(built(1)[0])
    assert judged.sent.answer.status == 429 and judged.problem is None
    assert line.rate == 1.0
    assert line.requests == 2


def test_bytes_behind_an_answer_are_a_finding() -> None:
    """They would be read as the next answer; a request that holds several may have several answers."""
    overlong = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokay"
    with servers.receiver(servers.answering(overlong)) as serving, Sender() as sender:
        bench = bench_of(serving.url)
        line = Line(sender, bench, Oracle(bench))
        [case] = built(1)
        problem = line.one(case).problem
        assert problem is not None and problem.kind == "overlong" and "bytes follow the end" in problem.text
        twice = case._replace(delivery=case.delivery.with_framing(copies=2))
        assert line.one(twice).problem is None
        asked = case._replace(delivery=replace(case.delivery, method="HEAD"))
        assert line.one(asked).problem is None  # no vendor sends one
