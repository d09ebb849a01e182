"""The morning after: what a campaign's folder holds, new findings first, for people and for programs."""

from __future__ import annotations

import datetime
import html
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hookassay import __version__
from hookassay.conformance.fuzz import known
from hookassay.conformance.fuzz.folder import Folder
from hookassay.conformance.fuzz.groups import Finding
from hookassay.conformance.fuzz.known import Known

_ORDER = ("new", "unsteady", "known", "gone")
_HEADINGS = {"new": "New", "unsteady": "Unsteady", "known": "Known", "gone": "Gone since the last complete run"}
_TOLD = 30
_SARIF_LEVELS = {"must": "error", "should": "warning", "may": "note"}


@dataclass(frozen=True)
class TextLine:
    """A line for a terminal."""

    text: str = ""
    bold: bool = False
    wrap: bool = True


@dataclass(frozen=True)
class Night:
    """A folder's last run and every finding in it; `complaints` are about the list of known ones."""

    run: dict[str, Any]
    findings: tuple[Finding, ...]
    folders: dict[str, Folder]
    complaints: tuple[str, ...] = ()

    @classmethod
    def of(cls, *folders: Folder, entries: Sequence[Known] | None = None) -> Night:
        """One folder, or several of one campaign's shards joined by group."""
        joined: dict[str, Finding] = {}
        places: dict[str, Folder] = {}
        complaints: list[str] = []
        today = datetime.date.today()
        for folder in folders:
            told = known.read(folder.known_file) if entries is None else tuple(entries)
            here = folder.findings()
            complaints += known.complaints(told, here, today)
            for name, finding in here.items():
                if finding.state != "gone":
                    _apply(finding, told, today)
                before = joined.get(name)
                if before is None:
                    joined[name], places[name] = finding, folder
                else:
                    before.count += finding.count
                    before.first_seen = min(before.first_seen, finding.first_seen)
                    before.last_seen = max(before.last_seen, finding.last_seen)
                    before.runs = [*dict.fromkeys([*before.runs, *finding.runs])]
                    before.state = min(before.state, finding.state, key=_ORDER.index)
        ordered = sorted(joined.values(), key=lambda finding: (_ORDER.index(finding.state), -finding.count))
        return cls(folders[-1].run(), tuple(ordered), places, tuple(dict.fromkeys(complaints)))

    @property
    def new(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.state in ("new", "unsteady"))

    def since(self, run: str) -> Night:
        """The same, where everything that was not seen before a run counts as new."""
        for finding in self.findings:
            if finding.state == "new" and finding.first_seen < run:
                finding.state, finding.reason = "known", f"seen before {run}"
        ordered = sorted(self.findings, key=lambda finding: (_ORDER.index(finding.state), -finding.count))
        return Night(self.run, tuple(ordered), self.folders, self.complaints)

    def curl(self, finding: Finding) -> str:
        """The command that repeats a finding's smallest request."""
        try:
            return (self.folders[finding.group].place_of(finding.group) / "curl.sh").read_text(encoding="utf-8").strip()
        except OSError:
            return ""


def _apply(finding: Finding, entries: Sequence[Known], today: datetime.date) -> None:
    """Say of a finding whether it is known now, whatever it was when it was written."""
    reason = known.reason_for(entries, finding.group, today)
    if reason is not None:
        finding.state, finding.reason = "known", reason
    elif finding.state == "known":
        finding.state, finding.reason = "new", ""


def terminal(night: Night) -> Iterator[TextLine]:
    """For people."""
    yield TextLine()
    yield TextLine(summary(night), bold=True)
    for state, heading in _HEADINGS.items():
        findings = [finding for finding in night.findings if finding.state == state]
        if not findings:
            continue
        yield TextLine()
        yield TextLine(f"{heading} ({len(findings)})", bold=True)
        alike = _alike(findings)
        for same in alike[:_TOLD]:
            yield from _told(night, same)
        if len(alike) > _TOLD:
            yield TextLine(f"  and {len(alike) - _TOLD} more (--format html shows all)")
    for text in (*facts(night), *night.complaints):
        yield TextLine()
        yield TextLine(text)


