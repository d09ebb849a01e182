"""Fuzzed cases judged by the battery: items for each event and kind, with its verdicts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from hookassay.conformance import settings
from hookassay.conformance.battery import Battery, Planned
from hookassay.conformance.fuzz import battery as fuzzed
from hookassay.conformance.options import OPTIONS
from tests.fuzz.conftest import Receive, right

MEMBERS = ("id", "userId", "openTime", "closeTime", "reason", "tags", "note", "meta", "categories", "userGroups")


@pytest.fixture
def verdicts(receiver: Callable[[Receive], str]) -> Callable[[Receive, int], dict[str, Any]]:
    """`verdicts(receive, count)`: id → verdict of every fuzzed item."""

    def run(receive: Receive, count: int) -> dict[str, Any]:
        given: dict[str, Any] = {option.name: [] if option.many else None for option in OPTIONS}
        given.update(target_url=receiver(receive), target_provider=["gitple"], target_event=["session_state_close"])
        running = Battery.fresh(settings.read(given))
        running.begin()
        try:
            planned = [Planned(bench, *found) for bench in running.benches for found in fuzzed.cases(bench, count, 3)]
            return {one.id: running.try_case(one) for one in planned}
        finally:
            running.end()

    return run


def test_a_right_receiver_passes(verdicts: Callable[[Receive, int], dict[str, Any]]) -> None:
    """One item for each kind, with a stable id, and every one of them passes."""
    found = verdicts(right, 160)
    assert {ident: verdict.verdict for ident, verdict in found.items()} == {
        f"gitple/fuzz/{kind}[session_state_close]": "passed" for kind in ("valid", "invalid", "bytes", "auth")
    }
    assert sum(verdict.requests for verdict in found.values()) >= 160


def test_a_broken_receiver_fails(verdicts: Callable[[Receive, int], dict[str, Any]]) -> None:
    """The item fails, and the message names the case that can be repeated."""

    def breaks(body: bytes, signature: str) -> tuple[int, str]:
        status, text = right(body, signature)
        session = json.loads(body).get("session") if status == 200 else None
        if isinstance(session, dict) and any(session.get(name, "") is None for name in MEMBERS):
            return 500, "AttributeError"
        return status, text

    found = verdicts(breaks, 800)
    failed = {ident: verdict.message for ident, verdict in found.items() if verdict.verdict == "failed"}
    assert "gitple/fuzz/invalid[session_state_close]" in failed
    assert "gitple/fuzz/valid[session_state_close]" not in failed
    assert ":session_state_close:invalid:3:" in failed["gitple/fuzz/invalid[session_state_close]"]
