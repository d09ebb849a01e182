"""The vendor: documents that are new and valid, secrets by event and by route, bytes that are signed as they are."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.ids import Ids
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.mockserver.emission.secret import SecretText
from hookassay.mockserver.emission.serialisers import SPELLINGS
from hookassay.mockserver.emission.spelling import write
from hookassay.mockserver.emission.vendor import LEFT_OUT, NULL, InvalidDelivery, Secrets, Vendor, build
from hookassay.schemas import catalogue, members, validation
from hookassay.schemas.contract import Event, Json, Provider

from .conftest import NAMES
from .strategies import few

NOW = 1_800_000_000 * times.SECOND


def _examples() -> Iterator[tuple[str, str, str]]:
    for name in NAMES:
        for event in catalogue.load(name).events.values():
            for example in event.examples:
                yield name, event.name, example


every_example = pytest.mark.parametrize(
    ("provider", "event", "example"),
    list(_examples()),
    indirect=["provider"],
    ids=lambda part: str(getattr(part, "name", part)),
)


@pytest.fixture
def provider(request: pytest.FixtureRequest, providers: dict[str, Provider]) -> Provider:
    return providers[request.param]


def _vendor(provider: Provider, **more: object) -> Vendor:
    return Vendor(provider, Secrets(provider.test_secret), clock=lambda: NOW, **more)  # type: ignore[arg-type]  # in tests


def _by_role(event: Event, document: Json, *roles: str) -> dict[str, Json]:
    return {member.pointer: member.value for member in members.walk(event.expanded, document) if member.role in roles}


@every_example
def test_document_is_valid(provider: Provider, event: str, example: str) -> None:
    """With fresh ids and times every example is still what its schema says."""
    kind = provider.events[event]
    assert validation.problems(kind, _vendor(provider).document(kind, example)) == []


@every_example
def test_ids_are_fresh_and_the_owners_stay(provider: Provider, event: str, example: str) -> None:
    """Ids of deliveries and conversations are new in every document; those of owner and webhook never."""
    kind = provider.events[event]
    vendor, old = _vendor(provider), kind.examples[example].document
    first, second = (vendor.document(kind, example) for _ in range(2))
    for pointer, value in _by_role(kind, old, "delivery", "conversation").items():
        if isinstance(value, str | int) and times.parse(value) is None:
            assert len({str(members.lookup(one, pointer)) for one in (old, first, second)}) == 3, pointer
    for pointer, value in _by_role(kind, old, "owner", "webhook", "secret").items():
        assert members.lookup(first, pointer) == members.lookup(second, pointer) == value, pointer


@every_example
def test_equal_ids_stay_equal(provider: Provider, event: str, example: str) -> None:
    """Two members that have one id in the example have one in each delivery; two ids stay two."""
    kind = provider.events[event]
    old = kind.examples[example].document
    new = _vendor(provider).document(kind, example)
    before = _by_role(kind, old, "delivery", "conversation")
    after = {pointer: members.lookup(new, pointer) for pointer in before}
    for one in before:
        for other in before:
            if type(before[one]) is type(before[other]) and isinstance(before[one], str | int):
                assert (before[one] == before[other]) is (after[one] == after[other]), (one, other)


@every_example
def test_latest_moment_is_now_and_the_rest_keeps_its_distance(provider: Provider, event: str, example: str) -> None:
    """The latest time of a document is the time of sending, in its own form; the others stay as far before it."""
    kind = provider.events[event]
    roles = ("time", "moment")
    before = _by_role(kind, kind.examples[example].document, *roles)
    moments = {pointer: moment for pointer, value in before.items() if (moment := times.parse(value)) is not None}
    new = _vendor(provider).document(kind, example)
    latest = max(moments.values(), default=0)
    for pointer, moment in moments.items():
        value = members.lookup(new, pointer)
        assert value == times.like(before[pointer], NOW - (latest - moment)), pointer


@every_example
def test_built_from_provider_and_event_alone(provider: Provider, event: str, example: str) -> None:
    """`build` makes a whole delivery: the vendor's method and headers, a JSON body, of this event."""
    made = build(provider, event, example=example)
    names = [name for name, _ in made.headers]
    assert (made.provider, made.event, made.method) == (provider.name, event, provider.method)
    assert names == [*provider.headers, *provider.authentication.headers]
    assert not any("{" in value for _, value in made.headers)
    assert validation.is_valid(provider.events[event], json.loads(made.body))


def test_time_can_be_chosen(gitple: Provider) -> None:
    """A document may be of another time than now."""
    event = gitple.events["session_state_close"]
    document = _vendor(gitple).document(event, at=NOW - 86_400 * times.SECOND)
    found = [times.parse(value) for value in _by_role(event, document, "time", "moment").values()]
    assert max(moment for moment in found if moment is not None) <= NOW - 86_400 * times.SECOND


