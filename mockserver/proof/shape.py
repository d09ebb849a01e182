"""Proofs that need no secret: the event changed in one thing after another, travelling as the refused one did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from functools import partial

from hookassay.mockserver.emission import overrides
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.fresh import Recipe
from hookassay.mockserver.emission.ids import Ids
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.mockserver.emission.spelling import write
from hookassay.mockserver.proof.prover import Cause, Prover
from hookassay.schemas import members
from hookassay.schemas.contract import Json

_OPTIONAL = 40
_SPECIAL = "'\"\\<>&\n\r\t\0\u2028\u2029"
_Changed = tuple[str, str, Callable[[], Json]]
"""A cause's id, what the receiver does, and what makes the changed document (anew each time)."""


def cause(prover: Prover, most: int) -> Cause | None:
    """The change that makes the receiver take it; at most so many requests are spent on the document."""
    before = prover.proof.requests
    for ident, text, make in _changed(prover):
        if prover.left <= 0 or prover.proof.requests - before > most:
            break
        if prover.each_taken(partial(_delivered, prover, make)):
            return _caused(ident, text)
    return None


def explains(prover: Prover, proven: Cause) -> bool:
    """Whether the same change makes the receiver take this refused delivery too."""
    for ident, text, make in _changed(prover):
        if _caused(ident, text) == proven and prover.taken(_delivered(prover, make)):
            return True
    return False


def _delivered(prover: Prover, make: Callable[[], Json]) -> Delivery:
    """The document in the refused delivery's wrapping, rightly signed if that one was signed at all."""
    refused, made = prover.refused, prover.vendor.deliver(prover.event, make())
    signatures = {name.lower(): made.header(name) for name in prover.provider.authentication.headers}
    headers = tuple((name, signatures.get(name.lower()) or value) for name, value in refused.headers)
    pieces = tuple(place for place in refused.framing.pieces if place < len(made.body))
    framing = replace(refused.framing, pieces=pieces)
    secrets = {**refused.secrets, **made.secrets}
    return replace(refused, headers=headers, body=made.body, secrets=secrets, framing=framing)


def _caused(ident: str, text: str) -> Cause:
    return Cause(ident, f"your receiver {text}")


def _changed(prover: Prover) -> Iterator[_Changed]:
    """The document written anew, made new, then changed in one thing after another (docs/field-evidence.md, CA-D)."""
    vendor, event, document = prover.vendor, prover.event, prover.document
    if not isinstance(document, dict):
        return
    if write(document).data != prover.refused.body:
        text = "refuses the spelling of the JSON: the same document, written compactly, is taken"
        yield "CA-D16", text, lambda: document
    recipe = Recipe(event, document)
    text = "refuses ids that it has seen: the same event with fresh ids is taken"
    yield "CA-D10", text, lambda: recipe.renew(None, Ids())
    text = "refuses events by their age: the same event with the time of now is taken"
    yield "CA-D9", text, lambda: recipe.renew(vendor.clock(), Ids())
    yield from _other_texts(document)
    found = [member for member in members.walk(event.expanded, document) if member.pointer]
    yield from _fewer_members(document, found)
    full = vendor.document(event, "full")
    for name in event.full.document:
        if name not in document and name in full:
            text = f"demands the member /{name}: the same event with it is taken"
            yield "CA-D2", text, partial(copy, {**document, name: full[name]})


def _other_texts(document: dict[str, Json]) -> Iterator[_Changed]:
    """Texts with less in them, the smallest change first: what is taken without emoji need not be ASCII."""
    changes: dict[str, Callable[[str], str]] = {
        "refuses characters beyond U+FFFF (emoji): the same event without them is taken": (
            lambda text: "".join(c for c in text if ord(c) < 0x10000)
        ),
        "refuses quotes, markup or control characters in texts: the same event without them is taken": (
            lambda text: "".join(c for c in text if c not in _SPECIAL)
        ),
        "refuses text beyond ASCII: the same event in ASCII is taken": (
            lambda text: text.encode("ascii", "replace").decode()
        ),
    }
    for text, change in changes.items():
        changed = _map_texts(document, change)
        if changed != document:
            yield "CA-D1", text, partial(copy, changed)


def _fewer_members(document: dict[str, Json], found: list[members.Member]) -> Iterator[_Changed]:
    def without(*pointers: str) -> Callable[[], Json]:
        return lambda: overrides.apply(document, Overrides(remove=pointers))

    nulls = [member.pointer for member in found if member.value is None]
    if nulls:
        yield "CA-D3", "refuses null: the same event without its null members is taken", without(*nulls)
    known = {member.pointer for member in found if member.schema.get("description") or member.schema.get("type")}
    above = known | {""}
    unknown = [m.pointer for m in found if m.pointer not in known and m.pointer.rpartition("/")[0] in above]
    if unknown:
        name = unknown[0].rpartition("/")[2]
        yield "CA-D2", f"refuses members that it does not know ({name})", without(*unknown)
    for member in [member for member in found if not member.required][:_OPTIONAL]:
        text = f"refuses the member {member.pointer}: the same event without it is taken"
        yield "CA-D2", text, without(member.pointer)


def _map_texts(value: Json, change: Callable[[str], str]) -> Json:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_map_texts(item, change) for item in value]
    if isinstance(value, dict):
        return {key: _map_texts(item, change) for key, item in value.items()}
    return value
