"""What ends a command early: one line on standard error, and a status."""

from __future__ import annotations

import sys

import click

USAGE = 2
FAILED = 1
INTERRUPTED = 130

_KNOWN = (
    ("hookassay.schemas.catalogue", "BadProvider"),
    ("hookassay.schemas.catalogue", "UnknownName"),
    ("hookassay.mockserver.emission.overrides", "BadOverride"),
    ("hookassay.mockserver.emission.target", "BadTarget"),
    ("hookassay.mockserver.emission.authentication", "BadSecret"),
    ("hookassay.conformance.options", "BadOption"),
    ("hookassay.conformance.waivers", "BadWaivers"),
)
"""Exceptions whose text is one line for a person. Only a module that is loaded can have raised its own."""


class Fault(click.ClickException):
    """Something that the user has to mend: one line that says what, where, and what to do."""

    def __init__(self, message: str, status: int = USAGE) -> None:
        super().__init__(message)
        self.status = status


def message_of(error: Exception) -> str | None:
    """The line that an exception of ours, or of the file system, stands for; None for a defect of hookassay."""
    known = tuple(getattr(sys.modules[module], name) for module, name in _KNOWN if module in sys.modules)
    if isinstance(error, known):
        return in_our_words(str(error))
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return None


def in_our_words(text: str) -> str:
    """A message with pytest's option names written as they are here: `--target-secret` is `--secret`."""
    return text.replace("--target-", "--")


def tell(text: str) -> None:
    """One line on standard error."""
    clean = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text.strip())
    click.echo(clean.encode("utf-8", "backslashreplace").decode("utf-8"), err=True)
