"""From a place in the order (event, kind, index) to the case: the one builder, for files, campaigns and replays."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from hookassay.conformance.check import Expectation
from hookassay.conformance.fuzz.case import KINDS, CaseName, FuzzCase, Kind, contract_of
from hookassay.conformance.fuzz.counter import Place
from hookassay.conformance.fuzz.draft import Draft
from hookassay.conformance.fuzz.levels import level_of
from hookassay.conformance.fuzz.mutations import CALM, Mutation, auth, body, milder, payload, request
from hookassay.mockserver.emission.generation import GENERATOR, Compiled, compiled_for
from hookassay.mockserver.emission.generation.entropy import mix, place
from hookassay.mockserver.emission.ids import Ids
from hookassay.mockserver.emission.spelling import Body
from hookassay.mockserver.emission.vendor import Vendor
from hookassay.schemas.contract import Event

_TWO_EVERY = 8
"""Every so many mutated cases have a second mutation, from another layer."""

_TAKEN = Expectation("taken")

_TOLD_FROM_CHANCE = 8
"""Characters that a handshake's text has to have, if an answer that holds them is to tell anything."""

_DIGITS = ("{:012d}", "0{:012d}", "{:030d}", "00000{:d}")
"""Texts that handshakes ask for, as vendors make them: a receiver that reads them as numbers loses their zeros, and
their last digits beyond 2^53."""


@dataclass(frozen=True)
class EventCases:
    """What can be made of one event."""

    vendor: Vendor
    event: Event

    @cached_property
    def generator(self) -> Compiled:
        return compiled_for(self.vendor, self.event)

    @cached_property
    def of_payload(self) -> tuple[Mutation, ...]:
        """The mutations of payloads beside the generator's sites."""
        return tuple(payload.of_event(self.vendor, self.event))

    @cached_property
    def of_request(self) -> tuple[Mutation, ...]:
        """The mutations of bytes, headers and framing."""
        return (*body.of_body(), *request.of_headers(), *request.of_framing())

    @cached_property
    def plain_forgeries(self) -> tuple[Mutation, ...]:
        """The forgeries that come with other headers too: few, so that what these let pass is few findings."""
        return tuple(mutation for mutation in self.of_authentication if mutation.name in auth.PLAIN)

    @cached_property
    def around_forgeries(self) -> tuple[Mutation, ...]:
        """The mutations of headers that forgeries have beside their own."""
        names = {f"headers.{name}" for name in request.HARMLESS}
        return tuple(mutation for mutation in self.of_request if mutation.full_name in names)

    @cached_property
    def of_authentication(self) -> tuple[Mutation, ...]:
        """The forgeries that exist for this secret."""
        draft = self.draft(0, 0, 0)
        made = auth.of_event(self.vendor, self.event)
        return tuple(mutation for mutation in made if mutation.change(draft) is not None)

    @cached_property
    def salt(self) -> int:
        """Each event goes through the mutations from another one on, so that a run of all meets each of them early."""
        return zlib.crc32(self.event.name.encode())

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of cases that there are: without authentication there are no forgeries."""
        return tuple(kind for kind in KINDS if kind != "auth" or self.of_authentication)

    def draft(self, seed: int, index: int, at: int) -> Draft:
        """A right delivery in the making, to be changed: a wide one, or the documented one, which has to be taken."""
        draft = self.of_bytes(self.generator.wide(seed, index, at), index)
        if not self.documented or mix(index, 7) & 1:
            return draft
        name = self.documented[mix(index, 8) % len(self.documented)]
        ids = Ids(random.Random(f"{seed}:{index}"))
        return payload.rewritten(draft, self.vendor.document(self.event, name, at=at, ids=ids))

    @cached_property
    def documented(self) -> tuple[str, ...]:
        """The examples that a receiver has to take as they are; none of a handshake, whose text is the sender's."""
        if self.event is self.vendor.provider.handshake:
            return ()
        examples = self.event.examples.items()
        return tuple(name for name, example in examples if level_of(self.event, example.document) == "must")

    def of_bytes(self, data: bytes, index: int) -> Draft:
        """A draft with this body. Of handshakes every other one is signed: nothing says whether they are."""
        draft = Draft(self.vendor, self.generator, Body(data, self.generator.secrets(data)), mix(index, 3))
        unsigned = self.event is self.vendor.provider.handshake and mix(index, 6) & 1
        return replace(draft, forge=lambda signer, body: ()) if unsigned else draft


