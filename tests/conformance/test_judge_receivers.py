"""Receivers that are wrong in general: each is told apart in few words and blamed for that alone."""

from __future__ import annotations

import json
import random
import re
import socket
import sys
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conformance.conftest import Run
from tests.conformance.receivers import Reply, Request, right

Judge = Callable[..., Run]


def test_a_right_receiver_passes_all(judge: Judge) -> None:
    """The whole battery passes, says so in its last lines and takes seconds."""
    done = judge(right)
    assert done.exit == 0, done.out
    assert not done.findings
    assert "conforms" in done.out


def test_refusing_everything_is_one_finding(judge: Judge) -> None:
    """A receiver that refuses whatever comes fails for that, not for each event."""
    done = judge(lambda request: 403, "--target-check=*/payload/full", "--target-check=*/signature/absent")
    assert done.exit == 1
    assert [finding["title"] for finding in done.findings] == ["gitple: refuses everything, right deliveries too (403)"]


def test_refusing_since_the_tenth_request_is_one_finding_with_its_time(judge: Judge) -> None:
    """A receiver that turns away all after ten requests is blamed once, and it is said since when."""
    done = judge(lambda request: right(request) if request.number <= 10 else 401, "--target-check=*/payload/*l")
    assert done.exit == 1
    (finding,) = done.findings
    assert "refuses everything" in finding["title"] and "after " in finding["title"]


def test_an_error_for_everything_is_one_finding(judge: Judge) -> None:
    """A receiver that answers 500 whatever comes breaks on everything: one finding."""
    done = judge(lambda request: 500, "--target-check=*/payload/full", "--target-check=*/signature/absent")
    assert done.exit == 1
    (finding,) = done.findings
    assert "breaks on everything" in finding["title"]


def test_refusing_at_random_is_called_unsteady(judge: Judge) -> None:
    """A receiver that refuses every third right delivery is unsteady; no cause is called proven."""
    chance, lock = random.Random(3), threading.Lock()

    def receiver(request: Request) -> Reply:
        with lock:
            drawn = chance.random()
        return 401 if drawn < 0.3 else right(request)

    done = judge(receiver, "--target-check=*/payload/value", "--target-check=*/delivery/[bmr]*")
    assert done.exit == 1
    assert done.findings[0]["title"] == "gitple: answers the same delivery now so, now otherwise"
    assert len(done.findings) <= 5
    assert not [finding for finding in done.findings if finding["proven"]]


def test_a_rare_error_is_found_and_called_unsteady(judge: Judge) -> None:
    """One answer of twenty is 500: the run fails, for being unsteady."""
    chance, lock = random.Random(5), threading.Lock()

    def receiver(request: Request) -> Reply:
        with lock:
            drawn = chance.random()
        return 500 if drawn < 0.05 else right(request)

    done = judge(receiver, "--target-check=*/payload/te*")
    assert done.exit == 1
    assert [finding["title"] for finding in done.findings] == [
        "gitple: answers the same delivery now so, now otherwise"
    ]


def test_one_slow_answer_is_advice(judge: Judge) -> None:
    """An answer that does not come, once, and comes when asked again, fails nothing."""
    hung = threading.Event()

    def receiver(request: Request) -> Reply:
        if request.number > 12 and not hung.is_set():
            hung.set()
            time.sleep(2.5)
        return right(request)

    done = judge(receiver, "--target-check=*/payload/value", "--target-timeout=1")
    assert done.exit == 0, done.out
    assert "one answer did not come" in done.out


def test_forgeries_taken_once_count(judge: Judge) -> None:
    """A forgery that is taken the first time only is still a failure."""
    seen: set[bytes] = set()

    def receiver(request: Request) -> Reply:
        first = bool(request.values("X-Hub-Signature")) is False and not seen
        seen.update([request.body] if first else [])
        return 200 if first else right(request)

    done = judge(receiver, "--target-check=*/signature/absent")
    assert done.exit == 1
    assert len(done.verdicts("failed")) == 1


def test_the_forgery_is_shown_and_not_the_right_one_before_it(judge: Judge) -> None:
    """Where several deliveries make a case, the message and its command are about the one that was met wrongly."""
    known: set[str] = set()

    def receiver(request: Request) -> Reply:
        status = right(request)
        try:
            event = json.loads(request.body)
        except ValueError:
            return status
        trigger = event.get("triggerId") if isinstance(event, dict) else None
        if status == 200 and isinstance(trigger, str):
            known.add(trigger)
        return 200 if trigger in known else status

    done = judge(receiver, "--target-check=*/signature/bypass", "-k", "session_state_close and no-header")
    assert done.verdicts("failed") == ["gitple/signature/bypass[session_state_close,known,no-header]"]
    (told,) = [one["message"] for one in done.report["verdicts"] if one["verdict"] == "failed"]
    assert "expected: refused (4xx)" in told and "X-Hub-Signature" not in told


def test_a_rate_limit_is_waited_for(judge: Judge) -> None:
    """A receiver that allows so many requests a second is asked more slowly, and passes."""
    times: list[float] = []
    lock = threading.Lock()

    def receiver(request: Request) -> Reply:
        with lock:
            now = time.monotonic()
            times[:] = [at for at in times if at > now - 1]
            if len(times) >= 100:
                return 429, b"", {"Retry-After": "1"}
            times.append(now)
        return right(request)

    done = judge(
        receiver, "--target-check=*/payload/full", "--target-check=*/payload/value", "--target-check=*/delivery/burst"
    )
    assert done.exit == 0, done.out


