"""The generator of one event: from (seed, index, time) to the bytes of a payload."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.generation import entropy, nodes
from hookassay.mockserver.emission.generation.leaves import TimeForm, Wide, encoded
from hookassay.mockserver.emission.generation.program import Function, Writer
from hookassay.mockserver.emission.generation.realistic import Cast, Realistic
from hookassay.mockserver.emission.generation.sites import Site, Sites
from hookassay.mockserver.emission.secret import Span
from hookassay.schemas import validation
from hookassay.schemas.contract import Event, Json

BUDGET = 60_000
"""Bytes of a payload at most: what receivers must take (checks.md, sizes). Larger ones are mutations."""

_REALISTIC, _REALISTIC_EVERY = 1, 4
_OLD_EVERY = 16
_EXTRA_EVERY = 4
_ALL_ITEMS = 1000
_JUDGED = 3
_PROVEN = 40


class Ungeneratable(ValueError):
    """The generator cannot make documents for this schema; one line that says where."""


def realistic_index(number: int) -> int:
    """The index of the n-th realistic case, counted from 0."""
    return _REALISTIC_EVERY * number + -entropy.mix(number, _REALISTIC) % _REALISTIC_EVERY


class Generated(NamedTuple):
    """A payload that the schema allows. `old`: its send-time is any day's, so a receiver may refuse it as too old."""

    body: bytes
    realistic: bool
    old: bool


class Invalid(NamedTuple):
    """A payload that the schema forbids, at one site."""

    body: bytes
    site: Site


