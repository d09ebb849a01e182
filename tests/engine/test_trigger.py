"""What happens at the vendor reaches the endpoints that want it, authenticated as the vendor does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable

import pytest

from hookassay.mockserver.emission.answer import Reaction
from hookassay.mockserver.engine import Mock, Refused
from hookassay.mockserver.engine.events import Wish
from hookassay.mockserver.engine.model import Detail, Occurrence
from tests.engine.conftest import EVENT, Add, Send
from tests.engine.receiver import Receiver, always


@pytest.mark.parametrize("provider", EVENT)
def test_an_event_arrives_and_is_delivered(
    provider: str, mock: Mock, receiver: Receiver, add: Add, send: Send, detail: Callable[[Occurrence], Detail]
) -> None:
    """One event, one request, a log that says so, and no problem with the contract."""
    add(provider)
    found = detail(send(provider))
    assert [got.body for got in receiver.got] == [found.request.body] or found.request.masked
    assert (found.summary.outcome, found.summary.reaction) == ("delivered", Reaction.TAKEN)
    assert found.problems == ()
    assert [attempt.view for attempt in found.attempts] == ["delivered"]
    assert mock.status().pending == 0


def test_a_signature_in_hex_is_that_of_the_exact_bytes(receiver: Receiver, add: Add, send: Send) -> None:
    add("gitple", secret="sëcret 한글")
    send("gitple")
    right = hmac.new("sëcret 한글".encode(), receiver.got[0].body, hashlib.sha256).hexdigest()
    assert receiver.got[0].header("X-Hub-Signature") == f"sha256={right}"


def test_a_signature_in_base64_is_that_of_the_exact_bytes(receiver: Receiver, add: Add, send: Send) -> None:
    add("gbm", settings={"clientToken": "ABCDEFGHIJKLMNOP"})
    send("gbm")
    right = hmac.new(b"ABCDEFGHIJKLMNOP", receiver.got[0].body, hashlib.sha512).digest()
    assert receiver.got[0].header("X-Goog-Signature") == base64.b64encode(right).decode()


def test_two_webhooks_are_one_occurrence_with_two_tokens(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("livechat", "/a", secret="token-a")
    add("livechat", "/b", secret="token-b")
    occurrence = send("livechat")
    assert len(occurrence.deliveries) == 2
    tokens = {got.path: json.loads(got.body)["token"] for got in receiver.got}
    assert tokens == {"/a": "token-a", "/b": "token-b"}


def test_only_chosen_data_types_are_in_the_body(receiver: Receiver, add: Add, send: Send) -> None:
    add("livechat", settings={"event": "chat_ended", "data_types": ["chat"]})
    send("livechat")
    body = json.loads(receiver.got[0].body)
    assert "chat" in body and "visitor" not in body and "pre_chat_survey" not in body


def test_the_webhooks_own_id_stays_and_every_other_is_fresh(receiver: Receiver, add: Add, send: Send) -> None:
    add("livechat")
    send("livechat")
    send("livechat")
    first, second = (json.loads(body) for body in receiver.bodies)
    assert first["event_unique_id"] == second["event_unique_id"]
    assert first["chat"]["id"] != second["chat"]["id"]


def test_user_and_password_of_the_url_become_basic_where_the_vendor_does_so(
    mock: Mock, receiver: Receiver, send: Send
) -> None:
    url = receiver.url.replace("://", "://me:pa%20ss@")
    mock.endpoints.add("livechat", url=url)
    quiet = mock.endpoints.add("gitple", url=url)
    send("livechat")
    send("gitple")
    assert receiver.got[0].header("Authorization") == f"Basic {base64.b64encode(b'me:pa ss').decode()}"
    assert receiver.got[1].header("Authorization") is None
    assert quiet.url == f"{receiver.url}/" and quiet.has_credentials
    assert any("user and password" in warning for warning in quiet.warnings)


def test_what_is_not_bound_is_not_sent_and_says_so(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    shop = add("gitple", name="shop", settings={"events": ["session_state_open"]})
    occurrence = send("gitple")
    assert occurrence.deliveries == ()
    assert [(one.reason, one.text) for one in occurrence.unsent] == [
        ("not-subscribed", "not sent: shop does not bind session_state_close")
    ]
    with pytest.raises(Refused, match="does not bind") as refused:
        send("gitple", endpoints=[shop.id])
    assert refused.value.status == 409
    assert receiver.got == []
    assert send("gitple", endpoints=[shop.id], force=True).deliveries[0].outcome == "delivered"


def test_what_is_off_or_unverified_gets_nothing(mock: Mock, receiver: Receiver, send: Send) -> None:
    mock.endpoints.add("gbm", name="new", url=receiver.url)
    mock.endpoints.add("gitple", name="off", url=receiver.url, enabled=False)
    assert [one.reason for one in send("gbm").unsent] == ["not-verified"]
    assert [one.reason for one in send("gitple").unsent] == ["disabled"]
    assert receiver.got == []


def test_the_most_specific_webhook_gets_it_alone(receiver: Receiver, add: Add, send: Send) -> None:
    add("gbm", "/partner")
    add("gbm", "/agent", settings={"level": "agent", "agent": "brands/1/agents/2"})
    other = send("gbm", set={"agent": "brands/1/agents/3"})
    assert [got.path for got in receiver.got] == ["/partner"]
    assert [one.reason for one in other.unsent] == ["routed-elsewhere"]
    send("gbm", set={"agent": "brands/1/agents/2"})
    assert [got.path for got in receiver.got] == ["/partner", "/agent"]


def test_set_merge_and_remove_change_the_payload(receiver: Receiver, add: Add, send: Send) -> None:
    add("gitple")
    send(
        "gitple",
        merge={"session": {"note": "merged", "tags": None}},
        set={"session.note": "set wins", "/session/categories": ["a"]},
        remove=["session.userGroups"],
    )
    session = json.loads(receiver.got[0].body)["session"]
    assert session["note"] == "set wins" and session["categories"] == ["a"]
    assert "tags" not in session and "userGroups" not in session


def test_an_unknown_path_is_refused_with_the_nearest_one(mock: Mock) -> None:
    wish = Wish("gitple", "session_state_close", set={"session.notee": "x"})
    with pytest.raises(Refused, match="session.note") as refused:
        mock.events.trigger(wish)
    assert (refused.value.kind, refused.value.problems[0].pointer) == ("unknown-path", "/set/session.notee")
    assert mock.events.trigger(wish, force=True).payload.count(b"notee") == 1


def test_an_invalid_payload_is_refused_unless_forced(mock: Mock) -> None:
    wish = Wish("gitple", "session_state_close", payload={"triggerId": 7})
    with pytest.raises(Refused) as refused:
        mock.events.trigger(wish)
    assert refused.value.status == 422
    assert any(problem.pointer == "/payload/triggerId" for problem in refused.value.problems)
    assert mock.events.trigger(wish, force=True).payload == b'{"triggerId":7}'


def test_exact_bytes_are_sent_and_signed_as_they_are(receiver: Receiver, add: Add, send: Send) -> None:
    add("gitple")
    body = '{"a":"\\/é  "}\n'.encode()
    send("gitple", body=body, force=True)
    right = hmac.new(b"gitple-secret", body, hashlib.sha256).hexdigest()
    assert receiver.got[0].body == body
    assert receiver.got[0].header("X-Hub-Signature") == f"sha256={right}"


def test_a_seed_makes_the_same_payload_each_time_but_for_the_time(mock: Mock) -> None:
    first, second = (mock.events.build(Wish("gitple", "session_state_close", seed=7)) for _ in range(2))
    assert first.payload["session"]["id"] == second.payload["session"]["id"]
    assert first.problems == ()


def test_built_only_keeps_nothing_and_tells_the_difference(mock: Mock, receiver: Receiver, add: Add) -> None:
    endpoint = add("livechat", secret="a-token-of-my-own")
    built = mock.events.build(Wish("livechat", "chat_ended", set={"chat.tags": ["환불"]}), endpoint=endpoint.id)
    assert [(one.path, one.after) for one in built.difference][:1] == [("chat.tags.0", "환불")]
    assert b"a-token-of-my-own" not in built.request.body and "a-token-of-my-own" not in built.curl
    assert "{{livechat.token}}" in built.json["body"] and built.json["masked"] is True
    assert (
        b"a-token-of-my-own"
        in mock.events.build(Wish("livechat", "chat_ended"), endpoint=endpoint.id, reveal=True).request.body
    )
    assert receiver.got == [] and mock.log.count() == 0


def test_a_mutation_makes_it_wrong_and_says_so(receiver: Receiver, add: Add, send: Send) -> None:
    add("gitple")
    occurrence = send("gitple", mutation="random-key")
    right = hmac.new(b"gitple-secret", receiver.got[0].body, hashlib.sha256).hexdigest()
    assert receiver.got[0].header("X-Hub-Signature") not in (None, f"sha256={right}")
    assert occurrence.deliveries[0].faults == ("wrong on purpose: random-key",)
    with pytest.raises(Refused) as refused:
        send("closer", mutation="random-key")
    assert refused.value.kind == "no-authentication"


@pytest.mark.parametrize(
    ("provider", "status", "outcome", "told"),
    [
        ("gitple", 500, "given-up", "given up: Gitple documents no retry"),
        ("livechat", 302, "again", "sent again after 1 min, attempt 2 of 11"),
        ("livechat", 204, "delivered", "delivered: any 2xx (ours; the document says 200)"),
        ("closer", 404, "again", "sent again after 10 min, attempt 2 of 4"),
    ],
)
def test_the_vendors_view_of_an_answer(
    provider: str,
    status: int,
    outcome: str,
    told: str,
    receiver: Receiver,
    add: Add,
    send: Send,
    detail: Callable[[Occurrence], Detail],
) -> None:
    add(provider)
    receiver.behaviour = always(status, b"")
    found = detail(send(provider))
    assert (found.summary.outcome, found.attempts[0].told) == (outcome, told)


def test_the_documented_success_rule_is_stricter(receiver: Receiver, add: Add, send: Send) -> None:
    add("livechat", success="documented")
    receiver.behaviour = always(204, b"")
    assert send("livechat").deliveries[0].outcome == "again"


def test_unknown_names_are_refused_with_the_nearest(mock: Mock) -> None:
    with pytest.raises(Refused, match="did you mean 'gitple'"):
        mock.events.trigger(Wish("gitpl", "session_state_close"))
    with pytest.raises(Refused, match="did you mean 'session_state_close'"):
        mock.events.trigger(Wish("gitple", "session_state_closed"))
    with pytest.raises(Refused, match="it has full"):
        mock.events.trigger(Wish("gitple", "session_state_close", example="nope"))
