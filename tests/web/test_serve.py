"""`hookassay serve` as a process: what it prints, where it keeps what, how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.engine.receiver import Receiver, always


class Process:
    """A running `hookassay serve` in a folder of its own."""

    def __init__(self, folder: Path, *options: str, **environment: str) -> None:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("HOOKASSAY_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hookassay", "serve", "--port", "0", *options],
            cwd=folder,
            env={**clean, "PYTHONUNBUFFERED": "", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def out(self) -> Any:
        return self.process.stdout

    def ready(self) -> str:
        """The address of the ready line, which comes first."""
        line = self.out.readline()
        assert line.startswith("ready http://127.0.0.1:"), line + self.process.communicate(timeout=30)[1]
        return str(line.split()[1])

    def until(self, *wanted: str) -> str:
        """Lines until each of the texts was in one, for a minute at most."""
        read = ""
        line: str
        late = threading.Timer(60, self.process.kill)
        late.start()
        try:
            for line in self.out:
                read += line
                if all(text in read for text in wanted):
                    return read
        finally:
            late.cancel()
        raise AssertionError(f"not all of {wanted} came:\n{read}")

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        self.process.communicate(timeout=30)
        return int(self.process.returncode)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Process]]:
    """What a test starts ends with it."""
    made: list[Process] = []
    yield made
    for one in made:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate(timeout=30)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_start_shows_signed_webhooks(tmp_path: Path, started: list[Process], number: int) -> None:
    """A banner with masked secrets, a line for each answer, a private state folder, and an end with status 0."""
    one = Process(tmp_path)
    started.append(one)
    url = one.ready()
    assert requests.get(f"{url}/healthz", timeout=10).json()["status"] == "ok"
    read = one.until("taken")
    assert "gi…et" in read and "gitple-secret" not in read
    assert "Send one to yours: hookassay send" in read and "Endpoints → Add one for …" in read
    folder = tmp_path / ".hookassay"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / ".gitignore").read_text() == "*\n"
    note = folder / "serve.json"
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert json.loads(note.read_text())["url"] == url
    assert one.stop(number) == 0
    assert not note.exists()


def test_a_refusal_names_the_next_command(tmp_path: Path, started: list[Process]) -> None:
    """`hookassay why ID` is what to type, and it finds this mock by itself."""
    receiver = Receiver(behaviour=always(401))
    one = Process(tmp_path, "--no-hello")
    started.append(one)
    url = one.ready()
    requests.post(f"{url}/api/endpoints", json={"provider": "gitple", "url": receiver.url}, timeout=10)
    event = {"provider": "gitple", "event": "session_state_close"}
    requests.post(f"{url}/api/trigger", json=event, timeout=10)
    read = one.until("why?")
    ident = read.split()[-1]
    assert f"401  why? hookassay why {ident}" in read
    why = subprocess.run(
        [sys.executable, "-m", "hookassay", "why", ident, "--json"], cwd=tmp_path, capture_output=True, timeout=120
    )
    found = json.loads(why.stdout)
    assert why.returncode == 1 and not found["proven"] and 0 < found["requests"] <= 400
    receiver.close()


def test_json_lines_for_programs(tmp_path: Path, started: list[Process]) -> None:
    """The first line is the ready line, each further one an attempt."""
    one = Process(tmp_path, "--json", "--state", "memory")
    started.append(one)
    ready = json.loads(one.out.readline())
    assert ready["kind"] == "ready" and ready["state"] == "memory"
    attempt = json.loads(one.out.readline())
    assert attempt["kind"] == "attempt" and attempt["reaction"] == "taken" and attempt["view"] == "delivered"
    assert one.stop() == 0
    assert not (tmp_path / ".hookassay").exists()


def test_what_cannot_start_says_so_in_a_line(tmp_path: Path, started: list[Process]) -> None:
    """A busy port, a locked state: status 1; a bad option: 2; never a traceback."""
    one = Process(tmp_path, "--no-hello")
    started.append(one)
    one.ready()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for options, status, says in [
            (["--state", "memory", "--port", port], 1, "--port 0"),
            ([], 1, "serve"),
            (["--port", "99999"], 2, "99999"),
            (["--provider-path", "nowhere"], 2, "nowhere"),
            (["--state", "/proc/none/x.sqlite3"], 1, "--state memory"),
        ]:
            run = subprocess.run(
                [sys.executable, "-m", "hookassay", "serve", "--port", "0", *options],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert run.returncode == status, (options, run.stderr)
            assert run.stderr.count("\n") == 1 and says in run.stderr and "Traceback" not in run.stderr


def test_options_come_from_the_environment(tmp_path: Path, started: list[Process]) -> None:
    """`HOOKASSAY_` and the option's name; lists with commas; secrets only so."""
    one = Process(
        tmp_path,
        HOOKASSAY_STATE="memory",
        HOOKASSAY_ALLOW_HOST="mock.test,other.test",
        HOOKASSAY_SECRET_GITPLE="from-the-environment",
    )
    started.append(one)
    url = one.ready()
    read = one.until("Add yours")
    assert "fr…nt" in read and "from-the-environment" not in read
    for host, status in [("mock.test", 200), ("other.test", 200), ("third.test", 400)]:
        assert requests.get(f"{url}/healthz", headers={"Host": host}, timeout=10).status_code == status


