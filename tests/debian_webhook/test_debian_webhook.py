"""Debian's package `webhook`, a receiver that nobody here wrote: what the battery says of it, and why that is right.

`webhook` is a Go program that runs a command for each HTTP call that its rules let through. Both
configurations beside this file ask it to check Gitple's signature (`payload-hmac-sha256`).

plain.json is what its manual shows. Every wrong signature is an error inside of the rule and answered
500 ("Error occurred while evaluating hook rules."): to the vendor that is a receiver that broke, and it
sends the event again; whoever watches the service sees an alarm for every probe. Without the header the
rule is just not met, and that is answered 200: the vendor is told "taken" for an event that was dropped,
and from outside nobody can tell the receiver from one that takes unsigned events. So the battery fails it
for its signature checks, for each of which a MUST of the contract stands (GI-30 to GI-40).

careful.json has the three settings that make errors of the rule into "not met" (soft failures, which work
inside of an `or` only) and "not met" into 403. It refuses all that is forged and takes all that is right.
One MUST is left: a JSON body that calls itself multipart/form-data is answered 500 ("Error occurred while
parsing multipart form."), signed or not, because the program parses a form before it asks its rules. It
should take the bytes whatever they are called, or answer 4xx (GI-52). One bug, seen by the three checks
that send such a body.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.receivers import Run, battery, clean_environment

HERE = Path(__file__).parent
_START = 20.0
"""Seconds until the program listens."""

pytestmark = pytest.mark.skipif(
    shutil.which("webhook") is None, reason="there is no webhook: apt-get install webhook, on Debian"
)

MULTIPART = {"gitple/errors/content-type", "gitple/errors/form", "gitple/errors/no-internals"}
"""The checks that send a body which calls itself multipart and is none."""

SIGNATURE = {
    f"gitple/signature/{name}"
    for name in (
        "absent",
        "bypass",
        "content-type",
        "guessable-key",
        "malformed",
        "no-oracle",
        "other-algorithm",
        "other-writing",
        "partial",
        "tampered",
        "twice",
        "unkeyed",
        "wrong-key",
        "wrong-message",
    )
}
"""The checks that send forged deliveries and fail a receiver that breaks on them or takes them."""

RIGHT_DIGEST = {"gitple/signature/other-writing", "gitple/signature/twice"}
"""Those of them that send the right digest in an unusual way, which only its owner can: taking it is advice."""

ALSO_FORGED = {"gitple/delivery/cut-short", "gitple/delivery/recovery"}
"""Bodies that were cut no longer match their signature, and the bad ones before a recovery are forged, too: 500."""


@pytest.fixture
def webhook(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """`webhook("careful.json")`: the URL of the program, started with this configuration."""
    running: list[subprocess.Popen[bytes]] = []

    def start(configuration: str) -> str:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = ["webhook", "-hooks", str(HERE / configuration), "-ip", "127.0.0.1", "-port", str(port)]
        with open(tmp_path / "webhook.log", "wb") as log:
            process = subprocess.Popen(command, cwd=tmp_path, env=clean_environment(), stdout=log, stderr=log)
        running.append(process)
        ends = time.monotonic() + _START
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return f"http://127.0.0.1:{port}/hooks/gitple"
            except OSError:
                assert process.poll() is None and time.monotonic() < ends, (tmp_path / "webhook.log").read_text()
                time.sleep(0.05)

    yield start
    for process in running:
        process.kill()
        process.wait(_START)


def judged(url: str, folder: Path) -> Run:
    return battery(folder, f"--target-url={url}", "--target-provider=gitple", "--target-secret=gitple-secret")


def test_the_careful_one_fails_for_one_bug(webhook: Callable[[str], str], tmp_path: Path) -> None:
    """It takes what is right and refuses every forgery; a JSON body called multipart breaks it."""
    run = judged(webhook("careful.json"), tmp_path)
    assert run.exit == 1
    assert run.checks("failed") == MULTIPART
    assert not run.checks("error") | run.checks("not run")
    failed = [told for told in run.report["verdicts"] if told["verdict"] == "failed"]
    assert all("500" in told["message"] and "multipart" in told["case"] for told in failed)
    assert run.checks("passed") >= SIGNATURE - RIGHT_DIGEST
    assert not run.checks("advice") & (SIGNATURE - RIGHT_DIGEST)
    assert "gitple/payload/full" in run.checks("passed") - run.checks("failed")


def test_the_plain_one_fails_for_what_is_forged(webhook: Callable[[str], str], tmp_path: Path) -> None:
    """It takes what is right; forgeries break it, and without a header it says that they were taken."""
    run = judged(webhook("plain.json"), tmp_path)
    assert run.exit == 1
    assert run.checks("failed") == MULTIPART | SIGNATURE | ALSO_FORGED
    assert not run.checks("error") | run.checks("not run")
    verdicts = {told["id"]: told for told in run.report["verdicts"]}
    absent = "gitple/signature/absent[session_state_close,{}]"
    assert verdicts[absent.format("no-header")]["message"].startswith("taken (200")
    assert verdicts[absent.format("empty-value")]["message"].startswith("it broke: 500")
    payload = {told["verdict"] for told in run.report["verdicts"] if told["family"] == "payload"}
    assert payload <= {"passed", "advice"}
