"""Who gets an event: what is told of it beside the built request is what a trigger does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hookassay.mockserver.client import Client
from hookassay.mockserver.running import running

AGENT = "brands/1/agents/2"


@pytest.fixture(scope="module")
def mock() -> Iterator[Client]:
    """A first start, and beside each webhook one that is switched off, one of a single event, one of an agent."""
    with running(hello=True) as made:
        off = made.provider("gitple").endpoint(name="off")
        made.call("PATCH", f"/endpoints/{off.id}", {"enabled": False})
        made.provider("gitple").endpoint(name="closing", events=["session_state_close"])
        agent = made.provider("gbm").endpoint(name="agent", level="agent", agent=AGENT)
        assert made.call("POST", f"/endpoints/{agent.id}/verify", {})["verified"]
        yield made


def test_wanted_by_are_those_that_a_trigger_sends_to(mock: Client) -> None:
    """Of every event of every provider, and of one that the vendor routes by what stands in it."""
    wishes = [
        {"provider": provider["name"], "event": event}
        for provider in mock.call("GET", "/providers")
        for event in provider["events"]
    ]
    wishes.append({"provider": "gbm", "event": "message", "set": {"agent": AGENT}})
    found = []
    for wish in wishes:
        wanted_by = mock.call("POST", "/build", wish)["wanted_by"]
        sent = mock.call("POST", "/trigger", wish)["deliveries"]
        assert wanted_by == [delivery["endpoint"] for delivery in sent], wish
        found.append(wanted_by)
    assert {len(wanted_by) for wanted_by in found} == {0, 1, 2}
    *_, agent = mock.endpoints("gbm")
    assert found[-1] == [agent.id]
