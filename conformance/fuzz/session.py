"""A campaign and its folder together: what was found before, what is known, what is new."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any

from hookassay import __version__
from hookassay.conformance.fuzz import known, neighbours, oracle
from hookassay.conformance.fuzz.campaign import Campaign
from hookassay.conformance.fuzz.case import BadName, CaseName, FuzzCase
from hookassay.conformance.fuzz.cases import Cases
from hookassay.conformance.fuzz.corpus import LIMIT, Corpus
from hookassay.conformance.fuzz.folder import Folder, Hidden
from hookassay.conformance.fuzz.groups import STATES, Finding
from hookassay.conformance.fuzz.known import Known
from hookassay.conformance.fuzz.oracle import Judged
from hookassay.conformance.fuzz.plan import BadPlan
from hookassay.conformance.fuzz.replay import stored
from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.addressed import shown_url

_SAVED = 1.0
"""Seconds between two writings of run.json."""


@dataclass
class Session:
    """Runs a campaign so that its folder is right at any moment, should the process be killed."""

    campaign: Campaign
    folder: Folder
    entries: tuple[Known, ...]
    hidden: Hidden
    resume: bool = False
    use_corpus: bool = True
    _saved: float = 0.0
    _name: str = field(default_factory=lambda: times.iso(time.time_ns(), 0))
    _earlier: dict[str, Finding] = field(default_factory=dict)
    _asked: dict[CaseName, str] = field(default_factory=dict)
    _retried: set[str] = field(default_factory=set)
    _written: dict[str, tuple[int, str, Judged]] = field(default_factory=dict)
    _unnamed: set[bytes] = field(default_factory=set)
    _builders: dict[int, Cases] = field(default_factory=dict)

    def run(self) -> list[Finding]:
        """The findings, new ones first. Raises BadPlan where there is nothing to go on with."""
        self.folder.prepare()
        self._earlier = self.folder.findings()
        if self.resume:
            self._take_up()
        self._corpus = Corpus.read(self.folder.corpus)
        watch, keep = self.campaign.watch, self.campaign.kept

        def watched(campaign: Campaign) -> None:
            watch(campaign)
            if time.monotonic() - self._saved >= _SAVED:
                self.save()

        def kept(judged: Judged, name: str, behaviours: tuple[str, ...]) -> None:
            keep(judged, name, behaviours)
            self._keep(judged, name, behaviours)

        self.campaign.watch, self.campaign.kept = watched, kept
        self.campaign.run(chain(self._again(), self._first()))
        self._keep_small()
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
        for name, group in self.campaign.groups.items():
            now = group.finding.count, group.finding.state, group.smallest
            if self._written.get(name) != now:
                self.folder.write_group(group, target, self.hidden)
                self._written[name] = now
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
                if complete or name in self._retried:
                    before.state = "gone"
                found.append(before)
        return sorted(found, key=lambda finding: (STATES.index(finding.state), -finding.count))

    def _run(self, findings: list[Finding]) -> dict[str, Any]:
        campaign, tally = self.campaign, self.campaign.tally
        return {
            "hookassay": "fuzz-run",
            "version": __version__,
            "run": self._name,
            **{name: value for name, value in campaign.plan.header().items() if name not in ("hookassay", "version")},
            "target": shown_url(campaign.bench.target.url),
            "state": tally.state,
            "complete": tally.complete,
            "next_counter": tally.next_counter,
            "cases": tally.cases,
            "requests": tally.requests,
            "seconds": round(tally.seconds, 3),
            "reactions": dict(tally.reactions),
            "behaviours": len(tally.fingerprints),
            "behaviours_seen_once": tally.seen_once,
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

    # what was kept before

    def _again(self) -> Iterator[FuzzCase]:
        """The smallest case of every earlier finding: whether it is gone has to be tried."""
        for finding in self._earlier.values():
            case = self._case({"case": finding.smallest}) if finding.state != "gone" else None
            if case is not None:
                self._asked[case.name] = finding.group
                yield case

    def _first(self) -> Iterator[FuzzCase]:
        """What made the receiver behave in its own ways before, then the cases near it."""
        if not self.use_corpus:
            return
        known = []
        for entry in list(self._corpus):
            case = self._case(entry)
            if case is not None:
                known.append(case.name)
                yield case
        seen = set(known)
        for case in islice((near for name in known for near in self._near(name)), LIMIT):
            if case.name not in seen:
                seen.add(case.name)
                yield case

    def _near(self, name: CaseName) -> Iterator[FuzzCase]:
        return neighbours.near(self._cases(name.seed), name, time.time_ns())

    def _case(self, entry: Mapping[str, Any]) -> FuzzCase | None:
        """A case of now; None for one that this run does not have: of another event, mode, contract or generator."""
        plan = self.campaign.plan
        try:
            name = CaseName.parse(str(entry["case"]))
            name.check(self.campaign.bench.provider)
            if name.event not in plan.events or name.kind not in plan.kinds():
                return None
            if "headers" not in entry:
                return self._cases(name.seed).named(name, time.time_ns())
            case = stored(plan, entry)
        except (BadName, BadPlan, KeyError):
            return None
        self._unnamed.add(case.draft.body.data)
        return case._replace(delivery=case.draft.deliver())

    def _cases(self, seed: int) -> Cases:
        found = self._builders.get(seed)
        if found is None:
            found = self._builders[seed] = replace(self.campaign.plan, seed=seed).cases()
        return found

    # what is kept

    def _keep(self, judged: Judged, name: str, behaviours: tuple[str, ...]) -> None:
        case = judged.case
        if self._asked and case.name in self._asked:
            self._retried.add(self._asked.pop(case.name))
        size = len(case.delivery.body)
        if not self._corpus.wants(case.name.event, name, size):
            return
        entry: dict[str, Any] = {"case": str(case.name)}
        if case.draft.body.data in self._unnamed:
            entry = case.as_json(self.campaign.bench.target.path, self.hidden.mark)
        self._corpus.keep(case.name.event, name, {**entry, "behaviours": list(behaviours), "bytes": size})

    def _keep_small(self) -> None:
        """What was made small, as bytes: no name gives it back."""
        for group in self.campaign.groups.values():
            small = group.smallest
            if group.finding.shrunk and small.case.draft.sent is None:
                named = self._cases(small.case.name.seed).named(small.case.name, small.case.at)
                if named.draft.body.data != small.case.draft.body.data:
                    self._unnamed.add(small.case.draft.body.data)
                found = oracle.behaviours(small.case.delivery, small.sent.answer, small.sent.reaction)
                self._keep(small, oracle.fingerprint(found), found)
