"""Insides of the receiver that showed in answers to checks which were about something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hookassay.conformance.battery import Battery
from hookassay.conformance.verdict import Verdict
from hookassay.conformance.waivers import waive

_CASE = "seen elsewhere"


def sightings(battery: Battery, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """One more verdict of `errors/no-internals` for each provider where only other checks' answers showed them."""
    for bench in battery.benches:
        name = f"{bench.provider.name}/errors/no-internals"
        told = any(v.check == name and v.verdict in ("failed", "waived") for v in verdicts)
        seen = [(v, text) for v in verdicts if v.provider == bench.provider.name for text in v.sightings]
        if not seen or told or not battery.settings.wants(name):
            continue
        first, text = seen[0]
        more = len({verdict.id for verdict, _ in seen}) - 1
        verdict = Verdict(
            id=f"{name}[{_CASE}]",
            check=name,
            case=_CASE,
            family="errors",
            level="must",
            verdict="failed",
            title="shows nothing of its inside",
            source=first.source,
            message=f"an answer in {first.id} shows {text}{f' (and in {more} more cases)' if more else ''}",
            kind="inside",
            cause=f"{bench.provider.name}:inside",
            finding="shows its inside in answers",
            exchanges=first.exchanges[:1],
        )
        waive(verdict, battery.settings.waivers)
        yield verdict
