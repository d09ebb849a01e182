"""A campaign: cases in the order of the counter are sent, judged and grouped; killers are named, failures shrunk."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from hookassay.conformance.assess import Problem
from hookassay.conformance.bench import Bench
from hookassay.conformance.fuzz import groups, killer, oracle, shrink
from hookassay.conformance.fuzz.blame import Blame, same
from hookassay.conformance.fuzz.case import FuzzCase
from hookassay.conformance.fuzz.cases import Cases
from hookassay.conformance.fuzz.counter import Place
from hookassay.conformance.fuzz.groups import Group
from hookassay.conformance.fuzz.line import Line, is_gone
from hookassay.conformance.fuzz.mutations import NOT_FOR_HTTP_10
from hookassay.conformance.fuzz.oracle import Judged, Oracle
from hookassay.conformance.fuzz.plan import Plan
from hookassay.conformance.fuzz.tally import Limits, Tally
from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.answer import Reaction
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.generation import realistic_index
from hookassay.mockserver.emission.sending import Sender
from hookassay.schemas.contract import LEVELS, Level

ALIVE_EVERY = 64
"""Hostile cases after which a right delivery shows that somebody is still there."""

_LONGEST_STRETCH = 512
"""Cases after which a stretch ends, hostile or not: what it has brought is kept until then."""

_WATCHED = 0.1
_TWIN_EVERY = 60.0
_SHRINKING, _SHRINKING_LATE = 600.0, 20.0
_SPARED = 2
_TWINS = 2**60
"""Realistic cases from here on are twins and signs of life: no counter comes so far."""


@dataclass
class Campaign:
    """One run against one receiver. `watch` is called after every few cases; `kept` gets every answer with its
    fingerprint."""

    plan: Plan
    bench: Bench
    sender: Sender
    level: Level = "must"
    limits: Limits = Limits()
    rate: float | None = None
    tell: Callable[[str], None] = field(default=lambda text: None)
    watch: Callable[[Campaign], None] = field(default=lambda campaign: None)
    kept: Callable[[Judged, str, tuple[str, ...]], None] = field(default=lambda judged, name, behaviours: None)
    tally: Tally = field(default_factory=Tally)
    groups: dict[str, Group] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._oracle = Oracle(self.bench)
        self._line = Line(self.sender, self.bench, self._oracle, self.rate, self.tell)
        self._cases = Cases(self.bench.vendor, self.plan.seed)
        self._order = self.plan.order()
        self._window: list[Judged] = []
        self._sent: deque[int | None] = deque()
        self._doubtful: deque[tuple[int | None, Judged]] = deque()
        self._hostile = 0
        self._twins: dict[str, tuple[float, bool]] = {}
        self._killers: Counter[str] = Counter()
        self._blame = Blame(self.plan, self._cases, self._line)
        self._started = self._last_new = time.monotonic()
        self._shown = 0.0
        self._right_index = 0

    @property
    def pace(self) -> float:
        return self._line.pace

    def run(self, first: Iterable[FuzzCase] = ()) -> None:
        """Send the cases of the corpus, then those of the counter, until a limit is reached; then shrink.

        A KeyboardInterrupt ends it with everything found so far.
        """
        try:
            if self._refuses_everything():
                self.tally.state = "refuses everything"
                return
            self._send_all(first)
            if self.tally.state == "running":
                self._is_alive()
                self._shrink()
            if self.tally.state == "running":
                self.tally.state = "done"
        except KeyboardInterrupt:
            self.tally.state = "interrupted"
            self._keep_doubtful()
        finally:
            self.tally.requests = self._line.requests
            self.tally.seconds = time.monotonic() - self._started
            self.watch(self)

    def rebuilt(self, case: FuzzCase) -> FuzzCase:
        """The same case for now."""
        return self._cases.named(case.name, time.time_ns()) if case.name.seed == self.plan.seed else case

    def judge(self, case: FuzzCase) -> Judged:
        """One case, sent and judged: what a replay does."""
        judged = self._line.one(case)
        self._take(judged)
        return judged

    # the stream of cases

    def _send_all(self, first: Iterable[FuzzCase]) -> None:
        """Stretch by stretch: cases stream to the receiver, then what they have brought is looked into.

        Only what needs no requests of its own is done while they stream, so that nothing stands beside it.
        """
        cases = self._stream(first)
        while self.tally.state == "running" and not self.tally.complete and not self._ended():
            self._twins_of(set(self.plan.events))
            self._line.hurt = False
            for judged in self._line.stream(self._stretch(cases), self.limits.concurrency):
                counter = self._sent.popleft()
                self._window.append(judged)
                if judged.problem is None and not is_gone(judged.sent.answer) and not self._doubtful:
                    self._done(counter, judged)
                else:
                    self._doubtful.append((counter, judged))
            alive = self._is_alive() if self._line.hurt or self._hostile >= ALIVE_EVERY else True
            while self._doubtful:
                counter, judged = self._doubtful[0]
                self._done(counter, self._alone(judged, alive) if is_gone(judged.sent.answer) else judged)
                self._doubtful.popleft()

    def _keep_doubtful(self) -> None:
        """Group what was answered wrongly and not looked into yet, without a request more."""
        for _, judged in self._doubtful:
            if judged.answered and self._counts(judged.problem):
                name = groups.key(judged)
                if name in self.groups:
                    self.groups[name].add(judged)
                else:
                    self.groups[name] = groups.begin(judged, times.iso(time.time_ns(), 0))

    def _stretch(self, cases: Iterator[tuple[int | None, FuzzCase]]) -> Iterator[FuzzCase]:
        """The cases up to the next sign of life, or up to an answer that makes one wanted."""
        for _ in range(_LONGEST_STRETCH):
            if self._hostile >= ALIVE_EVERY or self._line.hurt or self._ended():
                return
            counter, case = next(cases, (None, None))
            if case is None:
                self.tally.complete = True
                return
            self._hostile += case.hostile
            self._sent.append(counter)
            yield case

    def _done(self, counter: int | None, judged: Judged) -> None:
        """A case that has come to its end; those of the counter do so in its order."""
        self._take(judged)
        if counter is not None:
            self.tally.next_counter = counter + 1
        self._show()

    def _show(self) -> None:
        """Tell whoever watches, as often as eyes can follow."""
        now = time.monotonic()
        if now - self._shown >= _WATCHED:
            self._shown = now
            self.tally.requests, self.tally.seconds = self._line.requests, now - self._started
            self.watch(self)

    def _stream(self, first: Iterable[FuzzCase]) -> Iterator[tuple[int | None, FuzzCase]]:
        for case in first:
            yield None, case
        for counter in self.plan.counters(self.tally.next_counter):
            case = self._cases.build(self._order.place(counter), time.time_ns())
            if not self._is_spared(case):
                yield counter, case

    def _is_spared(self, case: FuzzCase) -> bool:
        """Whether a case is left out: HTTP/1.0 receivers cannot know some framings, and a killer has been named."""
        if self._oracle.answers_http_10 and any(name in NOT_FOR_HTTP_10 for name in case.mutations):
            self.tally.spared["needs HTTP/1.1"] += 1
            return True
        killer = next((name for name in case.mutations if self._killers[name] >= _SPARED), None)
        if killer is not None:
            self.tally.spared[f"it dies of {killer}"] += 1
        return killer is not None

    def _ended(self) -> bool:
        now, limits = time.monotonic(), self.limits
        if limits.seconds is not None and now - self._started >= limits.seconds:
            return True
        if limits.findings is not None and len(self.groups) >= limits.findings:
            return True
        return limits.quiet is not None and now - self._last_new >= limits.quiet

    # what came back

    def _take(self, judged: Judged) -> None:
        """Count an exchange, keep what is new of it, group what is wrong with it."""
        self.tally.cases += 1
        self.tally.reactions[str(judged.sent.reaction)] += 1
        found = oracle.behaviours(judged.case.delivery, judged.sent.answer, judged.sent.reaction)
        name = oracle.fingerprint(found)
        self.tally.fingerprints[name] += 1
        if self.tally.fingerprints[name] == 1:
            self._last_new = time.monotonic()
        self.kept(judged, name, found)
        if self._counts(judged.problem):
            self._group(judged)
        elif judged.problem is not None:
            self.tally.advice += 1

    def _counts(self, problem: Problem | None) -> bool:
        """Whether something is wrong at a level that counts."""
        return problem is not None and LEVELS.index(problem.level) <= LEVELS.index(self.level)

    def _alone(self, judged: Judged, alive: bool) -> Judged:
        """What got no answer, tried again for itself: beside others it may have shared their fate.

        After a death nobody is blamed here: the inquest has named what it died of, or nothing has done it again.
        """
        again = self._line.one(self.rebuilt(judged.case)) if alive else judged
        self._window.append(again)  # it may have come back since it died of this one
        if not alive or (is_gone(again.sent.answer) and not self._is_alive()):
            return Judged(judged.case, judged.sent, None)
        return again

    def _group(self, judged: Judged) -> None:
        now = times.iso(time.time_ns(), 0)
        judged = self._blame.told_by(judged)
        known = self.groups.get(groups.key(judged))
        if known is not None:
            known.add(judged)
            known.finding.last_seen = now
            return
        again = self._line.one(self.rebuilt(judged.case)) if judged.answered else judged
        if again is not judged and not same(judged, again):
            counts_once = judged.problem is not None and judged.problem.counts_once
            if not counts_once and judged.problem is not None:
                judged = Judged(judged.case, judged.sent, judged.problem.unsteady(again.problem))
        group = self.groups.setdefault(groups.key(judged), groups.begin(judged, now))
        if judged.problem is not None and judged.problem.kind == "unsteady":
            group.finding.state = "unsteady"

    # signs of life

    def right(self, event: str = "") -> Delivery:
        """A right, realistic delivery of now."""
        self._right_index += 1
        place = Place(event or self.plan.events[0], "valid", realistic_index(_TWINS + self._right_index))
        return self._cases.build(place, time.time_ns()).delivery

    def _is_alive(self) -> bool:
        """Whether a right delivery is answered; where nothing answers, an inquest."""
        self._hostile = 0
        if self._line.is_there(self.right()):
            self._window.clear()
            return True
        window, self._window = self._window, []
        self.tell("the receiver has stopped answering: waiting for it, and looking for what it died of")
        inquest = killer.find(self._line, window, self.right, self.limits.wait_back)
        self.tally.restarts += inquest.deaths - inquest.stayed_dead
        if inquest.killer is not None:
            case = inquest.killer.case
            # Of two, one may be innocent: they count where one was found out before.
            known = [name for name in case.mutations if name in self._killers]
            self._killers.update(known or (case.mutations if len(case.mutations) == 1 else ()))
            problem = Problem("died", "must", "the receiver dies of it, each time it is sent")
            judged = Judged(case, inquest.killer.sent, problem)
            self.groups.setdefault(groups.key(judged), groups.begin(judged, times.iso(time.time_ns(), 0)))
        if inquest.stayed_dead:
            self.tally.state = "dead"
        return False

    def _twins_of(self, events: set[str]) -> None:
        """A right delivery of each event once a minute: a refused forgery counts only beside it."""
        for event in events:
            tried, _ = self._twins.get(event, (-_TWIN_EVERY, True))
            if time.monotonic() - tried >= _TWIN_EVERY:
                self._twins[event] = time.monotonic(), self._takes(event)

    def _takes(self, event: str) -> bool:
        """Whether a right delivery of an event is taken; if it is not, that is a finding of its own."""
        self._right_index += 1
        place = Place(event, "valid", realistic_index(_TWINS + self._right_index))
        judged = self._line.one(self._cases.build(place, time.time_ns()))
        if judged.sent.reaction is Reaction.TAKEN:
            return True
        if judged.problem is not None and not is_gone(judged.sent.answer):
            self._take(judged)
        return False

    def _refuses_everything(self) -> bool:
        """Whether no right delivery of any event is taken: then nothing else can be judged."""
        for event in self.plan.events:
            self._twins[event] = time.monotonic(), self._takes(event)
        return not any(taken for _, taken in self._twins.values())

    # at the end

    def _shrink(self) -> None:
        ends = (now := time.monotonic()) + _SHRINKING
        if self.limits.seconds is not None:
            ends = min(ends, max(now + _SHRINKING_LATE, self._started + self.limits.seconds))
        for group in self.groups.values():
            left = ends - time.monotonic()
            if left > 0 and group.finding.state != "unsteady":
                shrink.shrink(self._line, group, seconds=min(shrink.SECONDS, left))
                self.watch(self)
