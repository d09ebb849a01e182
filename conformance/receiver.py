"""A receiver that is started for the run: watched, started again after it has died, stopped at the end."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hookassay.conformance.options import BadOption

_TAIL = 2_000
_PATIENCE = 5.0


@dataclass
class Receiver:
    """A command that runs the receiver. Its output goes to a file, whose tail is shown where it died."""

    command: str
    _process: subprocess.Popen[bytes] | None = None
    _log: Path = field(default_factory=lambda: Path(tempfile.mkstemp(prefix="hookassay-receiver-", suffix=".log")[1]))

    def start(self) -> None:
        """Start it. Raises BadOption if the command cannot be run."""
        arguments = shlex.split(self.command, posix=os.name != "nt")
        if not arguments:
            raise BadOption("--target-command: the command is empty")
        try:
            with open(self._log, "ab") as log:
                self._process = subprocess.Popen(
                    arguments,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=os.name != "nt",
                )
        except OSError as error:
            raise BadOption(f"--target-command: {arguments[0]}: {error.strerror}") from error

    def ended(self) -> str | None:
        """Why it is not running, if it is not."""
        if self._process is None or self._process.poll() is None:
            return None
        return f"the receiver ended with status {self._process.returncode}{_indented(self.tail())}"

    def revive(self) -> None:
        """Start it again if it has ended."""
        if self._process is not None and self._process.poll() is not None:
            self.start()

    def tail(self) -> str:
        """The last of what it has printed."""
        with open(self._log, "rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - _TAIL))
            return log.read().decode("utf-8", "replace").strip()

    def stop(self) -> None:
        """End it and what it has started; forget its output."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            _end(process, signal.SIGTERM)
            try:
                process.wait(timeout=_PATIENCE)
            except subprocess.TimeoutExpired:
                _end(process, getattr(signal, "SIGKILL", signal.SIGTERM))
                process.wait(timeout=_PATIENCE)
        self._log.unlink(missing_ok=True)


def _end(process: subprocess.Popen[bytes], how: int) -> None:
    if sys.platform == "win32":
        process.terminate()
        return
    try:
        os.killpg(process.pid, how)
    except ProcessLookupError:
        return


def _indented(text: str) -> str:
    return "".join(f"\n  | {line}" for line in text.splitlines()[-20:])


Watch = Callable[[], "str | None"]
