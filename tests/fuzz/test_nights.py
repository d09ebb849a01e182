"""The command from night to night: new, known and gone findings, what is kept, what goes on."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.fuzz.conftest import Receive, right

Start = Callable[[Receive], str]
BASE = ("gitple", "session_state_close", "--seed", "3", "--count", "250", "--mode", "invalid", "-o", "night")


def hookassay(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "hookassay", "fuzz", *arguments], capture_output=True, text=True, timeout=240
    )
    return done.returncode, done.stdout, done.stderr


def breaks_on_null(body: bytes, signature: str) -> tuple[int, str]:
    status, text = right(body, signature)
    broken = status == 200 and json.loads(body).get("ctime", 0) is None
    return (500, "NullPointerException") if broken else (status, text)


def test_new_known_gone(receiver: Start, tmp_path: Path) -> None:
    """A finding is new until it is accepted, known as long as that holds, and gone when it does not come again."""
    wrong = receiver(breaks_on_null)
    status, said, told = hookassay(*BASE, "--send", wrong)
    assert (status, told) == (1, "")
    assert "breaks on payload.null@/ctime (500)" in said and "curl" in said
    (place,) = (tmp_path / "night/findings").iterdir()
    finding = json.loads((place / "finding.json").read_text())
    assert (finding["state"], finding["group"], finding["mutation"]) == ("new", place.name, "payload.null")
    assert (place / "smallest.http").read_bytes().startswith(b"POST / HTTP/1.1\r\n")
    assert stat.S_IMODE((place / "smallest.http").stat().st_mode) == 0o600
    run = json.loads((tmp_path / "night/run.json").read_text())
    assert (run["state"], run["next_counter"], run["seed"]) == ("done", 250, 3)

    status, said, _ = hookassay(*BASE[:2], "--send", wrong, "--replay", str(place))
    assert status == 1 and "500" in said
    status, said, _ = hookassay(*BASE[:2], "--send", wrong, "--only", finding["smallest"])
    assert status == 1 and "it broke: 500" in said
    curl = (place / "curl.sh").read_text()
    assert "500" in subprocess.run(["sh", "-c", curl], capture_output=True, text=True, timeout=30).stdout[:40]

    assert hookassay("report", "night")[0] == 1
    status, said, _ = hookassay("report", "night", "--accept", place.name, "--reason", "PAY-1234: null times")
    assert status == 0 and "known: PAY-1234" in said
    status, said, _ = hookassay(*BASE, "--send", wrong)
    assert status == 0 and "1 known" in said

    status, said, _ = hookassay(*BASE, "--send", receiver(right))
    assert status == 0 and "1 gone" in said
    for form in ("json", "html", "sarif", "markdown"):
        assert hookassay("report", "night", "--format", form, "-o", f"report.{form}")[0] == 0
    told = json.loads((tmp_path / "report.json").read_text())
    assert [finding["state"] for finding in told["findings"]] == ["gone"]
    assert json.loads((tmp_path / "report.sarif").read_text())["version"] == "2.1.0"
    assert "<h2>Gone" in (tmp_path / "report.html").read_text()


def test_a_known_entry_expires(receiver: Start, tmp_path: Path) -> None:
    """An expired entry covers nothing, and both that and an unused one are told."""
    (tmp_path / "known.toml").write_text(
        '[[known]]\ngroup = "broke-*"\nreason = "old"\nexpires = 2020-01-01\n'
        '[[known]]\ngroup = "taken-*"\nreason = "never seen"\n',
        encoding="utf-8",
    )
    status, said, _ = hookassay(*BASE, "--send", receiver(breaks_on_null), "--known", "known.toml")
    assert status == 1
    status, said, _ = hookassay("report", "night", "--known", "known.toml")
    assert status == 1
    assert "has expired on 2020-01-01" in said and "covers nothing: take it out" in said
    (tmp_path / "known.toml").write_text("[[known]]\ngroup = 3\n", encoding="utf-8")
    status, _, told = hookassay("report", "night", "--known", "known.toml")
    assert status == 2 and "known 1" in told


def test_an_interrupted_run_is_gone_on_with(receiver: Start, tmp_path: Path) -> None:
    """Ctrl-C reports what was found and ends with 130; --resume goes on behind the last case that was sent."""
    url = receiver(right)
    command = [sys.executable, "-m", "hookassay", "fuzz", *BASE[:4], "--count", "200000", "-o", "night", "--send", url]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    ends, state = time.monotonic() + 60, {"next_counter": 0}
    while time.monotonic() < ends and not state["next_counter"]:
        time.sleep(0.05)
        if (tmp_path / "night/run.json").exists():
            state = json.loads((tmp_path / "night/run.json").read_text())
    running.send_signal(signal.SIGINT)
    said, told = running.communicate(timeout=60)
    assert (running.returncode, told) == (130, ""), said
    assert "interrupted" in said
    state = json.loads((tmp_path / "night/run.json").read_text())
    assert state["state"] == "interrupted" and 0 < state["next_counter"] < 200_000
    count = str(state["next_counter"] + 40)
    arguments = (*BASE[:4], "--count", count, "-o", "night", "--send", url)
    assert hookassay(*arguments, "--resume")[0] == 0
    after = json.loads((tmp_path / "night/run.json").read_text())
    assert after["next_counter"] == state["next_counter"] + 40
    assert after["cases"] < 60
    status, _, told = hookassay("gitple", "--seed", "4", "-o", "night", "--send", url, "--resume")
    assert status == 2 and "that run was another one" in told


def test_the_corpus_comes_first(receiver: Start, tmp_path: Path) -> None:
    """What made the receiver behave in its own way is kept by name, and sent first the next time."""
    url = receiver(right)
    arguments = ("gitple", "session_state_close", "--seed", "3", "--count", "120", "-o", "night", "--send", url)
    assert hookassay(*arguments)[0] == 0
    kept = sorted((tmp_path / "night/corpus/session_state_close").glob("*.json"))
    assert kept
    entry = json.loads(kept[0].read_text())
    assert entry["case"].startswith("gitple@") and entry["behaviours"]
    before = json.loads((tmp_path / "night/run.json").read_text())["cases"]
    assert hookassay(*arguments)[0] == 0
    after = json.loads((tmp_path / "night/run.json").read_text())
    assert after["cases"] >= before + len(kept) and after["next_counter"] == 120
    assert hookassay(*arguments, "--no-corpus")[0] == 0
    assert json.loads((tmp_path / "night/run.json").read_text())["cases"] == before


def test_the_secret_is_written_nowhere(receiver: Start, tmp_path: Path) -> None:
    """A token of the user's own stands in no file but the request to be sent again, whatever the receiver answers."""
    secret = "own-token-5f1c77e2"
    url = receiver(lambda body, signature: (500, f"boom {secret}") if b"\xff" in body else (200, "ok"))
    arguments = ("livechat", "chat_ended", "--seed", "3", "--count", "150", "-o", "night", "--secret", secret)
    status, said, told = hookassay(*arguments, "--send", url)
    assert status == 1
    assert secret not in said + told
    for path in (tmp_path / "night").rglob("*"):
        if path.is_file() and path.name != "smallest.http":
            assert secret.encode() not in path.read_bytes(), path
        if path.suffix == ".http" and os.name == "posix":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_another_host_is_asked_for() -> None:
    """Nothing is sent to another host unless that is meant."""
    status, _, told = hookassay("gitple", "--send", "http://192.0.2.1:9/")
    assert status == 2 and "192.0.2.1" in told and "--yes" in told


def test_nobody_listens() -> None:
    """A receiver that is not there is a mistake of the command, not a finding."""
    status, _, told = hookassay("gitple", "--send", "http://127.0.0.1:1/")
    assert status == 2 and "cannot reach" in told


def test_a_report_of_nothing() -> None:
    """Without a run there is nothing to report."""
    assert hookassay("report")[0] == 2
    status, _, told = hookassay("report", "nowhere")
    assert status == 2 and "nowhere" in told
