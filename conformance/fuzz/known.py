"""What is known to be wrong (`known.toml`): told in the report, but nothing new."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from hookassay.schemas import catalogue
from hookassay.schemas.catalogue import BadProvider


class BadKnown(ValueError):
    """A list of known findings that cannot be used; one line that says what is wrong with it."""


@dataclass(frozen=True)
class Known:
    """One entry: a group's name or glob, why it is known, until when."""

    group: str
    reason: str
    expires: datetime.date | None = None

    def covers(self, group: str, today: datetime.date) -> bool:
        """Whether it speaks of a group; an expired one speaks of none."""
        return fnmatchcase(group, self.group) and not self.expired(today)

    def expired(self, today: datetime.date) -> bool:
        return self.expires is not None and self.expires < today


def read(path: Path) -> tuple[Known, ...]:
    """The entries of a file; none where there is no file. Raises BadKnown."""
    if not path.is_file():
        return ()
    try:
        data = catalogue.read_toml(path)
    except BadProvider as error:
        raise BadKnown(str(error)) from error
    entries = data.get("known", [])
    if set(data) - {"known"} or not isinstance(entries, list):
        raise BadKnown(f"{path}: write [[known]] tables with group, reason and, if wanted, expires")
    return tuple(_entry(path, number, entry) for number, entry in enumerate(entries, 1))


def _entry(path: Path, number: int, entry: object) -> Known:
    if not isinstance(entry, dict) or set(entry) - {"group", "reason", "expires"}:
        raise BadKnown(f"{path}: known {number}: its keys are group, reason and expires")
    group, reason, expires = entry.get("group"), entry.get("reason"), entry.get("expires")
    if not isinstance(group, str) or not group or not isinstance(reason, str) or not reason:
        raise BadKnown(f"{path}: known {number}: group and reason are texts, and both are needed")
    if expires is not None and (not isinstance(expires, datetime.date) or isinstance(expires, datetime.datetime)):
        raise BadKnown(f"{path}: known {number}: expires is a day, such as 2026-12-31")
    return Known(group, reason, expires)


def reason_for(entries: Iterable[Known], group: str, today: datetime.date) -> str | None:
    """Why a group is known, or None."""
    return next((entry.reason for entry in entries if entry.covers(group, today)), None)


def complaints(entries: Sequence[Known], groups: Mapping[str, bool], today: datetime.date) -> list[str]:
    """What is to be said of the entries themselves: expired ones, those that speak of nothing, or only of what is
    gone. `groups` are all there are, and whether they are still seen."""
    found = []
    for entry in entries:
        seen = [still for name, still in groups.items() if fnmatchcase(name, entry.group)]
        if entry.expired(today):
            found.append(f"known {entry.group!r} has expired on {entry.expires}: what it covers counts as new again")
        elif not seen:
            found.append(f"known {entry.group!r} covers nothing: take it out")
        elif not any(seen):
            found.append(f"known {entry.group!r} covers only what is gone: take it out")
    return found


def accept(path: Path, group: str, reason: str) -> None:
    """Add an entry to a file, which is made where there is none."""
    quoted = [text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") for text in (group, reason)]
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    gap = "\n" if before and not before.endswith("\n\n") else ""
    text = f'{before}{gap}[[known]]\ngroup = "{quoted[0]}"\nreason = "{quoted[1]}"\n'
    path.write_text(text, encoding="utf-8")
