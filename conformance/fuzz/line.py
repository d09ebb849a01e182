"""The line to the receiver: sends cases several at a time, at the receiver's pace, and judges each answer."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from hookassay.conformance.bench import Bench
from hookassay.conformance.fuzz.case import FuzzCase
from hookassay.conformance.fuzz.oracle import Judged, Oracle
from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.sending import Sender

_LONGEST_WAIT = 30.0
_SLOWEST = 1.0
_CAUGHT_UP = 0.05
"""Seconds of a rate that may be caught up with: timers are late by a little, each time."""

_GONE = ("unreachable", "closed", "reset", "timeout", "incomplete", "tls", "proxy")


@dataclass
class Line:
    """The requests of a campaign. `rate` is requests a second, None for as fast as it answers.

    `hurt`: an answer was no answer, or a 5xx, since it was last set to False.
    """

    sender: Sender
    bench: Bench
    oracle: Oracle
    rate: float | None = None
    tell: Callable[[str], None] = field(default=lambda text: None)
    requests: int = 0
    limited: bool = False
    hurt: bool = False
    _next: float = 0.0
    _slowed: float = 0.0
    _times: deque[float] = field(default_factory=lambda: deque(maxlen=200))

    def stream(self, cases: Iterable[FuzzCase], at_once: int) -> Iterator[Judged]:
        """Cases, judged, in their order; `at_once` of them are in flight at any time.

        Where the receiver asks for less, they are sent again, more slowly.
        """
        for case, answer in self.sender.stream(cases, self.bench.target, at_once, self, self.bench.limit):
            yield self.oracle.judge(case, answer)

    def one(self, case: FuzzCase) -> Judged:
        """One case, on a connection that nobody has used."""
        self.sender.forget()
        [judged] = self.stream([case], 1)
        return judged

    def is_there(self, delivery: Delivery) -> bool:
        """Whether a right delivery gets any answer."""
        while (wait := self.wait()) > 0:
            time.sleep(wait)
        answer = self.sender.send(delivery, self.bench.target, self.bench.limit)
        self._count(answer)
        return answer.status is not None

    def comes_back(self, delivery: Callable[[], Delivery], patience: float) -> bool:
        """Wait until a right delivery is answered again, so many seconds at most."""
        ends = time.monotonic() + patience
        while True:
            self.sender.forget()
            if self.is_there(delivery()):
                return True
            if time.monotonic() >= ends:
                return False
            time.sleep(min(0.2, max(0.01, ends - time.monotonic())))

    @property
    def pace(self) -> float:
        """Requests a second over the last few hundred."""
        if len(self._times) < 2:
            return 0.0
        return (len(self._times) - 1) / max(0.001, self._times[-1] - self._times[0])

    # the pace of a stream

    def wait(self) -> float:
        """Seconds until the next request may go out; 0: it goes out now."""
        if not self.rate and not self._next:
            return 0.0
        now = time.monotonic()
        if self._next > now:
            return self._next - now
        if self.rate:
            self._next = max(self._next, now - _CAUGHT_UP) + 1 / self.rate
        return 0.0

    def again(self, answer: Answer) -> bool:
        """Count an answer; whether its request has to be sent again, after a wait, at half the rate.

        Not once that has not helped. What was in flight when the rate was halved says nothing of the new one.
        """
        self._count(answer)
        if not answer.rate_limited:
            return False
        now = time.monotonic()
        if now - answer.elapsed < self._slowed:
            return True
        if self.rate is not None and self.rate <= _SLOWEST:
            return False
        if not self.limited:
            self.limited = True
            self.tell(f"rate limited ({answer.status}): waiting and going on at half the rate")
        self.rate, self._slowed = max(_SLOWEST, (self.rate or self.pace or 2.0) / 2), now
        self._next = now + min(_LONGEST_WAIT, answer.retry_after if answer.retry_after is not None else 1.0)
        return True

    def _count(self, answer: Answer) -> None:
        self.requests += 1
        self._times.append(time.monotonic())
        self.hurt = self.hurt or answer.status is None or answer.status >= 500


def is_gone(answer: Answer) -> bool:
    """Whether an answer may mean that nobody is there any more: a death stops answers in their middle, too."""
    return answer.failure in _GONE
