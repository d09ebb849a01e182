"""Live changes as server-sent events: ids only, the page reads what it needs.

A stream holds a thread of the server, so only so many are let in; the next is told to come again. (A
browser's EventSource never comes back after a 503.) One ends after ten minutes; the server's end closes its connection.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask, Response, current_app

from hookassay.mockserver.engine import Mock, Refused

MOST = 32
"""Streams and waits at a time: half of the server's threads."""

_BEAT, _LONGEST = 15.0, 600.0
"""Seconds between signs of life (only by writing does the server see that a client has left), and to the end."""

_SLICE = 0.5
"""Seconds that a stream waits at a time, so that it sees the end of the server."""

_NAME = "hookassay-listeners"


@dataclass(frozen=True)
class Listeners:
    """Those who wait for changes of one application: places for them, and the sign that it ends."""

    free: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(MOST))
    ending: threading.Event = field(default_factory=threading.Event)

    def install(self, app: Flask) -> None:
        """Make them the application's."""
        app.extensions[_NAME] = self


def _listeners() -> Listeners:
    found: Listeners = current_app.extensions[_NAME]
    return found


@contextmanager
def places() -> Iterator[bool]:
    """A place among those who wait; False where all are taken."""
    listeners = _listeners()
    free = listeners.free.acquire(blocking=False)
    try:
        yield free
    finally:
        if free:
            listeners.free.release()


def response(mock: Mock, after: int | None) -> Response:
    """The stream of changes after an id (None: from now on)."""
    listeners = _listeners()
    if not listeners.free.acquire(blocking=False):
        return _events(iter([b"retry: 15000\nevent: full\ndata: {}\n\n"]))
    answer = _events(_stream(mock, mock.changes.last() if after is None else after, listeners.ending))
    answer.call_on_close(listeners.free.release)
    return answer


def _events(pieces: Iterator[bytes]) -> Response:
    return Response(pieces, content_type="text/event-stream; charset=utf-8", headers={"X-Accel-Buffering": "no"})


def _stream(mock: Mock, last: int, ending: threading.Event) -> Iterator[bytes]:
    started = beaten = time.monotonic()
    yield b"retry: 2000\n\n"
    while time.monotonic() - started < _LONGEST and not ending.is_set():
        try:
            found = mock.changes.since(last, wait=_SLICE)
        except Refused as refusal:
            if refusal.kind == "gone":
                yield b"event: gone\ndata: {}\n\n"
            return
        for change in found:
            last = change.id
            data = json.dumps({"id": change.id, "kind": change.kind, "ref": change.ref})
            yield f"id: {change.id}\ndata: {data}\n\n".encode()
        now = time.monotonic()
        if found:
            beaten = now
        elif now - beaten >= _BEAT:
            beaten = now
            yield b": still here\n\n"
