"""Terminals, pipes and other streams."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal and a shell")

HOOKASSAY = f"{sys.executable} -m hookassay"


@pytest.fixture
def seen() -> Callable[..., str]:
    """`seen("events", "gbm")`: what a person at a terminal of 80 columns sees."""
    import fcntl
    import pty
    import struct
    import termios

    def look(*arguments: str, **env: str) -> str:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
        with subprocess.Popen(
            [sys.executable, "-m", "hookassay", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm", **env},
        ) as running:
            os.close(theirs)
            data = b""
            while True:
                try:
                    part = os.read(ours, 65_536)
                except OSError:
                    break
                if not part:
                    break
                data += part
            running.wait(timeout=60)
        os.close(ours)
        return data.decode("utf-8").replace("\r\n", "\n")

    return look


def plain(text: str) -> str:
    """Text without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize(
    "arguments",
    [("providers",), ("events", "gbm"), ("checks", "gitple"), ("explain", "gitple/signature/raw-bytes"), ("--help",)],
)
def test_eighty_columns_are_enough(seen: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    """On a terminal of 80 columns no line is longer."""
    assert max(map(len, plain(seen(*arguments)).splitlines())) <= 80


def test_a_terminal_gets_colours_and_a_tip(seen: Callable[..., Any]) -> None:
    """A person sees colours, and how to go on."""
    said = seen("events", "gitple")
    assert "\x1b[" in said
    assert "hookassay show gitple session_state_close" in said


@pytest.mark.parametrize("arguments", [("events", "gitple"), ("show", "gitple", "session_state_open")])
def test_no_color_is_honoured(seen: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    """With NO_COLOR set, a terminal gets no colours."""
    assert "\x1b" not in seen(*arguments, NO_COLOR="1")


def test_show_on_a_terminal_is_still_the_document(seen: Callable[..., Any]) -> None:
    """The coloured JSON is JSON, whatever is wide in it."""
    assert json.loads(plain(seen("show", "gitple", "session_state_close")))["session"]["meta"]


def test_a_pipe_gets_plain_text(process: Callable[..., Any]) -> None:
    """A pipe gets neither colours nor tips."""
    said = process("events", "gitple")
    assert "\x1b" not in said.out
    assert "hookassay show" not in said.out


@pytest.mark.parametrize("arguments", ["checks", "show gbm message --schema", "--help"])
def test_a_reader_that_goes_away_is_no_error(arguments: str) -> None:
    """`| head` ends a command quietly, with the status that it has."""
    done = subprocess.run(
        ["bash", "-c", f"{HOOKASSAY} {arguments} | true; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_a_failure_stays_one_when_the_reader_goes_away() -> None:
    """The status does not depend on who reads the output."""
    script = (
        f"for i in $(seq 100); do echo '{{}}'; done | {HOOKASSAY} validate gitple - | true; echo ${{PIPESTATUS[1]}}"
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("1\n", "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_one_line() -> None:
    """Output that cannot be written is told in one line."""
    done = subprocess.run(
        ["bash", "-c", f"{HOOKASSAY} providers > /dev/full"], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (2, "hookassay: standard output: No space left on device\n")


def test_an_encoding_that_lacks_characters(process: Callable[..., Any]) -> None:
    """Where the output's encoding lacks a character it is escaped, and JSON stays JSON."""
    env = {"PYTHONIOENCODING": "ascii"}
    shown = process("show", "gitple", "session_state_close", env=env).out
    assert shown.isascii()
    assert "환불" in json.loads(shown)["session"]["note"]
    assert process("validate", "gitple", "깃플.json", env=env).status == 2


def test_half_a_surrogate_pair_is_printed_escaped(process: Callable[..., Any]) -> None:
    """What UTF-8 cannot hold does not break the output."""
    said = process("show", "gitple", "session_state_close", "--set", 'session.note:="\\ud800"', "--json")
    assert said.status == 0
    assert json.loads(said.out)["session"]["note"] == "\ud800"
