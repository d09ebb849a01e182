"""Today's failures as a waivers file to fill in."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from pathlib import Path

from hookassay.conformance.verdict import Verdict

_MONTHS = 3


def write(path: Path, verdicts: Sequence[Verdict]) -> int:
    """Write a `[[waiver]]` for everything that failed, whole or not at all; how many there are.

    A check of which every tried case failed gets one for all of them; of another, each case gets its own,
    so that what passes today stays held to it.
    """
    today = datetime.date.today()
    patterns = _patterns(verdicts)
    head = [
        "# Known failures: they still run, and are told, but do not fail the run until they expire.",
        "# Say in each reason why it is known and who mends it.",
    ]
    tables = [
        "\n".join(
            (
                "",
                "[[waiver]]",
                f"check = {json.dumps(pattern, ensure_ascii=False)}",
                f"reason = {json.dumps(f'known since {today}: <say why>')}",
                f"expires = {_later(today)}",
            )
        )
        for pattern in patterns
    ]
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text("\n".join([*head, *tables]) + "\n", encoding="utf-8")
    partial.replace(path)
    return len(patterns)


def _patterns(verdicts: Sequence[Verdict]) -> list[str]:
    failed = [verdict for verdict in verdicts if verdict.verdict == "failed"]
    held = {verdict.check for verdict in verdicts if verdict.verdict in ("passed", "advice")}
    return list(dict.fromkeys(verdict.id if verdict.check in held else verdict.check for verdict in failed))


def _later(today: datetime.date) -> datetime.date:
    """The same day three months on, or the last one of that month."""
    month = today.month - 1 + _MONTHS
    first = datetime.date(today.year + month // 12, month % 12 + 1, 1)
    following = datetime.date(first.year + first.month // 12, first.month % 12 + 1, 1)
    last = (following - datetime.timedelta(days=1)).day
    return first.replace(day=min(today.day, last))
