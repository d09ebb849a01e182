"""A receiver that is started for the run: watched, started again after it has died, stopped at the end.

One process of the run owns it. The others (pytest-xdist's workers) ask the owner to start it again
with a file in the run's folder.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from hookassay.conformance.options import BadOption

_TAIL = 2_000
_PATIENCE = 5.0
_POLL = 0.05


@dataclass
class SharedReceiver:
    """A receiver that another process of the run owns. `folder` is the run's."""

    folder: Path

    @property
    def _log(self) -> Path:
        return self.folder / "receiver.log"

    @property
    def _wish(self) -> Path:
        """Stands there while somebody wants the receiver started again."""
        return self.folder / "receiver.revive"

    def revive(self) -> None:
        """Ask its owner to start it again if it has ended."""
        self._wish.touch()

    def tail(self) -> str:
        """The last of what it has printed."""
        with open(self._log, "rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - _TAIL))
            return log.read().decode("utf-8", "replace").strip()

    def stop(self) -> None:
        """Whoever has started it stops it."""


@dataclass
class Receiver(SharedReceiver):
    """A command that runs the receiver. Its output goes to a file, whose tail is shown where it died."""

    command: str
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it. Raises BadOption if the command cannot be run."""
        try:
            arguments = shlex.split(self.command, posix=os.name != "nt")
        except ValueError as error:
            raise BadOption(f"--target-command: {error}: {self.command}") from None
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

    def share(self) -> None:
        """From now on, start it again too when another process of the run asks."""
        threading.Thread(target=self._grant, daemon=True).start()

    def _grant(self) -> None:
        while self._process is not None:
            if self._wish.exists():
                self._wish.unlink(missing_ok=True)
                self.revive()
            time.sleep(_POLL)

    def stop(self) -> None:
        """End it and what it has started."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            _end(process, signal.SIGTERM)
            try:
                process.wait(timeout=_PATIENCE)
            except subprocess.TimeoutExpired:
                _end(process, getattr(signal, "SIGKILL", signal.SIGTERM))
                process.wait(timeout=_PATIENCE)


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
