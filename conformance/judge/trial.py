"""What came of trying one case: problems, exchanges, notes."""

from __future__ import annotations

from dataclasses import dataclass, field

from hookassay.conformance.assess import Problem
from hookassay.conformance.traffic import Sent
from hookassay.conformance.verdict import Note


@dataclass
class Trial:
    """The first problem is told; each exchange stands with its name and, in words, what was expected.

    `sightings` are insides of the receiver that its answers showed. `skipped`, `not_run` and `error`
    (a traceback: the harness broke) are reasons, empty where there is none.
    """

    problems: list[Problem] = field(default_factory=list)
    exchanges: list[tuple[str, Sent, str]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    sightings: list[str] = field(default_factory=list)
    skipped: str = ""
    not_run: str = ""
    error: str = ""

    def note(self, key: str, text: str) -> None:
        """Keep something that is to be said once for the run."""
        if all(known.key != key for known in self.notes):
            self.notes.append(Note(key, text))

    def refused_one(self) -> Sent | None:
        """The first exchange in which the receiver refused what it had to take."""
        due = ("taken (2xx)", "200 and exactly")
        wrong = (sent for _, sent, expected in self.exchanges if expected.startswith(due))
        return next((sent for sent in wrong if sent.reaction == "refused"), None)
