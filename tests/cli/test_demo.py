"""demo, as a process of its own."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_the_right_one_conforms_and_the_wrong_one_does_not(process: Callable[..., Any]) -> None:
    """The demo shows both verdicts side by side, the findings, and what to type next, in at most 25 lines each."""
    started = time.monotonic()
    said = process("demo", env={"HOOKASSAY_TARGET_SECRET_GITPLE": "somebody's own"})
    assert said.status == 0, said.out + said.err
    assert time.monotonic() - started < 50
    verdict = next(line for line in said.out.splitlines() if line.startswith("verdict"))
    assert verdict.split() == ["verdict", "conforms", "does", "not", "conform"]
    assert "verifies JSON that it has parsed and written again" in said.out
    assert "hookassay check http://127.0.0.1:3000/webhook --provider gitple" in said.out
    assert len(said.out.splitlines()) <= 50
    found = re.search(r"What is wrong with the wrong one \((\d+) findings\):\n(.*?)\n\n", said.out, re.S)
    assert found is not None and len(re.findall(r"^ \d+\. ", found[2], re.M)) == int(found[1]) > 2


def started_by(parent: int) -> list[int]:
    """The processes that a process has started, and theirs."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found += [int(folder.name), *started_by(int(folder.name))]
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_running(begin: Callable[..., Any], how: signal.Signals) -> None:
    """However the demo is ended, the receivers that it has started end too; where it can, it says 130."""
    running = begin("demo")
    ends = time.monotonic() + 60
    while len(started_by(running.pid)) < 4:
        assert time.monotonic() < ends
        time.sleep(0.1)
    time.sleep(1)
    children = started_by(running.pid)
    running.send_signal(how)
    _, err = running.communicate(timeout=60)
    assert how == signal.SIGKILL or running.returncode == 130
    assert "Traceback" not in err
    while any(alive(child) for child in children):
        assert time.monotonic() < ends
        time.sleep(0.1)


def alive(pid: int) -> bool:
    try:
        return "hookassay" in Path(f"/proc/{pid}/cmdline").read_text() and os.getpgid(pid) > 0
    except OSError:
        return False
