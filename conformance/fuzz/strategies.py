"""Hypothesis strategies over the contracts, for property tests of one's own handlers.

    from hookassay.conformance.fuzz import strategies

    @given(strategies.payloads("gitple", "session_state_close"))
    def test_handler(payload): ...

    @given(strategies.deliveries("gitple", "session_state_close", secret="…"))
    def test_endpoint(delivery): client.post("/", data=delivery.body, headers=dict(delivery.headers))

What fails shrinks: every choice has its simplest value first. Hypothesis is needed (`pip install hypothesis`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.generation import pools
from hookassay.mockserver.emission.generation.leaves import CONSTANT_ROLES, time_form
from hookassay.mockserver.emission.generation.nodes import (
    Anything,
    Array,
    Constants,
    Node,
    Number,
    Object,
    Text,
    Union,
    tree,
)
from hookassay.mockserver.emission.generation.pools import TextRule
from hookassay.mockserver.emission.vendor import Secrets, Vendor
from hookassay.schemas import catalogue
from hookassay.schemas.contract import Json

Strategy = st.SearchStrategy[Any]

_MOST_ITEMS = 5
_LONGEST = 200


def payloads(provider: str, event: str, *, at: int | None = None) -> Strategy:
    """Payloads of an event that its schema allows. `at` is their time (nanoseconds; default: when this is called).

    Raises UnknownName, KeyError for an event that the provider does not have.
    """
    loaded = catalogue.load(provider)
    return _of(tree(loaded.events[event]), time.time_ns() if at is None else at)


def deliveries(provider: str, event: str, *, secret: str | None = None, at: int | None = None) -> Strategy:
    """Deliveries of an event, signed with the secret (default: the documented test secret)."""
    loaded = catalogue.load(provider)
    secrets = Secrets(loaded.test_secret, loaded.test_secrets) if secret is None else Secrets(secret)
    vendor = Vendor(loaded, secrets)

    def deliver(document: Json) -> Delivery:
        return vendor.deliver(loaded.events[event], document)

    return payloads(provider, event, at=at).map(deliver)


def _of(node: Node, at: int) -> Strategy:
    """The strategy of a node: the tree that the compiled generator is made from, drawn by Hypothesis."""
    if node.role in CONSTANT_ROLES and node.examples:
        return st.just(node.examples[0])
    if node.role == "time" and (form := time_form(node)) is not None:
        return st.just(times.like(form, at))
    if isinstance(node, Constants):
        return st.sampled_from(node.values)
    if isinstance(node, Text):
        return _text(node)
    if isinstance(node, Number):
        return _number(node)
    if isinstance(node, Array):
        most = _MOST_ITEMS if node.most is None else node.most
        return st.lists(_of(node.items, at), min_size=node.fewest, max_size=max(node.fewest, most))
    if isinstance(node, Union):
        return st.one_of([_of(branch, at) for branch in node.branches])
    if isinstance(node, Object):
        return _object(node, at)
    assert isinstance(node, Anything)
    return st.sampled_from(_anything())


def _text(node: Text) -> Strategy:
    """Texts: the documented ones, those of the generator's pool, and where nothing binds them any text."""
    rule = TextRule.of(node)
    pool = pools.texts(rule)
    ready = sorted({json.loads(text) for text in (*pool.edges, *pool.wide)}, key=lambda text: (len(text), text))
    known: list[Strategy] = [st.sampled_from(node.documented)] if node.documented else []
    if not rule.free:
        return st.one_of(*known, st.sampled_from(ready))
    longest = max(rule.shortest, _LONGEST if rule.longest is None else min(rule.longest, _LONGEST))
    characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    return st.one_of(*known, st.text(characters, min_size=rule.shortest, max_size=longest), st.sampled_from(ready))


def _number(node: Number) -> Strategy:
    form = time_form(node) if node.role in ("time", "moment") else None
    if form is not None or node.schema.get("multipleOf"):
        values = [json.loads(value) for value in pools.numbers(node)]
        return st.sampled_from(sorted(set(values)))
    if node.whole:
        least = None if node.least is None else int(-(-node.least // 1))
        most = 2**53 - 1 if node.most is None else int(node.most // 1)
        return st.integers(min_value=0 if least is None else least, max_value=most)
    return st.floats(min_value=node.least, max_value=node.most, allow_nan=False, allow_infinity=False)


def _object(node: Object, at: int) -> Strategy:
    required = {member.key: _of(member.node, at) for member in node.members if member.required}
    optional = {member.key: _of(member.node, at) for member in node.members if not member.required}
    described = st.fixed_dictionaries(required, optional=optional)
    if node.others is None:
        return described
    names = [name for name in pools.NAMES if name not in node.taken]
    more = st.dictionaries(st.sampled_from(names), _of(node.others, at), max_size=2)
    return st.tuples(described, more).map(lambda both: {**both[1], **both[0]})


@lru_cache(maxsize=1)
def _anything() -> Sequence[Json]:
    """JSON of any kind, the shortest first."""
    return [json.loads(text) for text in sorted(set(pools.anything()), key=lambda text: (len(text), text))]
