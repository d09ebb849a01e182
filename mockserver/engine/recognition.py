"""What the rooms below tell in plain English, found again with its values, so that a page can say it in Korean too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from hookassay.mockserver.engine.hearsay import CAUSES, FORGERIES, INDENTS, NEAREST, PROBLEMS, WRITERS, WRITINGS
from hookassay.mockserver.engine.texts import Told
from hookassay.schemas.validation import Problem

_PLACE = re.compile(r"%\((\w+)\)s")
NESTED: Mapping[str, Sequence[str]] = {
    "told": PROBLEMS,
    "does": CAUSES,
    "more": CAUSES,
    "written": WRITINGS,
    "writer": WRITERS,
    "indent": INDENTS,
    "charset": (),
    "hash": (),
    "mutation": FORGERIES,
}
"""Values that are sentences themselves, and the templates of each."""


def problems(found: Iterable[Problem]) -> tuple[str, ...]:
    """What a contract has against a document, a line for each."""
    return tuple(Told("problem", path=one.path, told=_told(one.message, PROBLEMS), rule=one.rule) for one in found)


def cause(text: str) -> str:
    """Why a receiver refuses, or what was tried to find it out."""
    return _told(text, CAUSES)


def label(text: str) -> str:
    """A delivery's label as a file has it: how `send --forged` made it wrong is a sentence of ours."""
    head = Told("wrong-on-purpose", mutation="")
    return Told("wrong-on-purpose", mutation=_told(text[len(head) :], FORGERIES)) if text.startswith(head) else text


def nearest(text: str) -> str:
    """A name that may have been meant, as `catalogue.nearest` says it; nothing where there is none."""
    return _told(text, NEAREST)


def _told(text: str, templates: Sequence[str]) -> str:
    """The sentence that one of the templates makes; a text that none makes stays as it is."""
    for template in templates:
        match = _pattern(template).fullmatch(text)
        if match is not None:
            return Told(template, **{n: _told(v, NESTED.get(n, ())) for n, v in match.groupdict().items()})
    return text


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = _PLACE.split(template)  # text, name, text, name, … text
    shape = (re.escape(part) if index % 2 == 0 else f"(?P<{part}>.+?)" for index, part in enumerate(parts))
    return re.compile("".join(shape), re.DOTALL)
