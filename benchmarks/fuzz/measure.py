"""Measuring two things in turns, so that a busy machine slows both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

TURNS = 5


@dataclass(frozen=True)
class Figure:
    """One row of the table: a ratio, its goal, what was seen in absolute terms."""

    name: str
    ratio: str
    goal: str
    seen: str


def seconds_each(work: Callable[[int], object], count: int, start: int = 0) -> float:
    """CPU seconds of one call, over so many with rising numbers."""
    began = time.process_time()
    for number in range(start, start + count):
        work(number)
    return (time.process_time() - began) / count


def compared(
    one: Callable[[int], object], other: Callable[[int], object], counts: tuple[int, int]
) -> tuple[float, float, float]:
    """Median ratio of the other's cost to the first's, with the median cost of each in CPU seconds a call."""
    ratios, firsts, seconds = [], [], []
    for turn in range(TURNS):
        first = seconds_each(one, counts[0], turn * counts[0])
        second = seconds_each(other, counts[1], turn * counts[1])
        ratios.append(second / max(first, 1e-9))
        firsts.append(first)
        seconds.append(second)
    return statistics.median(ratios), statistics.median(firsts), statistics.median(seconds)
