"""Building the next case's deliveries while the receiver works on the last one's: the order of requests stays."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Step

_FRESH = 2.0
"""Seconds after which steps are built anew: their ids and times are to be those of now."""


class Planned(Protocol):
    """A case of the run, with its bench."""

    @property
    def id(self) -> str: ...
    @property
    def bench(self) -> Bench: ...
    @property
    def case(self) -> Case: ...


@dataclass
class Plans:
    """The steps of cases, built ahead of their turn. `coming` are the cases still to be tried, in order."""

    coming: Sequence[Planned] = ()
    _places: dict[str, int] = field(default_factory=dict)
    _built: tuple[str, float, Sequence[Step]] = ("", 0.0, ())

    def take(self, planned: Planned) -> Sequence[Step]:
        """The steps of a case, if they were built and are fresh; each is given once."""
        (name, at, steps), self._built = self._built, ("", 0.0, ())
        return steps if name == planned.id and time.monotonic() - at <= _FRESH else ()

    def next_after(self, planned: Planned) -> tuple[Callable[[], None], ...]:
        """What builds the steps of the case behind this one; nothing where none is known."""
        if len(self._places) != len(self.coming):
            self._places = {one.id: place for place, one in enumerate(self.coming)}
        place = self._places.get(planned.id, len(self.coming)) + 1
        return (partial(self._build, self.coming[place]),) if place < len(self.coming) else ()

    def _build(self, planned: Planned) -> None:
        try:
            self._built = planned.id, time.monotonic(), planned.case.plan(planned.bench)
        except Exception:  # whatever it is, it comes again in the case's own turn, and is told there
            self._built = ("", 0.0, ())
