"""Help, start-up, and what a command imports."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from hookassay import __version__
from hookassay.cli.group import COMMANDS

NAMES = [name for commands in COMMANDS.values() for name in commands]


def modules(*arguments: str) -> set[str]:
    """The modules that are loaded once a command has run."""
    code = (
        f"import sys\nfrom hookassay.cli.group import cli\ntry:\n    cli.main({list(arguments)!r})\n"
        "finally:\n    print('\\n' + '\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    return set(done.stderr.split())


def test_help_lists_every_command_with_its_line(run: Callable[..., Any]) -> None:
    """`--help` shows each command and what it does."""
    said = run("--help")
    assert said.status == 0
    for commands in COMMANDS.values():
        for name, text in commands.items():
            assert re.search(rf"^  {name} +{re.escape(text)}$", said.out, re.MULTILINE)


def test_nothing_typed_is_a_question_for_help(run: Callable[..., Any]) -> None:
    """Without a command the help is printed, and that is no error."""
    assert run() == run("--help")


@pytest.mark.parametrize("name", NAMES)
def test_each_command_teaches_by_example(run: Callable[..., Any], name: str) -> None:
    """Each command's help begins with the line of the table, has an example, and fits in 80 columns."""
    said = run(name, "--help")
    text = next(commands[name] for commands in COMMANDS.values() if name in commands)
    assert said.status == 0
    assert f"\n  {text}\n" in said.out or name == "provider"
    assert name == "provider" or re.search(rf"^    hookassay {name}", said.out, re.MULTILINE)
    assert max(map(len, said.out.splitlines())) <= 80


def test_help_imports_no_command() -> None:
    """Help is answered from the table, so that it costs no more than click."""
    loaded = modules("--help")
    assert not {f"hookassay.cli.{name}" for name in NAMES} & loaded
    assert "rich" not in loaded


@pytest.mark.parametrize("arguments", [("providers", "--json"), ("providers",), ("explain", "--help"), ("checks",)])
def test_light_commands_import_no_validator_and_no_pytest(arguments: tuple[str, ...]) -> None:
    """What reads data alone starts without jsonschema, rich, pytest and asyncio."""
    assert not {"jsonschema", "referencing", "rich", "pytest", "asyncio"} & modules(*arguments)


def test_json_is_decided_before_rich(run: Callable[..., Any]) -> None:
    """`--json` and a pipe never import rich."""
    assert "rich" not in modules("show", "gitple", "session_state_open", "--json")


def test_version(process: Callable[..., Any]) -> None:
    """`--version` names the program and its version."""
    assert process("--version").out == f"hookassay {__version__}\n"


def test_unknown_command_names_the_nearest(run: Callable[..., Any]) -> None:
    """A mistyped command is one line with the nearest name."""
    said = run("vaildate")
    assert said.status == 2
    assert said.err == (
        "hookassay: unknown command 'vaildate' (did you mean 'validate'?); hookassay --help lists them\n"
    )