def test_owners_ids_are_set_in_their_type(gitple: Provider, livechat: Provider) -> None:
    """The owner's own ids stand in every document that has such a member: as a number where it is one."""
    vendor = _vendor(livechat, owner={"license_id": "42", "nothing.like.it": "x"})
    for event in livechat.deliverable.values():
        document = vendor.document(event)
        assert document.get("license_id", "42") in (42, "42")
        assert isinstance(document.get("license_id"), type(event.full.document.get("license_id")))
        assert "nothing" not in document
    assert validation.is_valid(event, document)


def test_changes_come_last(gitple: Provider) -> None:
    """What is set by hand stands as it was set, also in the place of a fresh id; what is removed is gone."""
    event = gitple.events["session_state_close"]
    document = _vendor(gitple).document(
        event, changes=Overrides({"session.note": "환불"}, ("session.id",)), valid=False
    )
    assert document["session"]["note"] == "환불"
    assert "id" not in document["session"]


def test_composite_ids_are_made_of_their_parts(gbm: Provider) -> None:
    """An id made of others is made of the fresh ones, and of those that were set by hand."""
    event = gbm.events["message"]
    vendor = _vendor(gbm)
    document = vendor.document(event)
    message = document["message"]
    assert message["name"] == f"conversations/{document['conversationId']}/messages/{message['messageId']}"
    chosen = vendor.document(event, changes=Overrides({"conversationId": "mine"}))
    assert chosen["message"]["name"] == f"conversations/mine/messages/{chosen['message']['messageId']}"
    own = vendor.document(event, changes=Overrides({"message.name": "conversations/x/messages/y"}))
    assert own["message"]["name"] == "conversations/x/messages/y"


def test_documents_of_one_conversation_share_ids(gbm: Provider) -> None:
    """With one set of ids, two documents are of one conversation where the examples are."""
    ids = Ids()
    vendor, event = _vendor(gbm), gbm.events["message"]
    first, second = (vendor.document(event, ids=ids) for _ in range(2))
    assert first["conversationId"] == second["conversationId"]
    assert vendor.document(event)["conversationId"] != first["conversationId"]


def test_invalid_change_is_our_mistake(gitple: Provider) -> None:
    """What should be valid and is not is never sent; who means it says so."""
    event = gitple.events["session_state_close"]
    with pytest.raises(InvalidDelivery, match=r"gitple session_state_close \(full\): \$\.session"):
        _vendor(gitple).document(event, changes=Overrides({"session": 7}))
    assert _vendor(gitple).document(event, changes=Overrides({"session": 7}), valid=False)["session"] == 7


def test_base_stands_in_place_of_an_example(gitple: Provider) -> None:
    """A document of one's own gets fresh ids and times as an example does."""
    event = gitple.events["session_state_close"]
    base = event.minimal.document
    made = _vendor(gitple).document(event, base=base)
    assert made.keys() == base.keys()
    assert made["session"]["id"] != base["session"]["id"]


# deliveries


def test_fixed_headers_can_be_replaced_and_left_out(gitple: Provider) -> None:
    """A header given stands in the place of the vendor's; `without` takes one out; the signature stays."""
    event = gitple.events["session_state_close"]
    vendor = _vendor(gitple)
    made = vendor.deliver(
        event, vendor.document(event), headers=(("content-type", "text/plain"),), without=("USER-AGENT",)
    )
    names = [name.lower() for name, _ in made.headers]
    assert names.count("content-type") == 1
    assert "user-agent" not in names
    assert made.header("Content-Type") == "text/plain"
    assert made.header("x-hub-signature")


@pytest.mark.parametrize("name", SPELLINGS)
def test_signature_covers_the_bytes_of_every_spelling(gitple: Provider, name: str) -> None:
    """The bytes that are sent are those that are signed."""
    made = build(gitple, "session_state_close", spelling=SPELLINGS[name])
    assert made.header("X-Hub-Signature") == _gitple_signature(gitple.test_secret, made.body)


def _gitple_signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _gbm_signature(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha512).digest()).decode()


def test_event_may_have_a_secret_of_its_own(gitple: Provider, livechat: Provider) -> None:
    """An event's own secret signs it, or stands in its body; the others have the default."""
    secrets = Secrets("default-secret", {"session_state_open": "own-secret", "chat_ended": "own-token"})
    for name, secret in (("session_state_open", "own-secret"), ("session_state_close", "default-secret")):
        event = gitple.events[name]
        made = Vendor(gitple, secrets).deliver(event, event.full.document)
        assert made.header("X-Hub-Signature") == _gitple_signature(secret, made.body)
    for name, secret in (("chat_ended", "own-token"), ("chat_started", "default-secret")):
        event = livechat.events[name]
        made = Vendor(livechat, secrets).deliver(event, event.full.document)
        assert members.lookup(json.loads(made.body), livechat.authentication.pointer) == secret


