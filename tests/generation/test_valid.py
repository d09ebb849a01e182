"""Whatever is made as valid validates, by two validators that know nothing of each other."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from hookassay.mockserver.emission.generation import BUDGET
from hookassay.schemas import validation
from tests.generation.conftest import AT, EVENTS, generator


@pytest.mark.parametrize(("provider", "event"), EVENTS)
def test_valid_by_jsonschema(provider: str, event: str) -> None:
    """300 payloads of each event validate, formats included."""
    made = generator(provider, event)
    for index in range(300):
        assert validation.problems(made.event, json.loads(made.valid(7, index, AT))) == [], f"index {index}"


@pytest.mark.parametrize(("provider", "event"), EVENTS)
def test_valid_by_jsonschema_rs(provider: str, event: str) -> None:
    """10 000 payloads of each event validate, and none is larger than what receivers must take."""
    made = generator(provider, event)
    judge = jsonschema_rs.Draft202012Validator(dict(made.event.expanded), validate_formats=True)
    for index in range(10_000):
        body = made.valid(8, index, AT)
        assert len(body) <= BUDGET
        assert judge.is_valid(json.loads(body)), f"index {index}: {body[:300]!r}"


@pytest.mark.parametrize(("provider", "event"), EVENTS)
def test_invalid_by_jsonschema(provider: str, event: str) -> None:
    """300 payloads of each event are refused, each at the member that its name says."""
    made = generator(provider, event)
    for index in range(300):
        wrong = made.invalid(7, index, AT)
        assert validation.problems(made.event, json.loads(wrong.body)) != [], f"index {index}: {wrong.site}"


@pytest.mark.parametrize(("provider", "event"), EVENTS)
def test_invalid_by_jsonschema_rs(provider: str, event: str) -> None:
    """10 000 payloads of each event are refused."""
    made = generator(provider, event)
    judge = jsonschema_rs.Draft202012Validator(dict(made.event.expanded), validate_formats=True)
    for index in range(10_000):
        wrong = made.invalid(8, index, AT)
        assert not judge.is_valid(json.loads(wrong.body)), f"index {index}: {wrong.site}"


@pytest.mark.parametrize(("provider", "event"), EVENTS)
def test_every_site_comes(provider: str, event: str) -> None:
    """In as many cases as there are sites, each site comes once."""
    made = generator(provider, event)
    count = len(made.sites)
    for block in (0, 1, 2**40):
        seen = {made.invalid(3, block * count + index, AT).site for index in range(count)}
        assert seen == set(made.sites)
