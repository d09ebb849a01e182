"""Why was it refused? Receivers with one bug each, named by experiment; nothing is claimed that is not proven."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from hookassay.mockserver.engine import Mock, Refused
from tests.engine.conftest import Add, Send
from tests.engine.receiver import Behaviour, Got, Receiver, always


def signed_over(change, key: bytes = b"gitple-secret", prefix: str = "sha256=") -> Behaviour:  # type: ignore[no-untyped-def]
    """A receiver that computes Gitple's signature over something else than the body, or with another key."""

    def check(got: Got) -> tuple[int, bytes]:
        wanted = prefix + hmac.new(key, change(got.body), hashlib.sha256).hexdigest()
        return (200, b"") if got.header("X-Hub-Signature") == wanted else (401, b"")

    return check


def stringified(body: bytes) -> bytes:
    """As Express with `JSON.stringify(req.body)`."""
    return json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()


BUGS = {
    "newline-in-key": (signed_over(bytes, key=b"gitple-secret\n"), "line feed|newline"),
    "bare-digest": (signed_over(bytes, prefix=""), "bare digest"),
    "python-json": (signed_over(lambda body: json.dumps(json.loads(body)).encode()), "json.dumps|written again"),
    "base64-secret": (signed_over(bytes, key=base64.b64encode(b"gitple-secret")), "base64"),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_is_named(bug: str, mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    import re

    receiver.behaviour, said = BUGS[bug]
    add("gitple")
    refused = send("gitple", set={"session.note": "환불 1.0 / é"}).deliveries[0]
    assert mock.log.delivery(refused.id).why == ""
    job = mock.whys.wait(mock.whys.ask(refused.id).job, 60)
    assert job.proven and not job.running and re.search(said, job.text), job
    assert 0 < job.requests <= 400
    assert job.requests == len(receiver.got) - 1 == mock.log.count("origin:why")


def test_a_token_in_the_wrong_place_is_named(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    receiver.behaviour = lambda got: (200 if got.path.endswith("?token=the-token-here") else 403, b"")
    add("livechat", secret="the-token-here")
    job = mock.whys.wait(mock.whys.ask(send("livechat").deliveries[0].id).job, 60)
    assert job.proven and job.text == "your receiver looks for the token in the query (?token=)"
    assert "the-token-here" not in repr(mock.log.deliveries("origin:why"))


def test_a_missing_slash_is_named(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    receiver.behaviour = lambda got: (200 if got.path == "/hook/" else 404, b"")
    add("closer", "/hook")
    job = mock.whys.wait(mock.whys.ask(send("closer").deliveries[0].id).job, 60)
    assert job.proven and "slash at its end" in job.text


def test_nothing_is_claimed_of_one_that_refuses_everything(
    mock: Mock, receiver: Receiver, add: Add, send: Send
) -> None:
    receiver.behaviour = always(401)
    add("gitple")
    job = mock.whys.wait(mock.whys.ask(send("gitple").deliveries[0].id).job, 120)
    assert not job.proven and job.cause == "" and job.requests <= 400
    assert "tried" in job.text or "not" in job.text


def test_another_secret_is_what_it_advises_to_compare(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    """No experiment can show a secret that nobody knows; where all others fail it is the likeliest."""
    receiver.behaviour = signed_over(bytes, key=b"a secret of the receiver alone")
    add("gitple")
    job = mock.whys.wait(mock.whys.ask(send("gitple").deliveries[0].id).job, 120)
    assert not job.proven and job.text.endswith("another secret than the endpoint: compare them"), job


def test_a_rate_limit_ends_it(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    receiver.behaviour = lambda got: (401 if len(receiver.got) <= 10 else 429, b"")
    add("gitple")
    job = mock.whys.wait(mock.whys.ask(send("gitple").deliveries[0].id).job, 60)
    assert not job.proven and "429" in job.text and job.requests == 10


def test_it_is_never_asked_of_what_is_not_right_or_not_refused(
    mock: Mock, receiver: Receiver, add: Add, send: Send
) -> None:
    endpoint = add("gitple")
    with pytest.raises(Refused, match="it was not refused"):
        mock.whys.ask(send("gitple").deliveries[0].id)
    receiver.behaviour = always(401)
    mock.faults.add(endpoint.id, "wrong-signature")
    with pytest.raises(Refused, match="a fault made it wrong"):
        mock.whys.ask(send("gitple").deliveries[0].id)
    with pytest.raises(Refused, match="made wrong on purpose"):
        mock.whys.ask(send("gitple", mutation="random-key").deliveries[0].id)
    mock.endpoints.change(endpoint.id, {"url": "http://127.0.0.1:9/nobody"})
    with pytest.raises(Refused, match="it has not reached anybody"):
        mock.whys.ask(send("gitple").deliveries[0].id)


def test_experiments_leave_conversation_and_schedule_alone(
    mock: Mock, receiver: Receiver, add: Add, send: Send
) -> None:
    """Neither waits for them, and none is sent again."""
    add("gitple", retry="retry-3")
    receiver.behaviour = BUGS["bare-digest"][0]
    refused = send("gitple").deliveries[0]
    before = mock.log.summary(refused.id)
    assert mock.whys.wait(mock.whys.ask(refused.id).job, 60).proven
    assert mock.log.summary(refused.id).due == before.due
    assert [one.origin for one in mock.log.conversation(str(refused.conversation)).occurrences] == ["trigger"]
    assert mock.status().pending == 1
