"""Receivers as processes of their own, and the battery as another, as users have them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_START = 60.0
"""Seconds that a receiver may take until it listens: a JVM that compiles from source takes some."""
_RUN = 240.0
"""Seconds that a battery may take; a fifth of it on a machine that has nothing else to do."""


def clean_environment() -> dict[str, str]:
    """The environment without anything that configures pytest, hookassay or an example receiver."""
    ours = ("HOOKASSAY", "PYTEST", "GITPLE_", "GBM_", "LIVECHAT_", "PORT")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "COLUMNS": "80", "NO_COLOR": "1"}


@contextmanager
def started(command: Sequence[str], folder: Path) -> Iterator[str]:
    """The URL of a receiver that says `listening on URL` once it does; it ends with the block."""
    process = subprocess.Popen(
        command, cwd=folder, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    giving_up = threading.Timer(_START, process.kill)
    giving_up.start()
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        giving_up.cancel()
        assert first.startswith("listening on "), f"{command[0]} did not start: {first}"
        # What it prints later has to go somewhere, or it stops when the pipe is full.
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield first.split()[-1]
    finally:
        giving_up.cancel()
        process.kill()
        process.wait(_START)


@dataclass(frozen=True)
class Run:
    """What a run of the battery came to: pytest's exit status, what it printed, its JSON report."""

    exit: int
    said: str
    report: Mapping[str, Any]

    def checks(self, verdict: str) -> set[str]:
        """The ids of the checks of which a case has this verdict."""
        return {told["check"] for told in self.report["verdicts"] if told["verdict"] == verdict}


def battery(folder: Path, *arguments: str) -> Run:
    """`pytest …` as a user calls it, in a folder that holds nothing, with a report."""
    report = folder / "report.json"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--target-report={report}", *arguments],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_RUN,
    )
    said = done.stdout + done.stderr
    assert report.exists(), said
    return Run(done.returncode, said, json.loads(report.read_text("utf-8")))
