"""Taking away and bringing back, the first-start state, the change feed, the log within its bounds."""

from __future__ import annotations

import threading
import time

import pytest

from hookassay.mockserver.engine import Mock, Options, Refused, bounds, undo
from hookassay.mockserver.engine.timekeeper import SECOND
from tests.engine.conftest import EVENT, Add, Send
from tests.engine.receiver import Receiver, always


def test_what_is_taken_away_can_be_brought_back(mock: Mock, add: Add, send: Send) -> None:
    add("gitple")
    kept, gone = send("gitple", set={"session.note": "keep"}), send("gitple", set={"session.note": "drop"})
    removed = mock.log.remove("drop")
    assert removed.count == 1
    assert [o.id for o in mock.log.occurrences().items] == [kept.id]
    with pytest.raises(Refused, match="no delivery"):
        mock.log.delivery(gone.deliveries[0].id)
    assert mock.undo(removed.undo) == 1
    assert [o.id for o in mock.log.occurrences().items] == [gone.id, kept.id]
    with pytest.raises(Refused) as refused:
        mock.undo(removed.undo)
    assert refused.value.status == 410


def test_pending_ones_that_are_gone_are_not_sent(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("livechat")
    receiver.behaviour = always(500)
    send("livechat")
    mock.log.remove("outcome:again")
    assert mock.clock.push(by="7h").attempts == 0


def test_it_is_too_late_after_ten_seconds(mock: Mock, add: Add, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """The patience is shortened; then the rows are really deleted."""
    add("gitple")
    send("gitple")
    removed = mock.log.remove("")
    monkeypatch.setattr(undo, "PATIENCE", 0)
    assert mock.changes.wait_until(lambda: mock.log.occurrences().items == (), 5)
    with pytest.raises(Refused, match="ten seconds have passed"):
        mock.undo(removed.undo)


@pytest.mark.parametrize("token", ["", "x", "-1", "99999999999999999999999", "²"])
def test_a_token_of_nothing_is_refused(token: str, mock: Mock) -> None:
    with pytest.raises(Refused) as refused:
        mock.undo(token)
    assert refused.value.status == 410


def test_reset_is_the_first_start_and_endpoints_stay(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    endpoint = add("livechat")
    mock.faults.add(endpoint.id, "lose-answer")
    mock.faults.switch(False)
    receiver.behaviour = always(500)
    send("livechat")
    mock.scenarios.play("livechat", "chat-that-ends-twice")
    mock.clock.push(by="10m")
    removed = mock.reset()
    assert removed.count == 3
    assert mock.log.occurrences().items == () and mock.runs.all() == () and mock.faults.all() == ()
    assert mock.faults.on and mock.clock.state().ahead == 0 and mock.status().pending == 0
    assert [one.id for one in mock.endpoints.all()] == [endpoint.id]


def test_a_reset_is_undone(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("livechat")
    receiver.behaviour = always(500)
    sent = send("livechat").deliveries[0]
    mock.clock.push(by="10m")
    removed = mock.reset(everything=True)
    assert mock.endpoints.all() == ()
    mock.undo(removed.undo)
    assert len(mock.endpoints.all()) == 1
    assert mock.clock.state().ahead > 590 * SECOND
    receiver.behaviour = always(200)
    mock.clock.push(to="idle")
    assert mock.log.summary(sent.id).outcome == "delivered"


def test_reset_of_everything_makes_the_first_endpoints_again(receiver: Receiver) -> None:
    with Mock(Options()) as mock:
        mock.start("http://127.0.0.1:9")
        names = [(e.provider, e.name) for e in mock.endpoints.all()]
        mock.endpoints.add("gitple", name="mine", url=receiver.url)
        removed = mock.reset(everything=True)
        assert [(e.provider, e.name) for e in mock.endpoints.all()] == names
        mock.undo(removed.undo)
        assert [(e.provider, e.name) for e in mock.endpoints.all()] == [*names, ("gitple", "mine")]


def test_the_log_keeps_its_bounds_and_what_is_open(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    """The oldest finished ones go; one that is still to be sent stays, however old."""
    add("livechat")
    receiver.behaviour = always(500)
    waiting = send("livechat").deliveries[0]
    receiver.behaviour = always(200)
    for _ in range(6):
        send("livechat")
    with mock._context.database.writing() as connection:
        assert bounds.keep(connection, deliveries=3) == 4
    kept = [delivery.id for delivery in mock.log.deliveries().items]
    assert len(kept) == 3 and waiting.id in kept
    assert len(mock.log.occurrences().items) == 3
    with mock._context.database.writing() as connection:
        assert bounds.keep(connection, size=1) == 2
    assert [delivery.id for delivery in mock.log.deliveries().items] == [waiting.id]


def test_changes_are_told_in_order_and_waited_for(mock: Mock, add: Add, send: Send) -> None:
    endpoint = add("gitple")
    mark = mock.changes.last()
    found: list[str] = []
    waiter = threading.Thread(target=lambda: found.extend(c.kind for c in mock.changes.since(mark, wait=5)))
    waiter.start()
    occurrence = send("gitple")
    waiter.join(6)
    assert found
    changes = mock.changes.since(mark)
    assert [c.id for c in changes] == sorted(c.id for c in changes)
    assert ("occurrence", occurrence.id) in [(c.kind, c.ref) for c in changes]
    assert ("delivery", occurrence.deliveries[0].id) in [(c.kind, c.ref) for c in changes]
    assert mock.endpoints.get(endpoint.id).revision == 1


def test_nothing_new_is_an_empty_answer_after_the_wait(mock: Mock) -> None:
    started = time.monotonic()
    assert mock.changes.since(mock.changes.last(), wait=0.2) == ()
    assert time.monotonic() - started >= 0.2


def test_an_id_of_another_state_is_gone(mock: Mock) -> None:
    with pytest.raises(Refused) as refused:
        mock.changes.since(10_000)
    assert refused.value.status == 410


def test_settled_tells_what_happened_since_the_mark(mock: Mock, add: Add, send: Send) -> None:
    for provider in EVENT:
        add(provider)
    mark = mock.settle(1).mark
    sent = [send(provider).id for provider in EVENT]
    settled = mock.settle(5, mark)
    assert settled.idle and [o.id for o in settled.occurrences] == sent


def test_it_is_not_settled_while_one_is_in_hand(mock: Mock, receiver: Receiver, add: Add) -> None:
    from hookassay.mockserver.engine.events import Wish

    release = threading.Event()
    receiver.behaviour = lambda got: (200, b"ok" if release.wait(10) else b"")
    add("gitple")
    mock.events.trigger(Wish("gitple", "session_state_close"))
    try:
        assert not mock.settle(0.3).idle
    finally:
        release.set()
    assert mock.settle(5).idle


def test_a_provider_of_ones_own_is_read_again(tmp_path, receiver: Receiver) -> None:  # type: ignore[no-untyped-def]
    """A changed file is there without a start; a broken one keeps the last good data and says where."""
    import shutil
    from pathlib import Path

    folder = tmp_path / "stamped"
    shutil.copytree(Path(__file__).parents[1] / "providers" / "stamped", folder)
    toml = folder / "provider.toml"
    with Mock(Options(hello=False, provider_paths=(folder,))) as mock:
        mock.start("http://127.0.0.1:9")
        assert mock.reload_providers() == ""
        good = toml.read_text(encoding="utf-8")
        toml.write_text(good.replace('method = "POST"', 'method = "PUT"'), encoding="utf-8")
        assert mock.reload_providers() == "" and mock.providers["stamped"].method == "PUT"
        toml.write_text("name = ", encoding="utf-8")
        assert "provider.toml" in mock.reload_providers()
        assert mock.providers["stamped"].method == "PUT"
