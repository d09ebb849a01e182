"""A stream of cases: so many exchanges are in flight at any time, however long each takes.

The stream works in the sender's loop alone: a connection that has become free takes the next case at
once, without asking another thread, and a case is built only then.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.exchange import Exchange

_HANDED_OVER = 0.1
"""Seconds after which answers are handed over although others are still on their way: handing each over at
once would have two threads take turns, at several times the price of an exchange."""


class Sendable(Protocol):
    """Whatever has a delivery: a case."""

    @property
    def delivery(self) -> Delivery: ...


Case = TypeVar("Case", bound=Sendable)


class Pace(Protocol):
    """How fast a stream may go; asked in the sender's thread."""

    def wait(self) -> float:
        """Seconds to wait before asking again; 0: the next request goes out now."""

    def again(self, answer: Answer) -> bool:
        """Whether what was answered so has to be sent again, because the receiver has asked for less at once."""


class Connections(Protocol):
    """What a stream sends through, in the sender's loop."""

    def through_kept(self, delivery: Delivery, done: Callable[[], None]) -> Exchange | None:
        """Send through a kept connection, if there is one; `done` is called later, once it has `ended`."""

    def ended(self, exchange: Exchange) -> Answer | None:
        """The answer of a kept connection; None if it was closed before a byte of it came."""

    def anew(self, delivery: Delivery) -> Coroutine[None, None, Answer]:
        """Send on whatever connection there is, a new one if need be."""


class Stream(Generic[Case]):
    """Cases with their answers, in the order of the cases, whatever order the answers come in.

    In order, because whoever counts what was sent can then go on behind the last one that it was given,
    and what is found first is the same in every run. `cases` is gone through in the sender's thread, one
    at a time; what it raises is raised here. Where nobody takes the rest, or upon Ctrl-C, it is broken off.
    """

    def __init__(self, cases: Iterable[Case], connections: Connections, at_once: int, pace: Pace) -> None:
        self.connections, self.pace = connections, pace
        self._cases = iter(cases)
        self._sent: deque[tuple[Case, list[Answer]]] = deque()
        self._over = threading.Event()
        self._failure: BaseException | None = None
        self._lanes = [_Lane(self) for _ in range(at_once)]
        self._open = at_once

    def run(self, loop: asyncio.AbstractEventLoop) -> Iterator[tuple[Case, Answer]]:
        """Send in this loop, which runs in another thread."""
        loop.call_soon_threadsafe(self._begin, loop)
        try:
            while not self._over.wait(_HANDED_OVER):
                yield from self._answered()
            yield from self._answered()
            if self._failure is not None:
                raise self._failure
        except KeyboardInterrupt:  # what was answered until then was sent, and is not lost
            self._end(loop)
            yield from self._answered()
            raise
        finally:
            self._end(loop)

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        """Break off what is in flight, and wait until it is."""
        if not self._over.is_set():
            loop.call_soon_threadsafe(self.break_off)
            self._over.wait()

    def _answered(self) -> Iterator[tuple[Case, Answer]]:
        while self._sent and self._sent[0][1]:
            case, answers = self._sent.popleft()
            yield case, answers[0]

    # in the sender's thread

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        for lane in self._lanes:
            lane.go_on(loop)

    def next(self) -> tuple[Delivery, list[Answer]] | None:
        """What is sent next, and where its answer belongs."""
        case = next(self._cases, None)
        if case is None:
            return None
        answers: list[Answer] = []
        self._sent.append((case, answers))
        return case.delivery, answers

    def lane_ended(self) -> None:
        self._open -= 1
        if not self._open:
            self._over.set()

    def break_off(self, failure: BaseException | None = None) -> None:
        """End at once; of several failures the first is told."""
        self._failure = self._failure or failure
        for lane in self._lanes:
            lane.stop()
        self._over.set()


class _Lane(Generic[Case]):
    """One case after another, as long as there are any.

    Called back by its connection: a task that is woken for each answer would take a tenth of an exchange more.
    """

    def __init__(self, stream: Stream[Case]) -> None:
        self._stream = stream
        self._stopped = False
        self._delivery: Delivery | None = None
        self._answers: list[Answer] = []
        self._exchange: Exchange | None = None
        self._task: asyncio.Task[Answer] | None = None

    def go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._guarded(self._send)

    def stop(self) -> None:
        self._stopped = True
        if self._exchange is not None:
            self._exchange.close()
        if self._task is not None:
            self._task.cancel()

    def _guarded(self, step: Callable[[], None]) -> None:
        """Whatever goes wrong is the stream's failure, not the loop's."""
        if self._stopped:
            return
        try:
            step()
        except BaseException as error:
            self._stream.break_off(error)

    def _send(self) -> None:
        """Send what was to be sent again, or the next; behind a wait, if the pace asks for one."""
        wait = self._stream.pace.wait()
        if wait > 0:
            self._loop.call_later(wait, self._guarded, self._send)
            return
        if self._delivery is None:
            found = self._stream.next()
            if found is None:
                self._stream.lane_ended()
                return
            self._delivery, self._answers = found
        self._exchange = self._stream.connections.through_kept(self._delivery, self._kept_has_ended)
        if self._exchange is None:
            self._send_anew()

    def _send_anew(self) -> None:
        assert self._delivery is not None
        self._task = self._loop.create_task(self._stream.connections.anew(self._delivery))
        self._task.add_done_callback(self._task_has_ended)

    def _kept_has_ended(self) -> None:
        self._guarded(self._take_from_kept)

    def _take_from_kept(self) -> None:
        assert self._exchange is not None
        answer, self._exchange = self._stream.connections.ended(self._exchange), None
        if answer is None:
            self._send_anew()
        else:
            self._take(answer)

    def _task_has_ended(self, task: asyncio.Task[Answer]) -> None:
        self._task = None
        self._guarded(lambda: self._take(task.result()))

    def _take(self, answer: Answer) -> None:
        if not self._stream.pace.again(answer):
            self._answers.append(answer)
            self._delivery = None
        self._send()
