"""Whom a forged event may name: an account that nobody has, a type that nobody knows. Whose secret is that?"""

from __future__ import annotations

from hookassay.conformance.bench import Bench
from hookassay.mockserver.emission.ids import Ids
from hookassay.schemas.contract import Json

STRANGERS = {"unknown-owner": "an account that nobody has", "unknown-event": "an event type that nobody knows"}


def strangers(bench: Bench) -> dict[str, dict[str, Json]]:
    """Name → members that make an event one of somebody or of something that the receiver does not know."""
    ids = Ids()
    owners = [
        member for member in bench.carrier.walked["full"] if member.role == "owner" and member.pointer.count("/") == 1
    ]
    found: dict[str, dict[str, Json]] = {}
    if owners:
        found["unknown-owner"] = {one.pointer[1:]: ids.renew(one.value) for one in owners if isinstance(one.value, str)}
    if bench.carrier.name_member is not None:
        found["unknown-event"] = {bench.carrier.name_member: "hookassay_new_event"}
    return found
