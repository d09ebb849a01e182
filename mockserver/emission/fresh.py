"""Making an example new: fresh ids and times of now, by the roles that the schema gives its members.

A receiver may remember ids and refuse old events, so nothing is ever sent as the example has it.
The latest moment of the document becomes the time asked for, and the others move along; the
customer's own ids and the webhook's stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from typing import Any

from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.ids import Ids
from hookassay.schemas import members
from hookassay.schemas.contract import Event, Json

_FRESH_ROLES = ("delivery", "conversation")
_TIME_ROLES = ("time", "moment")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


class Recipe:
    """What has to be made new in one document of an event; found once, used for every copy."""

    def __init__(self, event: Event, document: Json) -> None:
        self._text = json.dumps(document)
        self._ids: list[tuple[list[str], str | int]] = []
        self._moments: list[tuple[list[str], Callable[[int], Json], int]] = []
        self._composed: list[tuple[str, str, str]] = []
        for member in members.walk(event.expanded, document):
            moment = times.parse(member.value) if member.role in _TIME_ROLES else None
            template = member.schema.get("x-compose")
            if moment is not None:
                self._moments.append((members.tokens(member.pointer), times.form(member.value), moment))
            elif isinstance(template, str) and isinstance(member.value, str):
                self._composed.append((member.pointer, template, member.value))
            elif member.role in _FRESH_ROLES and isinstance(member.value, (str, int)):
                self._ids.append((members.tokens(member.pointer), member.value))
        self._latest = max((moment for _, _, moment in self._moments), default=0)

    def renew(self, at: int | None, ids: Ids) -> Json:
        """A copy with fresh ids and its latest moment at `at` (nanoseconds; None: its moments as they are)."""
        copy = json.loads(self._text)
        for tokens, old in self._ids:
            _put(copy, tokens, ids.renew(old))
        if at is not None:
            for tokens, written, moment in self._moments:
                _put(copy, tokens, written(moment + at - self._latest))
        return copy

    def compose(self, document: Json, ids: Ids, leave: Collection[str] = ()) -> None:
        """Write composite ids anew, in place, from the parts they are made of.

        Those at or below a pointer in `leave` stay: somebody has set them.
        """
        for pointer, template, old in self._composed:
            left = any(pointer == one or pointer.startswith(f"{one}/") for one in leave)
            if not left and _is_there(document, pointer):
                _put(document, members.tokens(pointer), _filled(template, document, old, ids))


def _put(document: Json, tokens: list[str], value: Json) -> None:
    node: Any = document
    for token in tokens[:-1]:
        node = node[int(token)] if isinstance(node, list) else node[token]
    last = tokens[-1]
    node[int(last) if isinstance(node, list) else last] = value


def _is_there(document: Json, pointer: str) -> bool:
    try:
        return isinstance(members.lookup(document, pointer), str)
    except KeyError:
        return False


def _filled(template: str, document: Json, old: str, ids: Ids) -> str:
    def part(match: re.Match[str]) -> str:
        if match[1] == "uuid":
            return str(ids.renew(old.rpartition("/")[2] or old))
        try:
            return str(members.lookup(document, match[1]))
        except KeyError:
            return match[0]

    return _PLACEHOLDER.sub(part, template)
