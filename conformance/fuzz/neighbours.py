"""Cases near one that was worth keeping: the same mutation at its other sites, and paired with another one."""

from __future__ import annotations

from collections.abc import Iterator

from hookassay.conformance.fuzz.case import CaseName, FuzzCase
from hookassay.conformance.fuzz.cases import Cases, EventCases
from hookassay.conformance.fuzz.counter import Place
from hookassay.mockserver.emission.generation.entropy import place

_SITES, _PAIRS, _LOOKED_AT = 12, 2, 40
"""Other sites and pairs that are tried of one case; the blocks of indices in which pairs are looked for."""


def near(cases: Cases, name: CaseName, at: int) -> Iterator[FuzzCase]:
    """The neighbours of a case, each with a name of its own; none of a valid case."""
    event = cases.of(name.event)
    table = _table(event, name.kind)
    if not table:
        return
    block = name.index // len(table)
    # Its own mutation may stand behind the one of its place, which did not fit.
    own = (mutation for mutation in cases.named(name, at).mutations if mutation in table)
    number = table.index(next(own, table[place(name.index, len(table), event.salt)]))
    base = table[number].partition("@")[0]
    alike = [other for other, told in enumerate(table) if other != number and told.partition("@")[0] == base]
    for other in alike[:: len(alike) // _SITES + 1]:
        case = _built(cases, name, _index(block, other, len(table), event.salt), at)
        if any(mutation.partition("@")[0] == base for mutation in case.mutations):
            yield case
    found = 0
    for later in range(block + 1, block + 1 + _LOOKED_AT) if name.kind != "auth" else ():
        case = _built(cases, name, _index(later, number, len(table), event.salt), at)
        if len(case.mutations) > 1 and table[number] in case.mutations:
            yield case
            found += 1
        if found == _PAIRS:
            return


def _table(event: EventCases, kind: str) -> list[str]:
    """The names of the first mutations, in the order in which an index chooses among them."""
    if kind == "invalid":
        sites = [f"payload.{site.name}@{site.pointer}" for site in event.generator.sites]
        return [*sites, *(mutation.full_name for mutation in event.of_payload)]
    tables = {"bytes": event.of_request, "auth": event.of_authentication}
    return [mutation.full_name for mutation in tables.get(kind, ())]


def _index(block: int, number: int, size: int, salt: int) -> int:
    """The index of a block that chooses this number: `place` turned round."""
    return block * size + (number - place(block * size, size, salt)) % size


def _built(cases: Cases, name: CaseName, index: int, at: int) -> FuzzCase:
    return cases.build(Place(name.event, name.kind, index), at)
