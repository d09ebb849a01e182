"""The providers that the mock plays, read again when a folder of one's own changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from hookassay.mockserver.engine.errors import Refused
from hookassay.schemas import catalogue, inspection
from hookassay.schemas.catalogue import BadProvider
from hookassay.schemas.contract import Event, Provider


class Providers:
    """Providers by name: ours, and those of `paths`. Raises BadProvider where one cannot be used at the start."""

    def __init__(self, paths: Sequence[Path] = ()) -> None:
        self._paths = tuple(paths)
        self._known: Mapping[str, Provider] = {
            name: catalogue.load_folder(folder) for name, folder in catalogue.find(paths).items()
        }
        self._stamp = self._latest_change()

    @property
    def all(self) -> Mapping[str, Provider]:
        return self._known

    def get(self, name: str, pointer: str = "/provider") -> Provider:
        """Raises Refused(not-found) with the nearest name."""
        if name not in self._known:
            known = ", ".join(self._known)
            near = catalogue.nearest(name, self._known)
            raise Refused("not-found", f"unknown provider {name!r}{near}; known: {known}", pointer)
        return self._known[name]

    def event(self, provider: str, name: str) -> Event:
        """Raises Refused(not-found) with the nearest name."""
        events = self.get(provider).events
        if name not in events:
            near = catalogue.nearest(name, events)
            raise Refused("not-found", f"{provider} has no event {name!r}{near}; it has {', '.join(events)}", "/event")
        return events[name]

    def reload(self) -> tuple[bool, str]:
        """Read folders of one's own again if a file has changed: whether anything is new, and what is wrong.

        Where something is wrong the last good data stays.
        """
        stamp = self._latest_change()
        if stamp == self._stamp:
            return False, ""
        self._stamp = stamp
        try:
            folders = catalogue.find(self._paths)
            own = {name: folder for name, folder in folders.items() if folder.parent != catalogue.OURS}
            fresh = dict(self._known)
            for name, folder in own.items():
                inspection.inspect(folder)
                fresh[name] = catalogue.read(folder)
        except BadProvider as error:
            return False, str(error)
        self._known = {name: fresh[name] for name in folders}
        return True, ""

    def _latest_change(self) -> tuple[int, int]:
        """How many files there are, and when the last one changed: enough to see an edit, an addition, a removal."""
        times = [file.stat().st_mtime_ns for path in self._paths for file in path.rglob("*") if file.is_file()]
        return len(times), max(times, default=0)
