"""Endpoints as the vendors' settings pages have them; handshake; inbox."""

from __future__ import annotations

import json
import urllib.request

import pytest

from hookassay.mockserver.emission.answer import Reaction
from hookassay.mockserver.engine import Mock, Options, Refused
from tests.engine.conftest import EVENT, Add, Send, echo_secret
from tests.engine.receiver import Behaviour, Got, Receiver, always


def test_settings_have_the_vendors_own_names(mock: Mock) -> None:
    endpoint = mock.endpoints.add(
        "gbm", settings={"clientToken": "ABCDEFGHIJKLMNOP", "level": "agent", "agent": "brands/1/agents/2"}
    )
    assert endpoint.settings == {"level": "agent", "agent": "brands/1/agents/2", "sign_handshake": False}
    assert endpoint.secret == "AB…OP" and endpoint.uses_inbox and endpoint.verified is False
    assert mock.endpoints.get(endpoint.id, reveal=True).secret == "ABCDEFGHIJKLMNOP"


@pytest.mark.parametrize(
    ("provider", "given", "pointer", "said"),
    [
        ("gitple", {"evnts": []}, "/evnts", "did you mean 'events'"),
        ("gitple", {"events": ["nope"]}, "/events", "'nope' is none of"),
        ("gitple", {"verify_tls": "yes"}, "/verify_tls", "true or false"),
        ("livechat", {"event": "chat"}, "/event", "one of chat_started"),
        ("livechat", {"data_types": ["chats"]}, "/data_types", "did you mean 'chat'"),
        ("gbm", {"level": "brand"}, "/level", "one of partner, agent"),
        ("closer", {"secret": "x"}, "/secret", "authenticates nothing"),
        ("gitple", {"timeout": 0}, "/timeout", "0.05 to 600"),
        ("gitple", {"retry": "often"}, "/retry", "one of vendor, retry-3"),
        ("gitple", {"name": "a/b"}, "/name", "1 to 80 characters"),
    ],
)
def test_a_bad_setting_is_refused_with_its_place(
    provider: str, given: dict[str, object], pointer: str, said: str, mock: Mock
) -> None:
    with pytest.raises(Refused, match=said) as refused:
        mock.endpoints.add(provider, settings=given)
    assert [problem.pointer for problem in refused.value.problems] == [pointer]
    assert mock.endpoints.all() == ()


def test_what_only_the_vendors_page_enforces_is_a_warning(mock: Mock, receiver: Receiver) -> None:
    endpoint = mock.endpoints.add("gbm", url=receiver.url)
    assert len(endpoint.warnings) == 1 and "^https://" in endpoint.warnings[0]
    long = mock.endpoints.add("closer", url=f"{receiver.url}/{'x' * 300}")
    assert "would refuse this Webhook address" in long.warnings[0]


def test_a_change_needs_todays_revision(mock: Mock) -> None:
    endpoint = mock.endpoints.add("gitple")
    changed = mock.endpoints.change(endpoint.id, {"events": ["session_state_open"]}, revision=endpoint.revision)
    assert changed.revision == endpoint.revision + 1
    with pytest.raises(Refused, match="changed meanwhile") as refused:
        mock.endpoints.change(endpoint.id, {"name": "x"}, revision=endpoint.revision)
    assert refused.value.status == 412


def test_names_are_ones_own_within_a_provider(mock: Mock) -> None:
    assert [mock.endpoints.add("gitple").name for _ in range(2)] == ["gitple", "gitple-2"]
    mock.endpoints.add("closer", name="gitple")
    with pytest.raises(Refused, match="another endpoint is called 'gitple'"):
        mock.endpoints.add("gitple", name="gitple")


RECEIVERS: dict[str, tuple[Behaviour, bool, str]] = {
    "right": (echo_secret, True, "the text that was asked for"),
    "quoted": (lambda got: (200, b'"%s"' % echo_secret(got)[1]), True, "the text that was asked for"),
    "as-json": (
        lambda got: (200, json.dumps({"secret": echo_secret(got)[1].decode()}).encode()),
        False,
        "JSON document",
    ),
    "other": (always(200, b"ok"), False, "another text"),
    "empty": (always(200, b""), False, "the answer is empty"),
    "created": (lambda got: (201, echo_secret(got)[1]), False, "status is 201; 200 is asked for"),
    "refuses": (always(403), False, "status is 403"),
}


@pytest.mark.parametrize("kind", RECEIVERS)
def test_a_handshake_is_sent_answered_and_compared(kind: str, mock: Mock, receiver: Receiver) -> None:
    receiver.behaviour, passes, said = RECEIVERS[kind]
    endpoint = mock.endpoints.add("gbm", url=receiver.url)
    found = mock.endpoints.verify(endpoint.id)
    assert (found.verified, mock.endpoints.get(endpoint.id).verified) == (passes, passes)
    assert said in found.compared
    sent = json.loads(receiver.got[0].body)
    assert sent["clientToken"] == "SJENCPGJESMGUFPY" and sent["secret"] == found.expected
    assert receiver.got[0].header("X-Goog-Signature") is None
    assert mock.log.summary(found.delivery).event == "verification"


