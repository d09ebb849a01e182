"""The fixtures in a user's own tests, run as a user runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

PLUGIN = "hookassay.mockserver.fixtures"

SUITE = """
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

TICKETS = []

class App(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        TICKETS.append(body)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *anything):
        pass

@pytest.fixture
def app_url():
    TICKETS.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), App) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()

def test_one_of_each_provider(mock_provider, app_url):
    for name, event in [("gitple", "session_state_close"), ("livechat", "chat_ended")]:
        hooks = mock_provider(name)
        hooks.endpoint(url=app_url)
        assert hooks.trigger(event).wait().status == 200
    assert len(TICKETS) == 2

def test_each_test_begins_anew(mock_gitple, app_url):
    assert mock_gitple.client.endpoints() == []
    assert mock_gitple.client.search("") == []
    mock_gitple.endpoint(url=app_url)
    mock_gitple.trigger("session_state_open").wait()
    assert len(mock_gitple.client.search("")) == 1

def test_it_fails_and_leaves_its_log(mock_gitple, app_url):
    mock_gitple.endpoint(url=app_url, secret="hunter2hunter2")
    mock_gitple.trigger("session_state_close").wait()
    assert TICKETS == []
"""


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    known = any(entry.value == PLUGIN for entry in entry_points(group="pytest11"))
    plugin = [] if known else ["-p", PLUGIN]
    command = [sys.executable, "-m", "pytest", *plugin, "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)


def test_a_suite_of_a_user(tmp_path: Path) -> None:
    """Two tests pass, one fails and leaves HAR and NDJSON without a secret; each begins with a state of its own."""
    (tmp_path / "test_app.py").write_text(SUITE)
    done = run(tmp_path, "--dump-on-failure", "dumps")
    assert "2 passed" in done.stdout and "1 failed" in done.stdout, done.stdout[-3000:]
    files = sorted(file.name for file in (tmp_path / "dumps").iterdir())
    assert len(files) == 2 and all("it_fails" in name for name in files)
    for file in (tmp_path / "dumps").iterdir():
        assert "hunter2" not in file.read_text()
    lines = [json.loads(line) for line in next((tmp_path / "dumps").glob("*.ndjson")).read_text().splitlines()]
    assert [line["event"] for line in lines] == ["session_state_close"]


FROZEN = """
import datetime

import freezegun

@freezegun.freeze_time("2020-01-01")
def test_time_stands_still_for_the_test_alone(mock_gitple):
    sent = mock_gitple.trigger("session_state_close", endpoints=[mock_gitple.endpoint()])
    assert sent.wait().status == 200
    assert datetime.date.today().year == 2020
    assert int(sent.delivery.row["summary"]["at"][:4]) > 2020
"""


def test_a_frozen_clock_is_the_tests_own(tmp_path: Path) -> None:
    """freezegun does not stop the mock."""
    pytest.importorskip("freezegun")
    (tmp_path / "test_app.py").write_text(FROZEN)
    done = run(tmp_path)
    assert "1 passed" in done.stdout, done.stdout[-3000:]


def test_nothing_is_loaded_before_it_is_asked_for(tmp_path: Path) -> None:
    """A run that uses no fixture of ours pays nothing for them."""
    idle = "assert not {'flask', 'sqlalchemy', 'pydantic', 'waitress'} & set(sys.modules)"
    (tmp_path / "test_idle.py").write_text(f"import sys\n\ndef test_idle():\n    {idle}\n")
    done = run(tmp_path, "-p", "no:schemathesis", "-p", "no:playwright", "-p", "no:hypothesispytest")
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("gone", ["sqlalchemy", "flask"])
def test_without_the_extra_the_line_says_what_to_install(tmp_path: Path, gone: str) -> None:
    (tmp_path / "test_app.py").write_text("def test_it(mock_gitple):\n    pass\n")
    (tmp_path / "conftest.py").write_text(
        "import importlib.util as util\n"
        "found = util.find_spec\n"
        f"util.find_spec = lambda name, *more: None if name == {gone!r} else found(name, *more)\n"
    )
    done = run(tmp_path)
    assert done.returncode == 1
    assert f"the mock needs {gone}: pip install 'hookassay[serve]'" in done.stdout
