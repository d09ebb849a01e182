"""What commands print: plain text into a pipe, wrapped and coloured text on a terminal, JSON for programs."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from typing import Any

import click

_LABEL = 12
_LIST_ITEM = re.compile(r"^( *\d+\. +| *- +| *[a-z ]+: +| *)")


def on_terminal() -> bool:
    """Whether standard output is looked at by a person."""
    return sys.stdout is not None and sys.stdout.isatty()


def coloured() -> bool:
    """Whether colours are wanted: on a terminal, unless NO_COLOR is set (https://no-color.org)."""
    return on_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """How wide a line may be: the terminal's width, a hundred at most, so that lines stay readable."""
    import shutil

    return max(40, min(100, shutil.get_terminal_size((80, 24)).columns))


def line(text: str = "", *, wrap: bool = True, **style: Any) -> None:
    """A line of text; on a terminal wrapped at its width, later lines as far in as the first one's words."""
    text = clean(text)
    if wrap and on_terminal():
        text = "\n".join(_wrapped(part, _indent(part)) for part in text.split("\n"))
    wanted = {name: value for name, value in style.items() if value}
    click.echo(click.style(text, **wanted) if wanted and coloured() else text)


def tip(text: str) -> None:
    """A line that leads a person on; programs and pipes do not get it."""
    if on_terminal():
        line()
        line(text, dim=True)


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table: columns as wide as they need, the last one wrapped on a terminal. Empty columns are left out."""
    used = [place for place in range(len(titles)) if any(row[place] for row in rows)]
    titles = [titles[place] for place in used]
    rows = [[clean(row[place]) for place in used] for row in rows]
    widths = [max(_cells(row[place]) for row in (titles, *rows)) for place in range(len(titles))]
    indent = sum(widths[:-1]) + 2 * (len(widths) - 1)
    for number, row in enumerate((titles, *rows)):
        text = "  ".join(cell + " " * (wide - _cells(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
        if on_terminal() and width() - indent >= 12:
            text = _wrapped(text, indent)
        click.echo(click.style(text, bold=True) if number == 0 and coloured() else text)


def document(value: Any) -> None:
    """JSON to read: indented, coloured where that is wanted."""
    text = dumped(value, indent=2)
    if coloured():
        from rich.console import Console
        from rich.json import JSON

        Console(highlight=False, soft_wrap=True).print(JSON(text, indent=2, ensure_ascii=False))
    else:
        click.echo(text)


def data(value: Any, indent: int | None = 2) -> None:
    """JSON for programs."""
    click.echo(dumped(value, indent))


def dumped(value: Any, indent: int | None = None) -> str:
    """JSON text that standard output can hold: half a surrogate pair, and whatever its encoding lacks, is escaped."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    text = json.dumps(value, ensure_ascii=encoding != "utf8", indent=indent)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def clean(text: str) -> str:
    """Text without what would move the cursor or break an encoding: such characters are shown escaped."""
    return "".join(
        c if c == "\n" or c.isprintable() else "    " if c == "\t" else c.encode("unicode_escape").decode("ascii")
        for c in text
    )


def _wrapped(text: str, indent: int) -> str:
    """Text in lines of the terminal's width, all but the first so far in; what is too long for a line stays whole."""
    import textwrap

    return "\n".join(
        textwrap.wrap(text, width(), subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)
    )


def _indent(text: str) -> int:
    """How far in the words of a line begin: after its number, dash or label."""
    match = _LIST_ITEM.match(text)
    return _cells(match[0]) if match and len(match[0]) < 24 else 0


def _cells(text: str) -> int:
    """How many cells a text takes in a terminal: two for an ideograph or a Hangul syllable."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def entry(label: str, text: str) -> None:
    """A line with a label before it; wrapped text stands beside the label."""
    shown = f"{label.ljust(_LABEL)}{clean(text)}"
    if on_terminal():
        shown = _wrapped(shown, _LABEL)
    click.echo(f"{click.style(shown[:_LABEL], bold=True)}{shown[_LABEL:]}" if coloured() else shown)
