"""Telling a scripted conversation: its deliveries in order, with ids that belong together and times that rise."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.ids import Ids
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.mockserver.emission.script import Script
from hookassay.mockserver.emission.vendor import Vendor
from hookassay.schemas.contract import Scenario

LONGEST = 20 * times.SECOND
"""A conversation told at once is shrunk to this, so that none of its events is old."""


def play(vendor: Vendor, scenario: Scenario, longest: int = LONGEST) -> Iterator[tuple[str, Delivery]]:
    """The deliveries of a scenario as (label, delivery), the last one of now."""
    offsets = [times.span(str(step["at"])) for step in scenario.steps]
    scale = min(1.0, longest / offsets[-1]) if offsets[-1] else 1.0
    start = vendor.clock() - round(offsets[-1] * scale)
    script, ids = Script(now=start, start=start, scale=scale), Ids()
    script.take_cast(scenario.cast)
    for number, (step, offset) in enumerate(zip(scenario.steps, offsets, strict=True), 1):
        script.now = start + round(offset * scale)
        event = vendor.provider.events[step["event"]]
        changes = Overrides(step.get("set", {}), tuple(step.get("remove", ())))
        base = json.loads(step["json"]) if "json" in step else None
        document = vendor.document(
            event, step.get("example", "full"), changes, base=script.fill(base), at=script.now, ids=ids, script=script
        )
        yield f"{number}. {event.name}", vendor.deliver(event, document)
