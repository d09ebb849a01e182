"""Scripted conversations: in order, of one cast, with times that rise up to now."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.scenario import LONGEST, play
from hookassay.mockserver.emission.vendor import Secrets, Vendor
from hookassay.schemas import catalogue, members, validation
from hookassay.schemas.contract import Provider, Scenario

from .conftest import NAMES

NOW = 1_800_000_000 * times.SECOND
ALL = [(name, scenario) for name in NAMES for scenario in catalogue.load(name).scenarios]
every_scenario = pytest.mark.parametrize(("name", "scenario"), ALL)


def _played(providers: dict[str, Provider], name: str, scenario: str, longest: int = LONGEST) -> list[tuple[str, dict]]:  # type: ignore[type-arg]  # JSON
    provider = providers[name]
    vendor = Vendor(provider, Secrets(provider.test_secret), clock=lambda: NOW)
    return [(made.event, json.loads(made.body)) for _, made in play(vendor, provider.scenarios[scenario], longest)]


def _moments(provider: Provider, event: str, document: object, *roles: str) -> list[int]:
    found = members.walk(provider.events[event].expanded, document)
    return [moment for m in found if m.role in roles and (moment := times.parse(m.value)) is not None]


def _told_at(scenario: Scenario, longest: int) -> list[int]:
    """When each step happens, if the last one happens now and the whole takes `longest` at most."""
    offsets = [times.span(str(step["at"])) for step in scenario.steps]
    scale = min(1.0, longest / offsets[-1])
    return [NOW - round(offsets[-1] * scale) + round(offset * scale) for offset in offsets]


@every_scenario
def test_every_step_is_delivered_in_order(providers: dict[str, Provider], name: str, scenario: str) -> None:
    """There is a valid delivery for each step, in the script's order, labelled by number and event."""
    provider = providers[name]
    told = list(play(Vendor(provider, Secrets(provider.test_secret)), provider.scenarios[scenario]))
    events = [step["event"] for step in provider.scenarios[scenario].steps]
    assert [made.event for _, made in told] == events
    assert [label for label, _ in told] == [f"{number}. {event}" for number, event in enumerate(events, 1)]
    for _, made in told:
        assert validation.problems(provider.events[made.event], json.loads(made.body)) == []


@every_scenario
@pytest.mark.parametrize("longest", [LONGEST, 10**18], ids=["at-once", "in-its-time"])
def test_times_rise_up_to_now(providers: dict[str, Provider], name: str, scenario: str, longest: int) -> None:
    """Nothing in a delivery is later than its step, and what says when it was sent is of that moment."""
    provider = providers[name]
    told_at = _told_at(provider.scenarios[scenario], longest)
    assert told_at == sorted(told_at)
    assert told_at[-1] == NOW
    assert longest != LONGEST or NOW - told_at[0] <= LONGEST
    for at, (event, document) in zip(told_at, _played(providers, name, scenario, longest), strict=True):
        assert all(moment <= at for moment in _moments(provider, event, document, "moment", "time"))
        assert all(at - times.SECOND < moment for moment in _moments(provider, event, document, "time"))


@every_scenario
def test_ids_belong_together(providers: dict[str, Provider], name: str, scenario: str) -> None:
    """Some id goes through the whole conversation, and none of them comes again in the next telling."""
    first, second = (_played(providers, name, scenario) for _ in range(2))

    def ids(told: list[tuple[str, dict]]) -> Counter[str]:  # type: ignore[type-arg]  # JSON
        found: Counter[str] = Counter()
        for event, document in told:
            walked = members.walk(providers[name].events[event].expanded, document)
            found.update({str(m.value) for m in walked if m.role == "conversation" and m.value is not None})
        return found

    assert max(ids(first).values()) > 1
    assert not set(ids(first)) & set(ids(second))


def test_what_happens_at_one_moment_does(gitple: Provider) -> None:
    """A conversation whose steps all come at once is told at once."""
    step = {"at": "0s", "event": "session_state_close"}
    scenario = Scenario("x", "x", ("session_state_close",), {}, (step, step))
    assert len(list(play(Vendor(gitple, Secrets("s"), clock=lambda: NOW), scenario))) == 2
