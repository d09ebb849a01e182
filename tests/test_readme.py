"""The README keeps what it says: its marked console blocks run and say that, its Python runs, its links lead somewhere.

A block behind `<!-- tested: WHAT -->` is run: `right` and `wrong` against a receiver of that kind, in the
place of http://127.0.0.1:3000; anything else as it stands. Its output has to hold the lines of the block in
their order, where a number stands for any number and `…` for anything.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hookassay.conformance.options import OPTIONS
from hookassay.conformance.waivers import read
from tests.receivers import clean_environment

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
TESTED = re.findall(r"<!-- tested: ([^\n]+) -->\n```console\n\$ ([^\n]+)\n(.*?)```", README, re.S)
PLACE = "http://127.0.0.1:3000"
EXIT = {"right": 0, "wrong": 1, "hookassay demo": 0}


@contextmanager
def receiver(kind: str) -> Iterator[str]:
    """The address of one of the demo's receivers; it ends with its standard input."""
    command = [sys.executable, "-m", f"hookassay.demo.{kind}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1].rstrip("/")
        process.communicate(timeout=30)


def ran(command: str, folder: Path) -> tuple[int, str]:
    """Exit status and output of a line of the README: pytest and hookassay are those of this environment."""
    program, *arguments = shlex.split(command)
    done = subprocess.run(
        [sys.executable, "-m", program, *arguments],
        cwd=folder,
        env={**clean_environment(), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
    )
    return done.returncode, done.stdout + done.stderr


def pattern(line: str) -> re.Pattern[str]:
    """A line of the README as a pattern: any number for a number, anything for `…`, blanks at the end ignored."""
    parts = re.split(r"(\d[\d.]*|…)", line.rstrip())
    wild = {"…": ".*"}
    text = "".join(wild.get(part, r"\d[\d.]*" if part[:1].isdigit() else re.escape(part)) for part in parts)
    return re.compile(re.sub(r"(\\ )+", r" +", text) + r"\s*")


def test_what_is_marked_is_found() -> None:
    """Each mark stands before a console block that these tests can run."""
    assert [kind for kind, _, _ in TESTED] == ["hookassay demo", "right", "wrong"]
    assert README.count("<!-- tested:") == len(TESTED)


@pytest.mark.parametrize(("kind", "command", "told"), TESTED, ids=[kind for kind, _, _ in TESTED])
def test_a_console_block(kind: str, command: str, told: str, tmp_path: Path) -> None:
    """The command ends as it should and says what the README shows."""
    if kind in ("right", "wrong"):
        with receiver(kind) as address:
            status, said = ran(command.replace(PLACE, address), tmp_path)
            said = said.replace(address, PLACE)
    else:
        status, said = ran(command, tmp_path)
    assert status == EXIT[kind], said[-3000:]
    lines = iter(said.splitlines())
    for line in told.splitlines():
        expected = pattern(line)
        assert any(expected.fullmatch(given) for given in lines), f"not said, or not there: {line!r}\n{said[:6000]}"


def test_the_python_block(tmp_path: Path) -> None:
    """The example of `webhook_delivery` is a test file that passes."""
    (block,) = re.findall(r"```python\n(.*?)```", README, re.S)
    (tmp_path / "test_webhook.py").write_text(block, encoding="utf-8")
    status, said = ran("pytest -q -p no:cacheprovider", tmp_path)
    assert status == 0 and "3 passed" in said, said


def test_the_waiver_block(tmp_path: Path) -> None:
    """The waivers that it shows can be read."""
    (block,) = re.findall(r"```toml\n(.*?)```", README, re.S)
    (tmp_path / "waivers.toml").write_text(block, encoding="utf-8")
    (waiver,) = read(tmp_path / "waivers.toml")
    assert waiver.matches("gitple/signature/absent[session_state_open,empty-value]")


def test_its_options_exist() -> None:
    """Each option that it names is one of the plugin's."""
    known = {option.flag for option in OPTIONS}
    named = set(re.findall(r"--target-[a-z-]+", README))
    assert named <= known and len(named) > 10


def test_its_links_lead_somewhere() -> None:
    """Each relative link is a file of the repository."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert len(links) > 8
    assert not [link for link in links if not (ROOT / link).exists()]


def test_ci_runs_its_test_command() -> None:
    """.ci/run calls the very line that the README tells a newcomer to type, and both of its commands."""
    (block,) = re.findall(r"```console\n(\$ python -m pip install \. .*?)```", README, re.S)
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    commands = [line.removeprefix("$ ") for line in block.splitlines()]
    assert len(commands) == 2
    assert all(command in script for command in commands)


def test_it_is_short() -> None:
    """Nobody reads a longer one."""
    assert len(README.splitlines()) <= 220
