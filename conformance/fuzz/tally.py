"""What a campaign has come to, and when it ends."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    """When a campaign ends, beside its plan's count; None for no such end. Times in seconds."""

    seconds: float | None = None
    findings: int | None = None
    quiet: float | None = None
    wait_back: float = 60.0
    concurrency: int = 8


@dataclass
class Tally:
    """What a campaign has come to. `state` is running, done, interrupted, dead, or refuses everything.

    `complete`: every case of the plan was sent; a limit ends a campaign earlier.
    """

    next_counter: int = 0
    cases: int = 0
    requests: int = 0
    reactions: Counter[str] = field(default_factory=Counter)
    fingerprints: Counter[str] = field(default_factory=Counter)
    advice: int = 0
    restarts: int = 0
    spared: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    state: str = "running"
    complete: bool = False

    @property
    def seen_once(self) -> int:
        """Ways of behaving that only one case has shown."""
        return sum(1 for seen in self.fingerprints.values() if seen == 1)

    def chance_of_something_new(self) -> float:
        return chance_of_something_new(self.seen_once, self.cases)


def chance_of_something_new(seen_once: int, cases: int, more: int = 1000) -> float:
    """That so many more cases show a behaviour nobody has seen yet: 1 - (1 - f/n)^more (Good and Turing), f of n
    cases having shown what was seen only once."""
    return 1.0 if not cases else 1 - (1 - min(1.0, seen_once / cases)) ** more
