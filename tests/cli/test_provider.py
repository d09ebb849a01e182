"""provider check."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_a_right_folder(run: Callable[..., Any], own_provider: Path) -> None:
    """A folder in order ends with 0 and says what is in it."""
    said = run("provider", "check", str(own_provider))
    assert said.status == 0, said.err
    assert said.out.startswith("acme: nothing is wrong (events: 1, examples: 2, requirements: 1, ")


def test_a_folder_of_folders(run: Callable[..., Any], own_provider: Path) -> None:
    """A folder that holds providers stands for all of them."""
    told = json.loads(run("provider", "check", str(own_provider.parent), "--json").out)
    assert [(one["name"], one["valid"]) for one in told] == [("acme", True)]
    assert told[0]["contents"]["cases in its battery"] > 100


@pytest.mark.parametrize(
    ("file", "before", "after", "words"),
    [
        ("provider.toml", 'method = "POST"', "", "provider.toml: "),
        ("provider.toml", 'method = "POST"', "method = ", "provider.toml: "),
        ("examples/order_paid.full.json", '"17"', "17", "order_paid.full.json: "),
        ("events/order_paid.schema.json", '"object"', '"objekt"', "order_paid.schema.json: "),
        ("requirements.toml", "payload/full", "payload/ful", "requirements.toml: "),
    ],
)
def test_what_is_wrong_is_one_line(
    run: Callable[..., Any], own_provider: Path, file: str, before: str, after: str, words: str
) -> None:
    """The first fault is one line with file and key, and ends with 1."""
    path = own_provider / file
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    said = run("provider", "check", str(own_provider))
    assert said.status == 1
    assert said.err.count("\n") == 1
    assert words in said.err


def test_a_case_that_cannot_be_built_is_found(run: Callable[..., Any], own_provider: Path) -> None:
    """A case of one's own that would break the harness is found before a run."""
    (own_provider / "cases.toml").write_text(
        '[[case]]\ncheck = "payload/full"\nname = "odd"\nevent = "order_paid"\nset = { note = 5 }\n', encoding="utf-8"
    )
    said = run("provider", "check", str(own_provider))
    assert said.status == 1
    assert "cases.toml: " in said.err


@pytest.mark.parametrize("name", ["missing", "."])
def test_no_provider_there(run: Callable[..., Any], name: str) -> None:
    """A path without a provider is a wrong command."""
    said = run("provider", "check", name)
    assert (said.status, said.err.count("\n")) == (2, 1)
