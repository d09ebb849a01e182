"""Streams: in order whatever order answers come in, at most so many in flight, built late, broken off at once."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.delivery import Delivery, Framing
from hookassay.mockserver.emission.sending import Sender

from .conftest import Serve, target
from .servers import OK, Peer, answering

AT_ONCE = 8


@dataclass(frozen=True)
class Case:
    """What a stream takes."""

    delivery: Delivery

    @property
    def number(self) -> int:
        return int(self.delivery.body)


@dataclass
class Pace:
    """As fast as it goes, or with a wait before each request; what is answered so is sent again."""

    each: float = 0.0
    refused: int = 0
    asked_again: int = 0
    _next: float = 0.0

    def wait(self) -> float:
        now = time.monotonic()
        if now < self._next:
            return self._next - now
        self._next = now + self.each
        return 0.0

    def again(self, answer: Answer) -> bool:
        self.asked_again += answer.status == self.refused
        return answer.status == self.refused


@pytest.fixture
def cases(delivery: Delivery) -> list[Case]:
    """Sixty cases, each with its number as the body."""
    return [Case(replace(delivery, body=b"%d" % number)) for number in range(60)]


def numbers(sent: Iterable[tuple[Case, Answer]]) -> list[int]:
    return [case.number for case, answer in sent if answer.status == 200]


def test_answers_come_in_the_order_of_the_cases(sender: Sender, serve: Serve, cases: list[Case]) -> None:
    """One answer is slow: what was sent after it is answered before it, and handed over behind it."""
    finished: list[int] = []

    def slow_at_first(peer: Peer) -> None:
        while True:
            number = int(peer.read_request().body)
            if number == 0:
                time.sleep(0.3)
            finished.append(number)
            peer.send(OK)

    serving = serve(slow_at_first)
    began = time.monotonic()
    assert numbers(sender.stream(cases, target(serving), AT_ONCE, Pace())) == list(range(60))
    assert finished.index(0) > 40
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("at_once", [1, AT_ONCE])
def test_so_many_are_in_flight(sender: Sender, serve: Serve, cases: list[Case], at_once: int) -> None:
    """No more than asked for, and as many: each request waits until the others are there too."""
    together = threading.Barrier(at_once, timeout=5)
    now, most, lock = 0, 0, threading.Lock()

    def counting(peer: Peer) -> None:
        nonlocal now, most
        while True:
            peer.read_request()
            with lock:
                now += 1
                most = max(most, now)
            together.wait()
            with lock:
                now -= 1
            peer.send(OK)

    serving = serve(counting)
    sent = sender.stream(cases[: 2 * AT_ONCE], target(serving), at_once, Pace())
    assert numbers(sent) == list(range(2 * AT_ONCE))
    assert most == at_once
    assert serving.accepted == at_once


def test_a_case_is_asked_for_when_it_can_go_out(sender: Sender, serve: Serve, cases: list[Case]) -> None:
    """Cases are built as late as can be: never more than those answered and those in flight."""
    answered, ahead = 0, []

    def taking(peer: Peer) -> None:
        nonlocal answered
        while True:
            peer.read_request()
            answered += 1
            peer.send(OK)

    def built() -> Iterator[Case]:
        for place, case in enumerate(cases):
            ahead.append(place - answered)
            yield case

    assert numbers(sender.stream(built(), target(serve(taking)), 4, Pace())) == list(range(60))
    assert max(ahead) <= 4


def test_what_the_cases_raise_is_raised(sender: Sender, serve: Serve, cases: list[Case]) -> None:
    """A case that cannot be built ends the stream; the sender can still be used."""

    def broken() -> Iterator[Case]:
        yield from cases[:5]
        raise LookupError("no such case")

    serving = serve(answering(OK))
    with pytest.raises(LookupError, match="no such case"):
        list(sender.stream(broken(), target(serving), AT_ONCE, Pace()))
    bad = Case(cases[0].delivery.with_headers(("X", "a\r\nb")))
    with pytest.raises(ValueError, match="line end"):
        list(sender.stream([*cases[:3], bad], target(serving), AT_ONCE, Pace()))
    assert numbers(sender.stream(cases, target(serving), AT_ONCE, Pace())) == list(range(60))


def test_a_stream_that_nobody_wants_is_broken_off(sender: Sender, serve: Serve, cases: list[Case]) -> None:
    """Whoever leaves it does not wait for what is in flight; its connections are closed, and nothing follows."""
    ended = threading.Event()
    seen: list[int] = []

    def hanging(peer: Peer) -> None:
        while True:
            seen.append(int(peer.read_request().body))
            if seen[-1] == 3:
                peer.wait_for_end()
                ended.set()
                return
            peer.send(OK)

    stream = sender.stream(cases, target(serve(hanging)), 2, Pace(each=0.01))
    assert [next(stream)[0].number for _ in range(3)] == [0, 1, 2]
    began = time.monotonic()
    del stream
    assert ended.wait(5)
    assert time.monotonic() - began < 5
    before = len(seen)
    time.sleep(0.05)
    assert len(seen) == before < 60


def test_the_pace_is_kept(sender: Sender, serve: Serve, cases: list[Case]) -> None:
    """However many are in flight, they leave as far apart as asked for."""
    began = time.monotonic()
    assert len(numbers(sender.stream(cases[:20], target(serve(answering(OK))), AT_ONCE, Pace(each=0.02)))) == 20
    assert time.monotonic() - began >= 19 * 0.02


def test_what_is_sent_again_keeps_its_place(sender: Sender, serve: Serve, cases: list[Case]) -> None:
    """A request that was put off is sent once more, and its second answer is the one."""
    put_off: set[int] = set()

    def busy(peer: Peer) -> None:
        while True:
            number = int(peer.read_request().body)
            again = number % 7 == 0 and number not in put_off
            put_off.add(number)
            peer.send(b"HTTP/1.1 429 Later\r\nContent-Length: 0\r\n\r\n" if again else OK)

    pace = Pace(refused=429)
    assert numbers(sender.stream(cases, target(serve(busy)), AT_ONCE, pace)) == list(range(60))
    assert pace.asked_again == 9


def test_every_framing_can_be_streamed(sender: Sender, serve: Serve, cases: list[Case]) -> None:
    """What needs a connection of its own has one; the others go on using theirs."""
    framings = [Framing(), Framing(chunked=True), Framing(pieces=(1,), pause=0.01), Framing(fresh=True)]
    framed = [Case(replace(case.delivery, framing=framings[case.number % 4])) for case in cases]
    serving = serve(answering(OK))
    assert numbers(sender.stream(framed, target(serving), 4, Pace())) == list(range(60))
    assert 30 < serving.accepted <= 34


@pytest.mark.parametrize(("patched", "installed"), [(False, True), (True, True), (False, False)])
def test_whose_loop_it_is(
    serve: Serve, cases: list[Case], monkeypatch: pytest.MonkeyPatch, patched: bool, installed: bool
) -> None:
    """uvloop's where it is installed and the process is as Python made it; everything works on asyncio's too."""
    pytest.importorskip("uvloop")
    if not installed:
        monkeypatch.setitem(sys.modules, "uvloop", None)
    fake = SimpleNamespace(is_module_patched=lambda name: patched and name == "socket")
    monkeypatch.setitem(sys.modules, "gevent.monkey", fake)
    loops: list[str] = []

    def noting() -> Iterator[Case]:
        for case in cases:
            loops.append(type(asyncio.get_running_loop()).__module__.partition(".")[0])
            yield case

    with Sender() as own:
        assert numbers(own.stream(noting(), target(serve(answering(OK))), AT_ONCE, Pace())) == list(range(60))
    assert set(loops) == {"uvloop" if installed and not patched else "asyncio"}


def test_answers_that_are_alike_are_still_each_their_own(sender: Sender, serve: Serve, cases: list[Case]) -> None:
    """What is parsed once is what was answered: by status, by body, by what follows it, and by method."""
    other = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"
    answers = {0: OK, 1: other, 2: OK + b"!", 3: b"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nok"}

    def in_turn(peer: Peer) -> None:
        while True:
            peer.send(answers[int(peer.read_request().body) % 4])

    for _ in range(2):
        found = [answer for _, answer in sender.stream(cases, target(serve(in_turn)), AT_ONCE, Pace())]
        assert [answer.status for answer in found] == [200, 200, 200, 404] * 15
        assert [answer.body for answer in found] == [b"ok", b"no", b"ok", b"ok"] * 15
        assert [answer.overlong for answer in found] == [False, False, True, False] * 15
    head = replace(cases[0].delivery, method="HEAD", body=b"0")
    assert sender.send(head, target(serve(in_turn))).body == b""
