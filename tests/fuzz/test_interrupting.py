"""A campaign that is broken off says how far it has come: the next one sends everything that it has not."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable

import pytest

from hookassay.conformance.fuzz.campaign import Campaign
from hookassay.conformance.fuzz.tally import Limits
from hookassay.mockserver.emission.sending import Sender
from tests.fuzz.conftest import Receive, bench_of, plan_of, right

COUNT = 400


@pytest.mark.parametrize("at_once", [1, 8])
def test_nothing_is_left_out_when_it_goes_on(receiver: Callable[[Receive], str], at_once: int) -> None:
    """Ctrl-C in the middle of a stream: what was judged is counted, and no case that was not is jumped over."""
    lock, begun, main = threading.Lock(), 0, threading.main_thread().ident
    assert main is not None

    def at_different_speeds(body: bytes, signature: str) -> tuple[int, str]:
        nonlocal begun
        with lock:
            begun += 1
            place = begun
        if place == 200:
            signal.pthread_kill(main, signal.SIGINT)
        time.sleep(0.03 if place % 10 == 0 else 0.001)
        return right(body, signature)

    plan = plan_of(events=("session_state_close",), mode="valid", count=COUNT, seed=5)
    bench = bench_of(receiver(at_different_speeds))
    with Sender() as sender:
        first = Campaign(plan, bench, sender, limits=Limits(concurrency=at_once))
        first.run()
        assert first.tally.state == "interrupted" and not first.groups
        assert 100 < first.tally.cases == first.tally.next_counter < 220

        second = Campaign(plan, bench, sender, limits=Limits(concurrency=at_once))
        second.tally.next_counter = first.tally.next_counter
        second.run()
    assert second.tally.state == "done" and second.tally.complete
    assert first.tally.cases + second.tally.cases == second.tally.next_counter == COUNT


def test_what_was_found_is_told(receiver: Callable[[Receive], str]) -> None:
    """Ctrl-C right behind a wrong answer, before anybody has looked into it: it is a finding all the same."""
    lock, begun, main = threading.Lock(), 0, threading.main_thread().ident
    assert main is not None

    def breaks_once(body: bytes, signature: str) -> tuple[int, str]:
        nonlocal begun
        with lock:
            begun += 1
            place = begun
        if place == 6:
            return 500, "broken"
        if place == 7:
            signal.pthread_kill(main, signal.SIGINT)
        return right(body, signature)

    plan = plan_of(events=("session_state_close",), mode="invalid", count=COUNT, seed=5)
    with Sender() as sender:
        campaign = Campaign(plan, bench_of(receiver(breaks_once)), sender, limits=Limits(concurrency=1))
        campaign.run()
    assert campaign.tally.state == "interrupted"
    assert [(group.finding.status, group.finding.count) for group in campaign.groups.values()] == [(500, 1)]
