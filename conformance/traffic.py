"""Sending within a run: at the receiver's pace, within the run's time, counted and remembered."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hookassay.conformance.bench import Bench
from hookassay.conformance.state import Shared
from hookassay.mockserver.emission.answer import Answer, Reaction, reaction
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.sending import Sender

PATIENCE = 30.0
"""Seconds after which no answer is silence, where the time limit is ours and not the vendor's."""

_LONGEST_WAIT = 30.0
_SLOWEST = 1.0
_PROVEN_SILENCES = 3


class BudgetEnded(Exception):
    """The run's time is up."""


@dataclass(slots=True)  # not frozen: judging makes one for each answer
class Sent:
    """One exchange of a case; never changed once made."""

    delivery: Delivery
    answer: Answer
    reaction: Reaction

    @property
    def answered(self) -> bool:
        """Whether anything came back that shows somebody is there."""
        return self.answer.status is not None


@dataclass
class Traffic:
    """The requests of one process; `shared` is set for the turn of each case.

    `meanwhile` is what can be done while the receiver works: one thing for each request. None of it may raise.
    """

    sender: Sender
    rate: float | None = None
    ends: float | None = None
    tell: Callable[[str], None] = field(default=lambda text: None)
    shared: Shared = field(default_factory=Shared)
    limited: bool = False
    meanwhile: deque[Callable[[], None]] = field(default_factory=deque)
    _last: float = 0.0
    _in_vain: bool = False
    _before: float | None = None
    elapsed: deque[float] = field(default_factory=lambda: deque(maxlen=20))
    _times: deque[float] = field(default_factory=lambda: deque(maxlen=50))

    def send(self, bench: Bench, delivery: Delivery) -> Sent:
        """One delivery. A rate limit is waited for and honoured from then on. Raises BudgetEnded.

        Where slowing down has not helped, and another delivery then passes, it was not the pace: the old one is back.
        """
        before = self.shared.rate
        while (sent := self.send_once(bench, delivery)).answer.rate_limited:
            if not self._slow_down(sent.answer):
                if not self._in_vain:
                    self._in_vain, self._before = True, before
                return sent
        if self._in_vain:
            self._in_vain, self.shared.rate = False, self._before
        return sent

    def send_once(self, bench: Bench, delivery: Delivery) -> Sent:
        """One delivery; a rate limit is an answer here."""
        self._pace()
        meanwhile = self.meanwhile.popleft() if self.meanwhile else None
        answer = self.sender.send(delivery, bench.target, self._patience(bench), meanwhile)
        self.shared.requests += 1
        if answer.status is not None:
            self.elapsed.append(answer.elapsed)
        return Sent(delivery, answer, reaction(delivery, answer, bench.provider.method))

    def send_together(self, bench: Bench, deliveries: Sequence[Delivery]) -> list[Sent]:
        """Several at once, on connections of their own; a rate limit is an answer here."""
        self._pace()
        answers = self.sender.send_together(deliveries, bench.target, self._patience(bench))
        return self._several(bench, deliveries, answers)

    def send_in_turn(self, bench: Bench, deliveries: Sequence[Delivery]) -> list[Sent]:
        """Several one after another on one connection."""
        self._pace()
        answers = self.sender.send_in_turn(deliveries, bench.target, self._patience(bench))
        return self._several(bench, deliveries, answers)

    def _several(self, bench: Bench, deliveries: Sequence[Delivery], answers: Sequence[Answer]) -> list[Sent]:
        self.shared.requests += len(answers)
        return [Sent(d, a, reaction(d, a, bench.provider.method)) for d, a in zip(deliveries, answers, strict=True)]

    def _patience(self, bench: Bench) -> float:
        """How long an answer is waited for: the limit where it is the vendor's or the user's, else half a minute,
        until silence has been proven a few times."""
        if bench.limit_is_strict or self.shared.silences >= _PROVEN_SILENCES:
            patience = bench.limit
        else:
            patience = max(PATIENCE, bench.limit)
        return patience if self.ends is None else min(patience, max(0.1, self.ends - time.monotonic()))

    def _pace(self) -> None:
        if self.ends is not None and time.monotonic() >= self.ends:
            raise BudgetEnded
        rates = [rate for rate in (self.rate, self.shared.rate) if rate]
        if rates:
            wait = self._last + 1 / min(rates) - time.monotonic()
            if wait > 0:
                self._sleep(wait)
        self._last = time.monotonic()
        self._times.append(self._last)

    def _slow_down(self, answer: Answer) -> bool:
        """Wait as long as the receiver asks, halve the rate for the run; False once that has not helped."""
        current = self.shared.rate or self.rate
        if current is not None and current <= _SLOWEST:
            return False
        if not self.limited:
            self.limited = True
            self.tell(f"rate limited ({answer.status}): waiting and going on at half the rate")
        self._sleep(min(_LONGEST_WAIT, answer.retry_after if answer.retry_after is not None else 1.0))
        self.shared.rate = max(_SLOWEST, (current or self._observed()) / 2)
        return True

    def _observed(self) -> float:
        """Requests a second over the last few."""
        if len(self._times) < 2:
            return 2.0
        return (len(self._times) - 1) / max(0.001, self._times[-1] - self._times[0])

    def _sleep(self, seconds: float) -> None:
        if self.ends is not None:
            seconds = min(seconds, max(0.0, self.ends - time.monotonic()))
        time.sleep(seconds)
