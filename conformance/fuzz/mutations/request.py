"""The request around the body: headers, methods, queries, and how its bytes travel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

from hookassay.conformance.fuzz.draft import Draft
from hookassay.conformance.fuzz.mutations.mutation import CALM, TAKEN, TAKEN_IF_WELL_MADE, Mutation, table
from hookassay.mockserver.emission.delivery import Framing
from hookassay.mockserver.emission.packing import packed

_TYPES = {
    "content-type-absent": (),
    "content-type-empty": ("",),
    "content-type-text": ("text/plain",),
    "content-type-form": ("application/x-www-form-urlencoded",),
    "content-type-multipart": ("multipart/form-data; boundary=x",),
    "content-type-garbage": (";;;===///",),
    "content-type-other-charset": ("application/json; charset=euc-kr",),
    "content-type-unknown-charset": ("application/json; charset=x-unknown-9",),
    "content-type-twice": ("application/json", "text/plain"),
    "content-type-suffix": ("application/vnd.hookassay+json",),
    "content-type-case": ("APPLICATION/JSON",),
}
HARMLESS = (*_TYPES, "forwarded", "query")
"""What a forgery may carry too, and is one nevertheless."""

_METHODS = ("GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW")
_HEADERS: dict[str, tuple[tuple[str, str], ...]] = {
    "many": tuple((f"X-Hookassay-{number}", "x") for number in range(90)),
    "long": (("X-Hookassay", "a" * 20_000),),
    "empty-value": (("X-Hookassay", ""),),
    "non-ascii": (("X-Hookassay", "안녕".encode().decode("latin-1")),),
    "accept": (("Accept", "text/html;q=0.1, application/xml;q=0.9"),),
    "te": (("TE", "trailers, deflate;q=0.5"),),
    "unknown-coding": (("Content-Encoding", "hookassay"),),
    "content-encoding-lie": (("Content-Encoding", "gzip"),),
    "forwarded": (("X-Forwarded-For", "127.0.0.1, ::1"), ("X-Forwarded-Proto", "gopher")),
    "method-override": (("X-HTTP-Method-Override", "DELETE"),),
    "range": (("Range", "bytes=0-0"),),
    "cookie": (("Cookie", "=; a; \x80=1"),),
    "blanks-around": (("X-Hookassay", "   x \t "),),
    "same-twice": (("X-Hookassay", "1"), ("x-hookassay", "2"), ("X-Hookassay", "")),
    "accept-encoding": (("Accept-Encoding", "br;q=1.0, gzip;q=0, *;q=0.5, ;;"),),
    "expect-unknown": (("Expect", "200-maybe"),),
    "authorization-garbage": (("Authorization", "Basic \xff=="),),
    "host-other": (("Host", "hookassay.invalid"),),
    "host-twice": (("Host", "hookassay.invalid"), ("Host", "localhost")),
    "strange-names": (("!#$%&'*+.^_`|~", "x"), ("__proto__", "x"), ("constructor", "x"), ("x_y.z", "x")),
}
_CHUNKS = 2_000
"""Of a body in tiny chunks, at most: one byte each, unless it is a large one."""

_EXTENSION = ';hookassay;name="a;b"'


def of_headers() -> Iterator[Mutation]:
    """The mutations of headers, method and address."""
    yield from table("headers", CALM, {name: _typed(values) for name, values in _TYPES.items()})
    yield from table("headers", TAKEN_IF_WELL_MADE, {"charset": _typed(("application/json; charset=utf-8",))})
    yield from table("headers", CALM, {name: _with(*headers) for name, headers in _HEADERS.items()})
    yield from table("headers", CALM, {f"method-{name}": _by(name) for name in _METHODS})
    yield from table(
        "headers",
        CALM,
        {
            "gzip": _zipped(packed),
            "gzip-cut": _zipped(lambda data: packed(data)[:-9]),
            "gzip-of-10-MB": _zipped(_swollen),
            "agent-absent": lambda draft: draft.with_headers(without=("user-agent",)),
            "query": lambda draft: replace(draft, query="a=1&a=2&b[]=%25&%EC%95%88=%"),
        },
    )
    yield from table("headers", TAKEN, {"name-case": _other_case})


def of_framing() -> Iterator[Mutation]:
    """The mutations of framing; `conformance.fuzz.campaign` leaves out what HTTP/1.0 receivers cannot know."""
    yield from table(
        "framing",
        TAKEN,
        {"slow": _framed(_slow), "first-byte-alone": _framed(_alone), "split-head": _framed(_in_heads)},
    )
    yield from table(
        "framing",
        TAKEN_IF_WELL_MADE,
        {
            "chunked": _framed(lambda length: Framing(chunked=True, fresh=True)),
            "expect-100": _framed(lambda length: Framing(expect=True, fresh=True)),
            "http-1.0": _framed(lambda length: Framing(version="1.0", fresh=True)),
        },
    )
    yield from table(
        "framing",
        CALM,
        {
            "cut-body": _framed(lambda length: Framing(cut=length // 2, fresh=True)),
            "cut-before-body": _framed(lambda length: Framing(cut=0, fresh=True)),
            "last-byte-missing": _framed(lambda length: Framing(cut=max(0, length - 1), fresh=True)),
            "length-short": _framed(lambda length: Framing(declared=length // 2, fresh=True)),
            "length-long": _framed(lambda length: Framing(declared=length + 10, half_close=True, fresh=True)),
            "two-lengths": _framed(lambda length: Framing(contradicted=length // 2, fresh=True)),
            "length-and-chunked": _framed(lambda length: Framing(chunked=True, declared=length, fresh=True)),
            "tiny-chunks": _framed(lambda length: Framing(chunked=True, chunk=length // _CHUNKS + 1, fresh=True)),
            "chunk-extension": _framed(lambda length: Framing(chunked=True, extension=_EXTENSION, fresh=True)),
            "bare-lf": _framed(lambda length: Framing(bare_lf=True, fresh=True)),
            "half-close": _framed(lambda length: Framing(half_close=True, fresh=True)),
            "pipelined": _framed(lambda length: Framing(copies=2, fresh=True)),
        },
    )


NOT_FOR_HTTP_10 = tuple(
    f"framing.{name}"
    for name in ("chunked", "tiny-chunks", "chunk-extension", "length-and-chunked", "expect-100", "pipelined")
)
"""What is never sent to a receiver that answers HTTP/1.0."""


def _typed(values: tuple[str, ...]) -> Callable[[Draft], Draft | None]:
    headers = tuple(("Content-Type", value) for value in values)
    return lambda draft: draft.with_headers(*headers, without=("content-type",))


def _with(*headers: tuple[str, str]) -> Callable[[Draft], Draft | None]:
    return lambda draft: draft.with_headers(*headers)


def _zipped(compress: Callable[[bytes], bytes]) -> Callable[[Draft], Draft | None]:
    """The body compressed, and announced as such."""

    def change(draft: Draft) -> Draft | None:
        return draft.with_body(draft.body.whole(compress(draft.body.data))).with_headers(("Content-Encoding", "gzip"))

    return change


@cache
def _blanks() -> bytes:
    return packed(b" " * 10_000_000)


def _swollen(data: bytes) -> bytes:
    """Ten megabytes of blanks before the last brace: members of gzip may follow each other (RFC 1952 section 2.2)."""
    return packed(data[:-1]) + _blanks() + packed(data[-1:])


def _by(method: str) -> Callable[[Draft], Draft | None]:
    return lambda draft: None if method == draft.vendor.provider.method else replace(draft, method=method)


def _other_case(draft: Draft) -> Draft | None:
    """The same headers under names in another case (RFC 9110 section 5.1: names have none)."""
    fixed = draft.vendor.headers
    swapped = tuple((name.upper() if draft.word & 1 else name.lower(), value) for name, value in fixed)
    return draft.with_headers(*swapped, without=tuple(name for name, _ in fixed)) if fixed else None


def _framed(framing: Callable[[int], Framing]) -> Callable[[Draft], Draft | None]:
    return lambda draft: draft.with_framing(framing(len(draft.body.data))) if len(draft.body.data) > 1 else None


def _slow(length: int) -> Framing:
    """In eight pieces over a fifth of a second: what a slow network does, at a price that a long run can pay."""
    return Framing(pieces=tuple(length * part // 8 for part in range(1, 8)), pause=0.025, fresh=True)


def _alone(length: int) -> Framing:
    return Framing(pieces=(1,), pause=0.1, fresh=True)


def _in_heads(length: int) -> Framing:
    return Framing(head_pieces=4, pause=0.025, fresh=True)
