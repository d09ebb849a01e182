"""A seeded receiver as a process of its own, and the battery against it as another."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hookassay.conformance.verdict import Verdict
from tests.battery import tried
from tests.seeded.replacement import Defect, Replacement, Style

ROOT = Path(__file__).resolve().parents[2]
_STARTING = 20.0
_ENDING = 5.0


@dataclass(frozen=True)
class Run:
    """A run of the battery: its exit status, what it printed, and its JSON report (empty if there is none)."""

    exit: int
    out: str
    report: Mapping[str, Any]

    def verdicts(self, *kinds: str) -> list[Mapping[str, Any]]:
        """The verdicts of these kinds (failed, advice, …)."""
        return [verdict for verdict in self.report.get("verdicts", ()) if verdict["verdict"] in kinds]

    @property
    def findings(self) -> list[Mapping[str, Any]]:
        """The findings that fail the run, the biggest first."""
        failing = [finding for finding in self.report.get("findings", ()) if finding["level"] == "failed"]
        return sorted(failing, key=lambda finding: -len(finding["verdicts"]))


def environment() -> dict[str, str]:
    """The environment without what configures pytest or the battery, and with the receiver to be imported."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HOOKASSAY", "PYTEST"))}
    # Other plugins that happen to be installed take longer to start than most of these runs.
    own = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "100"}
    return {**kept, **own}


def command(replacements: Sequence[Replacement], port: int = 0) -> list[str]:
    """What starts the receiver with these steps replaced."""
    line = [sys.executable, "-m", "tests.seeded", "--port", str(port)]
    for replacement in replacements:
        line += ["--defect" if isinstance(replacement, Defect) else "--style", replacement.name]
        if replacement.secret:
            line.append(f"--secret={replacement.secret}")
    return line


@contextmanager
def started(*replacements: Replacement) -> Iterator[str]:
    """The receiver while it is needed; gives its URL. Raises RuntimeError if it does not start."""
    errors = tempfile.TemporaryFile("w+")  # no pipe: nobody reads it, and a full one would stop the receiver
    process = subprocess.Popen(
        command(replacements), env=environment(), stdout=subprocess.PIPE, stderr=errors, text=True
    )
    assert process.stdout is not None
    overdue = threading.Timer(_STARTING, process.kill)
    overdue.start()
    try:
        line = process.stdout.readline()
        overdue.cancel()
        if not line.startswith("listening on "):
            errors.seek(0)
            raise RuntimeError(f"the receiver did not start: {errors.read()}")
        yield line.removeprefix("listening on ").strip()
    finally:
        overdue.cancel()
        process.terminate()
        try:
            process.communicate(timeout=_ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        errors.close()


def battery(folder: Path, url: str, provider: str, *options: str, limit: float) -> Run:
    """The battery of one provider against the receiver at `url`, in an empty folder; at most `limit` seconds."""
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "hookassay.conformance.plugin"]
    line += [f"--target-report={report}", f"--target-url={url}/{provider}", f"--target-provider={provider}", *options]
    done = subprocess.run(
        line,
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=limit,
    )
    told = json.loads(report.read_text("utf-8")) if report.exists() else {}
    return Run(done.returncode, done.stdout + done.stderr, told)


def judged(folder: Path, defect: Defect, provider: str, *options: str, limit: float = 300.0) -> Run:
    """The battery of a provider against the receiver with this defect, at the level at which it has to show."""
    with _met(defect, provider) as (url, own):
        return battery(folder, url, provider, *own, *options, limit=limit)


def tried_on(defect: Defect, provider: str, *options: str) -> list[Verdict]:
    """The same in this process; the receiver is one of its own all the same."""
    with _met(defect, provider) as (url, own):
        return tried(f"--target-url={url}/{provider}", f"--target-provider={provider}", *own, *options)


@contextmanager
def _met(defect: Defect, provider: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The receiver with this defect: its URL, and the options that the battery needs for it."""
    options: tuple[str, ...] = (f"--target-level={defect.level}", *defect.options)
    if defect.secret:
        options += (f"--target-secret={provider}={defect.secret}",)
    if defect.ends:
        port = free_port()
        start = shlex.join([*_interpreter(), *command([defect], port)[1:]])
        yield f"http://127.0.0.1:{port}", (*options, f"--target-command={start}")
        return
    with started(defect) as url:
        yield url, options


def _interpreter() -> list[str]:
    """Python with this repository to be imported, whatever the environment of who starts it."""
    return ["env", f"PYTHONPATH={ROOT}", sys.executable]


def conforming(folder: Path, chosen: Sequence[Style], provider: str, limit: float = 300.0) -> Run:
    """The whole battery of a provider against the right receiver in these styles."""
    options = dict.fromkeys(option for style in chosen for option in style.options)
    with started(*chosen) as url:
        return battery(folder, url, provider, *options, limit=limit)


def free_port() -> int:
    """A port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
