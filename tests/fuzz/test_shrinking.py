"""Made small: parts are cut out of a text as it stands, and what is left still fails in the same way."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from hookassay.conformance.fuzz import parts
from hookassay.conformance.fuzz.campaign import Campaign
from tests.fuzz.conftest import Receive, right
from tests.fuzz.test_nights import hookassay

Start = Callable[[Receive], str]
Run = Callable[..., Campaign]
CLOSE = ("session_state_close",)


def results(text: bytes) -> set[bytes]:
    """What is left of a text by each way of cutting it."""
    return {text[: cut.start] + cut.new + text[cut.end :] for cut in parts.cuts(text)}


def test_members_items_and_texts_go() -> None:
    """Each member and item with its comma, halves of them, all of them; texts and numbers get shorter."""
    left = results(b'{"a":[1,22],"b":"x\\u00e9","c":{}}')
    assert {b"{}", b'{"b":"x\\u00e9","c":{}}', b'{"a":[1,22],"c":{}}', b'{"a":[1,22],"b":"x\\u00e9"}'} <= left
    assert {b'{"a":[],"b":"x\\u00e9","c":{}}', b'{"a":[1],"b":"x\\u00e9","c":{}}'} <= left
    assert {b'{"a":[1,22],"b":"","c":{}}', b'{"a":[1,22],"b":"\\u00e9","c":{}}'} <= left
    assert b'{"a":[1,0],"b":"x\\u00e9","c":{}}' in left


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":[1,{"b":null},"c,]}"],"d\\"":{"e":"\\\\"}}',
        b'{ "a" : [ 1 , 2 ] ,\n "b" : "x" }',
        json.dumps({"가": "나" * 50, "list": list(range(40))}, ensure_ascii=False).encode(),
    ],
)
def test_what_is_left_of_json_is_json(text: bytes) -> None:
    """No way of cutting breaks a text that was whole, and every one makes it shorter."""
    assert results(text)
    for left in results(text):
        assert json.loads(left) is not None
        assert len(left) < len(text)


@pytest.mark.parametrize("text", [b"", b"{", b'{"a":', b'["', b"}}]]", b"\xff\x00", b"[" * 50_000, b'{"a":1}x,"b":2}'])
def test_what_is_no_json_is_cut_all_the_same(text: bytes) -> None:
    """Nothing is too broken to be looked at, and no depth too deep."""
    assert all(len(left) < len(text) for left in results(text))


def test_what_no_parser_takes_is_made_small(receiver: Start, campaign: Run) -> None:
    """A receiver that breaks on very long numbers: the number alone is left, though Python cannot read it."""

    def breaks(body: bytes, signature: str) -> tuple[int, str]:
        status, text = right(body, signature)
        return (500, "ValueError") if status == 400 and b"9" * 4_500 in body else (status, text)

    done = campaign(receiver(breaks), events=CLOSE, mode="invalid", count=1_000, seed=3)
    [group] = done.groups.values()
    assert (group.finding.mutation, group.finding.shrunk) == ("payload.huge-integer", True)
    assert group.smallest.case.delivery.body == b'{"hookassay":' + b"9" * 5_000 + b"}"


def test_the_token_is_no_part_to_leave_out(receiver: Start, campaign: Run) -> None:
    """A receiver that takes any token in capitals: the smallest request still has what is forged in it."""

    def careless(body: bytes, signature: str) -> tuple[int, str]:
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            return 400, "no"
        token = event.get("token") if isinstance(event, dict) else None
        return (200, "ok") if str(token).lower() == "31aae354" or "TOKEN" in str(event) else (403, "no")

    done = campaign(receiver(careless), provider="livechat", events=("chat_ended",), mode="auth", count=300, seed=3)
    mutations = {group.finding.mutation: group for group in done.groups.values()}
    assert "auth.other-place-capitals" not in mutations, "calm: names may be read in any case"
    assert all(b"31aae354" in group.smallest.case.delivery.body.lower() for group in mutations.values())


def test_bytes_are_made_small(receiver: Start, campaign: Run) -> None:
    """A receiver that breaks on a byte that is no UTF-8: little else is left."""

    def breaks(body: bytes, signature: str) -> tuple[int, str]:
        text = body.decode("utf-8", "surrogateescape")
        return (500, "UnicodeDecodeError") if "\udce9" in text else right(body, signature)

    done = campaign(receiver(breaks), events=CLOSE, mode="bytes", count=400, seed=3)
    latin = next(group for group in done.groups.values() if group.finding.mutation == "bytes.latin-1")
    assert len(latin.smallest.case.delivery.body) <= 16
    assert b"\xe9" in latin.smallest.case.delivery.body


def test_what_hangs_it_is_made_small(receiver: Start) -> None:
    """A receiver that does not answer is alive for others: what hangs it is made small like what breaks it."""

    def hangs(body: bytes, signature: str) -> tuple[int, str]:
        status, text = right(body, signature)
        if status == 200 and json.loads(body).get("ctime", 0) is None:
            time.sleep(2)
        return status, text

    night = ("gitple", "session_state_close", "--seed", "3", "--count", "300", "--mode", "invalid", "-o", "night")
    status, said, _ = hookassay(*night, "--send", receiver(hangs), "--timeout", "0.5")
    assert status == 1
    assert "does not answer to payload.null@/ctime (no whole answer)" in said
    assert """--data-binary '{"ctime":null}'""" in said


def test_the_changed_member_stays(receiver: Start, campaign: Run) -> None:
    """Two mistakes under one mutation: the smallest request shows the one that the title names, and both are told."""

    def breaks(body: bytes, signature: str) -> tuple[int, str]:
        status, text = right(body, signature)
        if status != 200:
            return status, text
        event = json.loads(body)
        session = event.get("session")
        lacks = "triggerId" not in event or (isinstance(session, dict) and "id" not in session)
        return (500, "TypeError") if lacks else (200, "ok")

    done = campaign(receiver(breaks), events=CLOSE, mode="invalid", count=3_000, seed=3)
    [group] = [group for group in done.groups.values() if group.finding.mutation == "payload.missing"]
    assert {"/session/id", "/triggerId"} <= set(group.finding.places)
    [place] = group.smallest.case.places
    assert group.finding.title == f"breaks on payload.missing@{place} (500)"
    document = json.loads(group.smallest.case.delivery.body)
    assert ("triggerId" not in document) == (place == "/triggerId")
    assert ("session" in document) == (place == "/session/id")
