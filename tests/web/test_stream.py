"""Live changes: ids only, a cap that leaves the others served, an end with the server."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from hookassay.mockserver.client import Client, Refused
from hookassay.mockserver.running import running
from hookassay.mockserver.web.stream import MOST
from tests.web.conftest import Ask


def opened(url: str, stack: ExitStack, **query: int) -> Iterator[str]:
    """A stream's lines; closed with the stack."""
    answer = requests.get(f"{url}/api/changes/stream", params=query, stream=True, timeout=20)
    stack.callback(answer.close)
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    return (str(line) for line in answer.iter_lines(decode_unicode=True))


def test_a_change_is_told_by_its_id(client: Client) -> None:
    """What changed and which: no markup, no payload, nothing secret."""
    with ExitStack() as stack:
        lines = opened(client.url, stack)
        assert next(lines) == "retry: 2000"
        client.provider("gitple").trigger("session_state_close")
        data = next(line for line in lines if line.startswith("data:"))
        change = json.loads(data.removeprefix("data:"))
        assert set(change) == {"id", "kind", "ref"}


def test_a_stream_goes_on_where_it_was_left(client: Client, ask: Ask) -> None:
    """By `after`, as by the browser's own header; asking for changes tells the same."""
    known = client.call("GET", "/changes")["last"]
    client.provider("gitple").trigger("session_state_close").wait()
    wanted = client.call("GET", "/changes", after=known)["items"][0]["id"]
    with ExitStack() as stack:
        lines = opened(client.url, stack, after=known)
        assert next(line for line in lines if line.startswith("id:")) == f"id: {wanted}"
    answer = ask("GET", "/api/changes/stream", headers={"Last-Event-ID": str(known)}, stream=True)
    assert next(line for line in answer.iter_lines() if line.startswith(b"id:")) == b"id: %d" % wanted
    answer.close()


def test_asking_waits_for_the_first_change(client: Client) -> None:
    last = client.call("GET", "/changes")["last"]
    begun = time.monotonic()
    assert client.call("GET", "/changes", after=last, wait=0.3) == {"items": [], "last": last}
    assert time.monotonic() - begun >= 0.29


def test_streams_leave_room_for_the_others() -> None:
    """As many as are let in, and ordinary requests are served; the next is told to come again, not refused."""
    with running() as mock, ExitStack() as stack:
        streams = [opened(mock.url, stack) for _ in range(MOST)]
        for lines in streams:
            assert next(lines) == "retry: 2000"
        assert mock.call("GET", "/clock")["rate"] == 1
        beyond = list(opened(mock.url, stack))
        assert beyond[:2] == ["retry: 15000", "event: full"]
        assert mock.call("GET", "/changes", wait=5)["items"] == []


def test_the_end_does_not_wait_for_streams() -> None:
    """A server with open streams stops within seconds, and nothing is logged as broken."""
    with ExitStack() as stack:
        with running() as mock:
            lines = [opened(mock.url, stack) for _ in range(5)]
            assert all(next(one) == "retry: 2000" for one in lines)
            begun = time.monotonic()
        assert time.monotonic() - begun < 10


def test_an_id_of_another_state_is_gone(client: Client) -> None:
    """The page is told to load anew, a program gets 410."""
    with ExitStack() as stack:
        assert "event: gone" in list(opened(client.url, stack, after=2**40))
    with pytest.raises(Refused) as caught:
        client.call("GET", "/changes", after=2**40)
    assert caught.value.status == 410
