"""The vendor's clock: pushed, paced, reset; every attempt of a schedule is made however fast the days pass."""

from __future__ import annotations

import threading
import time

import pytest

from hookassay.mockserver.engine import Mock, Refused
from hookassay.mockserver.engine.timekeeper import SECOND
from tests.engine.conftest import Add, Send
from tests.engine.receiver import Receiver, always


def test_it_is_real_time_until_somebody_moves_it(mock: Mock) -> None:
    state = mock.clock.state()
    assert (state.ahead, state.rate, state.pushing) == (0, 1.0, None)
    assert abs(state.now - time.time_ns()) < SECOND


def test_a_push_by_a_length_makes_the_attempts_due_in_it(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("livechat")
    receiver.behaviour = always(500)
    send("livechat")
    before = mock.clock.now()
    pushed = mock.clock.push(by="10m")
    assert pushed.attempts == 3  # after 1, 3 and 7 minutes
    assert 600 * SECOND <= pushed.now - before < 660 * SECOND
    assert mock.clock.state().ahead > 590 * SECOND


def test_a_push_to_the_next_attempt_makes_one(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("livechat")
    receiver.behaviour = always(500)
    send("livechat")
    assert mock.clock.push(to="next").attempts == 1
    assert len(receiver.got) == 2


def test_a_push_until_one_delivery_is_finished_leaves_the_others(
    mock: Mock, receiver: Receiver, add: Add, send: Send
) -> None:
    add("closer")
    add("livechat")
    receiver.behaviour = always(500)
    bot, chat = send("closer").deliveries[0], send("livechat").deliveries[0]
    mock.clock.push(to="idle", delivery=bot.id)
    assert mock.log.summary(bot.id).outcome == "off"
    assert mock.log.summary(chat.id).outcome == "again"


def test_a_week_of_attempts_is_made_at_any_rate(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    """A week at sixty thousand times real time: the clock never passes an attempt, so none is left out."""
    add("livechat")
    receiver.behaviour = always(500)
    mock.clock.set_rate(60_480)
    sent = send("livechat").deliveries[0]
    assert mock.changes.wait_until(lambda: not mock.log.summary(sent.id).is_open, 20)
    assert mock.log.summary(sent.id).attempts == 11


def test_seven_days_pass_with_every_attempt_made(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("gbm")
    receiver.behaviour = always(500)
    sent = send("gbm").deliveries[0]
    mock.clock.push(by="7d")
    found = mock.log.summary(sent.id)
    assert (found.attempts, found.outcome, len(receiver.got)) == (1017, "given-up", 1017)


def test_a_rate_keeps_its_pace(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    """A minute at sixty times takes a second, not less."""
    add("livechat")
    receiver.first = [500]
    mock.clock.set_rate(60)
    started = time.monotonic()
    sent = send("livechat").deliveries[0]
    assert mock.changes.wait_until(lambda: mock.log.summary(sent.id).outcome == "delivered", 20)
    assert time.monotonic() - started > 0.95


def test_the_clock_stands_while_an_attempt_is_in_flight(mock: Mock, receiver: Receiver, add: Add) -> None:
    from hookassay.mockserver.engine.events import Wish

    arrived, release = threading.Event(), threading.Event()

    def hold(got: object) -> tuple[int, bytes]:
        arrived.set()
        release.wait(10)
        return 200, b""

    add("gitple")
    receiver.behaviour = hold
    mock.clock.set_rate(1_000_000)
    mock.events.trigger(Wish("gitple", "session_state_close"))
    try:
        assert arrived.wait(5)
        first = mock.clock.now()
        time.sleep(0.05)
        assert mock.clock.now() == first
    finally:
        release.set()
    assert mock.settle(5).idle


def test_a_push_can_be_stopped(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("gbm")
    receiver.behaviour = always(500)
    send("gbm")
    reached = threading.Event()

    def count(got: object) -> tuple[int, bytes]:
        if len(receiver.got) > 20:
            reached.set()
        return 500, b""

    receiver.behaviour = count
    results = []
    pusher = threading.Thread(target=lambda: results.append(mock.clock.push(by="7d")))
    pusher.start()
    assert reached.wait(20)
    with pytest.raises(Refused, match="pushed already"):
        mock.clock.push(by="1s")
    mock.clock.stop_push()
    pusher.join(10)
    assert results and results[0].stopped and 18 < results[0].attempts < 1017


def test_reset_is_refused_while_something_is_due_and_keeps_distances(
    mock: Mock, receiver: Receiver, add: Add, send: Send
) -> None:
    endpoint = add("livechat")
    receiver.behaviour = always(500)
    sent = send("livechat").deliveries[0]
    mock.clock.push(by="30s")
    wait = (mock.log.summary(sent.id).due or 0) - mock.clock.now()
    state = mock.clock.reset()
    assert state.ahead == 0
    assert abs((mock.log.summary(sent.id).due or 0) - mock.clock.now() - wait) < 5 * SECOND
    assert mock.endpoints.get(endpoint.id).enabled


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"by": "7 days"}, "/by"),
        ({"by": "2000d"}, "/by"),
        ({}, "/by"),
        ({"by": "1s", "to": "next"}, "/by"),
        ({"to": "x"}, "/to"),
    ],
)
def test_a_bad_push_is_refused_with_its_place(given: dict[str, str], pointer: str, mock: Mock) -> None:
    with pytest.raises(Refused) as refused:
        mock.clock.push(**given)  # type: ignore[arg-type]
    assert (refused.value.status, refused.value.problems[0].pointer) == (422, pointer)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), 2_000_000])
def test_a_bad_rate_is_refused(rate: float, mock: Mock) -> None:
    with pytest.raises(Refused, match="0.001 to 1e\\+06"):
        mock.clock.set_rate(rate)
