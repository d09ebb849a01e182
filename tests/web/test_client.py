"""The Python client against a mock that runs, and against answers that no mock gives (`responses`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses

from hookassay.mockserver.client import Client, Hooks, Refused
from hookassay.mockserver.running import running
from tests.engine.receiver import Receiver, always

EVENT = "session_state_close"


@pytest.fixture(scope="module")
def mock() -> Iterator[Client]:
    with running() as made:
        yield made


@pytest.fixture
def hooks(mock: Client) -> Hooks:
    """A vendor with an empty log and no endpoint."""
    mock.reset(everything=True)
    return mock.provider("gitple")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def test_an_outage_of_ours_is_survived(hooks: Hooks, receiver: Receiver) -> None:
    """Two attempts fail for the vendor though the receiver took them; the third is delivered, of the same bytes."""
    shop = hooks.endpoint(url=f"{receiver.url}/webhook", secret="s3cret", retry="retry-3")
    shop.fail_next(2, status=503)
    sent = hooks.trigger(EVENT, {"session.note": "환불"})
    sent.wait()
    hooks.push(to="idle")
    assert [attempt.view for attempt in sent.attempts] == ["again", "again", "delivered"]
    first, *_, last = sent.attempts
    assert first.request == last.request
    assert (first.status, first.reaction) == (200, "broke")  # ours, and what the vendor made of what it saw
    assert len(receiver.got) == 3 and len({got.body for got in receiver.got}) == 1
    assert "환불" in receiver.got[0].body.decode()
    hooks.expect_nothing()


def test_waiting_for_a_delivery(hooks: Hooks, receiver: Receiver) -> None:
    """Each is told once; one that does not come is told with the nearest that did."""
    hooks.endpoint(url=receiver.url)
    hooks.trigger(EVENT)
    assert hooks.wait_delivery(EVENT).attempts[0].status == 200
    with pytest.raises(AssertionError, match=f"no delivery of session_state_open .*nearest is delivery .* {EVENT}"):
        hooks.wait_delivery("session_state_open", timeout=0.2)
    with pytest.raises(AssertionError, match="no delivery"):
        hooks.wait_delivery(EVENT, timeout=0.2)


def test_expecting_nothing_sees_what_happened(mock: Client, hooks: Hooks, receiver: Receiver) -> None:
    """What this client did not ask for is named."""
    hooks.endpoint(url=receiver.url)
    hooks.expect_nothing()
    mock.call("POST", "/trigger", {"provider": "gitple", "event": EVENT})
    with pytest.raises(AssertionError, match=EVENT):
        hooks.expect_nothing()


def test_a_lost_webhook_is_told(hooks: Hooks) -> None:
    """Until given up; and what never was sent has its reason."""
    with pytest.raises(AssertionError, match="0 deliveries"):
        _ = hooks.trigger(EVENT).attempts
    closed = Receiver()
    hooks.endpoint(url=closed.url)
    closed.close()
    sent = hooks.trigger(EVENT)
    assert sent.wait(until="given-up").reaction == "broke"
    with pytest.raises(AssertionError, match="did not come so far"):
        sent.wait(until="delivered", timeout=0.2)


def test_bytes_survive_the_log_and_a_replay(hooks: Hooks, receiver: Receiver) -> None:
    """What is sent exactly is logged exactly and repeated exactly."""
    hooks.endpoint(url=receiver.url)
    body = '{"a":"\\/é  "}'
    sent = hooks.trigger(EVENT, body=body, force=True)
    sent.wait()
    assert sent.delivery.body == body.encode()
    sent.delivery.replay("same-bytes").wait()
    assert [got.body for got in receiver.got] == [body.encode()] * 2
    assert receiver.got[0].headers == receiver.got[1].headers


@pytest.mark.parametrize(("ending", "holds"), [(".har", '"log"'), (".ndjson", EVENT), (".sh", "curl"), (".py", "def ")])
def test_the_log_as_a_file(
    hooks: Hooks, mock: Client, receiver: Receiver, tmp_path: Path, ending: str, holds: str
) -> None:
    """Four forms by the ending; no secret in any of them."""
    hooks.endpoint(url=receiver.url, secret="hunter2hunter2")
    hooks.trigger(EVENT).wait()
    mock.export(tmp_path / f"log{ending}")
    text = (tmp_path / f"log{ending}").read_text()
    assert holds in text and "hunter2" not in text
    with pytest.raises(ValueError, match="the ending"):
        mock.export(tmp_path / "log.txt")


def test_refusals_are_exceptions_with_the_problem(hooks: Hooks) -> None:
    with pytest.raises(Refused, match="did you mean") as caught:
        hooks.trigger(EVENT, {"session.nte": "x"})
    assert caught.value.status == 422 and caught.value.problem["type"].endswith(":unknown-path")
    with pytest.raises(Refused):
        hooks.client.provider("gitpel")


def test_a_receiver_that_refuses_is_never_retried_without_need(hooks: Hooks, receiver: Receiver) -> None:
    receiver.behaviour = always(401)
    hooks.endpoint(url=receiver.url)
    assert hooks.trigger(EVENT).wait(until="given-up").status == 401
    assert hooks.push(to="idle") == 0


@responses.activate
def test_an_answer_that_is_no_problem_is_still_a_refusal() -> None:
    """A proxy's page of its own, an empty answer: the status is told."""
    responses.get("http://mock.test/api/clock", body="<h1>Bad gateway</h1>", status=502)
    responses.get("http://mock.test/api/faults", json=["?"], status=500)
    with Client("http://mock.test/") as client:
        with pytest.raises(Refused, match="status 502"):
            client.call("GET", "/clock")
        with pytest.raises(Refused, match="status 500"):
            client.call("GET", "/faults")


@responses.activate
def test_the_token_goes_with_every_call() -> None:
    responses.get("http://mock.test/api/endpoints", json=[])
    with Client("http://mock.test", token="t0ken") as client:
        assert client.endpoints() == []
    assert responses.calls[0].request.headers["Authorization"] == "Bearer t0ken"
