"""Where a receiver broke, as far as its answer shows it: one line of code breaks in many ways (`frames.toml`)."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import NamedTuple

from hookassay.mockserver.emission.answer import Answer
from hookassay.schemas.catalogue import read_toml

_SEARCHED = 262_144
_STARTS_A_TRACE = re.compile(r"Traceback \(most recent call last\)")
_UNPRINTED = re.compile(r"[^\w .$<>-]")


class _Trace(NamedTuple):
    frame: re.Pattern[str]
    libraries: re.Pattern[str]
    last: bool


_TRACES = tuple(
    _Trace(re.compile(entry["frame"]), re.compile(entry["libraries"]), entry["innermost"] == "last")
    for entry in read_toml(Path(__file__).with_suffix(".toml"))["trace"]
)


def where(answer: Answer) -> str:
    """The innermost place in the receiver's own code (`handler.py:41, in on_event`); empty where no trace is shown."""
    return place(html.unescape(answer.content[:_SEARCHED].decode("utf-8", "replace")))


def place(text: str) -> str:
    """The same of any text: what a receiver has printed, say."""
    for trace in _TRACES:
        frames = list(trace.frame.finditer(text))
        if not frames:
            continue
        own = [frame for frame in frames if _is_own(trace, frame)]
        return _told((own or frames)[-1 if trace.last else 0])
    return ""


def telling_line(text: str) -> str:
    """The line of an answer that says most: the first, of a Python traceback the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    return lines[-1 if _STARTS_A_TRACE.match(lines[0]) else 0]


def _is_own(trace: _Trace, frame: re.Match[str]) -> bool:
    return not (trace.libraries.search(frame["file"]) or trace.libraries.search(_name(frame)))


def _name(frame: re.Match[str]) -> str:
    return frame.groupdict().get("name") or ""


def _told(frame: re.Match[str]) -> str:
    """The file without its folders: they differ from machine to machine, and are nobody's business."""
    file = re.split(r"[/\\]", frame["file"])[-1]
    name = f", in {_UNPRINTED.sub('', _name(frame))}" if _name(frame) else ""
    return f"{_UNPRINTED.sub('', file)}:{frame['line']}{name}"
