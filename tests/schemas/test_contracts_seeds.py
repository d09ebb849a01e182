"""The vendors' own examples, as printed: made valid JSON as a person would, they validate."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from hookassay.schemas import catalogue, validation
from hookassay.schemas.contract import Json

SEEDS = Path(__file__).parent / "seeds"
KEY = re.compile(r"^( *)(\w+) ?:", re.MULTILINE)

MENDED: dict[str, list[tuple[str, str]]] = {
    "closer.message_sent": [],
    "gbm.verification": [],
    "livechat.chat_started": [],
    "livechat.chat_ended": [],
    "gitple.session_state_close": [],
    "gitple.send_external_message": [
        ('"integrated_user_id"\n', '"integrated_user_id",\n'),
        ('["xx", "yy"]\n', '["xx", "yy"],\n'),
        ('"your_value_1"\n      ...\n', '"your_value_1",\n'),
    ],
    "gitple.headers": [("'", '"'), ('SECRET"\n', 'SECRET",\n')],
}
"""Seed → what a person changes in it, beside putting keys into double quotes; nothing else."""

BARE_KEYS = ("gitple.session_state_close", "gitple.send_external_message")


def text(seed: str) -> str:
    return (SEEDS / f"{seed}.txt").read_text(encoding="utf-8")


def mended(seed: str) -> Json:
    """A seed as JSON, after its replacements."""
    found = KEY.sub(r'\1"\2":', text(seed)) if seed in BARE_KEYS else text(seed)
    for old, new in MENDED[seed]:
        assert old in found
        found = found.replace(old, new)
    return json.loads(found)


def test_every_seed_is_tried() -> None:
    """No snippet lies there unread."""
    assert {path.stem for path in SEEDS.glob("*.txt")} == set(MENDED)


@pytest.mark.parametrize("seed", [seed for seed in MENDED if seed != "gitple.headers"])
def test_a_seed_validates(seed: str) -> None:
    """A vendor's own example, with a few characters mended, is what our schema says that the vendor sends."""
    provider, _, event = seed.partition(".")
    assert validation.problems(catalogue.load(provider).events[event], mended(seed)) == []


@pytest.mark.parametrize("seed", [seed for seed in MENDED if seed in BARE_KEYS or MENDED[seed]])
def test_what_is_mended_was_no_json(seed: str) -> None:
    """Nothing is mended that needs no mending."""
    with pytest.raises(json.JSONDecodeError):
        json.loads(text(seed))


@pytest.mark.parametrize("seed", [seed for seed in MENDED if seed not in BARE_KEYS and not MENDED[seed]])
def test_what_is_json_is_taken_as_it_is(seed: str) -> None:
    """The captured payloads and the examples that are JSON go in unchanged."""
    assert json.loads(text(seed)) == mended(seed)


def test_the_documented_headers_are_those_of_the_provider() -> None:
    """The example of headers names the signature's header with its prefix, and the content type."""
    provider = catalogue.load("gitple")
    headers = {**provider.headers, **provider.authentication.headers}
    for name, value in mended("gitple.headers").items():
        ours = next(text for known, text in headers.items() if known.lower() == name.lower())
        assert value.startswith(ours.removesuffix("{digest}"))


@pytest.mark.parametrize(
    ("seed", "changes"),
    [
        ("closer.message_sent", {"isUser": "message.isUser"}),
        ("livechat.chat_ended", {"license_id": "license_id"}),
        ("gbm.verification", {"secret": "secret"}),
    ],
)
def test_a_seed_that_is_spoiled_does_not_validate(seed: str, changes: dict[str, str]) -> None:
    """The schemas do not take everything: a member of another type is told."""
    provider, _, event = seed.partition(".")
    document = mended(seed)
    for path in changes.values():
        *parents, last = path.split(".")
        node = document
        for parent in parents:
            node = node[parent]
        node[last] = 1067
    wrong = validation.problems(catalogue.load(provider).events[event], document)
    assert [problem.path for problem in wrong] == [f"$.{path}" for path in changes.values()]
