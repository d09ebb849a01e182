"""Locust drives our deliveries: a master and two workers on loopback, nothing sent twice, wrong answers counted."""

from __future__ import annotations

import csv
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fuzz.conftest import Receive

# Never imported here: Locust patches the process that imports it.
pytestmark = pytest.mark.skipif(find_spec("locust") is None, reason="an extra: pip install hookassay[load]")
EXAMPLE = Path(__file__).parents[2] / "examples" / "locustfile.py"
ENOUGH = 100
"""Deliveries in Locust's own table after which it is asked to end: it is written every five seconds, not at the end."""

LOCUSTFILE = """
from hookassay.conformance.fuzz.locust import vendor_user

Right = vendor_user("gitple", wanted=["session_state_open"], forged_share=0.3)
Fuzzed = vendor_user("gitple", wanted=["send_external_message"], fuzz_share=1)
"""


def locust(file: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "locust", "-f", str(file), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def counts(folder: Path) -> dict[str, int]:
    """How many requests of each name Locust's table has; a table that is just being written has fewer rows."""
    try:
        with open(folder / "load_stats.csv", encoding="utf-8") as table:
            return {row["Name"]: int(row["Request Count"]) for row in csv.DictReader(table) if row["Request Count"]}
    except FileNotFoundError:
        return {}


def test_the_example_is_a_locustfile() -> None:
    """What the documentation shows has a user class."""
    with locust(EXAMPLE, "--list") as listing:
        said = listing.communicate(timeout=60)[0]
    assert (listing.returncode, "Gitple" in said) == (0, True), said


def test_a_master_and_two_workers(receiver: Callable[[Receive], str], tmp_path: Path) -> None:
    """Both workers send, each its own cases; a forgery that is taken is a failure in Locust's own table."""
    file = tmp_path / "locustfile.py"
    file.write_text(LOCUSTFILE, encoding="utf-8")
    seen: list[bytes] = []
    lock = threading.Lock()

    def watch(body: bytes, signature: str) -> tuple[int, str]:
        with lock:
            seen.append(body)
        return 200, "whatever it is"

    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
    host = ("--host", receiver(watch))
    master = locust(
        file,
        *("--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--expect-workers", "2"),
        *("--headless", "-u", "4", "-r", "4", "-t", "120s", "--csv", str(tmp_path / "load"), "--only-summary", *host),
    )
    workers = [locust(file, "--worker", "--master-host", "127.0.0.1", "--master-port", port, *host) for _ in range(2)]
    ends = time.monotonic() + 100
    try:
        while time.monotonic() < ends and counts(tmp_path).get("Aggregated", 0) < ENOUGH and master.poll() is None:
            time.sleep(0.1)
        master.terminate()
        said = master.communicate(timeout=60)[0]
    finally:
        for process in (master, *workers):
            process.kill()
            process.communicate()
    rows = counts(tmp_path)
    assert rows.get("Aggregated", 0) >= ENOUGH, said[-2000:]
    kinds = ("session_state_open valid", "session_state_open auth")
    assert {*kinds, "send_external_message invalid", "send_external_message bytes"} <= set(rows)
    whole = [body for body in seen if b'"session_state_open"' in body]  # of the fuzzed ones some are alike: `{}`
    assert len(whole) > 10 and len(whole) == len(set(whole))
    with open(tmp_path / "load_failures.csv", encoding="utf-8") as table:
        errors = [row["Error"] for row in csv.DictReader(table)]
    assert any("taken: auth." in error for error in errors)
    assert master.returncode == 1
