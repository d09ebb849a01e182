"""Nothing is lost when the mock is killed: what was in hand is sent again, everything else goes on."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from hookassay.mockserver.engine import CannotRun, Mock, Options
from hookassay.mockserver.engine.events import Wish
from hookassay.mockserver.engine.queue import BATCH
from tests.engine.receiver import Receiver, always

_MOCK = """
import sys
from pathlib import Path
from hookassay.mockserver.engine import Mock, Options
mock = Mock(Options(state=Path(sys.argv[1]), hello=False))
mock.start("http://127.0.0.1:9")
print("ready", flush=True)
print("idle" if mock.settle(120).idle else "busy", flush=True)
sys.stdin.read()
"""

ENDPOINTS = 4


def _filled(state: Path, receiver: Receiver, deliveries: int) -> None:
    """A state with so many deliveries queued, each with ids of its own, in conversations of four endpoints."""
    with Mock(Options(state=state, hello=False)) as mock:
        for number in range(ENDPOINTS):
            mock.endpoints.add("gitple", url=f"{receiver.url}/{number}")
        mock.events.trigger(Wish("gitple", "session_state_close"))
        while (missing := deliveries - mock.log.count()) > 0:
            few = mock.log.deliveries("origin:trigger").items
            ids = [delivery.id for delivery in few][: min(missing, len(few))]
            mock.replays.replay_many("as-new", ids=ids)


def _started(state: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _MOCK, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def _seen(receiver: Receiver) -> Counter[tuple[str, bytes]]:
    """How often each delivery came: one event to four endpoints is four of them."""
    return Counter((got.path, got.body) for got in list(receiver.got))


def _round(state: Path, receiver: Receiver, deliveries: int, seed: int) -> tuple[int, int]:
    """Queue, kill at random moments until a few are left, let it end; how many kills, how many repeated."""
    moments = random.Random(seed)
    _filled(state, receiver, deliveries)
    kills = 0
    while len(_seen(receiver)) < deliveries * 0.9:
        process = _started(state)
        wanted = len(receiver.got) + moments.randrange(deliveries // 10, deliveries // 2)
        while len(receiver.got) < wanted and len(_seen(receiver)) < deliveries and process.poll() is None:
            try:
                process.wait(0.002)
            except subprocess.TimeoutExpired:
                continue
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        kills += 1
    process = _started(state)
    assert process.stdout is not None and process.stdout.readline() == "idle\n"
    process.kill()
    process.wait(10)
    seen = _seen(receiver)
    assert len(seen) == deliveries, f"{deliveries - len(seen)} deliveries were lost in {kills} kills"
    return kills, sum(seen.values()) - deliveries


ROUNDS = 20
"""Rounds of the kill test: one in an ordinary run, all of them before a release (some minutes)."""


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.thorough) for n in range(1, ROUNDS))])
def test_a_killed_mock_loses_nothing(seed: int, tmp_path: Path, receiver: Receiver) -> None:
    """Every delivery arrives; what arrives twice was in hand and not yet recorded when it was killed."""
    kills, repeated = _round(tmp_path / "serve.sqlite3", receiver, 500, seed)
    assert kills > 0
    assert repeated <= kills * BATCH * ENDPOINTS


def test_an_attempt_whose_outcome_is_unknown_is_repeated_and_costs_no_retry(tmp_path: Path, receiver: Receiver) -> None:
    """Killed while the receiver thinks: the log says so, and the schedule starts at its beginning."""
    import threading

    state = tmp_path / "serve.sqlite3"
    with Mock(Options(state=state, hello=False)) as mock:
        mock.endpoints.add("closer", url=receiver.url)
        mock.events.trigger(Wish("closer", "message_received"))
    arrived, release = threading.Event(), threading.Event()

    def hold(got: object) -> tuple[int, bytes]:
        arrived.set()
        release.wait(20)
        return 200, b""

    receiver.behaviour = hold
    process = _started(state)
    try:
        assert arrived.wait(20)
    finally:
        process.kill()
        process.wait(10)
        release.set()
    receiver.behaviour = always(500)
    with Mock(Options(state=state, hello=False)) as mock:
        mock.start("http://127.0.0.1:9")
        assert mock.settle(10).idle
        ident = mock.log.deliveries().items[0].id
        attempts = mock.log.delivery(ident).attempts
        assert [attempt.view for attempt in attempts] == ["unknown", "again"]
        assert attempts[1].told == "sent again after 10 min, attempt 2 of 4"


def test_two_mocks_never_share_a_state(tmp_path: Path) -> None:
    state = tmp_path / "serve.sqlite3"
    with Mock(Options(state=state, hello=False)):
        with pytest.raises(CannotRun, match="another hookassay serve"):
            Mock(Options(state=state))
    Mock(Options(state=state, hello=False)).close()