def test_a_429_that_is_not_the_pace_slows_nothing_for_long(judge: Judge) -> None:
    """A receiver that answers repeats so is told of them; what is no repeat goes on at the old pace."""
    seen: Counter[bytes] = Counter()

    def receiver(request: Request) -> Reply:
        seen.update([request.body])
        return (429, b"", {"Retry-After": "0"}) if seen[request.body] > 1 else right(request)

    began = time.monotonic()
    done = judge(
        receiver,
        "--target-check=*/delivery/repeat",
        "--target-check=*/payload/value",
        "-k",
        "(close and twice) or value",
    )
    assert {case.partition("[")[0] for case in done.verdicts("advice")} == {"gitple/delivery/repeat"}
    assert not done.verdicts("failed")
    assert len(done.verdicts("passed")) > 5
    assert time.monotonic() - began < 60


def test_a_slow_receiver_is_tried_side_by_side(judge: Judge) -> None:
    """Where an answer takes a fifth of a second, several cases run at once; and it passes them."""
    lock, running, most = threading.Lock(), [0], [0]

    def receiver(request: Request) -> Reply:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.2)
        with lock:
            running[0] -= 1
        return right(request)

    done = judge(receiver, "--target-check=*/signature/tampered", "--target-check=*/payload/value")
    assert done.exit == 0, done.out
    assert most[0] >= 4


_DYING = textwrap.dedent(
    """
    import os, sys, traceback
    sys.path.insert(0, {root!r})
    from tests.conformance.receivers import listen, right

    def end(of):
        try:
            of()
        except Exception:
            traceback.print_exc()
        os._exit(1)

    def receiver(request):
        status = right(request)
        if status != 401 and {kills}:
            end(lambda: {ends})
        return status

    listen(receiver, int(sys.argv[1]))
    """
)


@pytest.fixture
def dying(tmp_path: Path, free_port: int) -> Callable[..., tuple[str, str]]:
    """`dying(condition)`: a URL, and the command of a receiver that ends its process where the condition holds."""

    def write(kills: str, ends: str = "None") -> tuple[str, str]:
        program = tmp_path / "receiver.py"
        root = str(Path(__file__).parents[2])
        program.write_text(_DYING.format(root=root, kills=kills, ends=ends), "utf-8")
        return f"http://127.0.0.1:{free_port}/hook", f"{sys.executable} {program} {free_port}"

    return write


@pytest.mark.parametrize("workers", [0, 4])
def test_what_kills_a_receiver_is_named(
    workers: int, dying: Callable[..., tuple[str, str]], run: Callable[..., Run], free_port: int
) -> None:
    """A receiver that dies of one body, and is started again, is blamed in the case that sent it: also with -n."""
    url, command = dying("b'hookassay' in request.body and b':NaN' in request.body")
    more = ("-n", str(workers)) if workers else ()
    done = run(
        f"--target-url={url}",
        "--target-provider=gitple",
        "--target-secret=gitple-secret",
        f"--target-command={command}",
        "--target-check=*/errors/not-json",
        "--target-check=*/signature/absent",
        "--target-check=*/payload/full",
        *more,
    )
    assert done.exit == 1, done.out
    assert done.verdicts("failed") == ["gitple/errors/not-json[nan]"]
    assert done.findings[0]["proven"]
    assert "output" in done.findings[0]["reason"] and "Catch errors for each request" in done.findings[0]["fix"]
    assert not done.verdicts("not run", "error")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", free_port)), "the receiver has to be stopped at the end"


def test_what_its_output_says_of_its_death_is_told_first(
    dying: Callable[..., tuple[str, str]], run: Callable[..., Run]
) -> None:
    """Three deaths of one error are one finding with its place; of an event that nobody asked for, how to go on."""
    url, command = dying("b'session_state_open' in request.body", "dict()['gitple-secret']")
    done = run(
        f"--target-url={url}",
        "--target-provider=gitple",
        "--target-event=session_state_close",
        "--target-secret=gitple-secret",
        f"--target-command={command}",
        "--target-check=*/payload/*",
    )
    (finding,) = done.findings
    assert finding["title"] == "gitple: dies of one delivery: gitple/payload/full[session_state_open]"
    assert re.fullmatch(r"its output says: KeyError: '\*{4}' \(receiver\.py:\d+, in end\)", finding["reason"])
    assert "-k 'not session_state_open'" in finding["fix"] and "a failure all the same" in finding["fix"]
    assert len(finding["verdicts"]) == 3 and done.verdicts("not run")
    assert "has died 3 times" in done.out and "then run again" in done.out
    assert "gitple-secret" not in json.dumps(done.report) + done.out


def test_a_receiver_that_dies_for_good_ends_the_run_with_what_is_known(judge: Judge) -> None:
    """What was learned until then is reported; the rest is not run; the exit status is that of a failure."""
    gone = threading.Event()

    def receiver(request: Request) -> Reply:
        if gone.is_set() or b":NaN" in request.body:
            gone.set()
            raise ConnectionAbortedError
        return right(request)

    done = judge(receiver, "--target-check=*/payload/full", "--target-check=*/errors/not-json")
    assert done.exit == 1
    assert done.verdicts("failed") == ["gitple/errors/not-json[nan]"]
    assert done.verdicts("not run")
    assert "did not come back" in done.out