class Compiled:
    """Makes payloads of one event. `fixed` are values by pointer that are the same in each: the owner's ids, and
    what stands at `token`, the place of a token in the body (empty for none)."""

    def __init__(self, event: Event, fixed: Mapping[str, Json], token: str = "") -> None:
        self.event = event
        self._token = token
        self._fixed = dict(fixed)
        self._root = nodes.tree(event)
        self._keys: dict[tuple[int, str], bytes] = {}
        self._now: tuple[int, tuple[bytes, ...]] = (-1, ())

    def valid(self, seed: int, index: int, at: int) -> bytes:
        """The payload of an index: valid, every fourth realistic, the others wide. `at` is its time (nanoseconds)."""
        return self.generate(seed, index, at).body

    def generate(self, seed: int, index: int, at: int) -> Generated:
        """The same, with what is known of it."""
        realistic = entropy.place(index, _REALISTIC_EVERY, _REALISTIC) == 0
        if realistic:
            return Generated(self.realistic(seed, index, at), True, False)
        draw = entropy.draws(self._key(seed, "valid"), index)
        old = draw() % _OLD_EVERY == 0
        extra = draw() % self._objects if draw() % _EXTRA_EVERY == 0 else -1
        when = self._old(draw()) if old else self._times(at)
        body = _bounded(self._wide, index + seed, draw, when, extra, None, -1)
        return Generated(body, False, old)

    def wide(self, seed: int, index: int, at: int) -> bytes:
        """A wide payload of now, for mutations that are not about its members or time."""
        draw = entropy.draws(self._key(seed, "base"), index)
        return _bounded(self._wide, index + seed, draw, self._times(at), -1, None, -1)

    def realistic(self, seed: int, index: int, at: int) -> bytes:
        """A payload as the vendor would send it; the same index is the same conversation in every event."""
        cast = Cast(self._key(seed, "cast"), index & entropy.MASK, at, self.event.name)
        draw = entropy.draws(self._key(seed, "realistic"), index)
        return _bounded(self._natural, index + seed, draw, self._times(at), -1, cast, -1)

    def invalid(self, seed: int, index: int, at: int) -> Invalid:
        """A payload that is wrong at the site that the index leads to."""
        return self.invalid_at(entropy.place(index, len(self._invalid[1]), 2), seed, index, at)

    def invalid_at(self, place: int, seed: int, index: int, at: int) -> Invalid:
        """A payload that is wrong at one of the `sites`, by its place among them."""
        function, sites = self._invalid
        draw = entropy.draws(self._key(seed, "invalid"), index)
        body = _bounded(function, index + seed, draw, self._times(at), -1, None, sites[place])
        return Invalid(body, self._sites.all[sites[place]])

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Every place and way in which a payload can be wrong."""
        return tuple(self._sites.all[number] for number in self._invalid[1])

    @cached_property
    def typed(self) -> tuple[nodes.Text, ...]:
        """The places at which people type a text (in arrays: of the first item)."""
        return tuple(n for n in nodes.every(self._root) if isinstance(n, nodes.Text) and n.role == "text")

    @cached_property
    def open_values(self) -> tuple[str, ...]:
        """Pointers of the members that may have values beyond the documented ones."""
        found = (node.pointer for node in nodes.every(self._root) if "unknown" in node.schema.get("x-levels", {}))
        return tuple(dict.fromkeys(found))

    def secrets(self, body: bytes) -> tuple[Span, ...]:
        """Where the token stands in a payload, under whatever name."""
        if not self._token:
            return ()
        token, found = encoded(self._fixed[self._token]), list[Span]()
        start = body.find(token)
        while start >= 0:
            end = start + len(token)
            found.append(Span(start + 1, end - 1))
            start = body.find(token, end)
        return tuple(found)

    def prove(self) -> None:
        """Judge a few payloads by the schema, where nobody has tried it before. Raises Ungeneratable."""
        for index in range(_PROVEN):
            problems = validation.problems(self.event, json.loads(self.valid(0, index, 1_700_000_000 * times.SECOND)))
            if problems:
                raise Ungeneratable(
                    f"{self.event.provider} {self.event.name}: what is made is not valid: {problems[0]}"
                )

    # the functions, each made when first asked for

    @cached_property
    def _leaves(self) -> Wide:
        return Wide(self._fixed)

    @cached_property
    def _written(self) -> tuple[Function, int]:
        """The function of wide payloads, and how many objects they may have."""
        writer = Writer(self._leaves, ready=True)
        return self._compiled(writer), writer.objects

    @cached_property
    def _wide(self) -> Function:
        return self._written[0]

    @cached_property
    def _objects(self) -> int:
        return self._written[1]

    @cached_property
    def _forms(self) -> tuple[TimeForm, ...]:
        """How each send-time member writes its time; known once the wide function is written."""
        _ = self._written
        return tuple(self._leaves.forms)

    @cached_property
    def _natural(self) -> Function:
        leaves = Realistic(self._fixed, self._root, nodes.examples_of(self.event))
        leaves.forms = [*self._forms]
        return self._compiled(Writer(leaves))

    @cached_property
    def _sites(self) -> Sites:
        return Sites()

    @cached_property
    def _invalid(self) -> tuple[Function, tuple[int, ...]]:
        """The function, and the numbers of the sites at which its documents are indeed invalid."""
        _ = self._forms
        writer = Writer(self._leaves, wrong=self._sites)
        function, numbers = self._compiled(writer), range(len(self._sites.all))
        return function, tuple(n for n in numbers if n not in writer.doubtful or self._is_wrong(function, n))

    def _is_wrong(self, function: Function, number: int) -> bool:
        """Whether documents made wrong at a site are refused: a union may take what a member's schema forbids."""
        when = self._times(0)
        for index in range(_JUDGED):
            draw = entropy.draws(self._key(0, "judged"), number * _JUDGED + index)
            if validation.is_valid(self.event, json.loads(function(index, draw, when, -1, None, 1, number))):
                return False
        return True

    def _compiled(self, writer: Writer) -> Function:
        try:
            return writer.compile(self._root)
        except ValueError as error:
            raise Ungeneratable(f"{self.event.provider} {self.event.name}: {error}") from error

    # what the functions are given

    def _key(self, seed: int, purpose: str) -> bytes:
        """The key of a purpose; that of the cast is the same for every event of the provider."""
        known = self._keys.get((seed, purpose))
        if known is None:
            event = "" if purpose == "cast" else self.event.name
            known = self._keys[seed, purpose] = entropy.key(seed, self.event.provider, event, purpose)
        return known

    def _times(self, at: int) -> tuple[bytes, ...]:
        """A time in each form that the send-time members have."""
        if self._now[0] != at:
            self._now = at, tuple(form.now(at) for form in self._forms)
        return self._now[1]

    @cached_property
    def _days(self) -> tuple[tuple[bytes, ...], ...]:
        return tuple(form.any_days() for form in self._forms)

    def _old(self, word: int) -> tuple[bytes, ...]:
        return tuple(days[word % len(days)] for days in self._days)


def _bounded(
    function: Function, index: int, draw: entropy.Draw, when: tuple[bytes, ...], extra: int, cast: Any, site: int
) -> bytes:
    """The document, with fewer items in its arrays where it is too large otherwise."""
    body = function(index, draw, when, extra, cast, _ALL_ITEMS, site)
    if len(body) > BUDGET:
        body = function(index, draw, when, -1, cast, 1, site)
    if len(body) > BUDGET:
        body = function(index, draw, when, -1, cast, 0, site)
    return body
