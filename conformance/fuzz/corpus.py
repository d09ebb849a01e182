"""What made a receiver behave in its own ways: for each set of behaviours the smallest case, tried first next time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hookassay.conformance.fuzz.folder import write_whole

LIMIT = 2_000
"""Entries of one target."""


@dataclass
class Corpus:
    """A folder of entries, `EVENT/FINGERPRINT.json`: each a case's name, or a whole delivery where no name gives it.

    An entry has `behaviours`, the set that it is kept for, and `bytes`, the size of its body.
    """

    path: Path
    limit: int = LIMIT
    _entries: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _shown: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def read(cls, path: Path, limit: int = LIMIT) -> Corpus:
        """What is there; what was torn when a run was killed is passed over."""
        corpus = cls(path, limit)
        for file in sorted(path.glob("*/*.json")):
            try:
                entry = json.loads(file.read_text(encoding="utf-8"))
                corpus._add((file.parent.name, file.stem), {**entry, "bytes": int(entry["bytes"])})
            except (ValueError, KeyError, TypeError):
                continue
        return corpus

    def __iter__(self) -> Iterator[dict[str, Any]]:
        yield from list(self._entries.values())  # a run goes through it while another thread keeps what is new

    def __len__(self) -> int:
        return len(self._entries)

    def wants(self, event: str, fingerprint: str, size: int) -> bool:
        """Whether a case of so many bytes is smaller than what is kept of its kind."""
        known = self._entries.get((event, fingerprint))
        return known is None or size < known["bytes"]

    def keep(self, event: str, fingerprint: str, entry: dict[str, Any]) -> None:
        """An entry in the place of a larger one; where there is no room, something has to go that others cover."""
        place = event, fingerprint
        if place in self._entries:
            self._take_out(place)
        elif len(self._entries) >= self.limit and not self._make_room(event, entry["behaviours"]):
            return
        self._add(place, entry)
        self._file(place).parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._file(place), json.dumps(entry, ensure_ascii=True) + "\n")

    def _make_room(self, event: str, coming: Iterable[str]) -> bool:
        """Take out the largest entry that shows nothing alone; False where each does and the coming one does not."""
        covered = [place for place, entry in self._entries.items() if self._is_covered(place[0], entry["behaviours"])]
        if not covered and all(self._shown[event, one] for one in coming):
            return False
        gone = max(covered or self._entries, key=lambda place: self._entries[place]["bytes"])
        self._take_out(gone)
        self._file(gone).unlink(missing_ok=True)
        return True

    def _is_covered(self, event: str, behaviours: Iterable[str]) -> bool:
        return all(self._shown[event, one] > 1 for one in behaviours)

    def _add(self, place: tuple[str, str], entry: dict[str, Any]) -> None:
        self._entries[place] = entry
        self._shown.update((place[0], one) for one in entry["behaviours"])

    def _take_out(self, place: tuple[str, str]) -> None:
        self._shown.subtract((place[0], one) for one in self._entries.pop(place)["behaviours"])

    def _file(self, place: tuple[str, str]) -> Path:
        return self.path / place[0] / f"{place[1]}.json"
