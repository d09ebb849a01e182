"""What the judge says of a case, in plain records that survive processes and become reports."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from hookassay.schemas.contract import Level

Outcome = Literal["passed", "failed", "advice", "skipped", "waived", "not run", "error"]
"""`advice`: below the level that fails the run; `not run`: the receiver had died or the time was up;
`error`: the harness itself broke, which is never blamed on the receiver."""


@dataclass
class Exchange:
    """A request and its answer as they may be shown: secrets masked, bodies shortened."""

    name: str
    method: str
    url: str
    headers: list[list[str]]
    body: str
    answer: str
    answer_headers: list[list[str]]
    answer_body: str
    reaction: str
    expected: str
    curl: str = ""
    """The command that repeats it, for the exchange that the message is about."""


@dataclass
class Note:
    """Something to be said once for the run, whatever case it was seen in (`key` tells them apart)."""

    key: str
    text: str
    level: Level = "should"


@dataclass
class Verdict:
    """The judgement of one case.

    `kind` is the problem's (taken, refused, broke …); `cause` groups verdicts into findings: one key
    for all cases that fail for it; `finding` is its title, `proven` whether it was shown by
    experiment, `reason` what else is known of why, or likely. `sightings` are insides of the receiver
    that its answers showed.
    """

    id: str
    check: str
    case: str
    family: str
    level: Level
    verdict: Outcome
    title: str
    source: str
    message: str = ""
    kind: str = ""
    cause: str = ""
    finding: str = ""
    proven: bool = False
    reason: str = ""
    remedy: str = ""
    requirements: list[str] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    sightings: list[str] = field(default_factory=list)
    requests: int = 0
    seconds: float = 0.0

    @property
    def provider(self) -> str:
        return self.id.partition("/")[0]

    def as_json(self) -> dict[str, Any]:
        exchanges = [asdict(exchange) for exchange in self.exchanges]
        return {**vars(self), "exchanges": exchanges, "notes": [vars(note) for note in self.notes]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Verdict:
        exchanges = [Exchange(**item) for item in data["exchanges"]]
        notes = [Note(**item) for item in data["notes"]]
        return cls(**{**data, "exchanges": exchanges, "notes": notes})
