"""The battery tried in the test's own process: where many receivers are to be judged, a process each takes too long."""

from __future__ import annotations

import shutil
from typing import Any

from hookassay.conformance import settings
from hookassay.conformance.battery import Battery
from hookassay.conformance.options import OPTIONS
from hookassay.conformance.verdict import Verdict


def tried(*arguments: str) -> list[Verdict]:
    """The verdicts of a run with these options (`--target-url=…`). Raises BadOption."""
    given: dict[str, Any] = {option.name: [] if option.many else None for option in OPTIONS}
    for argument in arguments:
        flag, _, value = argument.partition("=")
        option = next(option for option in OPTIONS if option.flag == flag)
        if option.many:
            given[option.name].append(value)
        else:
            given[option.name] = True if option.switch else value
    battery = Battery.fresh(settings.read(given))
    try:
        battery.begin()
        return [battery.try_case(planned) for planned in battery.planned]
    finally:
        battery.end()
        shutil.rmtree(battery.folder)
