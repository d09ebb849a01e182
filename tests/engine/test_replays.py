"""Replays say what they repeat: the bytes, the body, the event, or an edited text."""

from __future__ import annotations

import json

import pytest

from hookassay.mockserver.engine import Mock, Refused
from tests.engine.conftest import EVENT, Add, Send
from tests.engine.receiver import Receiver, always


@pytest.mark.parametrize("provider", EVENT)
@pytest.mark.parametrize("form", ["same-bytes", "signed-again"])
def test_the_same_bytes_come_again(
    form: str, provider: str, mock: Mock, receiver: Receiver, add: Add, send: Send
) -> None:
    """Signed again gives the same bytes as long as nothing was changed, and says so beforehand."""
    add(provider)
    first = send(provider).deliveries[0]
    assert mock.replays.same_when_signed(first.id)
    again = mock.replays.replay(first.id, form)  # type: ignore[arg-type]
    assert mock.settle(5).idle
    assert receiver.got[0].body == receiver.got[1].body
    assert receiver.got[0].headers == receiver.got[1].headers
    assert (again.origin, again.deliveries[0].replay_of, again.deliveries[0].form) == ("replay", first.id, form)


@pytest.mark.parametrize("provider", ["gitple", "gbm", "livechat"])
def test_signed_again_uses_todays_secret(provider: str, mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    endpoint = add(provider, secret="the-secret-of-yesterday")
    first = send(provider).deliveries[0]
    mock.endpoints.change(endpoint.id, {"secret": "the-secret-of-today"})
    assert not mock.replays.same_when_signed(first.id)
    mock.replays.replay(first.id, "signed-again")
    mock.replays.replay(first.id, "same-bytes")
    assert mock.settle(5).idle
    one, signed, same = ((got.body, tuple(h for h in got.headers if h[0].startswith("X-"))) for got in receiver.got)
    assert one == same != signed
    if provider == "livechat":
        assert json.loads(signed[0])["token"] == "the-secret-of-today"
    else:
        assert one[0] == signed[0]


def test_as_new_has_fresh_ids_and_the_same_story(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("gitple")
    first = send("gitple", set={"session.note": "환불"}).deliveries[0]
    mock.replays.replay(first.id, "as-new")
    assert mock.settle(5).idle
    one, two = (json.loads(body) for body in receiver.bodies)
    assert one["session"]["note"] == two["session"]["note"] == "환불"
    assert one["triggerId"] != two["triggerId"] and one["ctime"] <= two["ctime"]


def test_edited_bytes_are_sent_as_they_are(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("gitple")
    first = send("gitple").deliveries[0]
    body = '{"a":"\\/é  "}'.encode()
    again = mock.replays.replay(first.id, "edited", body=body)
    assert mock.settle(5).idle
    assert receiver.got[1].body == body == mock.log.body(again.deliveries[0].id)


def test_an_edited_body_that_holds_the_token_is_masked(mock: Mock, add: Add, send: Send) -> None:
    add("livechat", secret="a-long-enough-token")
    first = send("livechat").deliveries[0]
    again = mock.replays.replay(first.id, "edited", body=b'{"token": "a-long-enough-token"}')
    found = mock.log.delivery(again.deliveries[0].id)
    assert b"a-long-enough-token" not in found.request.body and "a-long-enough-token" not in found.curl
    assert b"a-long-enough-token" in mock.log.body(again.deliveries[0].id, reveal=True)


def test_it_can_go_to_another_endpoint(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    first = add("gitple", "/one")
    other = add("gitple", "/two", secret="other")
    sent = send("gitple", endpoints=[first.id]).deliveries[0]
    mock.replays.replay(sent.id, "signed-again", endpoint=other.id)
    assert mock.settle(5).idle
    assert [got.path for got in receiver.got] == ["/one", "/two"]
    with pytest.raises(Refused, match="same bytes go to the same URL"):
        mock.replays.replay(sent.id, "same-bytes", endpoint=other.id)


def test_many_by_a_search(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("gitple")
    receiver.behaviour = always(500)
    for _ in range(3):
        send("gitple")
    receiver.behaviour = always(200)
    send("gitple", "send_external_message")
    assert mock.replays.replay_many("same-bytes", q="outcome:given-up") == 3
    assert mock.settle(5).idle
    assert mock.log.count("origin:replay outcome:delivered") == 3


def test_one_whose_endpoint_is_gone_says_what_to_do(mock: Mock, add: Add, send: Send) -> None:
    endpoint = add("gitple")
    sent = send("gitple").deliveries[0]
    mock.endpoints.remove(endpoint.id)
    with pytest.raises(Refused, match="replay it to another endpoint"):
        mock.replays.replay(sent.id, "same-bytes")


@pytest.mark.parametrize(
    ("form", "body", "said"),
    [("edited", None, "needs its body"), ("as-new", b"{}", "takes no body"), ("twice", None, "form is one of")],
)
def test_a_bad_form_is_refused(form: str, body: bytes | None, said: str, mock: Mock, add: Add, send: Send) -> None:
    add("gitple")
    with pytest.raises(Refused, match=said):
        mock.replays.replay(send("gitple").deliveries[0].id, form, body=body)  # type: ignore[arg-type]
