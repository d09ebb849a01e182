"""The line to the receiver: sends cases several at a time, at the receiver's pace, and judges each answer."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hookassay.conformance.bench import Bench
from hookassay.conformance.fuzz.case import FuzzCase
from hookassay.conformance.fuzz.oracle import Judged, Oracle
from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.sending import Sender

_LONGEST_WAIT = 30.0
_SLOWEST = 1.0
_GONE = ("unreachable", "closed", "reset", "timeout", "incomplete", "tls", "proxy")


@dataclass
class Line:
    """The requests of a campaign. `rate` is requests a second, None for as fast as it answers."""

    sender: Sender
    bench: Bench
    oracle: Oracle
    rate: float | None = None
    tell: Callable[[str], None] = field(default=lambda text: None)
    requests: int = 0
    limited: bool = False
    _next: float = 0.0
    _times: deque[float] = field(default_factory=lambda: deque(maxlen=200))

    def together(self, cases: Sequence[FuzzCase]) -> list[Judged]:
        """Several cases at once; where the receiver asks for less, they are sent again, more slowly."""
        while True:
            answers = self._send([case.delivery for case in cases])
            limited = [answer for answer in answers if answer.rate_limited]
            if not limited or not self._slow_down(limited[0]):
                return [self.oracle.judge(case, answer) for case, answer in zip(cases, answers, strict=True)]

    def one(self, case: FuzzCase) -> Judged:
        """One case, on a connection that nobody has used."""
        self.sender.forget()
        return self.together([case])[0]

    def is_there(self, delivery: Delivery) -> bool:
        """Whether a right delivery gets any answer."""
        return self._send([delivery])[0].status is not None

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

    def _send(self, deliveries: Sequence[Delivery]) -> list[Answer]:
        if self.rate:
            wait = self._next - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            self._next = max(time.monotonic(), self._next) + len(deliveries) / self.rate
        answers = self.sender.send_together(deliveries, self.bench.target, self.bench.limit)
        self.requests += len(answers)
        self._times.extend([time.monotonic()] * len(answers))
        return answers

    def _slow_down(self, answer: Answer) -> bool:
        """Wait as long as the receiver asks and halve the rate; False once that has not helped."""
        if self.rate is not None and self.rate <= _SLOWEST:
            return False
        if not self.limited:
            self.limited = True
            self.tell(f"rate limited ({answer.status}): waiting and going on at half the rate")
        time.sleep(min(_LONGEST_WAIT, answer.retry_after if answer.retry_after is not None else 1.0))
        self.rate = max(_SLOWEST, (self.rate or self.pace or 2.0) / 2)
        return True


def is_gone(answer: Answer) -> bool:
    """Whether an answer may mean that nobody is there any more: a death stops answers in their middle, too."""
    return answer.failure in _GONE
