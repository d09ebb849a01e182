"""providers, events, show."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hookassay.schemas import catalogue, validation

SHIPPED = list(catalogue.find())


def test_providers_lists_all_that_are_shipped(run: Callable[..., Any]) -> None:
    """Each provider is a line with its vendor and what its deliveries are known by."""
    said = run("providers")
    lines = said.out.splitlines()
    assert said.status == 0
    assert [line.split()[0] for line in lines[1:]] == SHIPPED
    assert "X-Hub-Signature (HMAC-SHA256, hex)" in said.out


def test_providers_as_json_names_events(run: Callable[..., Any]) -> None:
    """`providers --json` is an array with names, titles and events."""
    told = {one["name"]: one for one in json.loads(run("providers", "--json").out)}
    assert list(told) == SHIPPED
    assert "session_state_close" in told["gitple"]["events"]
    assert told["gitple"]["title"]["ko"] == "깃플"


@pytest.mark.parametrize("provider", SHIPPED)
def test_events_lists_each_with_its_examples(run: Callable[..., Any], provider: str) -> None:
    """Each event of a provider is listed with its title and the names of its examples."""
    told = json.loads(run("events", provider, "--json").out)
    loaded = catalogue.load(provider)
    assert [one["name"] for one in told] == list(loaded.events)
    assert [list(one["examples"]) for one in told] == [list(event.examples) for event in loaded.events.values()]
    text = run("events", provider).out
    assert all(re.search(rf"^{name} .*full, minimal", text, re.MULTILINE) for name in loaded.events)


@pytest.mark.parametrize("provider", SHIPPED)
def test_show_prints_the_example_and_nothing_else(run: Callable[..., Any], provider: str) -> None:
    """`show` prints the very document that stands in the data."""
    for event in catalogue.load(provider).events.values():
        for example in event.examples.values():
            said = run("show", provider, event.name, "--example", example.name)
            assert json.loads(said.out) == example.document
            assert said.err == ""


def test_show_fresh_is_new_each_time_and_valid(run: Callable[..., Any]) -> None:
    """`--fresh` gives new ids and times, in a document that is still valid."""
    event = catalogue.load("gitple").events["session_state_close"]
    documents = [json.loads(run("show", "gitple", event.name, "--fresh").out) for _ in range(2)]
    assert documents[0]["triggerId"] != documents[1]["triggerId"]
    assert all(validation.is_valid(event, document) for document in documents)


def test_show_sets_and_removes_members(run: Callable[..., Any]) -> None:
    """`--set` writes text or JSON at dotted paths and JSON pointers, `--remove` leaves members out."""
    said = run(
        "show", "gitple", "session_state_close",
        "--set", "session.note=환불 문의", "--set", "/session/tags:=[]", "--remove", "session.assigneeId",
    )  # fmt: skip
    session = json.loads(said.out)["session"]
    assert (session["note"], session["tags"]) == ("환불 문의", [])
    assert "assigneeId" not in session
    assert said.err == ""


def test_show_says_when_a_change_leaves_the_contract(run: Callable[..., Any]) -> None:
    """A document that is no longer valid is printed, with one line on standard error."""
    said = run("show", "gitple", "session_state_close", "--set", "session.id:=5")
    assert json.loads(said.out)["session"]["id"] == 5
    assert said.err.count("\n") == 1
    assert "$.session.id: 5 " in said.err
    assert said.status == 0


def test_show_json_is_one_line(run: Callable[..., Any]) -> None:
    """`--json` puts the document on one line, as NDJSON wants it."""
    assert run("show", "livechat", "chat_ended", "--json").out.count("\n") == 1


def test_show_schema_stands_alone(run: Callable[..., Any]) -> None:
    """`--schema` prints a schema without references that its example validates against."""
    from jsonschema import Draft202012Validator

    schema = json.loads(run("show", "gbm", "message", "--schema").out)
    assert "$ref" not in json.dumps(schema)
    Draft202012Validator(schema).validate(catalogue.load("gbm").events["message"].full.document)


def test_a_provider_of_ones_own_stands_beside_ours(run: Callable[..., Any], own_provider: Path) -> None:
    """`--provider-path` adds a folder to what every command knows."""
    told = json.loads(run("providers", "--provider-path", str(own_provider), "--json").out)
    assert [one["name"] for one in told] == [*SHIPPED, "acme"]
    assert run("events", "acme", "--provider-path", str(own_provider.parent)).status == 0


def test_provider_path_comes_from_the_environment_too(
    run: Callable[..., Any], own_provider: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HOOKASSAY_PROVIDER_PATH stands for the option."""
    monkeypatch.setenv("HOOKASSAY_PROVIDER_PATH", str(own_provider))
    assert run("show", "acme", "order_paid").status == 0
