"""Moments in the forms that vendors write them: read, moved, written in the same form again.

A moment is an integer of nanoseconds since 1970 (UTC), so that nine decimals survive.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import lru_cache, partial

from hookassay.schemas.contract import Json

SECOND = 1_000_000_000
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)
_MILLISECONDS = 100_000_000_000
"""Integers from here on are milliseconds: as seconds they would be beyond the year 5138."""

_UNITS = {"ms": SECOND // 1000, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND, "d": 86400 * SECOND}
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def parse(value: Json) -> int | None:
    """The moment that a value means: RFC 3339 text, or Unix seconds or milliseconds; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value * (SECOND // 1000 if value >= _MILLISECONDS else SECOND)
    match = _ISO.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=timezone.utc)
    except ValueError:
        return None
    whole = (moment - _EPOCH).days * 86400 + (moment - _EPOCH).seconds + max(0, second - 59)
    nanoseconds = int((match[7] or "").ljust(9, "0"))
    return whole * SECOND + nanoseconds - _offset(match[8]) * SECOND


def _offset(text: str) -> int:
    if text == "Z":
        return 0
    sign = -1 if text[0] == "-" else 1
    return sign * (int(text[1:3]) * 3600 + int(text[4:6]) * 60)


def like(example: Json, moment: int) -> Json:
    """A moment in the form of an example: as many decimals, the same offset, seconds or milliseconds."""
    return form(example)(moment)


def form(example: Json) -> Callable[[int], Json]:
    """The form in which an example writes its moment, as a function from a moment."""
    if isinstance(example, int) and not isinstance(example, bool):
        return partial(_whole, SECOND // 1000 if example >= _MILLISECONDS else SECOND)
    match = _ISO.fullmatch(example) if isinstance(example, str) else None
    if match is None:
        return partial(_text, 3, 0, "Z")
    return partial(_text, len(match[7] or ""), _offset(match[8]) * SECOND, match[8])


def _whole(unit: int, moment: int) -> int:
    return moment // unit


def _text(decimals: int, shift: int, zone: str, moment: int) -> str:
    return iso(moment + shift, decimals).removesuffix("Z") + zone


def iso(moment: int, decimals: int) -> str:
    """A moment as RFC 3339 text in UTC with so many decimals (0 to 9)."""
    seconds, nanoseconds = divmod(moment, SECOND)
    text = _to_the_second(seconds)
    return f"{text}.{nanoseconds:09d}"[: len(text) + 1 + decimals].rstrip(".") + "Z"


@lru_cache(maxsize=256)  # what is made in one second has few others in it
def _to_the_second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).isoformat(timespec="seconds")[: len("2000-01-01T00:00:00")]


def span(text: str) -> int:
    """A length of time as nanoseconds: `90s`, `1h30m`, `4ms`. Raises ValueError for anything else."""
    if not re.fullmatch(r"([0-9]+(ms|s|m|h|d))+", text):
        raise ValueError(f"not a length of time: {text!r} (write 90s, 1h30m, 4ms)")
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"([0-9]+)(ms|s|m|h|d)", text))
