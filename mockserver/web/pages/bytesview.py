"""A body in three forms: pretty (for reading), raw (the very bytes) and hex (for what text hides)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

Form = Literal["pretty", "raw", "hex"]
FORMS: tuple[Form, ...] = ("pretty", "raw", "hex")

_SHOWN = 200_000
_SHOWN_AS_HEX = 16_384
_WIDTH = 16


@dataclass(frozen=True)
class Shown:
    """A body as text in one of the forms. `exact`: what is shown is the bytes, not a kinder spelling of them.
    `left_out`: so many bytes are not shown."""

    form: Form
    text: str
    exact: bool
    left_out: int = 0


def show(data: bytes, form: Form) -> Shown:
    """The body in the form that is asked for; what is no JSON is not pretty but raw, what is no text is hex."""
    if form == "pretty":
        try:
            text = json.dumps(json.loads(data), ensure_ascii=False, indent=2)
        except (ValueError, RecursionError):
            return show(data, "raw")
        return Shown("pretty", _safe(text[:_SHOWN]), exact=False, left_out=max(0, len(text) - _SHOWN))
    if form == "raw":
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return show(data, "hex")
        return Shown("raw", _safe(text[:_SHOWN]), exact=True, left_out=max(0, len(text) - _SHOWN))
    return Shown("hex", _hex(data[:_SHOWN_AS_HEX]), exact=True, left_out=max(0, len(data) - _SHOWN_AS_HEX))


def _safe(text: str) -> str:
    """Text that an HTML document can hold: controls and half pairs are shown escaped."""
    return "".join(
        c if c in "\n\t" or (c.isprintable() or c == " ") else c.encode("unicode_escape").decode("ascii") for c in text
    )


def _hex(data: bytes) -> str:
    lines = []
    for offset in range(0, len(data), _WIDTH):
        part = data[offset : offset + _WIDTH]
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
        lines.append(f"{offset:06x}  {part.hex(' '):<{_WIDTH * 3}} {text}")
    return "\n".join(lines)
