"""What `hookassay fuzz --send --json` tells programs: one object a line, as things happen."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from hookassay.cli import output
from hookassay.conformance.fuzz.campaign import Campaign
from hookassay.conformance.fuzz.groups import Finding

_EVERY = 1.0
"""Seconds between two lines of progress."""


class Lines:
    """Lines of the kinds `progress`, `finding` and `run`; of a finding, its last line holds."""

    def __init__(self) -> None:
        self._next = 0.0
        self._told: set[str] = set()

    def watch(self, campaign: Campaign) -> None:
        """How far it is, each second, and what has been found and kept since."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY
        for name, group in campaign.groups.items():
            if group.finding.runs and name not in self._told:
                self._told.add(name)
                _line("finding", group.finding.as_json())
        tally = campaign.tally
        _line(
            "progress",
            {
                "cases": tally.cases,
                "requests": tally.requests,
                "seconds": round(tally.seconds, 3),
                "a_second": round(campaign.pace, 1),
                "next_counter": tally.next_counter,
                "count": campaign.plan.count,
                "findings": len(campaign.groups),
                "chance_of_something_new": round(tally.chance_of_something_new(), 6),
            },
        )

    def end(self, findings: Sequence[Finding], run: dict[str, Any]) -> None:
        """Every finding as it is in the end, those of earlier nights too, then the run."""
        for finding in findings:
            _line("finding", finding.as_json())
        _line("run", run)


def _line(kind: str, told: dict[str, Any]) -> None:
    output.data({"kind": kind, **told}, indent=None)
