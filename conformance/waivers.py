"""Known failures: told, still run, and found out when they have become stale."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from hookassay.conformance.verdict import Verdict

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_KEYS = {"check", "reason", "expires"}


class BadWaivers(Exception):
    """A waivers file that cannot be used: one line with file and entry."""


@dataclass(frozen=True)
class Waiver:
    """A check id, case id or glob that may fail, and why; after `expires` it counts no more."""

    pattern: str
    reason: str
    expires: datetime.date | None = None

    def matches(self, name: str) -> bool:
        """Whether it speaks of a case (`provider/family/check[case]`): by its id, its check's, or a glob of either."""
        check = name.partition("[")[0]
        return (
            name == self.pattern
            or check == self.pattern
            or fnmatchcase(check, self.pattern)
            or _glob(name, self.pattern)
        )

    def expired(self, today: datetime.date) -> bool:
        return self.expires is not None and today > self.expires


def _glob(name: str, pattern: str) -> bool:
    """A glob over a whole id, in which brackets are those of the case and not a character class."""
    return fnmatchcase(name, pattern.replace("[", "[[]") if "[" in pattern else pattern)


def read(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a TOML file: `[[waiver]]` with `check`, `reason`, and `expires` if they end. Raises BadWaivers."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadWaivers(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadWaivers(f"{path}: is not TOML: {error}") from error
    if set(data) - {"waiver"} or not isinstance(data.get("waiver", []), list):
        raise BadWaivers(f"{path}: only [[waiver]] tables may stand in it")
    return tuple(_waiver(path, number, entry) for number, entry in enumerate(data.get("waiver", []), 1))


def _waiver(path: Path, number: int, entry: dict[str, object]) -> Waiver:
    where = f"{path}: waiver {number}"
    if unknown := set(entry) - _KEYS:
        raise BadWaivers(f"{where}: unknown key {sorted(unknown)[0]!r}; known are check, reason, expires")
    check, reason, expires = entry.get("check"), entry.get("reason"), entry.get("expires")
    if not isinstance(check, str) or not check:
        raise BadWaivers(f"{where}: `check` has to be a check id, a case id or a glob")
    if not isinstance(reason, str) or not reason.strip():
        raise BadWaivers(f"{where} ({check}): `reason` has to say why")
    if isinstance(expires, datetime.datetime):
        expires = expires.date()
    if expires is not None and not isinstance(expires, datetime.date):
        raise BadWaivers(f"{where} ({check}): `expires` has to be a date: 2027-01-31")
    return Waiver(check, reason, expires)


def waive(verdict: Verdict, waivers: Iterable[Waiver]) -> None:
    """Turn a failed verdict into a waived one, if a waiver in force speaks of its case."""
    today = datetime.date.today()
    waiver = next((one for one in waivers if one.matches(verdict.id) and not one.expired(today)), None)
    if verdict.verdict == "failed" and waiver is not None:
        verdict.verdict = "waived"
        verdict.message = f"waived: {waiver.reason}\n{verdict.message}"


def stale(waivers: Iterable[Waiver], failed: Iterable[str], passed: Iterable[str], today: datetime.date) -> list[str]:
    """What is wrong with waivers after a complete run: expired, matching nothing, or matching only what passes."""
    failures, passes = list(failed), list(passed)
    told = []
    for waiver in waivers:
        if waiver.expired(today):
            told.append(f"{waiver.pattern}: expired on {waiver.expires}")
        elif any(waiver.matches(name) for name in failures):
            continue
        elif any(waiver.matches(name) for name in passes):
            told.append(f"{waiver.pattern}: all that it matches passes; remove it")
        else:
            told.append(f"{waiver.pattern}: matches nothing in this run")
    return told
