"""Cases as lines of JSON: streamed in the order of the counter, made by one process or by several, resumed."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from queue import Empty
from typing import Any, BinaryIO

from hookassay.conformance.fuzz.case import FILE_TIME
from hookassay.conformance.fuzz.plan import BadPlan, Plan

_BATCH = 200
"""Cases that go from a worker to the writer at once."""

_WAITING = 8
"""Batches that wait for the writer, a worker: memory stays flat."""

_PATIENCE = 1.0
_LINE_ENDS = ((b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"), (b"\xc2\x85", b"\\u0085"))


class WorkerDied(RuntimeError):
    """A process that makes cases has ended."""


@dataclass(frozen=True)
class Lines:
    """A plan's cases as lines. `placeholder` masks what is secret in them; empty leaves it there."""

    plan: Plan
    placeholder: str = ""
    workers: int = 1

    def header(self) -> bytes:
        return _line(self.plan.header())

    def batches(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """How many cases, and their lines; from the shard's case number `start` on. Raises WorkerDied."""
        if self.workers == 1:
            yield from self._made(start, first=0, step=1)
        else:
            yield from self._made_by_workers(start)

    def _made(self, start: int, first: int, step: int) -> Iterator[tuple[int, bytes]]:
        """Every `step`-th batch from the `first` on."""
        cases, order, path = self.plan.cases(), self.plan.order(), self.plan.provider.path
        for batch in count(first, step):
            numbers = range(start + batch * _BATCH, start + (batch + 1) * _BATCH)
            counters = (self.plan.shard.number - 1 + number * self.plan.shard.of for number in numbers)
            kept = [n for n in counters if self.plan.count is None or n < self.plan.count]
            built = (cases.build(order.place(counter), FILE_TIME) for counter in kept)
            yield len(kept), b"".join(_line(case.as_json(path, self.placeholder)) for case in built)
            if len(kept) < _BATCH:
                return

    def _made_by_workers(self, start: int) -> Iterator[tuple[int, bytes]]:
        """The batches of all workers, in order: each is a shard of the shard."""
        context = multiprocessing.get_context("spawn")
        queues: list[Any] = [context.Queue(_WAITING) for _ in range(self.workers)]
        workers = [
            context.Process(target=_work, args=(self, start, number, queue), daemon=True)
            for number, queue in enumerate(queues)
        ]
        try:
            for worker in workers:
                worker.start()
            for batch in count():
                number = batch % self.workers
                made = _next(queues[number], workers[number])
                yield made
                if made[0] < _BATCH:
                    return
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.join()


def _work(lines: Lines, start: int, number: int, queue: Any) -> None:
    """What a worker does, in a process of its own."""
    with suppress(KeyboardInterrupt):
        for made in lines._made(start, number, lines.workers):
            queue.put(made)


def _next(queue: Any, worker: Any) -> tuple[int, bytes]:
    while True:
        try:
            made: tuple[int, bytes] = queue.get(timeout=_PATIENCE)
            return made
        except Empty:
            if not worker.is_alive():
                raise WorkerDied(f"a worker has ended with status {worker.exitcode}") from None


def _line(value: dict[str, Any]) -> bytes:
    """One line, also for readers to whom Unicode's own line ends end one."""
    line = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    for end, escaped in _LINE_ENDS:
        line = line.replace(end, escaped)
    return line + b"\n"


@contextmanager
def opened(path: Path, plan: Plan, resume: bool, force: bool) -> Iterator[tuple[BinaryIO, int]]:
    """The file, ready for more, and how many cases it has already. Raises BadPlan.

    An existing file is gone on with (`resume`: a torn last line is cut, its first line has to be this
    plan's), replaced (`force`), or refused.
    """
    there = 0
    if path.exists() and path.stat().st_size and not force:
        if not resume:
            raise BadPlan(f"{path} exists already: --resume goes on with it, --force replaces it")
        there = _cut_torn(path, plan)
    with open(path, "r+b" if there else "wb") as file:
        file.seek(0, os.SEEK_END)
        if not there:
            file.write(_line(plan.header()))
        yield file, max(0, there - 1)


def _cut_torn(path: Path, plan: Plan) -> int:
    """The whole lines of a file that this plan has begun; what is behind the last of them is cut off."""
    whole = end = 0
    with open(path, "r+b") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            if not whole and line != _line(plan.header()):
                raise BadPlan(f"{path} was begun with other arguments: {_differences(line, plan)}")
            whole, end = whole + 1, end + len(line)
        file.truncate(end)
    return whole


def _differences(line: bytes, plan: Plan) -> str:
    try:
        begun = json.loads(line)
        now = plan.header()
        told = [f"{key} {begun.get(key)!r}, now {now[key]!r}" for key in now if begun.get(key) != now[key]]
        return "; ".join(told) or "its first line is not ours"
    except (ValueError, AttributeError):
        return "its first line is not ours"


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The cases of a file. Raises BadPlan for a line that is no case."""
    with open(path, "rb") as file:
        for number, line in enumerate(islice(file, 0, None), 1):
            try:
                value = json.loads(line)
            except ValueError as error:
                raise BadPlan(f"{path}: line {number}: is not JSON: {error}") from error
            if not isinstance(value, dict):
                raise BadPlan(f"{path}: line {number}: is no case")
            if value.get("hookassay") != "fuzz":
                yield value