def test_beyond_loopback_it_asks_for_a_token(tmp_path: Path, started: list[Process]) -> None:
    """A token is made, shown once in the address of the console, and kept in the private note."""
    one = Process(tmp_path, "--host", "0.0.0.0", "--no-hello")
    started.append(one)
    url = one.ready()
    read = one.until("console")
    token = json.loads((tmp_path / ".hookassay" / "serve.json").read_text())["token"]
    assert f"{url}/#token={token}" in read
    assert requests.get(f"{url}/api/clock", timeout=10).status_code == 401
    bearer = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{url}/api/clock", headers=bearer, timeout=10).status_code == 200


def test_a_vendor_of_ones_own_is_read_again(tmp_path: Path, started: list[Process]) -> None:
    """A change of its files is there at once; a broken one is told, and the last good data stays."""
    (tmp_path / "paid.json").write_text('{"id": "evt_1", "amount": 5}')
    draft = [sys.executable, "-m", "hookassay", "provider", "new", "acme", "--from", "paid.json"]
    subprocess.run(draft, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    one = Process(tmp_path, "--no-hello", "--state", "memory", "--provider-path", "acme")
    started.append(one)
    url = one.ready()
    file = tmp_path / "acme" / "provider.toml"
    right = file.read_text()
    file.write_text(right.replace('en = "Acme"', 'en = "Acme Pay"'))
    for _ in range(100):
        title = requests.get(f"{url}/api/providers/acme", timeout=10).json()["title"]["en"]
        if title == "Acme Pay":
            break
        time.sleep(0.1)
    assert title == "Acme Pay"
    file.write_text(right.replace('method = "POST"', 'methd = "POST"'))
    told = one.until("the last good contract is kept")
    assert "provider.toml" in told and "methd" in told
    assert requests.get(f"{url}/api/providers/acme", timeout=10).json()["title"]["en"] == "Acme Pay"


def test_why_without_a_mock_says_so(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "hookassay", "why", "1"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1 and "hookassay serve" in run.stderr


def _send(folder: Path, *arguments: str) -> dict[str, Any]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("HOOKASSAY_")}
    command = [sys.executable, "-m", "hookassay", "send", *arguments, "--json"]
    ran = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, timeout=60)
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def test_what_send_sends_is_in_the_log_of_the_mock_of_its_folder(
    tmp_path: Path, started: list[Process], receiver: Receiver
) -> None:
    """The exact bytes with the answer, secrets masked though the mock has never seen them; it can be searched for
    and replayed, and what was forged is labelled."""
    mock = Process(tmp_path, "--no-hello")
    started.append(mock)
    url = mock.ready()
    receiver.behaviour = lambda got: (404, "없음: another-secret".encode())
    to = ("livechat", "chat_ended", "--to", f"{receiver.url}/hook", "--secret", "another-secret")
    number = _send(tmp_path, *to)["recorded"]
    told = requests.get(f"{url}/api/deliveries/{number}", timeout=10)
    assert "another-secret" not in told.text
    detail = told.json()
    assert (detail["summary"]["outcome"], detail["summary"]["status"]) == ("given-up", 404)
    assert detail["attempts"][0]["answer"]["body"] == "없음: ****"
    found = requests.get(f"{url}/api/deliveries", params={"q": "origin:send 없음"}, timeout=10).json()["items"]
    assert [one["id"] for one in found] == [number]
    exact = requests.get(f"{url}/api/deliveries/{number}/body", params={"reveal": "true"}, timeout=10).content
    assert exact == receiver.bodies[0]

    forged = _send(tmp_path, *to, "--forged", "left-out")["recorded"]
    assert requests.get(f"{url}/api/deliveries/{forged}", timeout=10).json()["summary"]["faults"][0].startswith("wrong")
    assert mock.stop() == 0
    assert _send(tmp_path, *to)["recorded"] is None


@pytest.mark.parametrize("inbox", [False, True])
def test_an_event_that_nobody_gets_is_a_line_too(
    tmp_path: Path, started: list[Process], receiver: Receiver, inbox: bool
) -> None:
    """Why it was not sent, and what the vendor's data advise where the answer is not what the vendor wants.

    That an inbox got it is no comfort to somebody whose own webhook did not.
    """
    receiver.behaviour = always(302)
    mock = Process(tmp_path, "--no-hello", "--state", "memory")
    started.append(mock)
    url = mock.ready()
    webhook: dict[str, Any] = {
        "provider": "livechat",
        "name": "crm",
        "url": receiver.url,
        "settings": {"event": "chat_started"},
    }
    assert requests.post(f"{url}/api/endpoints", json=webhook, timeout=10).status_code == 201
    if inbox:
        beside: dict[str, Any] = {"provider": "livechat", "name": "box", "settings": {"event": "chat_ended"}}
        assert requests.post(f"{url}/api/endpoints", json=beside, timeout=10).status_code == 201
    for event in ("chat_ended", "chat_started"):
        requests.post(f"{url}/api/trigger", json={"provider": "livechat", "event": event}, timeout=10)
    boxed = "livechat → box  chat_ended"
    read = mock.until("A redirect is not followed", *([boxed] if inbox else []))
    assert "livechat → crm  chat_ended" in read and "not sent: crm does not bind chat_ended" in read
    assert "livechat → crm  chat_started" in read and "302 redirected" in read
    assert (boxed in read) is inbox and "taken  taken" not in read
