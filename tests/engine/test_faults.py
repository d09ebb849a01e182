"""Bad days: counted, labelled, silenced by one switch, and the vendor sees what the fault makes of it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable

import pytest

from hookassay.mockserver.engine import Mock, Refused
from hookassay.mockserver.engine.events import Wish
from hookassay.mockserver.engine.model import Detail, Occurrence
from tests.engine.conftest import Add, Send
from tests.engine.receiver import Receiver

Show = Callable[[Occurrence], Detail]


def test_a_lost_answer_is_a_time_out_to_the_vendor_and_taken_by_the_receiver(
    mock: Mock, receiver: Receiver, add: Add, send: Send, detail: Show
) -> None:
    mock.faults.add(add("livechat").id, "lose-answer", next=2)
    occurrence = send("livechat")
    mock.clock.push(to="idle")
    attempts = detail(occurrence).attempts
    assert [attempt.view for attempt in attempts] == ["again", "again", "delivered"]
    assert len(receiver.got) == 3
    assert attempts[0].answer is not None and attempts[0].answer.status == 200
    assert attempts[0].seen is not None and attempts[0].seen.failure == "timeout"
    assert [attempt.faults for attempt in attempts] == [
        ("lose-answer: counted, 1 left",),
        ("lose-answer: counted, 0 left",),
        (),
    ]


def test_a_lost_answer_without_retries_says_so(mock: Mock, add: Add, send: Send, detail: Show) -> None:
    mock.faults.add(add("gitple").id, "lose-answer")
    attempt = detail(send("gitple")).attempts[0]
    assert attempt.told == "given up: Gitple documents no retry (its answer was lost by a fault)"


def test_the_vendor_is_answered_otherwise(mock: Mock, receiver: Receiver, add: Add, send: Send, detail: Show) -> None:
    endpoint = add("livechat")
    mock.faults.add(endpoint.id, "answer-as", parameters={"status": 503}, next=1)
    attempt = detail(send("livechat")).attempts[0]
    assert attempt.answer is not None and attempt.seen is not None
    assert (attempt.answer.status, attempt.seen.status, attempt.view) == (200, 503, "again")


def test_the_vendor_is_answered_without_anything_sent(
    mock: Mock, receiver: Receiver, add: Add, send: Send, detail: Show
) -> None:
    mock.faults.add(add("livechat").id, "answer-as", parameters={"status": 429, "send": False})
    attempt = detail(send("livechat")).attempts[0]
    assert receiver.got == [] and attempt.answer is None
    assert attempt.seen is not None and attempt.seen.status == 429


def test_copies_come_with_the_same_bytes(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    mock.faults.add(add("gitple").id, "duplicate", parameters={"copies": 2, "after": 3})
    occurrence = send("gitple")
    mock.clock.push(to="idle")
    assert len(receiver.got) == 3 and len(set(receiver.bodies)) == 1
    assert [d.replay_of for d in mock.log.occurrence(occurrence.id).deliveries] == [
        None,
        occurrence.deliveries[0].id,
        occurrence.deliveries[0].id,
    ]


def test_a_delayed_one_comes_later(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    mock.faults.add(add("gitple").id, "delay", parameters={"by": 30})
    occurrence = send("gitple")
    assert receiver.got == []
    assert mock.clock.push(by="29s").attempts == 0
    assert mock.clock.push(by="2s").attempts == 1
    assert mock.log.occurrence(occurrence.id).deliveries[0].faults == ("delay: counted, 0 left",)


def test_held_ones_go_in_another_order_and_one_after_another(mock: Mock, receiver: Receiver, add: Add) -> None:
    """Also within one conversation that keeps its order strictly otherwise."""
    endpoint = add("gitple")
    mock.faults.add(endpoint.id, "reorder", parameters={"n": 4}, seed=3)
    for number in range(4):
        changes = {"session.id": "9", "session.note": str(number)}
        mock.events.trigger(Wish("gitple", "session_state_close", set=changes))
    assert mock.settle(10).idle
    notes = [json.loads(body)["session"]["note"] for body in receiver.bodies]
    assert sorted(notes) == ["0", "1", "2", "3"] != notes


def test_too_few_held_ones_go_when_nothing_else_is_left(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    mock.faults.add(add("gitple").id, "burst", parameters={"n": 5})
    occurrence = send("gitple")
    assert receiver.got == [] and mock.log.occurrence(occurrence.id).deliveries[0].state == "held"
    mock.clock.push(to="idle")
    assert len(receiver.got) == 1


def test_removing_a_fault_releases_what_it_holds(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    fault = mock.faults.add(add("gitple").id, "burst", parameters={"n": 5})
    send("gitple")
    mock.faults.remove(fault.id)
    assert mock.settle(5).idle and len(receiver.got) == 1


def test_a_wrong_signature_is_wrong_once(mock: Mock, receiver: Receiver, add: Add, send: Send, detail: Show) -> None:
    mock.faults.add(add("gitple", retry="retry-3").id, "wrong-signature")

    def check(got):  # type: ignore[no-untyped-def]
        right = hmac.new(b"gitple-secret", got.body, hashlib.sha256).hexdigest()
        return (200 if got.header("X-Hub-Signature") == f"sha256={right}" else 401), b""

    receiver.behaviour = check
    occurrence = send("gitple")
    mock.clock.push(to="idle")
    attempts = detail(occurrence).attempts
    assert [(a.view, a.differs) for a in attempts] == [("again", True), ("delivered", False)]
    assert detail(occurrence).why == "it was not refused"


def test_the_old_secret_is_the_one_before_the_last_change(
    mock: Mock, receiver: Receiver, add: Add, send: Send, detail: Show
) -> None:
    endpoint = add("livechat", secret="the-first-token")
    mock.endpoints.change(endpoint.id, {"token": "the-second-token"})
    mock.faults.add(endpoint.id, "old-secret")
    occurrence = send("livechat")
    assert json.loads(receiver.got[0].body)["token"] == "the-first-token"
    shown = detail(occurrence).attempts[0].request
    assert b"the-first-token" not in shown.body and shown.masked


def test_a_truncated_body_keeps_its_length(mock: Mock, receiver: Receiver, add: Add, send: Send, detail: Show) -> None:
    mock.faults.add(add("livechat").id, "truncated-body", parameters={"share": 0.25})
    occurrence = send("livechat")
    attempt = detail(occurrence).attempts[0]
    whole = len(detail(occurrence).request.body)
    assert attempt.request.cut is not None and attempt.request.cut < whole
    assert len(receiver.got[0].body) < whole
    assert receiver.got[0].header("Content-Length") == dict(attempt.request.headers)["Content-Length"]


def test_a_glob_says_which_events(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    mock.faults.add(add("gitple").id, "answer-as", events="session_*", parameters={"status": 500}, next=5)
    assert send("gitple", "send_external_message").deliveries[0].outcome == "delivered"
    assert send("gitple", "session_state_open").deliveries[0].outcome == "given-up"


def test_each_nth(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    mock.faults.add(add("gitple").id, "answer-as", parameters={"status": 500}, every=3)
    outcomes = [send("gitple").deliveries[0].outcome for _ in range(6)]
    assert outcomes == ["delivered", "delivered", "given-up"] * 2


def test_a_chance_is_drawn_from_seed_delivery_and_attempt(mock: Mock, add: Add, send: Send) -> None:
    """About half of the attempts are struck, and the label names the seed that makes it so again."""
    fault = mock.faults.add(add("gitple").id, "answer-as", parameters={"status": 500}, chance=0.5, seed=7)
    struck = [send("gitple").deliveries[0] for _ in range(24)]
    count = sum(delivery.outcome == "given-up" for delivery in struck)
    assert 4 <= count <= 20 and mock.faults.get(fault.id).used == count
    assert {label for d in struck for label in d.faults} == {"answer-as: chance 0.5, seed 7"}


def test_one_switch_silences_all(mock: Mock, add: Add, send: Send) -> None:
    endpoint = add("gitple")
    mock.faults.add(endpoint.id, "answer-as", parameters={"status": 500}, next=5)
    mock.faults.switch(False)
    assert send("gitple").deliveries[0].outcome == "delivered" and not mock.status().faults_on
    mock.faults.switch(True)
    assert send("gitple").deliveries[0].outcome == "given-up"


@pytest.mark.parametrize(
    ("kind", "given", "pointer"),
    [
        ("lose-anser", {}, "/kind"),
        ("lose-answer", {"next": -1}, "/next"),
        ("lose-answer", {"next": 1, "every": 2}, "/every"),
        ("lose-answer", {"chance": 1.5}, "/chance"),
        ("answer-as", {"parameters": {"status": 99}}, "/parameters/status"),
        ("answer-as", {"parameters": {"stats": 500}}, "/parameters/stats"),
        ("truncated-body", {"parameters": {"share": 1}}, "/parameters/share"),
    ],
)
def test_a_bad_fault_is_refused_with_its_place(
    kind: str, given: dict[str, object], pointer: str, mock: Mock, add: Add
) -> None:
    with pytest.raises(Refused) as refused:
        mock.faults.add(add("gitple").id, kind, **given)  # type: ignore[arg-type]
    assert refused.value.problems[0].pointer == pointer


def test_what_authenticates_nothing_has_no_wrong_signature(mock: Mock, add: Add) -> None:
    with pytest.raises(Refused, match="authenticates nothing") as refused:
        mock.faults.add(add("closer").id, "wrong-signature")
    assert refused.value.kind == "no-authentication"
