"""Where the running mock is found: a note that `serve` leaves beside its state."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

NOTE = "serve.json"


def leave_note(file: Path | None, url: str, token: str | None) -> Path | None:
    """Write where this mock is found, for `send` and `why` in the same folder; readable by its owner alone."""
    if file is None:
        return None
    note = file.parent / NOTE
    data = json.dumps({"pid": os.getpid(), "url": url, "token": token, "state": str(file.resolve())})
    with suppress(OSError):
        note.unlink(missing_ok=True)
        with os.fdopen(os.open(note, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as written:
            written.write(data)
        return note
    return None


@dataclass(frozen=True)
class Whereabouts:
    """Where a running mock is found."""

    url: str
    token: str | None


def whereabouts(folder: Path = Path(".hookassay")) -> Whereabouts | None:
    """The mock that runs on the state of this folder; None where there is none."""
    try:
        note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        os.kill(int(note["pid"]), 0)
        return Whereabouts(str(note["url"]), note["token"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
