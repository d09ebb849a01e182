"""What a receiver says of an error that it did not catch: the line that tells most of its output, or of a trace."""

from __future__ import annotations

import html
import re

from hookassay.conformance.fuzz import frames
from hookassay.mockserver.emission.answer import Answer

_ERROR = re.compile(r"^.*(?:\b\w*(?:Error|Exception)|\b(?:[Pp]anic(?:ked)?|[Ff]atal|[Uu]nhandled))\b.*$", re.MULTILINE)
_LONGEST = 200
_SEARCHED = 65_536


def in_answer(answer: Answer) -> str:
    """The error and its place, where an answer shows a stack trace; else empty."""
    text = html.unescape(re.sub(r"<[^<>]*>", "\n", answer.content[:_SEARCHED].decode("utf-8", "replace")))
    return telling(text) if frames.place(text) else ""


def telling(text: str) -> str:
    """The last error in a text and its place: `KeyError: 'id' (handler.py:41, in on_event)`; empty without one.

    Most languages write their frames below the error, Python above it.
    """
    errors = list(_ERROR.finditer(text))
    if not errors:
        return ""
    last, before = errors[-1], errors[-2].end() if len(errors) > 1 else 0
    line = last[0].strip()
    place = frames.place(text[last.end() :]) or frames.place(text[before : last.start()]) or frames.place(line)
    told = line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
    return f"{told} ({place})" if place else told
