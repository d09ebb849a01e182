"""What a scenario's steps expect, compared with what came of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from hookassay.mockserver.engine.model import OPEN_STATES, Occurrence, StepState
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.texts import Told

REACTIONS = ("taken", "refused", "redirected", "broke", "silent")
"""Expectations that are about the receiver's answer; the others are about the vendor's view."""

_d, _o = tables.delivery.c, tables.occurrence.c


def unmet(connection: Connection, deliveries: Sequence[int]) -> Iterator[tuple[int, Told]]:
    """Of these deliveries those that are not as their steps expect: the run, and a line that says so. Copies and
    replays are nobody's step."""
    wanted = (
        select(_d.id, _d.run, _d.outcome, _d.state, _d.reaction, _d.attempts, _o.step, _o.event, _o.expect)
        .join(tables.occurrence, _o.id == _d.occurrence)
        .where(_d.id.in_(deliveries), _d.replay_of.is_(None))
    )
    for row in connection.execute(wanted).all():
        if row.expect and met(row.expect, row) is False:
            now = row.reaction if row.expect in REACTIONS else row.outcome
            yield row.run, Told("step-unmet", number=row.step, event=row.event, expected=row.expect, now=now)


def step_state(row: Row[Any], shown: Occurrence) -> StepState:
    """A step's occurrence as its run shows it."""
    firsts = [delivery for delivery in shown.deliveries if delivery.replay_of is None]
    known = [met(row.expect, delivery) for delivery in firsts] if row.expect else []
    holds = None
    if row.expect:
        holds = False if not firsts or False in known else None if None in known else True
    return StepState(
        number=row.step,
        at=row.virtual,
        event=row.event,
        occurrence=row.id,
        deliveries=shown.deliveries,
        unsent=shown.unsent,
        expect=row.expect or "",
        met=holds,
    )


def met(expect: str, row: Any) -> bool | None:
    """Whether a delivery's state is what its step expects; None while it cannot be said.

    A reaction is that of the last attempt (`taken` of a delivery that is sent again: not yet); a view is
    judged at its end, `again` at the first failure.
    """
    is_open = row.state in OPEN_STATES
    if row.attempts == 0:
        return False if row.state == "cancelled" else None
    if expect in REACTIONS:
        reaction = str(row.reaction) if row.reaction else None
        return reaction == expect if reaction else None
    if expect == "again":
        return True if row.outcome == "again" or row.attempts > 1 else None if is_open else False
    return None if is_open else row.outcome == expect
