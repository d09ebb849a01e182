"""Logs out and in again, byte for byte, and never with a secret unless it is asked for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hookassay.mockserver.engine import Mock, Refused
from hookassay.mockserver.engine.events import Wish
from tests.engine.conftest import Add, Send
from tests.engine.receiver import Receiver, always

ODD = '{"a":"\\/é  "}\r\n'.encode()
EVERY_BYTE = bytes(range(256))
FORMATS = ["ndjson", "har", "curl", "pytest"]


def exported(mock: Mock, form: str, q: str = "", reveal: bool = False) -> str:
    return "".join(mock.exchange.export(q, form, reveal))  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMATS)
def test_a_secret_leaves_only_when_revealed(form: str, mock: Mock, add: Add, send: Send) -> None:
    add("livechat", secret="quite-a-secret-token")
    send("livechat")
    assert "quite-a-secret-token" not in exported(mock, form)
    assert "quite-a-secret-token" in exported(mock, form, reveal=True)


@pytest.mark.parametrize("form", ["ndjson", "har"])
@pytest.mark.parametrize("body", [ODD, EVERY_BYTE], ids=["odd-spelling", "every-byte"])
def test_bytes_survive_log_export_import_and_replay(
    body: bytes, form: str, mock: Mock, receiver: Receiver, add: Add, send: Send
) -> None:
    add("gitple")
    send("gitple", body=body, force=True)
    text = exported(mock, form)
    assert mock.exchange.bring_in(text.encode(), form).count == 1  # type: ignore[arg-type]
    imported = mock.log.deliveries("origin:import").items[0]
    assert mock.log.body(imported.id) == body and imported.outcome == "delivered"
    assert len(receiver.got) == 1
    mock.replays.replay(imported.id, "same-bytes")
    assert mock.settle(5).idle
    assert receiver.got[1].body == body
    assert receiver.got[1].header("X-Hub-Signature") == receiver.got[0].header("X-Hub-Signature")


@pytest.mark.parametrize("form", ["ndjson", "har"])
def test_attempts_come_in_again(form: str, mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    """What was answered, when, and what the vendor made of it; and nothing is sent."""
    add("livechat")
    receiver.behaviour = lambda got: (200, b"fine") if len(receiver.got) > 1 else (503, "바쁨".encode())
    made = send("livechat").deliveries[0]
    mock.clock.push(to="idle")
    text = exported(mock, form)
    assert mock.exchange.bring_in(text.encode(), form).deliveries == (made.id + 1,)  # type: ignore[arg-type]
    before, after = mock.log.delivery(made.id), mock.log.delivery(made.id + 1)
    assert [one.view for one in before.attempts] == ["again", "delivered"]
    for name in ("number", "view", "reaction"):
        assert [getattr(one, name) for one in after.attempts] == [getattr(one, name) for one in before.attempts]
    told = [[(one.answer.status, one.answer.headers, one.answer.body) for one in d.attempts if one.answer]
            for d in (before, after)]  # fmt: skip
    assert told[0] == told[1] and len(told[0]) == 2
    assert (after.summary.outcome, after.summary.status, after.summary.attempts) == ("delivered", 200, 2)
    assert mock.log.count("origin:import 바쁨") == 1
    assert mock.settle(5).idle and len(receiver.got) == 2


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        ('{"at": "2026-11-21T09:00:00Z", "status": 7}', "7 is no status"),
        ('{"status": 200}', "an attempt has no time"),
        ('{"at": "2026-11-21T09:00:00Z", "failure": "bored"}', "unknown failure 'bored'"),
        ("17", "is no delivery"),
    ],
)
def test_a_bad_attempt_is_refused(attempt: str, said: str, mock: Mock) -> None:
    line = f'{{"provider": "gitple", "event": "session_state_open", "body": "{{}}", "attempts": [{attempt}]}}'
    found = mock.exchange.bring_in(line.encode(), "ndjson")
    assert found.count == 0 and said in found.refused[1]


@pytest.mark.parametrize("form", ["ndjson", "har"])
def test_an_answer_that_repeats_the_secret_is_masked(
    form: str, mock: Mock, receiver: Receiver, add: Add, send: Send
) -> None:
    add("livechat", secret="quite-a-secret-token")
    receiver.behaviour = lambda got: (200, b"your token: quite-a-secret-token")
    ident = send("livechat").deliveries[0].id
    assert b"quite-a-secret-token" not in repr(mock.log.delivery(ident)).encode()
    assert "quite-a-secret-token" not in exported(mock, form)
    assert "your token: {{livechat.token}}" in exported(mock, form)
    assert "your token: quite-a-secret-token" in exported(mock, form, reveal=True)


@pytest.mark.parametrize("form", ["ndjson", "har"])
def test_a_masked_token_is_the_endpoints_again(form: str, mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    add("livechat", secret="quite-a-secret-token")
    send("livechat")
    mock.exchange.bring_in(exported(mock, form).encode(), form)  # type: ignore[arg-type]
    mock.replays.replay(mock.log.deliveries("origin:import").items[0].id, "same-bytes")
    assert mock.settle(5).idle
    assert receiver.bodies[0] == receiver.bodies[1]


@pytest.mark.parametrize("body", [ODD, EVERY_BYTE], ids=["odd-spelling", "every-byte"])
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_shell_script_sends_the_same_bytes(
    body: bytes, tmp_path: Path, mock: Mock, receiver: Receiver, add: Add, send: Send
) -> None:
    add("gitple")
    send("gitple", body=body, force=True)
    script = tmp_path / "log.sh"
    script.write_text(exported(mock, "curl"), encoding="utf-8")
    subprocess.run(["sh", script], check=True, timeout=30, capture_output=True)
    assert receiver.bodies == [body, body]
    assert receiver.got[0].header("X-Hub-Signature") == receiver.got[1].header("X-Hub-Signature")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_shell_script_reads_its_secret_from_the_environment(
    tmp_path: Path, mock: Mock, receiver: Receiver, add: Add, send: Send
) -> None:
    add("livechat", secret="quite-a-secret-token")
    send("livechat")
    script = tmp_path / "log.sh"
    script.write_text(exported(mock, "curl"), encoding="utf-8")
    environment = {**os.environ, "HOOKASSAY_SECRET_LIVECHAT": "quite-a-secret-token"}
    subprocess.run(["sh", script], check=True, timeout=30, env=environment, capture_output=True)
    assert receiver.bodies[0] == receiver.bodies[1]


@pytest.mark.parametrize("status", [200, 500])
def test_the_test_file_is_a_test(
    status: int, tmp_path: Path, mock: Mock, receiver: Receiver, add: Add, send: Send
) -> None:
    """It passes against a receiver that takes, and fails against one that does not."""
    add("livechat", secret="quite-a-secret-token")
    send("livechat")
    receiver.behaviour = always(status)
    (tmp_path / "test_log.py").write_text(exported(mock, "pytest"), encoding="utf-8")
    environment = {**os.environ, "HOOKASSAY_SECRET_LIVECHAT": "quite-a-secret-token"}
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_log.py"]
    import sys

    ran = subprocess.run([sys.executable, *command], cwd=tmp_path, env=environment, timeout=60, capture_output=True)
    assert ran.returncode == (0 if status == 200 else 1), ran.stdout.decode()
    assert receiver.bodies[0] == receiver.bodies[1]


def test_a_har_file_is_har(mock: Mock, receiver: Receiver, add: Add, send: Send) -> None:
    """Checked by the field's own shape: each entry has what HAR 1.2 asks for, an attempt each."""
    add("livechat")
    receiver.first = [500]
    send("livechat")
    mock.clock.push(to="idle")
    document = json.loads(exported(mock, "har"))
    entries = document["log"]["entries"]
    assert document["log"]["version"] == "1.2" and document["log"]["creator"]["name"] == "hookassay"
    assert [entry["response"]["status"] for entry in entries] == [500, 200]
    for entry in entries:
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= entry.keys()
        assert entry["time"] == entry["timings"]["wait"]
        assert {"method", "url", "httpVersion", "cookies", "headers", "queryString", "postData"} <= entry[
            "request"
        ].keys()


