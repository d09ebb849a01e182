"""Shell completion, asked as bash asks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from hookassay.cli.group import COMMANDS


@pytest.fixture
def complete() -> Callable[[str], list[str]]:
    """`complete("hookassay show ")`: what a TAB after these words offers."""

    def ask(words: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", "from hookassay.cli import main; main()"],
            env={
                **os.environ,
                "COMP_WORDS": words,
                "COMP_CWORD": str(len(words.split(" ")) - 1),
                "_HOOKASSAY_COMPLETE": "bash_complete",
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.stderr == ""
        return [line.partition(",")[2] for line in done.stdout.splitlines()]

    return ask


def test_commands(complete: Callable[..., Any]) -> None:
    """After the bare name come the commands of the table."""
    assert complete("hookassay ") == [name for commands in COMMANDS.values() for name in commands]


@pytest.mark.parametrize(
    ("words", "some", "others"),
    [
        ("hookassay events g", ["gbm", "gitple"], ["closer"]),
        ("hookassay show gitple session_", ["session_state_open"], ["send_external_message"]),
        ("hookassay show gitple session_state_close --example ", ["full", "minimal", "unassigned"], ["visitor"]),
        ("hookassay explain signature/", ["signature/absent"], ["token/wrong"]),
        ("hookassay explain gitple/payload/u", ["gitple/payload/user-meta"], ["gitple/signature/absent"]),
        ("hookassay check URL --check gi", ["gitple/payload/full"], ["payload/full"]),
        ("hookassay send gitple session_state_open --forged no-", ["no-header"], ["left-out"]),
        ("hookassay send livechat chat_ended --forged l", ["left-out"], ["no-header"]),
        ("hookassay checks --level ", ["must", "should", "may"], ["full"]),
        ("hookassay provider ", ["check"], ["providers"]),
    ],
)
def test_names_from_the_data(complete: Callable[..., Any], words: str, some: list[str], others: list[str]) -> None:
    """Providers, events, examples, checks, forgeries and levels are offered where they belong."""
    offered = complete(words)
    assert set(some) <= set(offered)
    assert not set(others) & set(offered)


def test_nothing_is_offered_where_the_data_cannot_be_read(complete: Callable[..., Any]) -> None:
    """A folder of providers that is not there does not break a TAB."""
    assert "gitple" in complete("hookassay events --provider-path missing ")


def test_completion_imports_no_validator() -> None:
    """A TAB on a check id costs no jsonschema, rich or pytest."""
    code = (
        "import sys\nfrom hookassay.cli.group import cli\n"
        "try:\n    cli.main()\nfinally:\n    print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    env = {"COMP_WORDS": "hookassay explain gitple/", "COMP_CWORD": "2", "_HOOKASSAY_COMPLETE": "bash_complete"}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **env}, capture_output=True, text=True, timeout=60
    )
    assert "gitple/signature/absent" in done.stdout
    assert not {"jsonschema", "referencing", "rich", "pytest"} & set(done.stderr.split())
