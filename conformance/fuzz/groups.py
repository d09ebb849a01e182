"""What is wrong, grouped: one finding for all cases that fail in one way, under a name that is stable over nights."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from hookassay.conformance.fuzz import frames
from hookassay.conformance.fuzz.case import FuzzCase
from hookassay.conformance.fuzz.oracle import Judged, shape
from hookassay.mockserver.emission.answer import FAILURES, Answer
from hookassay.schemas.contract import Level

State = Literal["new", "unsteady", "known", "gone"]
STATES: tuple[State, ...] = get_args(State)
"""In the order in which they are told."""

SAMPLES = 3
"""Deliveries kept of a group: the first, the smallest, the last."""

PLACES = 20
"""Places of the payload kept of a group, at most."""

_UNSAFE = re.compile(r"[^A-Za-z0-9_.+-]+")


@dataclass
class Finding:
    """One way of being wrong, as `finding.json` has it. `smallest` is a case's name, `where` the place in the
    receiver's code that its answer shows, `places` the changed members of the payload (JSON pointers)."""

    group: str
    title: str
    reaction: str
    status: int | None
    shape: str
    event: str
    mutation: str
    expect: str
    level: Level
    count: int = 0
    first_seen: str = ""
    last_seen: str = ""
    runs: list[str] = field(default_factory=list)
    state: State = "new"
    smallest: str = ""
    shrunk: bool = False
    samples: list[str] = field(default_factory=list)
    reason: str = ""
    where: str = ""
    places: list[str] = field(default_factory=list)

    def at(self, places: Iterable[str]) -> None:
        """Note where the payload was changed."""
        self.places = [*dict.fromkeys([*self.places, *places])][:PLACES]

    def join(self, other: Finding) -> None:
        """The same finding of another shard of the run."""
        self.count += other.count
        self.first_seen = min(self.first_seen, other.first_seen)
        self.last_seen = max(self.last_seen, other.last_seen)
        self.runs = [*dict.fromkeys([*self.runs, *other.runs])]
        self.state = min(self.state, other.state, key=STATES.index)
        self.at(other.places)

    def as_json(self) -> dict[str, Any]:
        """The file's content (schemas/meta/finding.schema.json)."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Finding:
        return cls(**data)


@dataclass
class Group:
    """A finding of this run with its exchanges: the first, the smallest, the last."""

    finding: Finding
    first: Judged
    smallest: Judged
    last: Judged

    def add(self, judged: Judged) -> None:
        """One more of its kind."""
        self.finding.count += 1
        self.finding.at(judged.case.places)
        self.last = judged
        if _size(judged.case) < _size(self.smallest.case):
            self.smallest = judged
            self.finding.smallest, self.finding.title = str(judged.case.name), _title(judged)

    @property
    def exchanges(self) -> list[Judged]:
        """The exchanges that are kept, each once."""
        found: list[Judged] = []
        for judged in (self.first, self.smallest, self.last):
            if all(judged.case.name != known.case.name for known in found):
                found.append(judged)
        return found


def key(judged: Judged) -> str:
    """The name of the group that a wrong answer belongs to."""
    problem, answer, case = judged.problem, judged.sent.answer, judged.case
    assert problem is not None
    status = str(answer.status) if answer.status is not None else str(answer.failure)
    parts = (problem.kind, status, case.name.event, case.mutation, shape(case.delivery, answer))
    return _UNSAFE.sub("_", "-".join(parts))[:180]


def begin(judged: Judged, now: str) -> Group:
    """A group with its first exchange."""
    problem, case, answer = judged.problem, judged.case, judged.sent.answer
    assert problem is not None
    finding = Finding(
        group=key(judged),
        title=_title(judged),
        reaction=str(judged.sent.reaction),
        status=answer.status,
        shape=shape(case.delivery, answer),
        event=case.name.event,
        mutation=case.mutation,
        expect=case.expect.reaction,
        level=problem.level,
        count=1,
        first_seen=now,
        last_seen=now,
        smallest=str(case.name),
        where=frames.where(answer) if answer.status is not None else "",
        places=list(case.places),
    )
    return Group(finding, judged, judged, judged)


def _title(judged: Judged) -> str:
    """What the receiver does, in a line: no payload, no secret."""
    problem = judged.problem
    assert problem is not None
    what = " and ".join(judged.case.mutations) or "a right delivery"
    words = {
        "broke": "breaks on",
        "silent": "does not answer to",
        "overlong": "sends more than the answer's Content-Length after",
        "taken": "takes the forgery" if judged.case.name.kind == "auth" else "takes",
        "markup": "gives markup back in a page after",
        "refused": "refuses",
        "redirected": "redirects",
        "leak": "shows what is secret after",
        "gave-secret": "gives the secret back after",
        "wrong-text": "does not give exactly the secret back after",
        "inside": "shows its inside after",
        "unsteady": "answers now so, now otherwise to",
        "died": "dies of",
    }
    return f"{words.get(problem.kind, problem.kind)} {what} ({_status(judged.sent.answer)})"


def _status(answer: Answer) -> str:
    """The status, or what came instead, without anything that differs from one time to the next."""
    return str(answer.status) if answer.failure is None else FAILURES[answer.failure]


def _size(case: FuzzCase) -> int:
    return len(case.delivery.body) + sum(len(name) + len(value) for name, value in case.delivery.headers)