def test_a_line_of_a_log_has_what_the_format_says(mock: Mock, add: Add, send: Send) -> None:
    add("gitple", name="shop")
    send("gitple")
    line = json.loads(exported(mock, "ndjson"))
    assert {
        "provider",
        "event",
        "method",
        "path",
        "headers",
        "body",
        "url",
        "at",
        "endpoint",
        "attempts",
    } == line.keys()
    attempt = line["attempts"][0]
    assert (attempt["number"], attempt["status"], attempt["reaction"], attempt["view"]) == (
        1,
        200,
        "taken",
        "delivered",
    )


def test_curl_commands_of_others_are_recognised(mock: Mock, add: Add) -> None:
    add("gitple")
    example = json.dumps(mock.providers["gitple"].events["session_state_close"].full.document)
    lines = f"""# copied from a ticket
curl -X POST http://127.0.0.1:1/webhook \\
  -H 'Content-Type: application/json' --data-raw '{example.replace("'", "")}'
wget http://127.0.0.1:1/
curl http://127.0.0.1:1/ -d @secrets.json
curl http://127.0.0.1:1/ --upload-file x
"""
    found = mock.exchange.bring_in(lines.encode(), "curl")
    assert found.count == 1 and len(found.refused) == 3
    assert sorted(found.refused.values()) == [
        "-d @secrets.json: files are not read; put the body into the command",
        "is no curl command",
        "the option --upload-file is not known here; known: -X, -H, -d, --data-raw, --data-binary, --json",
    ]
    assert mock.log.deliveries("origin:import").items[0].event == "session_state_close"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"nonsense", "is no JSON object"),
        (b'{"provider": "gitple"}', "is no delivery"),
        (b'{"provider": "gitple", "event": "nope", "body": "{}"}', "has no event 'nope'"),
        (b'{"body": "{}"}', "whose delivery is this?"),
        (
            b'{"provider": "gitple", "event": "session_state_open", "body": "{}", "headers": [["A b", "c"]]}',
            "cannot be sent",
        ),
    ],
)
def test_a_bad_line_is_refused_and_the_others_come_in(line: bytes, said: str, mock: Mock) -> None:
    good = b'{"provider": "gitple", "event": "session_state_open", "headers": [], "body": "{}"}'
    found = mock.exchange.bring_in(good + b"\n" + line + b"\n" + good, "ndjson")
    assert found.count == 2 and list(found.refused) == [2] and said in found.refused[2]


def test_a_file_that_is_no_har_is_refused(mock: Mock) -> None:
    with pytest.raises(Refused, match="is no HAR file"):
        mock.exchange.bring_in(b"{}", "har")


def test_whats_shown_is_masked_everywhere(
    mock: Mock, receiver: Receiver, add: Add, send: Send, detail: Callable[..., object]
) -> None:
    """No record that a page or the API shows holds the secret unless it was asked to be revealed."""
    endpoint = add("livechat", secret="quite-a-secret-token")
    mock.faults.add(endpoint.id, "duplicate")
    occurrence = send("livechat")
    mock.clock.push(to="idle")
    shown = [
        repr(mock.endpoints.all()),
        repr(mock.log.occurrences()),
        repr(mock.log.deliveries()),
        *(repr(mock.log.delivery(d.id)) for d in mock.log.occurrence(occurrence.id).deliveries),
        repr(mock.events.build(_wish(), endpoint=endpoint.id)),
        repr(mock.log.body(occurrence.deliveries[0].id)),
    ]
    assert [text for text in shown if "quite-a-secret-token" in text] == []


def _wish() -> Wish:

    return Wish("livechat", "chat_ended")