def test_the_handshake_is_signed_if_it_is_set_so(mock: Mock, receiver: Receiver) -> None:
    receiver.behaviour = echo_secret
    endpoint = mock.endpoints.add("gbm", url=receiver.url, settings={"sign_handshake": True})
    mock.endpoints.verify(endpoint.id)
    assert receiver.got[0].header("X-Goog-Signature") is not None


def test_a_new_url_or_secret_is_not_verified(mock: Mock, receiver: Receiver, add: Add) -> None:
    endpoint = add("gbm")
    assert mock.endpoints.change(endpoint.id, {"name": "same"}).verified
    assert mock.endpoints.change(endpoint.id, {"clientToken": "ABCDEFGHIJKLMNOP"}).verified is False


def test_who_verifies_nothing_has_no_handshake(mock: Mock) -> None:
    with pytest.raises(Refused, match="verifies no webhook") as refused:
        mock.endpoints.verify(mock.endpoints.add("gitple").id)
    assert refused.value.status == 409


def test_its_health_counts_the_last_hour(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    endpoint = add("gitple")
    receiver.first = [500]
    send("gitple")
    send("gitple")
    health = mock.endpoints.health(endpoint.id)
    assert (health.last, health.taken, health.made, health.waiting) == (Reaction.TAKEN, 1, 2, 0)


def test_a_removed_endpoint_takes_its_faults_along_and_brings_them_back(mock: Mock, add: Add, send: Send) -> None:
    endpoint = add("gitple")
    mock.faults.add(endpoint.id, "answer-as", parameters={"status": 500}, next=9)
    removed = mock.endpoints.remove(endpoint.id)
    assert mock.faults.all() == ()
    mock.undo(removed.undo)
    assert send("gitple").deliveries[0].outcome == "given-up"


def test_a_removed_endpoint_gets_nothing_and_can_come_back(
    mock: Mock, receiver: Receiver, add: Add, send: Send
) -> None:
    endpoint = add("closer")
    receiver.first = [500]
    sent = send("closer").deliveries[0]
    removed = mock.endpoints.remove(endpoint.id)
    mock.clock.push(by="1h")
    assert len(receiver.got) == 1 and removed.count == 1
    mock.undo(removed.undo)
    mock.clock.push(to="idle")
    assert mock.log.summary(sent.id).outcome == "delivered"


@pytest.fixture
def greeted(receiver: Receiver):  # type: ignore[no-untyped-def]
    """A mock at its first start, its inboxes served by the receiver."""
    with Mock(Options()) as mock:

        def serve(got: Got) -> tuple[int, bytes]:
            answer = mock.inbox.receive(got.path.split("/")[-1], "POST", got.path, got.headers, got.body)
            return answer.status, answer.body

        receiver.behaviour = serve
        mock.start(receiver.url)
        assert mock.settle(10).idle
        yield mock


def test_the_first_start_shows_a_right_webhook_of_each_provider(greeted: Mock) -> None:
    assert {received.provider for received in greeted.inbox.all().items} == set(EVENT)
    assert all(received.right for received in greeted.inbox.all().items)
    assert {o.origin for o in greeted.log.occurrences().items} == {"hello"}
    assert greeted.log.count("outcome:delivered") == 5
    tokens = {e.name: e.secret for e in greeted.endpoints.all("livechat", reveal=True)}
    assert tokens == {"chat-starts": "31aae354", "chat-ends": "f791db42"}


def test_the_inbox_tells_right_from_wrong(greeted: Mock, receiver: Receiver) -> None:
    ident = next(e.id for e in greeted.endpoints.all("gitple"))
    request = urllib.request.Request(
        f"{receiver.url}/inbox/{ident}", data=b"{}", headers={"X-Hub-Signature": "sha256=00"}
    )
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request, timeout=5)
    newest = greeted.inbox.all().items[0]
    assert (newest.right, newest.verified) == (False, "the signature is wrong")
    assert greeted.inbox.receive(str(ident), "GET", "/", (), b"").status == 405
    assert greeted.inbox.receive("999", "POST", "/", (), b"").status == 404
    assert greeted.inbox.receive("x", "POST", "/", (), b"").status == 404


def test_the_inbox_passes_the_handshake(greeted: Mock) -> None:
    ident = next(e.id for e in greeted.endpoints.all("gbm"))
    assert greeted.endpoints.verify(ident).verified


def test_a_secret_is_masked_in_the_inbox(greeted: Mock) -> None:
    shown = repr(greeted.inbox.all())
    assert "31aae354" not in shown and "31aae354" in repr(greeted.inbox.all(reveal=True))


def test_the_secret_of_the_environment_is_everyones(receiver: Receiver) -> None:
    with Mock(Options(secrets={"": "for-all-of-them", "gbm": "for-gbm-alone"})) as mock:
        mock.start("http://127.0.0.1:9")
        secrets = {e.provider: e.secret for e in mock.endpoints.all(reveal=True)}
    assert secrets == {"closer": "", "gbm": "for-gbm-alone", "gitple": "for-all-of-them", "livechat": "for-all-of-them"}
