"""Tokens of a body that are at another place, or there twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from hookassay.conformance.check import Expectation
from hookassay.conformance.fuzz.draft import Draft
from hookassay.conformance.fuzz.mutations.mutation import CALM, Change, Mutation, table
from hookassay.mockserver.emission.mutation.token import last_changed
from hookassay.mockserver.emission.secret import SecretText, Span
from hookassay.mockserver.emission.spelling import write
from hookassay.mockserver.emission.vendor import LEFT_OUT
from hookassay.schemas import members
from hookassay.schemas.contract import Json

_Document = dict[str, Json]
_Place = Callable[[Draft, _Document, str, str], "Draft | None"]
"""From a draft, its document without the token, the token's name and the token."""


def of_token() -> Iterator[Mutation]:
    """The right token where nobody looks for it; beside a wrong one. Parsers take the first or the last."""
    yield from table(
        "auth",
        Expectation("refused", "should"),
        {
            "other-place-query": _moved(_into_query),
            "other-place-header": _moved(_into_header("X-Token")),
            "other-place-bearer": _moved(_into_header("Authorization", "Bearer ")),
            "other-place-inner-member": _moved(_into_member),
        },
    )
    yield from table(
        "auth",
        CALM,
        {
            "other-place-capitalised": _moved(_renamed(str.capitalize)),
            "other-place-capitals": _moved(_renamed(str.upper)),
            "twice-wrong-first": _twice(wrong_first=True),
            "twice-right-first": _twice(wrong_first=False),
        },
    )


def _moved(place: _Place) -> Change:
    def change(draft: Draft) -> Draft | None:
        if not isinstance(draft.document, dict):
            return None
        without = draft.vendor.with_token(draft.event, draft.document, LEFT_OUT)
        name = members.tokens(draft.vendor.token_pointer(draft.event))[-1]
        return place(draft, without, name, draft.vendor.secret_of(draft.event, draft.document))

    return change


def _into_query(draft: Draft, document: _Document, name: str, token: str) -> Draft | None:
    if not token.isalnum():
        return None
    span = Span(len(name) + 1, len(name) + 1 + len(token))
    return replace(draft.with_body(write(document)), query=f"{name}={token}", secrets={"query": (span,)})


def _into_header(header: str, before: str = "") -> _Place:
    def place(draft: Draft, document: _Document, name: str, token: str) -> Draft | None:
        if not (token.isascii() and token.isprintable()):
            return None
        span = Span(len(before), len(before) + len(token))
        moved = draft.with_body(write(document)).with_headers((header, before + token))
        return replace(moved, secrets={header: (span,)})

    return place


def _into_member(draft: Draft, document: _Document, name: str, token: str) -> Draft | None:
    inner = next((key for key, value in document.items() if isinstance(value, dict)), "payload")
    there = document.get(inner)
    filled = {**(there if isinstance(there, dict) else {}), name: SecretText(token)}
    return draft.with_body(write({**document, inner: filled}))


def _renamed(change: Callable[[str], str]) -> _Place:
    def place(draft: Draft, document: _Document, name: str, token: str) -> Draft | None:
        return draft.with_body(write({**document, change(name): SecretText(token)})) if change(name) != name else None

    return place


def _twice(wrong_first: bool) -> Change:
    """A second token, of nobody, before the right one or behind it."""

    def change(draft: Draft) -> Draft | None:
        pointer = draft.vendor.token_pointer(draft.event)
        if pointer.count("/") != 1 or not isinstance(draft.document, dict):
            return None
        wrong = last_changed(draft.vendor.secret_of(draft.event, draft.document))
        second = write({members.tokens(pointer)[-1]: SecretText(wrong)})
        member, size = second.data[1:-1], len(draft.body.data)
        at, behind = (1, len(member) + 1) if wrong_first else (size - 1, size + len(member))
        added = member + b"," if wrong_first else b"," + member
        body = draft.body.splice(at, at, added)
        start = behind - (len(second.data) - 1 - second.secrets[0].start)
        span = Span(start, start + second.secrets[0].end - second.secrets[0].start)
        return draft.with_body(replace(body, secrets=tuple(sorted((*body.secrets, span), key=lambda s: s.start))))

    return change
