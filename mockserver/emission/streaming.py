"""A stream of cases: so many exchanges are in flight at any time, however long each takes.

The stream works in the sender's loop alone: a connection that has become free takes the next case at
once, without asking another thread, and a case is built only then.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.delivery import Delivery

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


class Stream(Generic[Case]):
    """Cases with their answers, in the order of the cases, whatever order the answers come in.

    In order, because whoever counts what was sent can then go on behind the last one that it was given,
    and what is found first is the same in every run. `cases` is gone through in the sender's thread, one
    at a time; what it raises is raised here. Where nobody takes the rest, or upon Ctrl-C, it is broken off.
    """

    def __init__(
        self, cases: Iterable[Case], exchange: Callable[[Delivery], Awaitable[Answer]], at_once: int, pace: Pace
    ) -> None:
        self._cases, self._exchange, self._at_once, self._pace = iter(cases), exchange, at_once, pace
        self._sent: deque[tuple[Case, list[Answer]]] = deque()
        self._over = threading.Event()
        self._task: asyncio.Task[None] | None = None

    def run(self, loop: asyncio.AbstractEventLoop) -> Iterator[tuple[Case, Answer]]:
        """Send in this loop, which runs in another thread."""
        loop.call_soon_threadsafe(self._begin, loop)
        try:
            while not self._over.wait(_HANDED_OVER):
                yield from self._answered()
            yield from self._answered()
            assert self._task is not None
            self._task.result()
        except KeyboardInterrupt:  # what was answered until then was sent, and is not lost
            self._end(loop)
            yield from self._answered()
            raise
        finally:
            self._end(loop)

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        """Break off what is in flight, and wait until it is."""
        if not self._over.is_set():
            loop.call_soon_threadsafe(self._break_off)
            self._over.wait()

    def _answered(self) -> Iterator[tuple[Case, Answer]]:
        while self._sent and self._sent[0][1]:
            case, answers = self._sent.popleft()
            yield case, answers[0]

    # in the sender's thread

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._task = loop.create_task(self._all())
        self._task.add_done_callback(lambda task: self._over.set())

    def _break_off(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _all(self) -> None:
        lanes = [asyncio.ensure_future(self._lane()) for _ in range(self._at_once)]
        try:
            await asyncio.gather(*lanes)
        finally:
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)

    async def _lane(self) -> None:
        """One case after another, as long as there are any."""
        while True:
            while (wait := self._pace.wait()) > 0:
                await asyncio.sleep(wait)
            case = next(self._cases, None)
            if case is None:
                return
            answers: list[Answer] = []
            self._sent.append((case, answers))
            answer = await self._exchange(case.delivery)
            while self._pace.again(answer):
                while (wait := self._pace.wait()) > 0:
                    await asyncio.sleep(wait)
                answer = await self._exchange(case.delivery)
            answers.append(answer)