def _alike(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings that differ in the event alone, under one heading."""
    found: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        found.setdefault((finding.title, finding.shape, finding.reason), []).append(finding)
    return list(found.values())


def _told(night: Night, alike: Sequence[Finding]) -> Iterator[TextLine]:
    """One heading, with the request of the first."""
    first, count = alike[0], sum(finding.count for finding in alike)
    many = "once" if count == 1 else f"{count} times"
    yield TextLine(f"  {first.title}")
    since = min(finding.first_seen for finding in alike)
    yield TextLine(f"      {', '.join(finding.event for finding in alike)}: {many}, since {since}")
    if first.reason:
        yield TextLine(f"      known: {first.reason}")
    if first.state in ("new", "unsteady"):
        yield TextLine(f"      {night.folders[first.group].place_of(first.group)}", wrap=False)
        yield TextLine(f"      {night.curl(first)}", wrap=False)


def summary(night: Night) -> str:
    """One line: what was done, and what came of it."""
    run, states = night.run, [finding.state for finding in night.findings]
    counts = ", ".join(f"{states.count(state)} {state}" for state in _ORDER if state in states) or "no findings"
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
        found.append(f"{run['advice']} answers are only advice (--level should counts them)")
    if run.get("cases"):
        chance = run.get("chance_of_something_new", 1.0)
        found.append(f"chance that the next 1000 cases show something new: {chance:.1%}")
    return found


def as_json(night: Night) -> str:
    """For programs."""
    findings = [{**finding.as_json(), "curl": night.curl(finding)} for finding in night.findings]
    return json.dumps({"run": night.run, "findings": findings, "complaints": list(night.complaints)}, indent=2) + "\n"


def markdown(night: Night) -> str:
    """For a pull request or a chat."""
    lines = ["# Fuzzing", "", summary(night), ""]
    for state, heading in _HEADINGS.items():
        findings = [finding for finding in night.findings if finding.state == state]
        if findings:
            lines += [f"## {heading}", ""]
            for finding in findings:
                lines += [f"- **{finding.title}**, {finding.event}, {finding.count}×"]
                if finding.reason:
                    lines += [f"  - known: {finding.reason}"]
                elif state != "gone" and night.curl(finding):
                    lines += ["", *(f"      {line}" for line in night.curl(finding).splitlines()), ""]
            lines += [""]
    return "\n".join([*lines, *(f"{text}\n" for text in (*facts(night), *night.complaints))])


def sarif(night: Night) -> str:
    """For code scanning (SARIF 2.1.0)."""
    rules = {finding.mutation: finding for finding in night.findings}
    results = [
        {
            "ruleId": finding.mutation,
            "level": _SARIF_LEVELS[finding.level],
            "message": {"text": f"{finding.title}. Repeat it: {night.curl(finding)}"},
            "partialFingerprints": {"hookassay/group": finding.group},
            "baselineState": "absent" if finding.state == "gone" else "new" if finding.state == "new" else "unchanged",
            "locations": [
                {"logicalLocations": [{"fullyQualifiedName": f"{night.run.get('provider')}/{finding.event}"}]}
            ],
        }
        for finding in night.findings
    ]
    driver = {
        "name": "hookassay fuzz",
        "version": __version__,
        "rules": [{"id": name, "shortDescription": {"text": rule.title}} for name, rule in rules.items()],
    }
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(document, indent=2) + "\n"


def page(night: Night) -> str:
    """For a browser: one file, nothing loaded from anywhere."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
        "<title>hookassay fuzz</title><style>body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto}",
        "pre{overflow:auto;background:#8881;padding:.6rem}:root{color-scheme:light dark}</style><h1>Fuzzing</h1>",
        f"<p>{html.escape(summary(night))}</p>",
    ]
    for state, heading in _HEADINGS.items():
        findings = [finding for finding in night.findings if finding.state == state]
        if findings:
            parts.append(f"<h2>{html.escape(heading)} ({len(findings)})</h2>")
            parts += [_section(night, finding) for finding in findings]
    parts += [f"<p>{html.escape(text)}</p>" for text in (*facts(night), *night.complaints)]
    return "".join(parts) + "</html>\n"


def _section(night: Night, finding: Finding) -> str:
    told = f"{finding.event}, {finding.count} times, first seen {finding.first_seen}"
    reason = f"<p>known: {html.escape(finding.reason)}</p>" if finding.reason else ""
    curl = f"<pre>{html.escape(night.curl(finding))}</pre>" if night.curl(finding) else ""
    return f"<section><h3>{html.escape(finding.title)}</h3><p>{html.escape(told)}</p>{reason}{curl}</section>"


FORMATS = {"html": page, "json": as_json, "sarif": sarif, "markdown": markdown}
"""Format → what writes it; the terminal has lines of its own."""
