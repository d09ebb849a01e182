"""In which order cases come, and which of them a shard of a run takes.

The run counts from 0. A table of slots, each an (event, kind) as often as its share, is gone through
block by block, shifted by chance each time, so that no shard of any number misses a slot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hookassay.conformance.fuzz.case import Kind
from hookassay.mockserver.emission.generation.entropy import mix

SHARES: dict[Kind, int] = {"valid": 4, "invalid": 3, "bytes": 2, "auth": 1}
"""How often each kind comes in a mixed run."""

MODES = (*SHARES, "mixed")


@dataclass(frozen=True)
class Place:
    """What a count stands for."""

    event: str
    kind: Kind
    index: int


@dataclass(frozen=True)
class Order:
    """The order of a run over some events and kinds."""

    slots: tuple[tuple[str, Kind, int], ...]
    """Event, kind, which of its repeats."""
    repeats: dict[Kind, int]

    @classmethod
    def of(cls, events: Sequence[str], kinds: Sequence[Kind]) -> Order:
        repeats = {kind: SHARES[kind] if len(kinds) > 1 else 1 for kind in kinds}
        slots = tuple((event, kind, repeat) for event in events for kind in kinds for repeat in range(repeats[kind]))
        return cls(slots, repeats)

    def place(self, counter: int) -> Place:
        """The case of a count."""
        block, rest = divmod(counter, len(self.slots))
        event, kind, repeat = self.slots[(rest + mix(block)) % len(self.slots)]
        return Place(event, kind, block * self.repeats[kind] + repeat)


@dataclass(frozen=True)
class Shard:
    """The n-th part of a run, counted from 1."""

    number: int = 1
    of: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """`2/4`. Raises ValueError."""
        match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            raise ValueError(f"{text!r} is no shard: write 1/4 to 4/4")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def counters(self, start: int, count: int | None) -> Iterator[int]:
        """Its counts from `start` on, of a run of `count` cases in all (None: without end)."""
        first = start + (self.number - 1 - start) % self.of
        while count is None or first < count:
            yield first
            first += self.of
