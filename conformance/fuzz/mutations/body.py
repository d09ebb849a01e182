"""Bytes of a body that are not what they should be, and the same JSON in other writings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hookassay.conformance.check import Expectation
from hookassay.conformance.checks.errors.bodies import PLAINLY_NO_EVENT, PLAINLY_NO_JSON
from hookassay.conformance.fuzz.draft import Draft
from hookassay.conformance.fuzz.mutations.mutation import (
    CALM,
    REFUSED_IF_WELL_MADE,
    TAKEN,
    TAKEN_IF_WELL_MADE,
    Mutation,
    table,
)
from hookassay.mockserver.emission.mutation import grammar
from hookassay.mockserver.emission.mutation.notjson import NOT_AN_OBJECT, NOT_JSON, duplicated
from hookassay.mockserver.emission.serialisers import SPELLINGS
from hookassay.mockserver.emission.spelling import Body, write

_TOKENS = (b"}", b"{", b"[", b"]", b",", b":", b'"', b"null", b"tru", b"\\u12", b"\x00", b"\xff", b"/**/", b"\xc2\xa0")


def of_body() -> Iterator[Mutation]:
    """The mutations of bytes."""
    yield from table("bytes", TAKEN, {name: _spelled(name) for name in SPELLINGS if name != "compact"})
    for name, change in NOT_JSON.items():
        yield Mutation("bytes", name, _refused_if(name in PLAINLY_NO_JSON), _changed(change))
    for name, data in NOT_AN_OBJECT.items():
        yield Mutation("bytes", f"other-{name}", _refused_if(name in PLAINLY_NO_EVENT), _instead(data))
    yield from table(
        "bytes",
        CALM,
        {
            "bit-flip": _bit_flipped,
            "byte-changed": _byte_changed,
            "cut-anywhere": lambda draft: draft.with_body(draft.body.cut(draft.word % max(1, len(draft.body.data)))),
            "splice": _spliced,
            "token-inserted": _inserted(_TOKENS),
            "duplicate-first": _duplicated(True),
            "duplicate-last": _duplicated(False),
        },
    )
    for name, forms in grammar.families().items():
        yield from table("bytes", TAKEN_IF_WELL_MADE, {f"right-{name}": _opened(forms.right)})
        yield from table("bytes", CALM, {f"wrong-{name}": _opened(forms.wrong)})
        if forms.open:
            yield from table("bytes", CALM, {f"open-{name}": _opened(forms.open)})


def _refused_if(plain: bool) -> Expectation:
    """A well-made receiver refuses what plainly is no event; of the rest nothing is asked but calm."""
    return REFUSED_IF_WELL_MADE if plain else CALM


def _changed(change: Callable[[Body], Body]) -> Callable[[Draft], Draft | None]:
    return lambda draft: draft.with_body(change(draft.body))


def _instead(data: bytes) -> Callable[[Draft], Draft | None]:
    return lambda draft: draft.with_body(Body(data))


def _spelled(name: str) -> Callable[[Draft], Draft | None]:
    """The same JSON as another serialiser writes it."""

    def change(draft: Draft) -> Draft | None:
        document = draft.document
        if draft.vendor.token_pointer(draft.event) and isinstance(document, dict):
            document = draft.vendor.with_token(draft.event, document)
        written = write(document, SPELLINGS[name])
        return None if written.data == draft.body.data else draft.with_body(written)

    return change


def _at(draft: Draft) -> int:
    return (draft.word >> 8) % len(draft.body.data)


def _bit_flipped(draft: Draft) -> Draft | None:
    at = _at(draft)
    byte = draft.body.data[at] ^ (1 << (draft.word & 7))
    return draft.with_body(draft.body.splice(at, at + 1, bytes([byte])))


def _byte_changed(draft: Draft) -> Draft | None:
    at = _at(draft)
    return draft.with_body(draft.body.splice(at, at + 1, bytes([draft.word & 255])))


def _spliced(draft: Draft) -> Draft | None:
    """A stretch of the body once more, somewhere else in it."""
    data = draft.body.data
    start, to = _at(draft), (draft.word >> 32) % len(data)
    return draft.with_body(draft.body.splice(to, to, data[start : start + 1 + (draft.word & 63)]))


def _inserted(pieces: tuple[bytes, ...]) -> Callable[[Draft], Draft | None]:
    def change(draft: Draft) -> Draft | None:
        at = _at(draft)
        return draft.with_body(draft.body.splice(at, at, pieces[draft.word % len(pieces)]))

    return change


def _opened(forms: tuple[bytes, ...]) -> Callable[[Draft], Draft | None]:
    """One of the forms, behind the opening brace."""

    def change(draft: Draft) -> Draft | None:
        if draft.body.data[:1] != b"{":
            return None
        return draft.with_body(draft.body.splice(1, 1, forms[(draft.word >> 8) % len(forms)]))

    return change


def _duplicated(first: bool) -> Callable[[Draft], Draft | None]:
    def change(draft: Draft) -> Draft | None:
        if not isinstance(draft.document, dict) or not draft.document:
            return None
        names = list(draft.document)
        name = names[draft.word % len(names)].encode("utf-8", "surrogatepass")
        if b'"' in name or b"\\" in name:
            return None
        return draft.with_body(duplicated(name, b'"hookassay"', first)(draft.body))

    return change
