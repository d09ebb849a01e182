"""Scripted conversations: consistent, in order, judged by what they expect, held and let go by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookassay.mockserver.emission import times
from hookassay.mockserver.engine import Mock, Options, Refused
from hookassay.mockserver.engine.timekeeper import SECOND
from hookassay.schemas import catalogue, validation
from tests.engine.conftest import Add
from tests.engine.receiver import Receiver, always

SHIPPED = [(provider, name) for provider in catalogue.find() for name in catalogue.load(provider).scenarios]


def test_every_provider_has_at_least_two() -> None:
    counts = {provider: len(catalogue.load(provider).scenarios) for provider in catalogue.find()}
    assert min(counts.values()) >= 2, counts


@pytest.mark.parametrize(("provider", "name"), SHIPPED)
def test_a_scenario_is_played_to_its_end(provider: str, name: str, mock: Mock, receiver: Receiver, add: Add) -> None:
    """On a pushed clock, each expectation met, each document what the vendor sends, times never in the future."""
    add(provider)
    run = mock.scenarios.play(provider, name, seed=5)
    assert run.missing == () and run.state == "running"
    mock.clock.push(to="idle")
    run = mock.runs.get(run.id)
    assert (run.state, run.unmet, run.passed) == ("finished", "", True)
    assert all(step.met for step in run.steps if step.expect)
    events = mock.providers[provider].events
    for step in run.steps:
        document = json.loads(mock.log.occurrence(step.occurrence).payload)
        assert validation.problems(events[step.event], document) == []
    moments = [step.at for step in run.steps]
    assert moments == sorted(moments)


def test_the_same_seed_is_the_same_cast(mock: Mock, add: Add) -> None:
    add("gitple")
    one, two = (mock.scenarios.play("gitple", "chat-refund", seed=11) for _ in range(2))
    other = mock.scenarios.play("gitple", "chat-refund", seed=12)
    assert one.cast == two.cast != other.cast


def test_all_deliveries_are_there_from_the_start(mock: Mock, receiver: Receiver, add: Add) -> None:
    add("gitple")
    run = mock.scenarios.play("gitple", "chat-refund")
    assert len(run.steps) == 4 and all(step.deliveries for step in run.steps)
    mock.clock.push(by="7s")
    assert len(receiver.got) == 2
    assert [step.met for step in mock.runs.get(run.id).steps] == [True, True, None, None]


def test_a_chat_that_ends_twice_is_sent_twice_with_the_same_bytes(mock: Mock, receiver: Receiver, add: Add) -> None:
    add("livechat")
    run = mock.scenarios.play("livechat", "chat-that-ends-twice")
    mock.clock.push(to="idle")
    assert receiver.bodies[1] == receiver.bodies[2] and len(receiver.bodies) == 3
    delivery = mock.runs.get(run.id).steps[1].deliveries[0]
    assert delivery.faults == (f"lose-answer: counted, 0 left (run {run.id})",)


def test_an_unmet_expectation_is_told_once_and_the_first(mock: Mock, receiver: Receiver, add: Add) -> None:
    add("gitple")
    receiver.behaviour = always(401)
    run = mock.scenarios.play("gitple", "chat-refund")
    mock.clock.push(to="idle")
    run = mock.runs.get(run.id)
    assert run.unmet == "step 1, session_state_open: taken expected, it is refused" and not run.passed


def test_what_no_endpoint_gets_is_said_before_the_start(mock: Mock, add: Add) -> None:
    add("gitple", name="shop", settings={"events": ["session_state_open"]})
    info = next(one for one in mock.scenarios.all("gitple") if one.name == "chat-refund")
    assert info.missing[0] == "session_state_inprogress: not sent: shop does not bind session_state_inprogress"
    run = mock.scenarios.play("gitple", "chat-refund")
    assert run.missing == info.missing
    assert run.unmet == "step 2, session_state_inprogress: no endpoint gets it"


def test_stepped_by_hand(mock: Mock, receiver: Receiver, add: Add) -> None:
    """Each step sends one event, with the clock at its time."""
    add("gitple")
    run = mock.scenarios.play("gitple", "chat-refund", mode="step")
    assert mock.settle(2).idle and receiver.got == []
    for number in range(1, 5):
        mock.runs.step(run.id)
        assert mock.settle(5).idle and len(receiver.got) == number
    assert mock.clock.now() >= run.steps[-1].at
    assert mock.runs.get(run.id).state == "finished"
    with pytest.raises(Refused, match="is over: finished"):
        mock.runs.step(run.id)


def test_paused_and_resumed(mock: Mock, receiver: Receiver, add: Add) -> None:
    add("gitple")
    run = mock.scenarios.play("gitple", "chat-refund")
    mock.clock.push(by="7s")
    assert mock.runs.pause(run.id).state == "paused"
    mock.clock.push(by="1h")
    assert len(receiver.got) == 2
    mock.runs.resume(run.id)
    mock.clock.push(to="idle")
    assert len(receiver.got) == 4 and mock.runs.get(run.id).passed


def test_stopped(mock: Mock, receiver: Receiver, add: Add) -> None:
    add("gitple")
    run = mock.scenarios.play("gitple", "chat-refund")
    mock.clock.push(by="7s")
    assert mock.runs.stop(run.id).state == "stopped"
    mock.clock.push(by="1h")
    assert len(receiver.got) == 2
    outcomes = [delivery.outcome for step in mock.runs.get(run.id).steps for delivery in step.deliveries]
    assert outcomes == ["delivered", "delivered", "cancelled", "cancelled"]


def test_a_rate_is_the_clocks_until_the_run_has_ended(mock: Mock, receiver: Receiver, add: Add) -> None:
    add("livechat")
    run = mock.scenarios.play("livechat", "chat-that-ends-twice", rate=1000)
    assert mock.clock.state().rate == 1000
    assert mock.runs.wait(run.id, 20).passed
    assert mock.clock.state().rate == 1.0
    assert mock.clock.state().ahead >= 180 * SECOND


MINIMAL = """title = "Mine"
provider = "gitple"
needs = ["session_state_open"]
cast = { session = "digits", note = "text(ko)" }
[[step]]
at = "0s"
event = "session_state_open"
set = { "session.id" = "{{session}}", "session.openTime" = "{{now-4ms}}" }
expect = "taken"
"""


@pytest.fixture
def own(tmp_path: Path, receiver: Receiver) -> Iterator[tuple[Mock, Path]]:
    with Mock(Options(hello=False, scenarios=tmp_path)) as mock:
        mock.start("http://127.0.0.1:9")
        mock.endpoints.add("gitple", url=receiver.url)
        yield mock, tmp_path


def test_ones_own_scenario_is_played(own: tuple[Mock, Path], receiver: Receiver) -> None:
    mock, folder = own
    (folder / "mine.toml").write_text(MINIMAL, encoding="utf-8")
    info = next(one for one in mock.scenarios.all("gitple") if one.name == "mine")
    assert (info.title, info.ours, info.problem) == ("Mine", False, "")
    run = mock.scenarios.play("gitple", "mine", seed=1)
    mock.clock.push(to="idle")
    session = json.loads(receiver.bodies[0])["session"]
    assert session["id"] == run.cast["session"]
    opened = times.parse(session["openTime"])
    assert opened is not None and abs(opened - run.steps[0].at) < SECOND


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('at = "0s"', 'at = "soon"', "step[0].at"),
        ('"session_state_open"\nset', '"session_state_opened"\nset', "did you mean 'session_state_open'"),
        ('expect = "taken"', 'expect = "happy"', "step[0].expect"),
        ('expect = "taken"', "fault = { lose = { next = 1 } }", "unknown fault 'lose'"),
        ('provider = "gitple"', 'provider = "gitpel"', "known: "),
        ('title = "Mine"', "title = ", "is not TOML"),
    ],
)
def test_a_bad_file_names_file_and_key(before: str, after: str, said: str, own: tuple[Mock, Path]) -> None:
    mock, folder = own
    assert before in MINIMAL
    (folder / "mine.toml").write_text(MINIMAL.replace(before, after), encoding="utf-8")
    problems = [one.problem for one in mock.scenarios.all() if one.problem]
    assert len(problems) == 1 and "mine.toml" in problems[0] and said in problems[0]


def test_an_unknown_placeholder_stops_the_start_and_leaves_nothing(own: tuple[Mock, Path]) -> None:
    mock, folder = own
    (folder / "mine.toml").write_text(MINIMAL.replace("{{session}}", "{{sesion}}"), encoding="utf-8")
    with pytest.raises(Refused, match=r"mine: step\[0\]: \{\{sesion\}\}: unknown"):
        mock.scenarios.play("gitple", "mine")
    assert mock.runs.all() == () and mock.log.count() == 0
