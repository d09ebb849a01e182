"""The battery's options, as pytest options, ini options and environment variables alike.

Imports nothing that costs time: a pytest run without a target pays for this module only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True)
class Option:
    """One option: `--target-url`, `target_url` in an ini file, `HOOKASSAY_TARGET_URL` in the environment."""

    flag: str
    help: str
    many: bool = False
    switch: bool = False
    metavar: str | None = None

    @property
    def name(self) -> str:
        return self.flag.removeprefix("--").replace("-", "_")

    @property
    def variable(self) -> str:
        return f"HOOKASSAY_{self.name.upper()}"


OPTIONS: tuple[Option, ...] = (
    Option(
        "--target-url",
        "the receiver to judge; switches the battery on. {provider} stands for each provider's name",
        metavar="URL",
    ),
    Option(
        "--target-provider",
        "whose battery to run; repeatable. Default: every provider with {provider} in the URL, else detected",
        many=True,
        metavar="NAME",
    ),
    Option(
        "--target-event",
        "the events that the receiver asked its vendor for (globs, PROVIDER/EVENT allowed); repeatable",
        many=True,
        metavar="NAME",
    ),
    Option(
        "--target-check",
        "run only these checks (globs over provider/family/check); repeatable",
        many=True,
        metavar="GLOB",
    ),
    Option(
        "--target-secret", "what vendor and receiver share; repeatable", many=True, metavar="[PROVIDER[/EVENT]=]VALUE"
    ),
    Option(
        "--target-agent-secret",
        "an agent's own token, where its webhook and the partner's are one URL",
        metavar="[AGENT=]VALUE",
    ),
    Option(
        "--target-set",
        "a member that the receiver compares with its own; repeatable",
        many=True,
        metavar="PROVIDER/PATH=VALUE",
    ),
    Option("--target-header", "a header sent with every delivery; repeatable", many=True, metavar="'Name: value'"),
    Option("--target-ca", "trust this certificate authority beside the system's", metavar="FILE"),
    Option("--target-timeout", "seconds that an answer may take (default: the vendor's limit, else 10)", metavar="S"),
    Option("--target-wait", "wait so many seconds until the receiver listens (default 0)", metavar="S"),
    Option("--target-rate", "at most so many requests a second (default: as fast as it answers)", metavar="N"),
    Option("--target-budget", "the run's whole time in seconds; what was not reached is `not run`", metavar="S"),
    Option("--target-command", "start the receiver with this command, stop it at the end", metavar="CMD"),
    Option("--target-fuzz", "add so many fuzzed cases a provider, of this seed (default 0)", metavar="N[:SEED]"),
    Option("--target-level", "the lowest level that fails the run: must (default), should or may", metavar="LEVEL"),
    Option("--target-waivers", "known failures: a TOML file of check, reason, expires", metavar="FILE"),
    Option("--target-report", "write a report (.json); repeatable", many=True, metavar="FILE"),
    Option("--provider-path", "a folder with providers of one's own; repeatable", many=True, metavar="DIR"),
    Option("--target-show-secrets", "print secrets in reports and commands (default: masked)", switch=True),
)

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token (RFC 9110, 5.6.2)."""

_SECRET_VARIABLE = "HOOKASSAY_TARGET_SECRET_"


class BadOption(Exception):
    """An option that cannot be used: one line that names it and says what to write."""


def register(parser: pytest.Parser) -> None:
    """Add the options to pytest's command line and ini files."""
    group = parser.getgroup("hookassay", "hookassay: judge a webhook receiver")
    for option in OPTIONS:
        shape: dict[str, Any] = {"action": "append" if option.many else "store", "metavar": option.metavar}
        if option.switch:
            shape = {"action": "store_true"}
        group.addoption(option.flag, dest=option.name, default=None, help=option.help, **shape)
        if option.many:
            parser.addini(option.name, option.help, type="linelist", default=[])
        else:
            parser.addini(option.name, option.help, type="string", default="")


def given(config: pytest.Config, known: Any = None) -> dict[str, Any]:
    """The value of every option: from the command line, else the environment, else an ini file; None or [] if nowhere.

    `known` is pytest's early namespace, for hooks that run before the options are parsed.
    """
    namespace = config.option if known is None else known
    return {option.name: _value(config, namespace, option) for option in OPTIONS}


def target_of(config: pytest.Config, known: Any = None) -> str:
    """The target URL alone; empty without one. Raises BadOption if it was typed, but as nothing."""
    option = OPTIONS[0]
    namespace = config.option if known is None else known
    if getattr(namespace, option.name, None) == "":
        raise BadOption(f"{option.flag}: the URL is empty (an unset variable?)")
    return str(_value(config, namespace, option) or "")


def typed(config: pytest.Config) -> list[str]:
    """The battery's options that were given on the command line."""
    return [option.flag for option in OPTIONS if getattr(config.option, option.name, None)]


def _value(config: pytest.Config, namespace: Any, option: Option) -> Any:
    value = getattr(namespace, option.name, None)
    if value is None:
        value = of_environment(option)
    if value is not None:
        return value
    ini = config.getini(option.name)
    if option.switch:
        return str(ini).strip().lower() in ("1", "true", "yes", "on")
    return ini or ([] if option.many else None)


def of_environment(option: Option) -> Any:
    """An option's value from its environment variable: one value a line where it takes many; None if it is not set."""
    text = os.environ.get(option.variable)
    if text is None:
        return None
    if option.switch:
        return text.strip().lower() not in ("", "0", "false", "no", "off")
    return [line for line in text.splitlines() if line.strip()] if option.many else text


def secrets_of_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Provider (as spelled in the variable, lower case) → secret, from HOOKASSAY_TARGET_SECRET_GITPLE and its like."""
    return {
        name.removeprefix(_SECRET_VARIABLE).lower(): value
        for name, value in environment.items()
        if name.startswith(_SECRET_VARIABLE)
    }


def number(option: str, text: Any, least: float, default: float | None = None) -> float | None:
    """A number of at least `least`. Raises BadOption for anything else."""
    if text is None or text == "":
        return default
    try:
        value = float(text)
    except (TypeError, ValueError):
        raise BadOption(f"{option}: not a number: {text!r}") from None
    if not least <= value < 1e9:
        raise BadOption(f"{option}: {text} is out of range (at least {least:g})")
    return value


def header(text: str) -> tuple[str, str]:
    """A header as typed: `Name: value`. Raises BadOption."""
    name, mark, value = text.partition(":")
    if not mark or not _HEADER_NAME.fullmatch(name.strip()):
        start = _HEADER_NAME.match(text.strip())  # no more of it: behind the name stands what may be a secret
        raise BadOption(f"--target-header: write 'Name: value', not {start[0] if start else ''!r}…")
    if any(character in value for character in "\r\n\0"):
        raise BadOption(f"--target-header: {name}: a line end cannot stand in a header")
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        raise BadOption(f"--target-header: {name}: only Latin-1 characters can stand in a header") from None
    return name.strip(), value.strip()
