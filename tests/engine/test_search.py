"""The search language, as pages, API, exports and removals use it."""

from __future__ import annotations

import pytest

from hookassay.mockserver.engine import Mock, Refused
from tests.engine.conftest import Add, Send
from tests.engine.receiver import Receiver, always


@pytest.fixture
def logged(mock: Mock, receiver: Receiver, add: Add, send: Send) -> Mock:
    """A delivered refund, a refused chat that comes again, an event that nobody binds."""
    shop = add("gitple", name="shop", settings={"events": ["session_state_close"]})
    send("gitple", set={"session.note": "환불 처리 완료", "session.id": "4711"}, endpoints=[shop.id])
    send("gitple", "session_state_open")
    add("livechat", name="chats")
    receiver.behaviour = always(401, "로그인이 필요합니다".encode())
    send("livechat")
    return mock


@pytest.mark.parametrize(
    ("q", "deliveries", "occurrences"),
    [
        ("", 2, 3),
        ("환불", 1, 1),
        ("안녕하지", 0, 0),
        ("로그인이", 1, 1),
        ('"환불 처리"', 1, 1),
        ('"처리 환불"', 0, 0),
        ("환불 -완료", 0, 0),
        ("-환불", 1, 2),
        ("provider:gitple", 1, 2),
        ("event:session_*", 1, 2),
        ("event:chat_?nded", 1, 1),
        ("endpoint:shop", 1, 2),
        ("endpoint:sh*", 1, 2),
        ("conversation:4711", 1, 1),
        ("origin:trigger", 2, 3),
        ("status:401", 1, 1),
        ("status:4xx", 1, 1),
        ("status:2xx", 1, 1),
        ("status:failed", 0, 0),
        ("reaction:refused", 1, 1),
        ("outcome:again", 1, 1),
        ("outcome:delivered", 1, 1),
        ("outcome:not-sent", 0, 1),
        ("-outcome:delivered", 1, 2),
        ("since:10m", 2, 3),
        ("until:10m", 0, 0),
        ("since:2020-01-01", 2, 3),
        ("since:2020-01-01T10:30 until:2099-01-01T00:00:00Z", 2, 3),
        ("event:chat_ended reaction:taken", 0, 0),
        ("100%", 0, 0),
    ],
)
def test_a_search_finds(q: str, deliveries: int, occurrences: int, logged: Mock) -> None:
    assert len(logged.log.deliveries(q).items) == logged.log.count(q) == deliveries
    assert len(logged.log.occurrences(q).items) == occurrences


def test_case_and_composition_do_not_matter(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    """`ÉCOLE` is found by `école` written with a combining accent, and escaped text by what it means."""
    add("gitple")
    send("gitple", set={"session.note": "ÉCOLE 환불"})
    assert mock.log.count("e\u0301cole") == 1
    send("gitple", body=b'{"note": "\\uc548\\ub155"}', force=True)
    assert mock.log.count("안녕") == 1


@pytest.mark.parametrize(
    ("q", "said"),
    [
        ("evnt:x", "did you mean 'event'"),
        ("status:many", "write 401, 4xx or failed"),
        ("outcome:lost", "it is one of delivered"),
        ("since:yesterday", "write 10m, 2h"),
        ("run:x", "a run has a number"),
    ],
)
def test_what_cannot_be_read_says_how_to_write_it(q: str, said: str, mock: Mock) -> None:
    with pytest.raises(Refused, match=said) as refused:
        mock.log.occurrences(q)
    assert refused.value.status == 422 and refused.value.problems[0].pointer == "/q"


def test_pages_follow_one_another(mock: Mock, add: Add, send: Send) -> None:
    add("gitple")
    for _ in range(5):
        send("gitple")
    seen, after = [], None
    while True:
        page = mock.log.occurrences(limit=2, after=after)
        seen += [occurrence.id for occurrence in page.items]
        after = page.after
        if after is None:
            break
    assert seen == sorted(seen, reverse=True) and len(seen) == 5


def test_a_fault_and_a_run_are_found(mock: Mock, add: Add, send: Send) -> None:
    endpoint = add("livechat")
    run = mock.scenarios.play("livechat", "chat-that-ends-twice")
    mock.clock.push(to="idle")
    assert mock.log.count(f"run:{run.id}") == 2
    assert mock.log.count("fault:lose-answer") == mock.log.count("fault:*") == 1
    assert mock.log.count(f"endpoint:{endpoint.id}") == 2


def test_the_filters_of_the_list_count_occurrences(logged: Mock) -> None:
    assert logged.log.counts() == {"look": 2, "waiting": 1, "all": 3}


def test_a_conversation_is_a_matrix(logged: Mock) -> None:
    found = logged.log.conversation("4711")
    assert [one.event for one in found.occurrences] == ["session_state_close"]
    assert list(found.endpoints.values()) == ["shop"]
