"""Cases written to files: the same bytes however they were made, and nothing lost when a run is cut off."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from hookassay.conformance.fuzz.case import FILE_TIME
from hookassay.conformance.fuzz.counter import Place
from tests.fuzz.conftest import Receive, plan_of

CASES = 450


def hookassay(*arguments: str, status: int = 0) -> str:
    """A command's standard output, or its standard error where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "hookassay", "fuzz", *arguments], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def joined(shards: Sequence[list[str]]) -> list[str]:
    """The cases of all shards, sorted by counter."""
    return [shards[n % len(shards)][1:][n // len(shards)] for n in range(CASES)]


def test_shards_and_workers_make_one_run(tmp_path: Path) -> None:
    """Three shards, one of them made by two processes, are one run byte for byte."""
    hookassay("gitple", "--count", str(CASES), "-o", "whole.ndjson")
    for number in (1, 2, 3):
        workers = ("--workers", "2") if number == 2 else ()
        hookassay("gitple", "--count", str(CASES), "--shard", f"{number}/3", "-o", f"{number}.ndjson", *workers)
    shards = [lines(tmp_path / f"{number}.ndjson") for number in (1, 2, 3)]
    whole = lines(tmp_path / "whole.ndjson")
    assert joined(shards) == whole[1:]
    header = json.loads(whole[0])
    assert (header["hookassay"], header["shard"], header["count"], header["seed"]) == ("fuzz", "1/1", CASES, 0)


def test_a_torn_file_is_gone_on_with(tmp_path: Path) -> None:
    """After a kill in the middle of a line, --resume makes the file that it would have been."""
    arguments = ("gitple", "session_state_close", "--count", "300", "--seed", "4")
    hookassay(*arguments, "-o", "whole.ndjson")
    whole = (tmp_path / "whole.ndjson").read_bytes()
    (tmp_path / "torn.ndjson").write_bytes(whole[: len(whole) // 2])
    hookassay(*arguments, "-o", "torn.ndjson", "--resume")
    assert (tmp_path / "torn.ndjson").read_bytes() == whole
    said = hookassay(*arguments[:-1], "5", "-o", "torn.ndjson", "--resume", status=2)
    assert "seed 4, now 5" in said
    said = hookassay(*arguments, "-o", "torn.ndjson", status=2)
    assert "--resume" in said and "--force" in said
    assert (tmp_path / "torn.ndjson").read_bytes() == whole


def test_a_reader_that_goes_away() -> None:
    """`| head -1` ends it quietly, with status 0 and nothing on standard error."""
    running = subprocess.Popen(
        [sys.executable, "-m", "hookassay", "fuzz", "gitple", "session_state_close", "--count", "100000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with running:
        assert running.stdout is not None and running.stderr is not None
        assert running.stdout.readline().startswith(b'{"hookassay": "fuzz"')
        running.stdout.close()
        assert (running.wait(60), running.stderr.read()) == (0, b"")


def test_a_secret_of_ones_own_is_masked() -> None:
    """The user's token is in no line, unless it is asked for; the documented one hides nothing."""
    arguments = ("livechat", "chat_ended", "--mode", "valid", "--count", "5")
    secret = "7f3a-own-token-of-mine"
    masked = hookassay(*arguments, "--secret", secret).splitlines()[1:]
    assert all("{{livechat.secret}}" in line and secret not in line for line in masked)
    assert all(json.loads(line)["masked"] for line in masked)
    assert secret in hookassay(*arguments, "--secret", secret, "--show-secrets")


def test_one_case_and_files(tmp_path: Path) -> None:
    """--only prints the case that a file has at its place; --format files writes the bytes of the request."""
    hookassay("gitple", "session_state_open", "--count", "40", "-o", "cases.ndjson")
    case = json.loads(lines(tmp_path / "cases.ndjson")[17])
    assert json.loads(hookassay("gitple", "--only", case["case"])) == case
    hookassay("gitple", "session_state_open", "--mode", "valid", "--count", "3", "--format", "files", "-o", "folder")
    written = sorted((tmp_path / "folder").iterdir())
    assert [path.suffix for path in written] == [".http", ".json"] * 3
    assert written[0].read_bytes().startswith(b"POST /gitple HTTP/1.1\r\nHost: ")


def test_files_are_gone_on_with(tmp_path: Path) -> None:
    """A folder with something in it is not touched unasked; --resume adds what is missing."""
    arguments = ("gitple", "session_state_open", "--mode", "bytes", "--format", "files", "-o", "folder")
    hookassay(*arguments, "--count", "6")
    before = {path.name: path.read_bytes() for path in (tmp_path / "folder").iterdir()}
    assert "--resume" in hookassay(*arguments, "--count", "8", status=2)
    (tmp_path / "folder" / sorted(before)[1]).unlink()
    hookassay(*arguments, "--count", "8", "--resume")
    after = {path.name: path.read_bytes() for path in (tmp_path / "folder").iterdir()}
    assert len(after) == 16 and before.items() <= after.items()
    if os.name == "posix":
        modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "folder").glob("*.http")}
        assert modes == {0o600}


def test_har_holds_every_byte(tmp_path: Path) -> None:
    """A HAR file has the requests of the lines, whatever their bytes, and no secret of the user's own."""
    arguments = ("livechat", "chat_ended", "--count", "120", "--seed", "2", "--secret", "7f3a-own-token-of-mine")
    hookassay(*arguments, "--format", "har", "-o", "cases.har")
    hookassay(*arguments, "-o", "cases.ndjson")
    text = (tmp_path / "cases.har").read_text(encoding="utf-8", errors="surrogatepass")
    assert "7f3a-own-token-of-mine" not in text
    log = json.loads(text)["log"]
    assert (log["version"], log["creator"]["name"], len(log["entries"])) == ("1.2", "hookassay", 120)
    for entry, line in zip(log["entries"], lines(tmp_path / "cases.ndjson")[1:], strict=True):
        case, request = json.loads(line), entry["request"]
        assert (entry["_hookassay"]["case"], request["method"]) == (case["case"], case["method"])
        assert [[pair["name"], pair["value"]] for pair in request["headers"]] == case["headers"]
        posted = request["postData"]
        assert posted["text"] == case["body_base64" if "_encoding" in posted else "body"]
        assert entry["_hookassay"].get("masked") == case.get("masked")
    assert "exists already" in hookassay(*arguments, "--format", "har", "-o", "cases.har", status=2)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_commands_send_every_byte(receiver: Callable[[Receive], str], tmp_path: Path) -> None:
    """A script of curl commands repeats each case byte for byte, the long ones too."""
    hookassay("gitple", "session_state_close", "--mode", "valid", "--count", "40", "--format", "curl", "-o", "cases.sh")
    script = (tmp_path / "cases.sh").read_text(encoding="utf-8")
    sent: list[bytes] = []

    def keep(body: bytes, signature: str) -> tuple[int, str]:
        sent.append(body)
        return 200, "ok"

    script = script.replace("http://localhost/gitple", receiver(keep))
    done = subprocess.run(["sh"], input=script, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    cases = plan_of(events=("session_state_close",), mode="valid").cases()
    built = [cases.build(Place("session_state_close", "valid", index), FILE_TIME) for index in range(40)]
    assert sent == [case.delivery.body for case in built]
    assert max(map(len, sent)) > 4_000
