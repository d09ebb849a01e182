"""The request around the body: content types, forms, methods, codings, queries, headers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import CALM, Case, Expectation, Step, one
from hookassay.conformance.checks.errors.changed import Change, as_it_is, changed, ways
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.packing import packed
from hookassay.mockserver.emission.spelling import Body
from hookassay.mockserver.emission.vendor import Headers


def _both(name: str, make: Callable[[Bench, bool], Delivery]) -> Case:
    """Signed and unsigned, in one case: both only have to be met calmly."""

    def plan(bench: Bench) -> list[Step]:
        return [Step(make(bench, signed), CALM, suffix) for suffix, signed in ways(bench)]

    return Case(name, plan)


_TYPES: dict[str, tuple[str, ...]] = {
    "text-plain": ("text/plain",),
    "text-html": ("text/html",),
    "octet-stream": ("application/octet-stream",),
    "xml": ("application/xml",),
    "form": ("application/x-www-form-urlencoded",),
    "multipart": ("multipart/form-data; boundary=x",),
    "multipart-no-boundary": ("multipart/form-data",),
    "vendor-json": ("application/vnd.api+json",),
    "none": (),
    "empty": ("",),
    "garbage": (";;;===///",),
    "long": ("application/json; x=" + "a" * 2000,),
    "twice": ("application/json", "text/plain"),
    "unknown-charset": ("application/json; charset=x-unknown-9",),
    "euc-kr": ("application/json; charset=euc-kr",),
    "utf-16": ("application/json; charset=utf-16",),
}
_CHARSETS = {
    "charset": "application/json; charset=utf-8",
    "charset-capitals": "application/json; charset=UTF-8",
    "charset-quoted": 'application/json; charset="utf-8"',
    "no-blank": "application/json;charset=utf-8",
    "capitals": "Application/JSON; charset=UTF-8",
}


def content_types(bench: Bench) -> Iterator[Case]:
    """An event that calls itself something else, or nothing."""
    for name, values in _TYPES.items():
        headers = tuple(("Content-Type", value) for value in values)

        def make(bench: Bench, signed: bool, headers: Headers = headers) -> Delivery:
            return changed(bench, as_it_is, signed, headers, without=("content-type",))

        yield _both(name, make)


def charsets(bench: Bench) -> Iterator[Case]:
    """JSON, announced in the ways that clients have."""
    for name, value in _CHARSETS.items():
        make = partial(Bench.right, headers=(("Content-Type", value),))
        yield Case(name, one(make, Expectation("taken", "should")), level="should")


_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data; boundary=hookassay"
_PART = b'--hookassay\r\nContent-Disposition: form-data; name="payload"\r\nContent-Type: application/json\r\n\r\n'
_FORMS: dict[str, tuple[str, Change]] = {
    "urlencoded": (_URLENCODED, lambda body: Body(b"payload=" + body.data.hex().encode() + b"&a=1&a=2&b[]=%")),
    "urlencoded-bad-escapes": (_URLENCODED, lambda body: Body(b"a=%zz&%=%&&&==&b")),
    "multipart": (_MULTIPART, lambda body: body.surround(_PART, b"\r\n--hookassay--\r\n")),
    "multipart-unclosed": (_MULTIPART, lambda body: body.surround(_PART)),
}


def forms(bench: Bench) -> Iterator[Case]:
    """HTML forms, whole and broken."""
    for name, (content_type, change) in _FORMS.items():
        headers = (("Content-Type", content_type),)

        def make(bench: Bench, signed: bool, change: Change = change, headers: Headers = headers) -> Delivery:
            return changed(bench, change, signed, headers)

        yield _both(name, make)


def _packed(body: Body) -> Body:
    return body.whole(packed(body.data))


_CODINGS: dict[str, tuple[Headers, Change]] = {
    "gzip-announced": ((("Content-Encoding", "gzip"),), _packed),
    "gzip-unannounced": ((), _packed),
    "gzip-lie": ((("Content-Encoding", "gzip"),), as_it_is),
    "unknown-coding": ((("Content-Encoding", "hookassay"),), as_it_is),
    "identity": ((("Content-Encoding", "identity"),), as_it_is),
}


def codings(bench: Bench) -> Iterator[Case]:
    """Bodies that are packed, or say so."""
    for name, (headers, change) in _CODINGS.items():

        def make(bench: Bench, signed: bool, change: Change = change, headers: Headers = headers) -> Delivery:
            return changed(bench, change, signed, headers)

        yield _both(name, make)


_METHODS = ("GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW")
_HARMLESS = ("GET", "HEAD", "OPTIONS", "TRACE")
"""Methods of which nobody expects that they change anything; an answer of 200 to them is no event taken."""


def methods(bench: Bench) -> Iterator[Case]:
    """Other methods than the vendor's, with and without an event."""
    for method in _METHODS:
        if method != bench.provider.method:
            level = Expectation("calm") if method in _HARMLESS else Expectation("refused", "should")
            yield Case(method, partial(_by, method=method, expect=level), level=level.level)


def _by(bench: Bench, method: str, expect: Expectation) -> list[Step]:
    empty = changed(bench, lambda body: Body(b""), method=method)
    return [
        Step(empty, CALM, f"{method} without a body"),
        Step(bench.right(method=method), expect, f"{method} with an event"),
    ]


_QUERIES = {
    "ordinary": "a=1&b=%EC%95%88%EB%85%95",
    "repeated": "type=x&type=y&type[]=z",
    "bad-escapes": "a=%zz&%&=&&",
    "not-utf-8": "a=%ff%fe",
    "long": "q=" + "a" * 4000,
    "markup": "q=%3Cscript%3Ealert(1)%3C/script%3E&path=../../etc/passwd&x=%00",
}


def queries(bench: Bench) -> Iterator[Case]:
    """Queries behind the address."""
    for name, query in _QUERIES.items():
        yield Case(name, one(partial(_asked, query=query), CALM))


def _asked(bench: Bench, query: str) -> Delivery:
    return replace(bench.right(), query=query)


_HEADERS: dict[str, Headers] = {
    "many": tuple((f"X-Hookassay-{n}", "1") for n in range(60)),
    "long-value": (("X-Hookassay", "a" * 6000),),
    "empty-value": (("X-Hookassay", ""),),
    "not-ascii": (("X-Hookassay", "caf\xe9 \xec\x95\x88"),),
    "accept-nothing": (("Accept", "application/x-nothing"),),
    "accept-garbage": (("Accept", ";;q=a,,/"), ("Accept-Language", "xx;q=z"), ("Accept-Charset", "none")),
    "range": (("Range", "bytes=0-1"), ("If-Match", '"x"'), ("If-Modified-Since", "never")),
    "cookies": (("Cookie", "a=\xff; =; session=" + "x" * 500 + "; ;;"),),
    "authorization-garbage": (("Authorization", "Basic !!!\xe9"),),
}


def headers(bench: Bench) -> Iterator[Case]:
    """Headers that no vendor sends, but that a proxy or a stranger may add."""
    for name, added in _HEADERS.items():
        if name != "authorization-garbage" or bench.target.credentials is None:
            yield Case(name, one(partial(_with, added=added), CALM))


def _with(bench: Bench, added: Headers) -> Delivery:
    return bench.right().with_headers(*added)
