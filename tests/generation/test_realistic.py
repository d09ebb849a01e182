"""Realistic payloads: what belongs together is together, in every event of an index."""

from __future__ import annotations

import json
import re

import pytest

from hookassay.mockserver.emission import generation, times
from hookassay.schemas import catalogue, validation
from tests.generation.conftest import AT, EVENTS, generator


@pytest.mark.parametrize(("provider", "event"), EVENTS)
def test_realistic_payloads_validate(provider: str, event: str) -> None:
    """Every realistic payload validates, and every fourth case is one."""
    made = generator(provider, event)
    for index in range(60):
        assert validation.problems(made.event, json.loads(made.realistic(4, index, AT))) == []
    assert sum(made.generate(4, index, AT).realistic for index in range(400)) == 100


def test_an_index_is_one_conversation() -> None:
    """The events of one index have the same session, user and language; another index has others."""
    events = ("session_state_open", "session_state_inprogress", "session_state_close")
    sessions = [json.loads(generator("gitple", event).realistic(4, 17, AT))["session"] for event in events]
    assert len({session["id"] for session in sessions}) == 1
    assert len({session["userId"] for session in sessions}) == 1
    users = [
        json.loads(generator("gitple", "send_external_message").realistic(4, index, AT))["to"] for index in (17, 18)
    ]
    assert users[0]["id"] == sessions[0]["userId"] != users[1]["id"]
    triggers = {json.loads(generator("gitple", event).realistic(4, 17, AT))["triggerId"] for event in events}
    assert len(triggers) == 3


def test_times_rise() -> None:
    """What happens later has the later time, and the latest is now."""
    made = generator("gitple", "session_state_close")
    for index in range(100):
        document = json.loads(made.realistic(4, index, AT))
        session = document["session"]
        order = [session["openTime"], session.get("inprogressTime"), session["closeTime"], document["ctime"]]
        moments = [times.parse(time) for time in order if time is not None]
        assert moments == sorted(moments, key=lambda moment: moment or 0)
        assert moments[-1] == AT


def test_people_are_themselves() -> None:
    """A person's name, address and language belong together; Korean and Japanese ones are among them."""
    made = generator("gitple", "send_external_message")
    users = [json.loads(made.realistic(4, index, AT))["to"] for index in range(300)]
    assert {"ko", "ja", "en"} <= {user["lang"] for user in users}
    korean = [user["name"] for user in users if user["lang"] == "ko" and "name" in user]
    assert korean and all(re.fullmatch("[가-힣]{2,5}", name) for name in korean)
    assert all(user["email"] == user["identifier"] for user in users if "email" in user)


def test_composite_ids_are_composed() -> None:
    """A name that is made of other ids is made of those that stand in the same payload."""
    made = generator("gbm", "message")
    seen = 0
    for index in range(50):
        document = json.loads(made.realistic(4, index, AT))
        message = document["message"]
        if "name" in message and "messageId" in message:
            assert message["name"] == f"conversations/{document['conversationId']}/messages/{message['messageId']}"
            seen += 1
    assert seen


def test_a_cast() -> None:
    """A scenario's people and ids come from the contract's definitions, the same for the same seed and index."""
    provider = catalogue.load("gitple")
    wanted = {"user": "gitple.user", "session": "id", "key": "hex32", "call": "uuid", "said": "text(ko)", "agent": "31"}
    made = generation.cast(provider, wanted, 1, 7, AT)
    assert made == generation.cast(provider, wanted, 1, 7, AT) != generation.cast(provider, wanted, 1, 8, AT)
    assert re.fullmatch("a55a[0-9a-f]{20}", made["session"]) and re.fullmatch("a55a[0-9a-f]{28}", made["key"])
    assert re.search("[가-힣]", made["said"]) and made["agent"] == "31"
    message = json.loads(generator("gitple", "send_external_message").realistic(1, 7, AT))
    assert validation.problems(provider.events["send_external_message"], {**message, "to": made["user"]}) == []
    with pytest.raises(generation.BadCast, match="did you mean 'user'"):
        generation.cast(provider, {"user": "gitple.usr"}, 1, 7, AT)
    with pytest.raises(generation.BadCast, match="languages are"):
        generation.cast(provider, {"said": "text(xx)"}, 1, 7, AT)
