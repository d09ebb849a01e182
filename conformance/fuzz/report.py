"""The report of a campaign: new findings first, for people and for programs."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hookassay import __version__
from hookassay.conformance.fuzz.headings import HEADINGS, Heading, counted, headings
from hookassay.conformance.fuzz.night import Night, again, facts, summary

_TOLD = 30
_SARIF_LEVELS = {"must": "error", "should": "warning", "may": "note"}
_STYLE = (
    "body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}"
    "pre{white-space:pre-wrap;background:#8881;padding:.6rem}h3{margin:1.6rem 0 .2rem}p{margin:.2rem 0}"
    "summary{cursor:pointer}:root{color-scheme:light dark}"
)


@dataclass(frozen=True)
class TextLine:
    """A line for a terminal."""

    text: str = ""
    bold: bool = False
    wrap: bool = True


def terminal(night: Night) -> Iterator[TextLine]:
    """For people."""
    yield TextLine()
    yield TextLine(summary(night), bold=True)
    for state, name in HEADINGS.items():
        found = list(headings(night, state))
        if not found:
            continue
        yield TextLine()
        yield TextLine(f"{name} ({counted(found)})", bold=True)
        for heading in found[:_TOLD]:
            yield TextLine(f"  {heading.title}")
            known = f"known: {heading.reason}" if heading.reason else ""
            for text in (heading.mutations, heading.seen, heading.places, known, heading.exchange):
                if text:
                    yield TextLine(f"      {text}")
            if heading.command:
                yield TextLine(f"      in {heading.place}", wrap=False)
                yield TextLine(f"      {heading.command}", wrap=False)
        if len(found) > _TOLD:
            yield TextLine(f"  and {len(found) - _TOLD} more (--format html shows all)")
    yield TextLine()
    for text in (*facts(night), *night.complaints, again(night)):
        if text:
            yield TextLine(text)


def as_json(night: Night) -> str:
    """For programs."""
    findings = [{**finding.as_json(), "curl": night.curl(finding)} for finding in night.findings]
    return json.dumps({"run": night.run, "findings": findings, "complaints": list(night.complaints)}, indent=2) + "\n"


def markdown(night: Night) -> str:
    """For a pull request or a chat."""
    lines = ["# Fuzzing", "", summary(night), ""]
    for state, name in HEADINGS.items():
        found = list(headings(night, state))
        lines += [f"## {name} ({counted(found)})", ""] if found else []
        for heading in found:
            lines += [f"- **{heading.title}**: {heading.seen}"]
            known = f"known: {heading.reason}" if heading.reason else ""
            lines += [f"  - {text}" for text in (heading.mutations, heading.places, known, heading.exchange) if text]
            if heading.command:
                lines += ["", *(f"      {line}" for line in heading.command.splitlines()), ""]
        lines += [""] if found else []
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
        f"<title>hookassay fuzz</title><style>{_STYLE}</style><h1>Fuzzing</h1>",
        *(f"<p>{html.escape(text)}</p>" for text in (summary(night), *facts(night), *night.complaints, again(night))),
    ]
    for state, name in HEADINGS.items():
        found = list(headings(night, state))
        if found:
            parts.append(f"<h2>{html.escape(name)} ({counted(found)})</h2>")
            parts += [_section(heading) for heading in found]
    return "".join(parts) + "</html>\n"


def _section(heading: Heading) -> str:
    known = f"known: {heading.reason}" if heading.reason else ""
    lines = (heading.mutations, heading.seen, heading.places, known, heading.exchange)
    told = [text for text in lines if text]
    parts = [f"<h3>{html.escape(heading.title)}</h3>", *(f"<p>{html.escape(text)}</p>" for text in told)]
    if heading.command:
        parts.append(f"<pre>{html.escape(heading.command)}</pre><p>in {html.escape(heading.place)}</p>")
    if len(heading.findings) > 1:
        groups = "".join(f"<li>{html.escape(finding.group)}" for finding in heading.findings)
        parts.append(f"<details><summary>{len(heading.findings)} findings</summary><ul>{groups}</ul></details>")
    return f"<section>{''.join(parts)}</section>"


FORMATS: dict[str, Callable[[Night], str]] = {"html": page, "json": as_json, "sarif": sarif, "markdown": markdown}
"""Format → what writes it; the terminal has lines of its own."""