class Cases:
    """Builds the cases of one run: a vendor as configured, and a seed."""

    def __init__(self, vendor: Vendor, seed: int) -> None:
        self.vendor, self.seed = vendor, seed
        self._contract = contract_of(vendor.provider)
        self._events: dict[str, EventCases] = {}

    def of(self, event: str) -> EventCases:
        """What can be made of an event. Raises KeyError."""
        known = self._events.get(event)
        if known is None:
            known = self._events[event] = EventCases(self.vendor, self.vendor.provider.events[event])
        return known

    def build(self, where: Place, at: int, only: int | None = None) -> FuzzCase:
        """The case of a place; `at` is the time (nanoseconds) of what is sent now, `only` the one of two mutations."""
        if where.kind == "invalid":
            return self._invalid(where, at, only)
        if where.kind == "bytes":
            return self._bytes(where, at, only)
        return self._valid(where, at) if where.kind == "valid" else self._auth(where, at, only)

    def named(self, name: CaseName, at: int, only: int | None = None) -> FuzzCase:
        """The case of a name, whose seed is the one of this run."""
        return self.build(Place(name.event, name.kind, name.index), at, only)

    def unchanged(self, case: FuzzCase) -> FuzzCase:
        """A mutated case without its mutations: the right delivery that it was made from."""
        draft = self.of(case.name.event).draft(case.name.seed, case.name.index, case.at)
        return case._replace(draft=draft, delivery=draft.deliver(), expect=_TAKEN, mutations=())

    def _case(self, where: Place, draft: Draft, expect: Expectation, mutations: Sequence[str], at: int) -> FuzzCase:
        name = CaseName(
            self.vendor.provider.name, self._contract, GENERATOR, where.event, where.kind, self.seed, where.index
        )
        return FuzzCase(name, draft, draft.deliver(), expect, tuple(mutations), at)

    def _valid(self, where: Place, at: int) -> FuzzCase:
        event = self.of(where.event)
        made = event.generator.generate(self.seed, where.index, at)
        draft = event.of_bytes(made.body, where.index)
        expect = CALM if made.old else _TAKEN
        if event.event is self.vendor.provider.handshake:
            if made.realistic:
                pointer = str(self.vendor.provider.traits["handshake"]["answer"])
                digits = _DIGITS[where.index // 4 % len(_DIGITS)].format(draft.word)
                draft = payload.replaced(draft, [pointer], digits) or draft
            expect = Expectation("exactly", "must" if made.realistic else "should", text=draft.asked)
        return self._case(where, draft, expect, (), at)

    def _invalid(self, where: Place, at: int, only: int | None = None) -> FuzzCase:
        event = self.of(where.event)
        sites = len(event.generator.sites)
        number = place(where.index, sites + len(event.of_payload), event.salt)
        mutations, expect = list[str](), _TAKEN
        if only == 1:
            draft = event.draft(self.seed, where.index, at)
        elif number < sites:
            made = event.generator.invalid_at(number, self.seed, where.index, at)
            draft, expect = event.of_bytes(made.body, where.index), CALM
            mutations.append(f"payload.{made.site.name}@{made.site.pointer}")
        else:
            mutation, draft = _first(event.of_payload, number - sites, event.draft(self.seed, where.index, at))
            expect = mutation.expect
            mutations.append(mutation.full_name)
        if _has_two(where.index) and only != 0:
            later = [m for m in event.of_request if m.layer in ("headers", "framing")]
            mutation, draft = _first(later, mix(where.index, 5), draft)
            expect = milder(expect, mutation.expect)
            mutations.append(mutation.full_name)
        return self._case(where, draft, expect, mutations, at)

    def _bytes(self, where: Place, at: int, only: int | None = None) -> FuzzCase:
        event = self.of(where.event)
        mutations, expect = list[str](), _TAKEN
        if _has_two(where.index) and only != 1:
            site = mix(where.index, 5) % len(event.generator.sites)
            made = event.generator.invalid_at(site, self.seed, where.index, at)
            draft, expect = event.of_bytes(made.body, where.index), CALM
            mutations.append(f"payload.{made.site.name}@{made.site.pointer}")
        else:
            draft = event.draft(self.seed, where.index, at)
        if not mutations or only != 0:
            mutation, draft = _first(event.of_request, place(where.index, len(event.of_request), event.salt), draft)
            expect = milder(expect, mutation.expect)
            mutations.append(mutation.full_name)
        return self._case(where, draft, expect, mutations, at)

    def _auth(self, where: Place, at: int, only: int | None = None) -> FuzzCase:
        event = self.of(where.event)
        draft, mutations, expect = event.draft(self.seed, where.index, at), list[str](), CALM
        two = _has_two(where.index) and bool(event.plain_forgeries)
        if only != 1:
            table = event.plain_forgeries if two else event.of_authentication
            mutation, draft = _first(table, place(where.index, len(table), event.salt), draft)
            expect = mutation.expect
            mutations.append(mutation.full_name)
            if len(draft.asked) >= _TOLD_FROM_CHANCE:
                expect = replace(expect, never=draft.asked)
        if two and only != 0:
            mutation, draft = _first(event.around_forgeries, mix(where.index, 5), draft)
            mutations.append(mutation.full_name)
        return self._case(where, draft, expect, mutations, at)


def _has_two(index: int) -> bool:
    return mix(index, 4) % _TWO_EVERY == 0


def _first(table: Sequence[Mutation], start: int, draft: Draft) -> tuple[Mutation, Draft]:
    """The mutation at a place of a table, or another by chance where the draft has nothing that it changes: the next
    one of the table would come more often than its share."""
    by_chance = (mix(draft.word, step) for step in range(len(table)))
    for number in chain((start,), by_chance, range(len(table))):
        mutation = table[number % len(table)]
        changed = mutation.change(draft)
        if changed is not None:
            return mutation, changed
    raise LookupError(f"no mutation fits a delivery of {draft.event.name}")
