"""Findings under headings: one cause has many findings, and a person wants to read it once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hookassay.conformance.fuzz.groups import Finding, State
from hookassay.conformance.fuzz.night import Night

HEADINGS: dict[State, str] = {
    "new": "New",
    "unsteady": "Unsteady",
    "known": "Known",
    "gone": "Gone: sent again, and met as it should be",
}
_MANY = 4
"""Mutations of one layer that are met in one way are told together from here on."""

_TITLE = re.compile(r"(.+?) (payload|bytes|headers|framing|auth)\.\S.* (\([^)]*\))")


@dataclass(frozen=True)
class Heading:
    """Findings that are told together. `mutations`: which, where the title does not say; `places`: where else in the
    payload, where the title says one of several; `command` repeats the one
    that is the shortest to type, which is kept in `place`; both are empty for what need not be repeated."""

    title: str
    mutations: str
    places: str
    seen: str
    reason: str
    exchange: str
    place: str
    command: str
    findings: tuple[Finding, ...]


def counted(found: Sequence[Heading]) -> str:
    """How many findings there are under headings: `10 under 4 headings`."""
    findings = sum(len(heading.findings) for heading in found)
    return str(findings) if findings == len(found) else f"{findings} under {len(found)} heading{'s'[: len(found) > 1]}"


def headings(night: Night, state: State) -> Iterator[Heading]:
    """The headings of a state, what was found most often first."""
    for alike in _alike([finding for finding in night.findings if finding.state == state]):
        yield _heading(night, alike)


def _alike(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings under one heading: all that breaks at one place of the receiver's code, where its answers show it;
    many mutations of a layer, one answer; what differs in the event alone."""
    places: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        what, _, answer = _in_short(finding)
        places.setdefault((what, answer, finding.where, finding.reason), []).append(finding)
    told = [together for (_, _, where, _), together in places.items() if where]
    layers: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        if not finding.where:
            layers.setdefault((*_in_short(finding), finding.shape, finding.reason), []).append(finding)
    for together in layers.values():
        if len(_mutations(together)) >= _MANY:
            told.append(together)
            continue
        titles: dict[str, list[Finding]] = {}
        for finding in together:
            titles.setdefault(finding.title, []).append(finding)
        told += titles.values()
    return sorted(told, key=lambda together: -sum(finding.count for finding in together))


def _in_short(finding: Finding) -> tuple[str, str, str]:
    """What the receiver does, to which layer of mutations, with what answer; the title where it is no mutation."""
    match = _TITLE.fullmatch(finding.title)
    return (match[1], match[2], match[3]) if match else (finding.title, "", "")


def _mutations(findings: Sequence[Finding]) -> list[str]:
    return sorted({finding.mutation for finding in findings})


def _heading(night: Night, alike: Sequence[Finding]) -> Heading:
    count, mutations = sum(finding.count for finding in alike), _mutations(alike)
    first = min(alike, key=lambda finding: len(night.curl(finding)) or night.longest)
    title, listed = first.title, ""
    what, layer, answer = _in_short(first)
    if first.where and len(mutations) > 1:
        title, listed = f"{what} {len(mutations)} mutations {answer}, all at {first.where}", ", ".join(mutations)
    elif first.where:
        title = f"{title}, at {first.where}"
    elif len(mutations) >= _MANY:
        title = f"{what} {len(mutations)} mutations of {layer}, all in one way {answer}"
        listed = ", ".join(name.removeprefix(f"{layer}.") for name in mutations)
    events = ", ".join(sorted({finding.event for finding in alike}))
    elsewhere = [place for place in dict.fromkeys(sum((f.places for f in alike), [])) if f"@{place}" not in title]
    many = "once" if count == 1 else f"{count} times"
    since = min(finding.first_seen for finding in alike)
    open_ = first.state in ("new", "unsteady")
    return Heading(
        title=title,
        mutations=listed,
        places=f"also seen at {', '.join(elsewhere)}" if elsewhere and not listed else "",
        seen=f"{events}: {many}, since {since}",
        reason=first.reason,
        exchange=night.exchange(first) if open_ else "",
        place=str(night.place(first)) if open_ else "",
        command=night.curl(first) if open_ else "",
        findings=tuple(alike),
    )
