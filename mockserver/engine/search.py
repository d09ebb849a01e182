"""The search language: `outcome:given-up event:session_* since:10m 안녕`.

Terms are all to hold; `-` before one turns it round. A term is a word, a `"phrase"`, or KEY:VALUE.
Pages, API, exports and removals read it here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from sqlalchemy import ColumnElement, Text, and_, false, func, not_, or_, select, true

from hookassay.mockserver.emission import times
from hookassay.mockserver.engine import recognition
from hookassay.mockserver.engine.conversations import folded, storable
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.model import Origin
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.texts import Told
from hookassay.schemas import catalogue

Clause = ColumnElement[bool]

_TERM = re.compile(r'(?P<minus>-?)(?:(?P<key>[a-z]+):)?(?:"(?P<phrase>[^"]*)"|(?P<word>\S+))')
_NUMBER = re.compile(r"[0-9]{1,18}")
_LONGEST = 2000
_LATEST = 2**63 - 1
_d, _o, _u = tables.delivery.c, tables.occurrence.c, tables.unsent.c
_q, _a = tables.request.c, tables.attempt.c

_REACTIONS = ("taken", "refused", "redirected", "broke", "silent")
_OUTCOMES = ("delivered", "waiting", "again", "given-up", "off", "not-sent", "cancelled")
_ORIGINS = get_args(Origin)


@dataclass(frozen=True)
class Search:
    """A search as conditions: on a delivery beside its occurrence, and on an unsent row beside its occurrence."""

    delivery: Clause
    unsent: Clause

    @property
    def occurrence(self) -> Clause:
        """On an occurrence: one of its rows is found."""
        mine = (_d.occurrence == _o.id) & _d.gone_at.is_(None) & self.delivery
        delivered = select(_d.id).where(mine).correlate(tables.occurrence).exists()
        unsent = select(_u.id).where(_u.occurrence == _o.id, self.unsent).correlate(tables.occurrence).exists()
        return or_(delivered, unsent)


def parse(text: str) -> Search:
    """The conditions of a search. Raises Refused(unknown-key) with the nearest key, Refused(invalid)."""
    if len(text) > _LONGEST:
        raise Refused("invalid", f"a search has at most {_LONGEST} characters", "/q")
    if "\0" in text or storable(text) != text:
        raise Refused("invalid", "a search holds no NUL, and no half of a surrogate pair", "/q")
    deliveries, unsents = [], []
    for match in _TERM.finditer(text):
        key, value = match["key"], match["word"] if match["phrase"] is None else match["phrase"]
        if key is None:
            found = _words(value)
        elif key in _KEYS:
            found = _KEYS[key](value)
        else:
            near = recognition.nearest(catalogue.nearest(key, _KEYS))
            raise Refused("unknown-key", Told("unknown-key", key=repr(key), near=near, known=", ".join(_KEYS)), "/q")
        turn: Callable[[Clause], Clause] = not_ if match["minus"] else _as_is
        deliveries.append(turn(func.coalesce(found[0], false())))
        unsents.append(turn(func.coalesce(found[1], false())))
    return Search(and_(true(), *deliveries), and_(true(), *unsents))


Both = tuple[Clause, Clause]


def _as_is(clause: Clause) -> Clause:
    return clause


def _words(value: str) -> Both:
    wanted = folded(value)
    said, answered = _q.text.contains(wanted, autoescape=True), _a.text.contains(wanted, autoescape=True)
    payload = or_(
        select(_q.delivery).where(_q.delivery == _d.id, said).correlate_except(tables.request).exists(),
        select(_a.delivery).where(_a.delivery == _d.id, answered).correlate_except(tables.attempt).exists(),
    )
    # An unsent row has no text of its own: its event and conversation are what can be found of it.
    return payload, or_(
        func.lower(_o.event).contains(wanted, autoescape=True), _o.conversation.contains(value, autoescape=True)
    )


def _glob(column: ColumnElement[str], value: str) -> Clause:
    """Text compared whole, `*` and `?` as wildcards; SQLite's own brackets are taken literally."""
    return column.op("GLOB", is_comparison=True)(re.sub(r"\[", "[[]", value))


def _both(column: ColumnElement[str]) -> Callable[[str], Both]:
    return lambda value: (_glob(column, value), _glob(column, value))


def _endpoint(value: str) -> Both:
    if _NUMBER.fullmatch(value):
        return _d.endpoint == int(value), _u.endpoint == int(value)
    return _glob(_d.endpoint_name, value), _glob(_u.endpoint_name, value)


def _run(value: str) -> Both:
    if not _NUMBER.fullmatch(value):
        raise Refused("invalid", f"run:{value}: a run has a number", "/q")
    return _o.run == int(value), _o.run == int(value)


def _fault(value: str) -> Both:
    faults = _d.faults.cast(Text)
    if value == "*":
        return faults != "[]", false()
    # A label is a text behind its fault's number, or a sentence with the kind among its values.
    return or_(_glob(faults, f'*, "{value}*'), _glob(faults, f'*: "{value}*')), false()


def _status(value: str) -> Both:
    if value == "failed":
        return _d.failure != "", false()
    if re.fullmatch(r"[1-5]xx", value):
        low = int(value[0]) * 100
        return _d.status.between(low, low + 99), false()
    if re.fullmatch(r"[0-9]{3}", value):
        return _d.status == int(value), false()
    raise Refused("invalid", f"status:{value}: write 401, 4xx or failed", "/q")


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        near = catalogue.nearest(value, known)
        raise Refused("invalid", f"{name}:{value}: it is one of {', '.join(known)}{near}", "/q")
    return value


def _reaction(value: str) -> Both:
    return _d.reaction == _one_of("reaction", value, _REACTIONS), false()


def _outcome(value: str) -> Both:
    if _one_of("outcome", value, _OUTCOMES) == "not-sent":
        return false(), true()
    return _d.outcome == value, false()


def _origin(value: str) -> Both:
    _one_of("origin", value, _ORIGINS)
    return _o.origin == value, _o.origin == value


def _since(value: str) -> Both:
    moment = _moment("since", value)
    return _d.at >= moment, _o.at >= moment


def _until(value: str) -> Both:
    moment = _moment("until", value)
    return _d.at <= moment, _o.at <= moment


def _moment(key: str, value: str) -> int:
    """A real moment: so long ago (`10m`), or a time of day in ISO form (UTC where it says nothing else)."""
    try:
        return max(0, time.time_ns() - times.span(value))
    except ValueError:
        pass
    text = f"{value}T00:00:00Z" if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else value
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d", text):
        text += ":00Z"
    moment = times.parse(text) or times.parse(f"{text}Z")
    if moment is None:
        raise Refused("invalid", f"{key}:{value}: write 10m, 2h, or 2026-11-21T09:30:00Z", "/q")
    return max(0, min(moment, _LATEST))


_KEYS: dict[str, Callable[[str], Both]] = {
    "provider": _both(_o.provider),
    "event": _both(_o.event),
    "endpoint": _endpoint,
    "conversation": _both(_o.conversation),
    "run": _run,
    "origin": _origin,
    "fault": _fault,
    "status": _status,
    "reaction": _reaction,
    "outcome": _outcome,
    "since": _since,
    "until": _until,
}