def test_route_may_have_a_secret_of_its_own(gbm: Provider) -> None:
    """An agent's own token signs that agent's events, also where only the bytes say whose they are."""
    event = gbm.events["message"]
    agent = event.full.document["agent"]
    vendor = Vendor(gbm, Secrets("partner-token", routes={agent: "agent-token"}))
    document = vendor.document(event)
    for made in (vendor.deliver(event, document), vendor.deliver(event, {}, body=write(document))):
        assert made.header("X-Goog-Signature") == _gbm_signature("agent-token", made.body)
    other = {**document, "agent": "brands/x/agents/y"}
    for made in (vendor.deliver(event, other), vendor.deliver(event, {}, body=write(other))):
        assert made.header("X-Goog-Signature") == _gbm_signature("partner-token", made.body)


@pytest.mark.parametrize("data", [b"", b"not json", b"[]", b"null", b"[" * 100_000])
def test_body_that_is_no_event_is_signed_by_default(gbm: Provider, data: bytes) -> None:
    """Bytes that say nothing of a route are signed with the default secret."""
    vendor = Vendor(gbm, Secrets("partner-token", routes={"a": "agent-token"}))
    body = replace(write({}), data=data)
    made = vendor.deliver(gbm.events["message"], {}, body=body)
    assert made.header("X-Goog-Signature") == _gbm_signature("partner-token", data)


def test_all_secrets_longest_first() -> None:
    """Every secret once, the longest first, so that one inside another is not found instead."""
    assert Secrets("ab", {"e": "abc", "f": "ab"}, {"r": "z", "s": ""}).all() == ("abc", "ab", "z")


def test_token_stands_at_its_place(livechat: Provider) -> None:
    """The webhook's token is put where the vendor has it, or another value, or none, and the document stays."""
    event = livechat.events["chat_started"]
    pointer = livechat.authentication.pointer
    vendor = _vendor(livechat)
    document = vendor.document(event)
    before = json.dumps(document)
    found = {
        name: json.loads(vendor.deliver(event, document, token=token).body)
        for name, token in {"right": None, "wrong": "wrong", "null": NULL, "number": 1, "gone": LEFT_OUT}.items()
    }
    assert members.lookup(found["right"], pointer) == livechat.test_secret
    assert [members.lookup(found[name], pointer) for name in ("wrong", "null", "number")] == ["wrong", None, 1]
    assert pointer.removeprefix("/") not in found["gone"]
    assert json.dumps(document) == before


def test_handshake_carries_the_configured_token(gbm: Provider) -> None:
    """The verification of a webhook has the vendor's own token and a fresh secret, and hides the token."""
    event = gbm.handshake
    assert event is not None
    vendor = Vendor(gbm, Secrets("another-token"))
    bodies = [json.loads(vendor.deliver(event, vendor.document(event)).body) for _ in range(2)]
    assert [body["clientToken"] for body in bodies] == ["another-token"] * 2
    assert bodies[0]["secret"] != bodies[1]["secret"]
    shown = vendor.deliver(event, vendor.document(event)).shown_body()
    assert b"another-token" not in shown
    wrong = vendor.deliver(event, vendor.document(event), token=LEFT_OUT)
    assert "clientToken" not in json.loads(wrong.body)


def test_handshakes_answer_is_not_hidden_by_chance(gbm: Provider) -> None:
    """Only the token is hidden: another member with the same text is not."""
    event = gbm.handshake
    assert event is not None
    vendor = Vendor(gbm, Secrets("0123456789"))
    body = write({"secret": "0123456789", "clientToken": SecretText("0123456789")})
    assert vendor.deliver(event, {}, body=body).shown_body() == b'{"secret":"0123456789","clientToken":"****"}'


def test_stand_ins_for_tokens_cannot_be_written() -> None:
    """What stands for no token or for null is no JSON: it never reaches a body by mistake."""
    for stand_in in (LEFT_OUT, NULL):
        with pytest.raises(TypeError):
            write({"token": stand_in})


@few
@given(note=st.text(max_size=40))
def test_any_text_is_delivered_as_it_is(gitple: Provider, note: str) -> None:
    """Whatever people type arrives, rightly signed."""
    made = build(gitple, "session_state_close", {"session.note": note})
    assert json.loads(made.body)["session"]["note"] == note
    assert made.header("X-Hub-Signature") == _gitple_signature(gitple.test_secret, made.body)


def test_unknown_names_are_told(gitple: Provider) -> None:
    """An event or example that does not exist is a KeyError that names it."""
    with pytest.raises(KeyError, match="nothing"):
        build(gitple, "nothing")
    with pytest.raises(KeyError, match="nothing"):
        build(gitple, "session_state_close", example="nothing")
