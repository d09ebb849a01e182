"""Hypothesis strategies over the contracts: what they give validates, and what fails gets small."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from hypothesis.strategies import SearchStrategy

from hookassay.conformance.fuzz import strategies
from hookassay.mockserver.emission.authentication import Signer
from hookassay.schemas import catalogue, validation
from tests.fuzz.conftest import is_right

ASKED = [(name, event) for name in catalogue.find() for event in catalogue.load(name).events]
QUIET = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)


@pytest.mark.parametrize(("provider", "event"), ASKED)
def test_payloads_validate(provider: str, event: str) -> None:
    """Every payload is one that the contract allows."""
    known = catalogue.load(provider).events[event]

    @QUIET
    @given(strategies.payloads(provider, event))
    def holds(payload: Any) -> None:
        assert validation.problems(known, json.loads(json.dumps(payload))) == []

    holds()


def smallest(strategy: SearchStrategy[Any], condition: Any) -> Any:
    """The smallest value for which a condition holds."""
    from hypothesis import find

    return find(strategy, condition, settings=settings(max_examples=2000, deadline=None, database=None))


@pytest.mark.thorough
def test_failures_shrink() -> None:
    """A session with two tags comes down to two short tags, with hardly anything beside them."""

    def has_two_tags(payload: Any) -> bool:
        return len(payload["session"].get("tags", ())) >= 2

    found = smallest(strategies.payloads("gitple", "session_state_close"), has_two_tags)
    assert found["session"]["tags"] == ["", ""]
    assert found["session"]["id"] == "0" and found["triggerId"] == "0"
    assert len(json.dumps(found)) < 700


def test_deliveries_are_signed() -> None:
    """A delivery is signed over its bytes, with the secret that is given."""

    @QUIET
    @given(strategies.deliveries("gitple", "send_external_message"))
    def holds(delivery: Any) -> None:
        assert is_right(delivery.body, delivery.header("X-Hub-Signature"))

    holds()
    other = smallest(strategies.deliveries("gitple", "session_state_open", secret="mine"), lambda delivery: True)
    assert ("X-Hub-Signature", f"sha256={_digest(other.body)}") in other.headers


def _digest(body: bytes) -> str:
    return Signer(catalogue.load("gitple").authentication, "mine").right_text(body)


@pytest.mark.thorough
def test_times_are_of_now() -> None:
    """The send-time is the one asked for, so that receivers which refuse old events take them."""
    at = 1_795_000_000 * 10**9
    strategy = strategies.payloads("gitple", "session_state_open", at=at)
    with pytest.raises(NoSuchExample):
        smallest(strategy, lambda payload: payload["ctime"] != "2026-11-18T11:06:40.000Z")
    assert st.SearchStrategy in type(strategy).__mro__
