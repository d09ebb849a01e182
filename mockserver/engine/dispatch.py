"""The dispatcher: one thread that sends what is due, a lane for each endpoint, and drives the clock.

At a rate above 1 and while the clock is pushed it stands still until every attempt in flight has
ended: so each attempt of a schedule is made, however fast the days pass.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from sqlalchemy import select

from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.sending import Sender
from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.engine.attempts import Taken
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.model import OPEN_STATES
from hookassay.mockserver.engine.queue import BATCH, Queue
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.targets import is_verified
from hookassay.mockserver.engine.texts import Told

CONNECTIONS = 4
"""Connections to one endpoint at a time."""

MOST_ATTEMPTS = 1_000_000
"""Attempts of one push."""

_GATHER = 0.05
"""Seconds after a batch's first answer in which others are waited for, so that they are recorded together."""

_LOOK = 1.0
_RESOLVED_FOR = 30.0


@dataclass
class PushOrder:
    """A push of the clock: to a moment, or (None) until nothing is left, of one delivery if it is named."""

    until: int | None
    delivery: int | None = None
    attempts: int = 0
    stopped: bool = False
    over: threading.Event = field(default_factory=threading.Event)


class Dispatcher:
    """Sends. `housekeeping` is called about once a second, in the dispatcher's thread."""

    def __init__(self, context: Context, queue: Queue, housekeeping: Callable[[], None]) -> None:
        self._context, self._queue, self._housekeeping = context, queue, housekeeping
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._awake: asyncio.Event | None = None
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._stopping = False
        self._push: PushOrder | None = None
        self._pushing = threading.Lock()
        self._sender = Sender()
        self._resolver = ThreadPoolExecutor(max_workers=4, thread_name_prefix="hookassay-resolver")
        self._resolved: dict[tuple[str, bool], tuple[float, Target]] = {}
        self.failure = ""

    # from other threads

    def start(self) -> None:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), name="hookassay-dispatcher", daemon=True)
        self._thread.start()
        ready.wait()

    def stop(self, patience: float) -> None:
        """Take nothing more; what is in hand may end within so many seconds."""
        if self._thread is not None and self._loop is not None:
            self._stopping = True
            self._patience = patience
            self.wake()
            self._thread.join(timeout=patience + 5)
            self._thread = None
        self._resolver.shutdown(wait=False, cancel_futures=True)

    def wake(self) -> None:
        """Look now: something may be due."""
        loop, awake = self._loop, self._awake
        if loop is not None and awake is not None and not loop.is_closed():
            loop.call_soon_threadsafe(awake.set)

    @property
    def is_busy(self) -> bool:
        """Whether something is on its way."""
        return bool(self._lanes)

    @property
    def push_order(self) -> PushOrder | None:
        return self._push

    def push(self, order: PushOrder) -> PushOrder:
        """Let the clock run as ordered; returns when it is over. Raises Refused(conflict, not-running)."""
        with self._pushing:
            if self._push is not None:
                raise Refused("conflict", Told("clock-pushed-already"))
            if self._thread is None or self.failure:
                raise Refused("not-running", "the mock does not send now, so its clock cannot be pushed")
            self._push = order
        self.wake()
        while not order.over.wait(1.0):
            if self._thread is None or not self._thread.is_alive():
                order.stopped = True
                break
        return order

    # in the thread

    def _serve(self, ready: threading.Event) -> None:
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._main(ready))
        finally:
            self._loop.close()

    async def _main(self, ready: threading.Event) -> None:
        self._awake = asyncio.Event()
        ready.set()
        kept_house = time.monotonic()
        while not self._stopping:
            self._awake.clear()
            try:
                pause = self._turn()
                if time.monotonic() - kept_house >= _LOOK:
                    self._housekeeping()
                    kept_house = time.monotonic()
            except Exception as error:  # whatever it is, the mock says so and stops sending: nothing is lost
                self._fail(error)
                break
            try:
                await asyncio.wait_for(self._awake.wait(), pause)
            except asyncio.TimeoutError:
                pass
        if self._lanes:
            await asyncio.wait(list(self._lanes.values()), timeout=getattr(self, "_patience", 0.0))
        self._end_push(stopped=True)
        for lane in list(self._lanes.values()):
            lane.cancel()
        await asyncio.gather(*self._lanes.values(), return_exceptions=True)
        self._sender.close()

    def _turn(self) -> float:
        """Start what is due, move the clock on; how many seconds may pass until the next look."""
        clock = self._context.time
        order = self._push  # before the look: one that comes after it may count on what the look has missed
        with self._context.database.reading() as connection:
            dues = self._queue.dues(connection)
        now = clock.now()
        following = min((due for _, due in dues), default=None)
        if (order is not None or clock.is_paced) and not self._lanes:
            if order is not None:
                self._go_on_pushing(order, following)
            else:
                self._pace(following)
            now = clock.now()
        for endpoint, due in dues:
            if due <= now and endpoint not in self._lanes:
                self._lanes[endpoint] = asyncio.get_running_loop().create_task(self._lane(endpoint))
        if self._lanes or following is None:
            return _LOOK
        return min(_LOOK, clock.seconds_until(following))

    def _pace(self, following: int | None) -> None:
        """Nothing is in flight: run on, at most to the next thing due."""
        clock = self._context.time
        clock.set_ceiling(following)
        clock.go_on()
        if following is not None and following <= clock.now():
            clock.hold_at(following)

    def _go_on_pushing(self, order: PushOrder, following: int | None) -> None:
        """Nothing is in flight: to the next thing due, or to the end of the push."""
        clock = self._context.time
        if order.stopped or order.attempts >= MOST_ATTEMPTS or self._is_finished(order):
            self._end_push()
            return
        if following is None and order.until is None and self._release_held():
            self.wake()
            return
        if following is None or (order.until is not None and following > order.until):
            if order.until is not None:
                clock.hold_at(order.until)
            self._end_push()
            return
        clock.hold_at(following)

    def _is_finished(self, order: PushOrder) -> bool:
        if order.delivery is None:
            return False
        with self._context.database.reading() as connection:
            column = tables.delivery.c
            state = connection.execute(select(column.state).where(column.id == order.delivery)).scalar()
        return state not in OPEN_STATES

    def _release_held(self) -> bool:
        """Nothing else is left to send: what faults hold back goes now, though it is fewer than they wait for."""
        with self._context.database.writing() as connection:
            now = self._context.time.now()
            held = self._queue.faults.held_by(connection)
            return sum(self._queue.release_held(connection, fault, now) for fault in held) > 0

    def _end_push(self, stopped: bool = False) -> None:
        order, self._push = self._push, None
        if order is None:
            return
        order.stopped = order.stopped or stopped
        self._context.time.go_on()
        if not stopped:
            with self._context.database.writing() as connection:
                self._context.time.save(connection)
                self._context.changes.note(connection, "clock", [0])
        order.over.set()
        self._context.changes.tell()
        self.wake()

    async def _lane(self, endpoint: int) -> None:
        """Send what is due at one endpoint until nothing is."""
        sending: dict[asyncio.Task[None], Taken] = {}
        done: list[Taken] = []
        limit = asyncio.Semaphore(CONNECTIONS)
        loop = asyncio.get_running_loop()
        try:
            while True:
                for one in self._turn_over(endpoint, done, 0 if self._stopping else BATCH - len(sending)):
                    sending[loop.create_task(self._send(one, limit))] = one
                if not sending:
                    return
                _, others = await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)
                if others:
                    await asyncio.wait(others, timeout=_GATHER)
                ended = [task for task in sending if task.done()]
                done = [sending.pop(task) for task in ended]
        except Exception as error:
            self._fail(error)
        finally:
            for task in sending:
                task.cancel()
            self._lanes.pop(endpoint, None)
            self.wake()

    def _turn_over(self, endpoint: int, done: list[Taken], room: int) -> list[Taken]:
        """Record what has come and take what is due, in one transaction."""
        with self._context.database.writing() as connection:
            self._queue.record(connection, done)
            taken = self._queue.take(connection, endpoint, self._context.time.now(), room) if room else []
            if self._push is not None or self._context.time.is_paced:
                self._context.time.save(connection)
        if self._push is not None:
            self._push.attempts += len(taken)
        self._context.changes.tell()
        return taken

    async def _send(self, one: Taken, limit: asyncio.Semaphore) -> None:
        async with limit:
            if not any(strike.is_unsent for strike in one.strikes):
                one.answer = await self._exchange(one)
        one.ended = time.time_ns()

    async def _exchange(self, one: Taken) -> Answer:
        url = one.row.url or self._context.inbox_url(one.row.endpoint)
        try:
            target = await self._target(url, is_verified(one.owner.settings))
            return await self._sender.exchange(one.delivery, target, one.owner.timeout)
        except Refused as error:
            return Answer(None, failure="unreachable", detail=error.detail)
        except (OSError, ValueError) as error:
            return Answer(None, failure="unreachable", detail=getattr(error, "strerror", None) or str(error))

    async def _target(self, url: str, verified: bool) -> Target:
        """The target with its address, looked up anew after half a minute. Raises Refused, OSError."""
        known = self._resolved.get((url, verified))
        if known is not None and known[0] > time.monotonic():
            return known[1]
        loop = asyncio.get_running_loop()
        target = await loop.run_in_executor(self._resolver, self._context.targets.resolve, url, verified)
        if len(self._resolved) > 1000:
            self._resolved.clear()
        self._resolved[url, verified] = (time.monotonic() + _RESOLVED_FOR, target)
        return target

    def _fail(self, error: Exception) -> None:
        self.failure = self.failure or (
            error.detail if isinstance(error, Refused) else f"{type(error).__name__}: {error}"
        )
        self._stopping = True
        self._context.changes.tell()
        self.wake()
