"""What a campaign has left, a morning after: the run, every finding, what is known of it, how to repeat it."""

from __future__ import annotations

import datetime
import json
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hookassay.conformance.fuzz import known, runs
from hookassay.conformance.fuzz.folder import Folder
from hookassay.conformance.fuzz.frames import telling_line
from hookassay.conformance.fuzz.groups import STATES, Finding
from hookassay.conformance.fuzz.known import Known
from hookassay.mockserver.emission.answer import FAILURES

_COPIED, _QUOTED = 2_000, 80
"""Characters of a command that is shown, and of an answer's first line."""

_EXPECTED = {
    "taken": "taken (2xx)",
    "refused": "refused (4xx)",
    "calm": "taken or refused (2xx or 4xx)",
    "exactly": "200 and exactly the secret",
}


@dataclass(frozen=True)
class Night:
    """A folder's last run and every finding in it; `complaints` are about the list of known ones."""

    run: dict[str, Any]
    findings: tuple[Finding, ...]
    folders: dict[str, Folder]
    complaints: tuple[str, ...] = ()

    @classmethod
    def of(cls, *folders: Folder, entries: Sequence[Known] | None = None) -> Night:
        """One folder, or several of one campaign's shards joined by group; what is known in one is so in all."""
        told = (
            list(entries) if entries is not None else [e for folder in folders for e in known.read(folder.known_file)]
        )
        today = datetime.date.today()
        joined: dict[str, Finding] = {}
        places: dict[str, Folder] = {}
        for folder in folders:
            for name, finding in folder.findings().items():
                if finding.state != "gone":
                    _apply(finding, told, today)
                if name in joined:
                    joined[name].join(finding)
                else:
                    joined[name], places[name] = finding, folder
        seen = {name: finding.state != "gone" for name, finding in joined.items()}
        complaints = known.complaints(list(dict.fromkeys(told)), seen, today)
        return cls(
            runs.joined([folder.run() for folder in folders]), _ordered(joined.values()), places, tuple(complaints)
        )

    @property
    def new(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.state in ("new", "unsteady"))

    def since(self, run: str) -> Night:
        """The same, where everything that was not seen before a run counts as new."""
        for finding in self.findings:
            if finding.state == "new" and finding.first_seen < run:
                finding.state, finding.reason = "known", f"seen before {run}"
        return Night(self.run, _ordered(self.findings), self.folders, self.complaints)

    @property
    def longest(self) -> int:
        """Characters that a command may have, at most."""
        return _COPIED

    def place(self, finding: Finding) -> Path:
        """Where everything is kept that repeats a finding."""
        return self.folders[finding.group].place_of(finding.group)

    def curl(self, finding: Finding) -> str:
        """The command that repeats a finding's smallest request; where it is too long to copy, the file that has it."""
        file = self.place(finding) / "curl.sh"
        try:
            command = file.read_text(encoding="utf-8").strip()
        except OSError:
            return ""
        return command if len(command) <= _COPIED else f"sh {shlex.quote(str(file))}"

    def exchange(self, finding: Finding) -> str:
        """What was expected and what came back, in a line; nothing of a secret is in it."""
        try:
            told = json.loads((self.place(finding) / "smallest.json").read_text(encoding="utf-8"))["answer"]
        except (OSError, ValueError, KeyError):
            return f"expected: {_EXPECTED[finding.expect]}"
        failure = told.get("failure")
        line = telling_line(str(told["body"]))[:_QUOTED]
        answer = FAILURES[failure] if failure in FAILURES else f"{told['status']}{f' {line!r}' if line else ''}"
        return f"expected: {_EXPECTED[finding.expect]}; answered: {answer}"


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: (STATES.index(finding.state), -finding.count)))


def _apply(finding: Finding, entries: Sequence[Known], today: datetime.date) -> None:
    """Say of a finding whether it is known now, whatever it was when it was written."""
    reason = known.reason_for(entries, finding.group, today)
    if reason is not None:
        finding.state, finding.reason = "known", reason
    elif finding.state == "known":
        finding.state, finding.reason = "new", ""


def summary(night: Night) -> str:
    """One line: what was done, and what came of it."""
    run, states = night.run, [finding.state for finding in night.findings]
    counts = ", ".join(f"{states.count(state)} {state}" for state in STATES if state in states) or "no findings"
    done = f"{run.get('cases', 0)} cases in {run.get('seconds', 0):.0f} s ({run.get('state', 'not run')})"
    return f"{run.get('provider', '')}: {counts}; {done}"


def facts(night: Night) -> list[str]:
    """What else there is to know of the run."""
    run, found = night.run, []
    if run.get("reactions"):
        found.append("answers: " + ", ".join(f"{name} {count}" for name, count in sorted(run["reactions"].items())))
    if run.get("restarts"):
        found.append(f"the receiver died and came back {run['restarts']} times")
    if run.get("state") == "dead":
        found.append("the receiver died and did not come back")
    if run.get("state") == "refuses everything":
        found.append(
            "it takes no right delivery, so nothing else was tried; hookassay send … --why looks for the cause"
        )
    if run.get("left_out"):
        found.append("left out: " + ", ".join(f"{count} ({why})" for why, count in run["left_out"].items()))
    if run.get("advice"):
        found.append(f"{run['advice']} answers are only advice (with --level should they count)")
    if run.get("cases") and run.get("state") != "refuses everything":
        chance = run.get("chance_of_something_new", 1.0)
        found.append(
            f"chance that the next 1000 cases show a way of answering not seen before, which need not be a fault: "
            f"{chance:.1%}"
        )
    return found


def again(night: Night) -> str:
    """How a finding is sent again; empty where there is nothing new."""
    if not night.new:
        return ""
    run = night.run
    return f"send one again: hookassay fuzz {run.get('provider')} --send {run.get('target')} --replay FOLDER"
