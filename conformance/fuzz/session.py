"""A campaign and its folder together: what was found before, what is known, what is new."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from hookassay import __version__
from hookassay.conformance.fuzz import known
from hookassay.conformance.fuzz.campaign import Campaign
from hookassay.conformance.fuzz.case import BadName, FuzzCase
from hookassay.conformance.fuzz.folder import Folder
from hookassay.conformance.fuzz.groups import Finding
from hookassay.conformance.fuzz.known import Known
from hookassay.conformance.fuzz.oracle import Judged
from hookassay.conformance.fuzz.plan import BadPlan
from hookassay.mockserver.emission import times

_SAVED = 1.0
"""Seconds between two writings of run.json."""


@dataclass
class Session:
    """Runs a campaign so that its folder is right at any moment, should the process be killed."""

    campaign: Campaign
    folder: Folder
    entries: tuple[Known, ...]
    reveal: bool
    resume: bool = False
    use_corpus: bool = True
    _saved: float = 0.0
    _name: str = field(default_factory=lambda: times.iso(time.time_ns(), 0))
    _earlier: dict[str, Finding] = field(default_factory=dict)

    def run(self) -> list[Finding]:
        """The findings, new ones first. Raises BadPlan where there is nothing to go on with."""
        self.folder.prepare()
        self._earlier = self.folder.findings()
        if self.resume:
            self._take_up()
        watch, keep = self.campaign.watch, self.campaign.kept

        def watched(campaign: Campaign) -> None:
            watch(campaign)
            if time.monotonic() - self._saved >= _SAVED:
                self.save()

        def kept(judged: Judged, name: str, behaviours: tuple[str, ...]) -> None:
            keep(judged, name, behaviours)
            self._keep(judged, name, behaviours)

        self.campaign.watch, self.campaign.kept = watched, kept
        self.campaign.run([*self._again(), *self._corpus()])
        return self.save()

    @property
    def new(self) -> list[Finding]:
        """The findings of this run that nobody has accepted."""
        return [group.finding for group in self.campaign.groups.values() if group.finding.state in ("new", "unsteady")]

    def save(self) -> list[Finding]:
        """Write the folder; the findings, those of earlier nights too."""
        self._saved = time.monotonic()
        findings = self._findings()
        target = self.campaign.bench.target
        for group in self.campaign.groups.values():
            self.folder.write_group(group, target, self.reveal)
        for finding in findings:
            if finding.group not in self.campaign.groups:
                self.folder.write_finding(finding)
        self.folder.write_run(self._run(findings))
        return findings

    def _findings(self) -> list[Finding]:
        """This run's, joined with what was known of them, and the earlier ones that have not come again."""
        today, found = datetime.date.today(), []
        complete = self.campaign.tally.complete and self.campaign.tally.state == "done"
        for name, group in self.campaign.groups.items():
            finding, before = group.finding, self._earlier.get(name)
            if before is not None:
                finding.first_seen = before.first_seen
                finding.runs = [run for run in before.runs if run != self._name]
            finding.runs = [*dict.fromkeys([*finding.runs, self._name])][-30:]
            reason = known.reason_for(self.entries, name, today)
            if finding.state != "unsteady":
                finding.state = "known" if reason is not None else "new"
            elif reason is not None:
                finding.state = "known"
            finding.reason = reason or ""
            found.append(finding)
        for name, before in self._earlier.items():
            if name not in self.campaign.groups:
                if complete:
                    before.state = "gone"
                found.append(before)
        order = ("new", "unsteady", "known", "gone")
        return sorted(found, key=lambda finding: (order.index(finding.state), -finding.count))

    def _run(self, findings: list[Finding]) -> dict[str, Any]:
        campaign, tally = self.campaign, self.campaign.tally
        return {
            "hookassay": "fuzz-run",
            "version": __version__,
            "run": self._name,
            **{name: value for name, value in campaign.plan.header().items() if name not in ("hookassay", "version")},
            "target": campaign.bench.target.url,
            "state": tally.state,
            "complete": tally.complete,
            "next_counter": tally.next_counter,
            "cases": tally.cases,
            "requests": tally.requests,
            "seconds": round(tally.seconds, 3),
            "reactions": dict(tally.reactions),
            "behaviours": len(tally.fingerprints),
            "chance_of_something_new": round(tally.chance_of_something_new(), 6),
            "advice": tally.advice,
            "restarts": tally.restarts,
            "left_out": dict(tally.spared),
            "groups": {finding.group: finding.state for finding in findings},
        }

    def _take_up(self) -> None:
        """Go on where the last run ended. Raises BadPlan if that was another run."""
        before = self.folder.run()
        now = self.campaign.plan.header()
        if not before:
            raise BadPlan(f"--resume: {self.folder.path} has no run to go on with")
        keys = ("provider", "contract", "generator", "seed", "mode", "events", "shard")
        told = [f"{key} {before.get(key)!r}, now {now[key]!r}" for key in keys if before.get(key) != now[key]]
        if told:
            raise BadPlan(f"--resume: that run was another one: {'; '.join(told)}")
        self.campaign.tally.next_counter = int(before["next_counter"])

    # the corpus

    def _keep(self, judged: Judged, name: str, behaviours: tuple[str, ...]) -> None:
        case = judged.case
        entry = {"case": str(case.name), "behaviours": list(behaviours), "bytes": len(case.delivery.body)}
        self.folder.keep(case.name.event, name, entry)

    def _again(self) -> list[FuzzCase]:
        """The smallest case of every earlier finding: whether it is gone has to be tried."""
        return self._named(finding.smallest for finding in self._earlier.values() if finding.state != "gone")

    def _corpus(self) -> list[FuzzCase]:
        """What made the receiver behave in its own way before."""
        return self._named(str(entry.get("case")) for entry in self.folder.corpus()) if self.use_corpus else []

    def _named(self, names: Iterable[str]) -> list[FuzzCase]:
        """The cases of names; those of another contract or generator are left out."""
        found = []
        for name in names:
            try:
                found.append(self.campaign.plan.named(name, time.time_ns()))
            except (BadName, BadPlan):
                continue
        return found
