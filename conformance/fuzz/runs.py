"""What `run.json` holds, of one run or of several shards of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hookassay.conformance.fuzz.tally import chance_of_something_new

_COUNTS = ("cases", "requests", "advice", "restarts", "behaviours", "behaviours_seen_once")
_TABLES = ("reactions", "left_out")
_STATES = ("dead", "refuses everything", "interrupted", "running", "done")
"""The worst first."""


def joined(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The runs of shards as one: counts added up, the worst state, the longest time.

    A behaviour that several shards have shown is counted in each, so the chance of something new is rather
    too high than too low.
    """
    if len(runs) == 1:
        return runs[0]
    whole = dict(runs[-1])
    for name in _COUNTS:
        whole[name] = sum(run.get(name, 0) for run in runs)
    for name in _TABLES:
        total: Counter[str] = Counter()
        for run in runs:
            total.update(run.get(name, {}))
        whole[name] = dict(total)
    whole["shard"] = ", ".join(dict.fromkeys(str(run.get("shard", "")) for run in runs))
    whole["seconds"] = max(run.get("seconds", 0.0) for run in runs)
    whole["complete"] = all(run.get("complete") for run in runs)
    states = [str(run.get("state", "done")) for run in runs]
    whole["state"] = min(states, key=lambda state: _STATES.index(state) if state in _STATES else 0)
    chance = chance_of_something_new(whole["behaviours_seen_once"], whole["cases"])
    whole["chance_of_something_new"] = round(chance, 6)
    return whole
