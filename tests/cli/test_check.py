"""check: the battery without pytest."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hookassay.conformance import waivers
from hookassay.demo import right, wrong

FEW = (
    "--provider",
    "gitple",
    "--check",
    "signature/absent",
    "--check",
    "signature/tampered",
    "--check",
    "payload/full",
)


def test_a_right_receiver_conforms(process: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """A receiver that holds ends with 0, said in one line at the end."""
    said = process("check", receiver(right.receive), *FEW)
    assert said.status == 0, said.err
    assert re.search(r"conforms: \d+ cases", said.out.splitlines()[-1])
    assert said.err == ""


def test_a_wrong_receiver_is_told_why(process: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """A receiver that does not hold ends with 1: each finding once in full, options named as here, the verdict last."""
    said = process("check", receiver(wrong.receive), *FEW)
    assert said.status == 1
    assert "1. gitple: " in said.out
    for label in ("sent: ", "answered: ", "rule: ", "source: ", "fix: ", "repeat: "):
        assert label in said.out
    assert "does not conform" in said.out.splitlines()[-1]
    assert "--target-" not in said.out
    assert "\x1b" not in said.out


def test_json_is_the_report_alone(process: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """`--json` prints the report's document and nothing else."""
    said = process("check", receiver(wrong.receive), *FEW, "--json")
    report = json.loads(said.out)
    assert said.status == report["exit"] == 1
    assert report["providers"] == ["gitple"]
    assert {verdict["check"] for verdict in report["verdicts"]} >= {"gitple/signature/tampered"}


def test_the_users_own_pytest_has_no_say(process: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """Neither conftest, ini file, plugins nor variables of the user's pytest reach the run."""
    Path("conftest.py").write_text("raise SystemExit('conftest was imported')\n")
    Path("pytest.ini").write_text("[pytest]\naddopts = --nonsense\ntarget_level = nonsense\n")
    Path("test_mine.py").write_text("raise SystemExit('test was imported')\n")
    said = process(
        "check", receiver(right.receive), *FEW, env={"PYTEST_ADDOPTS": "--nonsense", "PYTEST_PLUGINS": "nonsense"}
    )
    assert said.status == 0, said.out + said.err
    assert not Path(".pytest_cache").exists()


def test_options_come_from_the_environment_too(
    run: Callable[..., Any], receiver: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variables that the pytest plugin reads hold here as well, and what is typed goes before them."""
    monkeypatch.setenv("HOOKASSAY_TARGET_PROVIDER", "gitple")
    monkeypatch.setenv("HOOKASSAY_TARGET_CHECK", "signature/absent\nsignature/twice")
    monkeypatch.setenv("HOOKASSAY_TARGET_URL", "http://nobody.invalid/")
    report = json.loads(run("check", receiver(right.receive), "--check", "signature/absent", "--json").out)
    assert {verdict["check"] for verdict in report["verdicts"]} == {"gitple/signature/absent"}


def test_todays_failures_become_waivers(process: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """`--write-waivers` writes what fails, with a reason to fill in and an end; with that file the run passes."""
    url = receiver(wrong.receive)
    said = process("check", url, *FEW, "--write-waivers", "waivers.toml")
    assert said.status == 1
    assert "waivers.toml: " in said.err
    found = waivers.read(Path("waivers.toml"))
    assert all("known since" in one.reason and one.expires is not None for one in found)
    assert "gitple/payload/full" not in [one.pattern for one in found]  # the events that are taken stay held to it
    assert process("check", url, *FEW, "--waivers", "waivers.toml").status == 0


def test_waivers_are_not_written_over(process: Callable[..., Any], nobody: str) -> None:
    """A waivers file that is there holds reasons, and is refused before anything is sent."""
    Path("waivers.toml").write_text("")
    said = process("check", nobody, "--write-waivers", "waivers.toml")
    assert said.status == 2
    assert "is there already" in said.err


def test_report_file(process: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """`--report` writes its file where the command was called."""
    assert process("check", receiver(right.receive), *FEW, "--report", "report.json").status == 0
    assert json.loads(Path("report.json").read_text(encoding="utf-8"))["exit"] == 0


def test_a_receiver_that_is_started_for_the_run(process: Callable[..., Any], nobody: str) -> None:
    """`--command` starts the receiver and stops it at the end."""
    code = Path("receiver.py")
    port = nobody.rsplit(":", 1)[1].strip("/")
    code.write_text(
        "from http.server import ThreadingHTTPServer\n"
        "from hookassay.demo import right, server\n"
        "server.Handler.receive = staticmethod(right.receive)\n"
        f"ThreadingHTTPServer(('127.0.0.1', {port}), server.Handler).serve_forever()\n"
    )
    said = process("check", nobody, *FEW, "--command", f"{sys.executable} receiver.py", "--wait", "20")
    assert said.status == 0, said.err
    assert process("check", nobody, *FEW).status == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--check", "signature/abset"), "--check: no check matches 'signature/abset' (did you mean"),
        (("--provider", "gitpl"), "--provider: unknown provider 'gitpl' (did you mean 'gitple'?)"),
        (("--event", "session"), "--event: no event matches 'session'"),
        (("--provider", "gitple"), "cannot reach http://127.0.0.1:"),
        (("--timeout", "soon"), "--timeout: not a number: 'soon'"),
        (("--report", "x.pdf"), "--report: x.pdf: the ending says the form"),
        (("--waivers", "none.toml"), "none.toml: cannot be read: No such file or directory"),
        (("--secret", ""), "--secret: the secret is empty"),
    ],
)
def test_a_wrong_command_is_one_line(
    run: Callable[..., Any], nobody: str, arguments: tuple[str, ...], words: str
) -> None:
    """A command that cannot be run ends with 2 and one line on standard error, that names the option as it is here."""
    said = run("check", nobody, *arguments)
    assert said.status == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert words in said.err
    assert "--target-" not in said.err


def test_nothing_to_try_is_a_wrong_command(run: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """A check that the provider's battery does not have leaves nothing to try: status 2."""
    said = run("check", receiver(right.receive), "--provider", "gitple", "--check", "token/wrong")
    assert said.status == 2
    assert said.err == "hookassay: nothing was tried: no case of this provider was asked for\n"


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_interrupted_it_reports_what_it_has(begin: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """Ctrl-C ends with 130, after the report of what was tried so far."""
    url = receiver(right.receive)
    running = begin("check", url, "--provider", "gitple", "--rate", "20")
    assert running.stdout.readline().startswith("hookassay: ")
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "gitple/payload" in out
    assert "Traceback" not in out + err
