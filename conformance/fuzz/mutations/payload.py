"""Payloads that are unusual, though the contract allows them, and hostile ones.

What the schema forbids is the generator's (`generation.sites`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from hookassay.conformance.check import Expectation
from hookassay.conformance.fuzz.draft import Draft
from hookassay.conformance.fuzz.mutations.mutation import CALM, TAKEN, TAKEN_IF_WELL_MADE, Mutation, table
from hookassay.mockserver.emission.generation.pools import TextRule
from hookassay.mockserver.emission.mutation import text
from hookassay.mockserver.emission.mutation.notjson import FOR_LONG_RUNS, HOSTILE
from hookassay.mockserver.emission.spelling import Body, write
from hookassay.mockserver.emission.vendor import Vendor
from hookassay.schemas import members
from hookassay.schemas.contract import Event, Json

_EXTRA: dict[str, Any] = {
    "text": "x",
    "null": None,
    "number": 1.5,
    "object": {"hookassay": {"a": [1, {"b": None}]}},
    "array": [[], {}, [1, "2"]],
    "korean-key": "확장",
}
_LONG = 10_000
"""Characters of the longest text, where the contract has no limit: what every receiver takes (docs/checks.md)."""

_MARKUP = text.TAKEN["html"]
_NOT_AS_A_PAGE = Expectation("calm", "should", no_markup=_MARKUP)

_RARE = {"long-text-10-MB": 16}
"""Every so many times: it costs as much as ten thousand others."""


def of_event(vendor: Vendor, event: Event) -> Iterator[Mutation]:
    """The mutations of payloads beside the schema's sites."""
    yield from table("payload", TAKEN, {f"extra-{name}": _extra(name) for name in _EXTRA})
    texts = {f"unicode-{name}": partial(_text, value=value) for name, value in text.TAKEN.items()}
    yield from table("payload", TAKEN, texts)
    yield from table("payload", TAKEN_IF_WELL_MADE, {"empty-string": partial(_text, value="")})
    yield Mutation("payload", "markup", _NOT_AS_A_PAGE, partial(_text, value=_MARKUP))
    calm = {f"unicode-{name}": partial(_text, value=value) for name, value in text.CALM.items()}
    yield from table("payload", CALM, calm)
    yield from table("payload", TAKEN_IF_WELL_MADE, {"unknown-enum-open": _unknown})
    yield from table("payload", TAKEN, {"max-length": _longest, "reordered": _reordered})
    hostile = {**HOSTILE, **FOR_LONG_RUNS}
    yield from table("payload", CALM, {name: _changed(change, _RARE.get(name, 1)) for name, change in hostile.items()})


def _extra(name: str) -> Callable[[Draft], Draft | None]:
    key = "확장 멤버" if name == "korean-key" else "hookassay_extra"

    def change(draft: Draft) -> Draft | None:
        if not isinstance(draft.document, dict):
            return None
        return rewritten(draft, {**draft.document, key: _EXTRA[name]})

    return change


def _text(draft: Draft, value: str) -> Draft | None:
    """Another text in one of the members that people type."""
    typed = draft.generator.typed
    return replaced(draft, [node.pointer for node in typed if TextRule.of(node).keeps(value)], value)


def _longest(draft: Draft) -> Draft | None:
    """The longest text that the contract allows in one of the members that people type."""
    typed = [node for node in draft.generator.typed if TextRule.of(node).free]
    if not typed:
        return None
    node = typed[draft.word % len(typed)]
    return replaced(draft, [node.pointer], "가" * min(node.longest or _LONG, _LONG))


def _reordered(draft: Draft) -> Draft | None:
    """The members of every object in the opposite order: JSON knows none (RFC 8259 section 1)."""
    return rewritten(draft, _backwards(draft.document)) if isinstance(draft.document, dict) else None


def _backwards(document: Json) -> Any:
    if isinstance(document, dict):
        return {name: _backwards(value) for name, value in reversed(document.items())}
    return [_backwards(value) for value in document] if isinstance(document, list) else document


def _unknown(draft: Draft) -> Draft | None:
    """A value that is not documented, where the contract says that there may be more."""
    return replaced(draft, draft.generator.open_values, "hookassay_unknown")


def replaced(draft: Draft, pointers: Sequence[str], value: str) -> Draft | None:
    """Another text in one of the places that hold a text."""
    document = json.loads(draft.body.data)
    places = [pointer for pointer in pointers if _is_text(document, pointer)]
    if not places:
        return None
    *parents, last = members.tokens(places[draft.word % len(places)])
    node = document
    for token in parents:
        node = node[int(token)] if isinstance(node, list) else node[token]
    node[int(last) if isinstance(node, list) else last] = value
    return rewritten(draft, document)


def _is_text(document: Any, pointer: str) -> bool:
    try:
        return isinstance(members.lookup(document, pointer), str)
    except KeyError:
        return False


def rewritten(draft: Draft, document: Any) -> Draft:
    """The draft with another document, its token in place."""
    if draft.vendor.token_pointer(draft.event) and isinstance(document, dict):
        document = draft.vendor.with_token(draft.event, document)
    return draft.with_body(write(document))


def _changed(change: Callable[[Body], Body], every: int) -> Callable[[Draft], Draft | None]:
    return lambda draft: None if (draft.word >> 8) % every else draft.with_body(change(draft.body))
