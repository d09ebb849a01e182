"""Who waits for whom, and when a failed delivery comes again."""

from __future__ import annotations

import itertools
import json
import threading

import pytest

from hookassay.mockserver.engine import Mock, schedule
from hookassay.mockserver.engine.events import Wish
from hookassay.mockserver.engine.timekeeper import SECOND
from hookassay.schemas import catalogue
from tests.engine.conftest import Add, Send
from tests.engine.receiver import Got, Receiver, always

HOUR, DAY = 3600, 86_400


@pytest.mark.parametrize(
    ("provider", "profile", "attempts", "last"),
    [
        ("closer", "vendor", 4, 1800),
        ("gitple", "vendor", 1, 0),
        ("gitple", "retry-3", 4, 2160),
        ("gbm", "vendor", 1017, 7 * DAY - 177),
        ("livechat", "vendor", 11, 350 * 60),
    ],
)
def test_a_schedule_has_the_documented_number_of_attempts(
    provider: str, profile: str, attempts: int, last: int
) -> None:
    """The last attempt of GBM's starts 177 s before seven days are over: 1023 + 600 n seconds after the first."""
    retry = schedule.retry_of(catalogue.load(provider), profile)
    moments = list(schedule.planned(retry, 0, 0, 0))
    assert (len(moments), moments[-1] // SECOND) == (attempts, last)
    assert schedule.attempts_in_all(retry) == attempts


def test_the_first_waits_double(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("gbm")
    receiver.behaviour = always(500)
    sent = send("gbm")
    mock.clock.push(by="1100s")
    attempts = mock.log.delivery(sent.deliveries[0].id).attempts
    starts = [attempt.scheduled for attempt in attempts]
    assert [(b - a) // SECOND for a, b in itertools.pairwise(starts)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    assert attempts[-1].told == "sent again after 10 min, attempt 12 of 1017"


def test_each_attempt_has_the_same_bytes(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("livechat")
    receiver.first = [500, 503]
    sent = send("livechat")
    mock.clock.push(to="idle")
    found = mock.log.delivery(sent.deliveries[0].id)
    assert [attempt.view for attempt in found.attempts] == ["again", "again", "delivered"]
    assert len(set(receiver.bodies)) == 1 and len(receiver.bodies) == 3


def test_the_schedule_ahead_is_told(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("closer")
    receiver.behaviour = always(500)
    found = mock.log.delivery(send("closer").deliveries[0].id)
    assert [planned.number for planned in found.schedule] == [2, 3, 4]
    assert {b.at - a.at for a, b in itertools.pairwise(found.schedule)} == {600 * SECOND}


def test_strict_order_waits_for_the_end(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    """The second event of a conversation is sent only once the first is delivered."""
    add("closer")
    receiver.first = [500]
    one = {"conversation.id": "9f0e1d2c-0000-4000-8000-000000000001"}
    first, second = send("closer", set=one), send("closer", set=one)
    assert len(receiver.got) == 1
    assert mock.log.summary(second.deliveries[0].id).state == "waiting"
    mock.clock.push(to="next")
    assert mock.settle(5).idle
    assert [mock.log.summary(o.deliveries[0].id).outcome for o in (first, second)] == ["delivered", "delivered"]
    assert receiver.bodies[0] == receiver.bodies[1] != receiver.bodies[2]


def test_strict_order_goes_on_after_a_given_up_or_cancelled_one(
    mock: Mock, receiver: Receiver, add: Add, send: Send
) -> None:
    add("closer")
    receiver.behaviour = lambda got: (500 if b"stuck" in got.body else 200, b"")
    one = {"conversation.id": "9f0e1d2c-0000-4000-8000-000000000002"}
    first = send("closer", set={**one, "botId": "stuck"})
    second = send("closer", set=one)
    mock.log.cancel(first.deliveries[0].id)
    assert mock.settle(5).idle
    assert mock.log.summary(second.deliveries[0].id).outcome == "delivered"


def test_a_retried_one_is_overtaken_where_the_order_ends_with_the_first_failure(
    mock: Mock, receiver: Receiver, add: Add, send: Send
) -> None:
    add("gbm")
    receiver.first = [500]
    one = {"conversationId": "a55a0000-0000-4000-8000-000000000003"}
    first, second = send("gbm", set=one), send("gbm", set=one)
    assert [mock.log.summary(o.deliveries[0].id).outcome for o in (first, second)] == ["again", "delivered"]


def test_other_conversations_never_wait(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("closer")
    receiver.first = [500]
    send("closer")
    assert send("closer").deliveries[0].outcome == "delivered"


def test_one_conversation_arrives_in_order(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("gitple")
    for number in range(40):
        mock.events.trigger(_numbered(number))
    assert mock.settle(20).idle
    notes = [json.loads(body)["session"]["note"] for body in receiver.bodies]
    assert notes == [str(number) for number in range(40)]


def _numbered(number: int) -> Wish:
    """The same conversation each time, the number in its note."""
    return Wish("gitple", "session_state_close", set={"session.id": "77", "session.note": str(number)})


def test_the_webhook_is_switched_off_after_the_last_resend(
    mock: Mock, receiver: Receiver, add: Add, send: Send
) -> None:
    endpoint = add("closer", name="bot")
    receiver.behaviour = always(500)
    one = {"conversation.id": "9f0e1d2c-0000-4000-8000-000000000004"}
    first, second = send("closer", set=one), send("closer", set=one)
    mock.clock.push(to="idle")
    assert mock.log.delivery(first.deliveries[0].id).attempts[-1].told == "switched off after 3 failed resends"
    assert mock.log.summary(first.deliveries[0].id).outcome == "off"
    assert mock.log.summary(second.deliveries[0].id).outcome == "cancelled"
    assert "switched it off" in mock.endpoints.get(endpoint.id).off_reason
    assert [one.reason for one in send("closer").unsent] == ["switched-off"]
    receiver.behaviour = always(200)
    mock.endpoints.enable(endpoint.id)
    assert send("closer").deliveries[0].outcome == "delivered"


def test_one_is_sent_now_and_later_delays_count_from_it(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("closer")
    receiver.behaviour = always(500)
    sent = send("closer").deliveries[0]
    before = mock.clock.now()
    mock.log.send_now(sent.id)
    assert mock.settle(5).idle
    found = mock.log.summary(sent.id)
    assert found.attempts == 2 and found.due is not None
    assert 599 * SECOND < found.due - before < 660 * SECOND


def test_a_hanging_receiver_holds_only_itself(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    """While one endpoint waits for its time limit, another gets all of its deliveries."""
    release = threading.Event()

    def hang(got: Got) -> tuple[int, bytes]:
        if got.path == "/slow":
            release.wait(10)
        return 200, b""

    receiver.behaviour = hang
    slow, fast = add("gitple", "/slow"), add("gitple", "/fast")
    try:
        for _ in range(20):
            mock.events.trigger(Wish("gitple", "session_state_close"))
        done = mock.changes.wait_until(lambda: mock.log.count(f"endpoint:{fast.id} outcome:delivered") == 20, timeout=8)
        assert done and mock.log.count(f"endpoint:{slow.id} outcome:delivered") == 0
    finally:
        release.set()
    assert mock.settle(10).idle
