"""The options that several commands share, named as pytest's without `target-`, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from hookassay.conformance.options import OPTIONS, Option, of_environment

Command = TypeVar("Command", bound=Callable[..., Any])

_SHARED = (
    "--target-secret",
    "--target-agent-secret",
    "--target-set",
    "--target-header",
    "--target-ca",
    "--target-timeout",
    "--target-wait",
    "--target-rate",
    "--target-level",
    "--provider-path",
    "--target-show-secrets",
)
_FILES = ("FILE", "DIR")

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def provider_path(command: Command) -> Command:
    """`--provider-path`, for commands that send nothing."""
    return _add(command, next(option for option in OPTIONS if option.flag == "--provider-path"))


def sending(own: Mapping[str, tuple[str | None, str]]) -> Callable[[Command], Command]:
    """The options of every command that sends; `own` has metavar and help of those that mean less in this one."""

    def add(command: Command) -> Command:
        for option in reversed(OPTIONS):
            if option.flag in _SHARED:
                command = _add(command, option, *own.get(_flag(option), ()))
        return command

    return add


def battery(command: Command) -> Command:
    """The options that only a whole battery has, beside the shared ones."""
    for option in reversed(OPTIONS):
        if option.flag not in (*_SHARED, "--target-url"):
            command = _add(command, option)
    return command


def given(options: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Every option's value as the battery's settings want them: as typed, else from the environment."""
    values = {}
    for option in OPTIONS:
        value = more[option.name] if option.name in more else options.get(option.name)
        if option.name not in more and (value is None or value == ()):
            value = of_environment(option)
        values[option.name] = ([] if option.many else None) if value is None else value
    return values


def paths(typed: Iterable[str]) -> list[Path]:
    """The folders of `--provider-path`, as typed, else from the environment."""
    option = next(option for option in OPTIONS if option.flag == "--provider-path")
    return [Path(path) for path in tuple(typed) or of_environment(option) or ()]


def flags(options: Mapping[str, Any]) -> list[str]:
    """The options that were typed, as arguments for pytest."""
    arguments = []
    for option in OPTIONS:
        value = options.get(option.name)
        if option.switch:
            arguments += [option.flag] if value else []
        else:
            arguments += [
                f"{option.flag}={one}" for one in (value or () if option.many else (value,)) if one is not None
            ]
    return arguments


def _flag(option: Option) -> str:
    return option.flag.replace("--target-", "--")


def _add(command: Command, option: Option, metavar: str | None = None, text: str = "") -> Command:
    from hookassay.cli import completion
    from hookassay.schemas.contract import LEVELS

    flag = _flag(option)
    text = text or f"{option.help[0].upper()}{option.help[1:].removesuffix('.')}."
    if option.switch:
        return click.option(flag, option.name, is_flag=True, default=None, help=text)(command)
    if flag == "--level":
        return click.option(flag, option.name, type=click.Choice(LEVELS, case_sensitive=False), help=text)(command)
    return click.option(
        flag,
        option.name,
        multiple=option.many,
        metavar=metavar or option.metavar,
        type=click.Path() if option.metavar in _FILES else None,
        shell_complete={"--provider": completion.providers, "--check": completion.checks}.get(flag),
        help=text,
    )(command)
