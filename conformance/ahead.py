"""Trying several cases at once, where a receiver is slow to answer or a case takes its time.

Cases are serial, so that what goes wrong can be told. But a receiver that takes a second for each
answer is a right one, and a battery of an hour is of no use. So while it is slow, the coming cases
are tried side by side, and so are, on every receiver, those that send slowly. One in which anything
at all is not as it should be does not count, and is tried again in its turn, alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Protocol

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Check
from hookassay.conformance.judge import Judge
from hookassay.conformance.judge.trial import Trial
from hookassay.conformance.state import Shared

SLOW = 0.1
"""Seconds: a receiver whose answers take longer in the median is slow."""

_MOST = 8
_SHARE_OF_LIMIT = 0.8
_QUEUED = 3.0


class Triable(Protocol):
    """A case of the run, with what it needs."""

    @property
    def id(self) -> str: ...
    @property
    def bench(self) -> Bench: ...
    @property
    def check(self) -> Check: ...
    @property
    def case(self) -> Case: ...


@dataclass
class Ahead:
    """Trials made ahead of their turn. `coming` are the cases still to be tried, in order."""

    judge: Judge
    coming: Sequence[Triable] = ()
    off: bool = False
    _made: dict[str, Trial] = field(default_factory=dict)
    _tried: set[str] = field(default_factory=set)

    def take(self, planned: Triable) -> Trial | None:
        """The trial of a case, if it was made ahead; makes some where that is worth it."""
        if planned.id not in self._tried and not self.off:
            self._go(planned)
        return self._made.pop(planned.id, None)

    def _go(self, planned: Triable) -> None:
        usual = self._usual()
        traffic = self.judge.traffic
        if usual is None or traffic.rate or traffic.shared.rate or traffic.limited:
            return
        batch = self._batch(planned, usual)
        if len(batch) < 2:
            return
        with self.judge.folder.turn() as shared:
            if shared.dead:
                return
            with ThreadPoolExecutor(len(batch)) as pool:
                trials = list(pool.map(self._alone, batch))
            shared.requests += sum(requests for _, requests in trials)
        times = [sent.answer.elapsed for trial, _ in trials if trial for _, sent, _ in trial.exchanges]
        self.off = usual >= SLOW and bool(times) and median(times) > _QUEUED * usual
        self._tried.update(one.id for one in batch)
        if not self.off:
            self._made.update(
                {one.id: trial for one, (trial, _) in zip(batch, trials, strict=True) if trial is not None}
            )

    def _batch(self, planned: Triable, usual: float) -> Sequence[Triable]:
        """The cases that are tried beside this one, itself among them; none where it is tried alone."""
        if usual < SLOW and not planned.case.unhurried:
            return ()
        start = next((place for place, one in enumerate(self.coming) if one.id == planned.id), None)
        if start is None:
            return ()
        if usual >= SLOW:
            width = min(_MOST, int(planned.bench.limit * _SHARE_OF_LIMIT / usual))
            return self.coming[start : start + width]
        return [one for one in self.coming[start:] if one.case.unhurried and one.bench is planned.bench][:_MOST]

    def _alone(self, planned: Triable) -> tuple[Trial | None, int]:
        """One case with traffic of its own (None: something was not as it should be), and how many requests it took."""
        traffic = replace(self.judge.traffic, shared=Shared(), tell=lambda text: None, meanwhile=deque())
        judge = replace(self.judge, traffic=traffic)
        trial = judge.try_once(planned.bench, planned.check, planned.case, planned.id)
        return (None if traffic.limited else trial), traffic.shared.requests

    def _usual(self) -> float | None:
        """The usual time of an answer, once a few have come."""
        times = self.judge.traffic.elapsed
        return median(times) if len(times) >= 5 else None
