"""What the battery's tests share: runs of pytest as a process of its own, and of the battery within this one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hookassay.conformance.findings import Finding, findings
from hookassay.conformance.verdict import Verdict
from tests.battery import tried
from tests.conformance.receivers import SECRET, Receiver, serving

_LONG = 240.0
"""Seconds after which a run that has not ended is a failure."""


@pytest.fixture
def serve() -> Iterator[Callable[[Receiver], str]]:
    """`serve(function)`: a receiver on a port of its own; gives its URL."""
    with ExitStack() as stack:
        yield lambda receiver: stack.enter_context(serving(receiver))


@dataclass(frozen=True)
class Run:
    """A run of pytest: its exit status, its output, its JSON report (empty if none was written)."""

    exit: int
    out: str
    report: Mapping[str, Any]

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The findings that fail the run."""
        return [finding for finding in self.report["findings"] if finding["level"] == "failed"]

    def verdicts(self, *kinds: str) -> list[str]:
        return [verdict["id"] for verdict in self.report["verdicts"] if verdict["verdict"] in kinds]


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without anything that configures pytest or hookassay."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HOOKASSAY", "PYTEST"))}
    return {**kept, "COLUMNS": "80", "NO_COLOR": "1", **more}


def run_pytest(*arguments: str, folder: Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """pytest as a process, with our plugin (and pytest-xdist where workers are asked for) and no other.

    Other plugins that are installed beside us take seconds to import, and again in each worker.
    """
    xdist = ("-p", "xdist") if "-n" in arguments else ()
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "hookassay", *xdist, *arguments],
        cwd=folder,
        env=clean_environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", **(env or {})),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_LONG,
    )


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Run]:
    """`run("--target-url=…")`: pytest in an empty folder or in `folder`, without cache unless asked."""

    def call(
        *arguments: str, cache: bool = False, env: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> Run:
        report = tmp_path / "report.json"
        report.unlink(missing_ok=True)
        off = () if cache else ("-p", "no:cacheprovider")
        empty = tmp_path / "empty"
        empty.mkdir(exist_ok=True)
        done = run_pytest(*off, *arguments, f"--target-report={report}", folder=folder or empty, env=env)
        told = json.loads(report.read_text("utf-8")) if report.exists() else {}
        return Run(done.returncode, done.stdout + done.stderr, told)

    return call


@pytest.fixture
def judge(serve: Callable[[Receiver], str], run: Callable[..., Run]) -> Callable[..., Run]:
    """`judge(function)`: Gitple's battery, or the part of it that the arguments name, against a receiver."""

    def call(receiver: Receiver, *arguments: str, **more: Any) -> Run:
        url = serve(receiver)
        secret = f"--target-secret={SECRET}"
        return run(f"--target-url={url}", "--target-provider=gitple", secret, *arguments, **more)

    return call


def battery(
    url: str, checks: Sequence[str], secret: str = SECRET, provider: str = "gitple"
) -> tuple[list[Verdict], list[Finding]]:
    """The verdicts and findings of some checks, tried in this process: where many receivers are to be judged."""
    asked = [f"--target-url={url}", f"--target-provider={provider}", f"--target-secret={secret}"]
    verdicts = tried(*asked, *(f"--target-check={check}" for check in checks))
    return verdicts, findings(verdicts)


@pytest.fixture
def free_port() -> int:
    """A port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
