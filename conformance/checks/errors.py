"""Errors: whatever comes, the receiver refuses it or takes it calmly, shows nothing of its inside, and works on."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import replace

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import CALM, Case, Cases, Expectation, Step
from hookassay.conformance.checks.payload import label
from hookassay.mockserver.emission import overrides
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.mutation import member as members_mutation
from hookassay.mockserver.emission.mutation import notjson
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.mockserver.emission.spelling import Body, write
from hookassay.mockserver.emission.vendor import Headers
from hookassay.schemas import members
from hookassay.schemas.contract import Event, Json, Level
from hookassay.schemas.members import Member

_REFUSED = Expectation("refused", "should")


def _unsigned(signer: object, body: bytes) -> Headers:
    return ()


def _ways(bench: Bench) -> tuple[tuple[str, bool], ...]:
    """Rightly signed, so that the error is what is tested, and unsigned too, where the provider signs."""
    return (("", True), ("unsigned", False)) if bench.kind == "hmac-header" else (("", True),)


def _with_body(bench: Bench, make: Callable[[Body], Body], signed: bool, **more: Json) -> Delivery:
    """A delivery whose body is made from that of a right one (the token still in it, where there is one)."""
    event = bench.carrier
    document = bench.document()
    if bench.kind == "body-token":
        document = bench.vendor.with_token(event, document)
    body = make(write(document))
    return bench.vendor.deliver(event, {}, body=body, forge=None if signed else _unsigned, **more)


def _bodies(
    changes: dict[str, Callable[[Body], Body]],
    expect: Expectation,
    level: Level = "must",
    unsigned: tuple[str, ...] = (),
) -> Cases:
    """A case of each body; those named in `unsigned` also without a signature, where the provider signs."""

    def cases(bench: Bench) -> Iterator[Case]:
        for name, change in changes.items():
            for suffix, signed in _ways(bench):
                if not signed and name not in unsigned:
                    continue

                def plan(bench: Bench, change: Callable[[Body], Body] = change, signed: bool = signed) -> list[Step]:
                    return [Step(_with_body(bench, change, signed), expect)]

                yield Case(f"{name},{suffix}" if suffix else name, plan, lambda bench: bench.right(), level=level)

    return cases


_NOT_OBJECTS = {name: (lambda body, data=data: Body(data)) for name, data in notjson.NOT_AN_OBJECT.items()}  # type: ignore[misc]
_UNSIGNED = (
    "truncated",
    "empty",
    "blanks",
    "invalid-utf-8",
    "utf-16",
    "word",
    "nuls",
    "form",
    "deep-arrays-100000",
    "huge-integer",
    "long-text",
)
"""What may break a receiver before it looks at the signature."""
_PLAINLY_NO_JSON = ("truncated", "word", "empty", "blanks", "single-quotes", "one-brace", "xml")
_PLAINLY_NO_EVENT = ("array", "string", "number", "null", "true", "empty-object")


def _missing(bench: Bench) -> Iterator[Case]:
    """Every required member left out, one at a time; and all of an object's members at once."""
    for event in bench.events:
        for member in _kinds(event):
            if (
                member.required
                and not member.pointer.rpartition("/")[2].isdigit()
                and member.pointer != bench.provider.authentication.pointer
            ):
                yield _calm_case(event, label(member.pointer), {"": Overrides(remove=(member.pointer,))})
            if isinstance(member.value, dict) and member.value and member.pointer:
                yield _calm_case(event, f"{label(member.pointer)}.all", {"": Overrides({member.pointer: {}})})
        yield _calm_case(
            event,
            "all-but-type",
            {
                "": Overrides(
                    remove=tuple(
                        f"/{members.escape(name)}" for name in event.full.document if name not in _kept(bench, event)
                    )
                )
            },
        )


def _kept(bench: Bench, event: Event) -> set[str]:
    return {event.name_member or "", bench.provider.authentication.pointer.removeprefix("/")}


def _wrong_types(bench: Bench) -> Iterator[Case]:
    for event in bench.events:
        for member in _kinds(event):
            if not member.pointer or member.pointer == bench.provider.authentication.pointer:
                continue
            values = members_mutation.wrong_values(member)
            if values:
                yield _calm_case(
                    event,
                    label(member.pointer),
                    {name: Overrides({member.pointer: value}) for name, value in values.items()},
                )


def _kinds(event: Event) -> Iterator[Member]:
    """The members of an event's examples, each place once (all items of an array are one place)."""
    seen: set[tuple[str, str]] = set()
    for member in event.walked["full"]:
        place = (
            "/".join("*" if token.isdigit() else token for token in member.pointer.split("/")),
            type(member.value).__name__,
        )
        if place not in seen:
            seen.add(place)
            yield member


def _calm_case(event: Event, name: str, variants: dict[str, Overrides]) -> Case:
    """One case of several deliveries of an event, each changed in one way; then one twin for all."""

    def plan(bench: Bench) -> list[Step]:
        steps = []
        for variant, changes in variants.items():
            document = bench.vendor.document(event, "full", changes, valid=False)
            steps.append(Step(bench.vendor.deliver(event, document), CALM, variant))
        return steps

    return Case(f"{event.name},{name}", plan, lambda bench: bench.right(), rests_on=(event.name, "full"))


# wrapping

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


def _with_headers(*headers: tuple[str, str], without: tuple[str, ...] = ()) -> Callable[[Bench, bool], Delivery]:
    return lambda bench, signed: _with_body(bench, lambda body: body, signed, headers=headers, without=without)


def _content_types(bench: Bench) -> Iterator[Case]:
    for name, values in _TYPES.items():
        yield from _wrapped(
            bench, name, _with_headers(*(("Content-Type", value) for value in values), without=("content-type",))
        )


def _wrapped(bench: Bench, name: str, make: Callable[[Bench, bool], Delivery]) -> Iterator[Case]:
    """Signed and unsigned, in one case: both only have to be met calmly."""

    def plan(bench: Bench) -> list[Step]:
        return [Step(make(bench, signed), CALM, suffix) for suffix, signed in _ways(bench)]

    yield Case(name, plan, lambda bench: bench.right())


def _charsets(bench: Bench) -> Iterator[Case]:
    for name, value in _CHARSETS.items():

        def plan(bench: Bench, value: str = value) -> list[Step]:
            return [Step(bench.right(headers=(("Content-Type", value),)), Expectation("taken", "should"))]

        yield Case(name, plan, level="should")


def _forms(bench: Bench) -> Iterator[Case]:
    boundary = "hookassay"
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="payload"\r\nContent-Type: application/json\r\n\r\n'.encode()
    makes: dict[str, tuple[str, Callable[[Body], Body]]] = {
        "urlencoded": (
            "application/x-www-form-urlencoded",
            lambda body: Body(b"payload=" + body.data.hex().encode() + b"&a=1&a=2&b[]=%"),
        ),
        "urlencoded-bad-escapes": ("application/x-www-form-urlencoded", lambda body: Body(b"a=%zz&%=%&&&==&b")),
        "multipart": (
            f"multipart/form-data; boundary={boundary}",
            lambda body: body.surround(part, f"\r\n--{boundary}--\r\n".encode()),
        ),
        "multipart-unclosed": (f"multipart/form-data; boundary={boundary}", lambda body: body.surround(part)),
    }
    for name, (content_type, change) in makes.items():

        def make(
            bench: Bench, signed: bool, content_type: str = content_type, change: Callable[[Body], Body] = change
        ) -> Delivery:
            return _with_body(bench, change, signed, headers=(("Content-Type", content_type),))

        yield from _wrapped(bench, name, make)


def _methods(bench: Bench) -> Iterator[Case]:
    for method in ("GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"):
        if method == bench.provider.method:
            continue
        harmless = method in ("GET", "HEAD", "OPTIONS", "TRACE")

        def plan(bench: Bench, method: str = method, harmless: bool = harmless) -> list[Step]:
            empty = replace(_with_body(bench, lambda body: Body(b""), True), method=method)
            whole = bench.right(method=method)
            return [
                Step(empty, CALM, f"{method} without a body"),
                Step(whole, CALM if harmless else _REFUSED, f"{method} with an event"),
            ]

        yield Case(method, plan, lambda bench: bench.right(), level="must" if harmless else "should")


def _codings(bench: Bench) -> Iterator[Case]:
    packed: Callable[[Body], Body] = lambda body: body.whole(gzip.compress(body.data, mtime=0))  # noqa: E731 - one line says it
    makes: dict[str, tuple[Headers, Callable[[Body], Body]]] = {
        "gzip-announced": ((("Content-Encoding", "gzip"),), packed),
        "gzip-unannounced": ((), packed),
        "gzip-lie": ((("Content-Encoding", "gzip"),), lambda body: body),
        "unknown-coding": ((("Content-Encoding", "hookassay"),), lambda body: body),
        "identity": ((("Content-Encoding", "identity"),), lambda body: body),
    }
    for name, (headers, change) in makes.items():

        def make(
            bench: Bench, signed: bool, headers: Headers = headers, change: Callable[[Body], Body] = change
        ) -> Delivery:
            return _with_body(bench, change, signed, headers=headers)

        yield from _wrapped(bench, name, make)


def _queries(bench: Bench) -> Iterator[Case]:
    for name, query in {
        "ordinary": "a=1&b=%EC%95%88%EB%85%95",
        "repeated": "type=x&type=y&type[]=z",
        "bad-escapes": "a=%zz&%&=&&",
        "not-utf-8": "a=%ff%fe",
        "long": "q=" + "a" * 4000,
        "markup": "q=%3Cscript%3Ealert(1)%3C/script%3E&path=../../etc/passwd&x=%00",
    }.items():

        def plan(bench: Bench, query: str = query) -> list[Step]:
            return [Step(replace(bench.right(), query=query), CALM)]

        yield Case(name, plan, lambda bench: bench.right())


def _headers(bench: Bench) -> Iterator[Case]:
    for name, headers in {
        "many": tuple((f"X-Hookassay-{n}", "1") for n in range(60)),
        "long-value": (("X-Hookassay", "a" * 6000),),
        "empty-value": (("X-Hookassay", ""),),
        "not-ascii": (("X-Hookassay", "caf\xe9 \xec\x95\x88"),),
        "accept-nothing": (("Accept", "application/x-nothing"),),
        "accept-garbage": (("Accept", ";;q=a,,/"), ("Accept-Language", "xx;q=z"), ("Accept-Charset", "none")),
        "range": (("Range", "bytes=0-1"), ("If-Match", '"x"'), ("If-Modified-Since", "never")),
        "cookies": (("Cookie", "a=\xff; =; session=" + "x" * 500 + "; ;;"),),
        "authorization-garbage": (("Authorization", "Basic !!!\xe9"),),
    }.items():

        def plan(bench: Bench, headers: Headers = headers) -> list[Step]:
            delivery = bench.right()
            return [Step(delivery.with_headers(*headers), CALM)]

        if name != "authorization-garbage" or bench.target.credentials is None:
            yield Case(name, plan, lambda bench: bench.right())


# what is shown

_PROVOKED: dict[str, Callable[[Body], Body]] = {
    "truncated": notjson.NOT_JSON["truncated"],
    "empty": notjson.NOT_JSON["empty"],
    "invalid-utf-8": notjson.NOT_JSON["invalid-utf-8"],
    "array": lambda body: Body(b"[]"),
    "null": lambda body: Body(b"null"),
    "text": lambda body: Body(b'"x"'),
    "number": lambda body: Body(b"1"),
    "empty-object": lambda body: Body(b"{}"),
    "wrong-types": lambda body: Body(_all_wrong(body)),
    "nulls": lambda body: Body(_all_wrong(body, null=True)),
    "deep": notjson.HOSTILE["deep-arrays-20000"],
    "lone-surrogate": notjson.HOSTILE["lone-surrogate"],
    "huge-integer": notjson.HOSTILE["huge-integer"],
}


def _all_wrong(body: Body, null: bool = False) -> bytes:
    import json

    document = json.loads(body.data)
    wrong = {
        key: value if isinstance(value, str) else None if null else [value] if isinstance(value, dict) else {}
        for key, value in document.items()
    }
    return json.dumps(wrong).encode()


def _no_internals(bench: Bench) -> Iterator[Case]:
    """What shows the inside where anything does; beside these, the judge looks at every answer of the run."""
    for name, change in _PROVOKED.items():
        for suffix, signed in _ways(bench):

            def plan(bench: Bench, change: Callable[[Body], Body] = change, signed: bool = signed) -> list[Step]:
                return [Step(_with_body(bench, change, signed), Expectation("calm", no_internals=True))]

            yield Case(f"{name},{suffix}" if suffix else name, plan, lambda bench: bench.right())
    wrapped: dict[str, Callable[[Bench], Delivery]] = {
        "text-plain": lambda bench: bench.right(headers=(("Content-Type", "text/plain"),)),
        "multipart": lambda bench: bench.right(headers=(("Content-Type", "multipart/form-data; boundary=x"),)),
        "get": lambda bench: bench.right(method="GET"),
        "put": lambda bench: bench.right(method="PUT"),
        "other-path": lambda bench: replace(bench.right(), path="/hookassay-no-such-path"),
        "event-missing-members": lambda bench: bench.vendor.deliver(
            bench.carrier,
            overrides.apply(
                bench.document(),
                Overrides(
                    remove=tuple(
                        f"/{members.escape(name)}"
                        for name in bench.carrier.full.document
                        if name not in _kept(bench, bench.carrier)
                    )
                ),
            ),
        ),
    }
    for name, make in wrapped.items():

        def wrapped_plan(bench: Bench, make: Callable[[Bench], Delivery] = make) -> list[Step]:
            return [Step(make(bench), Expectation("calm", no_internals=True))]

        yield Case(name, wrapped_plan, lambda bench: bench.right())


def _markup(bench: Bench) -> Iterator[Case]:
    markup = "<script>alert(1)</script><img src=x onerror=alert(2)>"

    def plan(bench: Bench) -> list[Step]:
        event = bench.carrier
        found = event.walked[bench.carrier_example]
        changes = Overrides({m.pointer: markup for m in found if m.role == "text" and isinstance(m.value, str)})
        document = {**bench.document(event, "", changes, valid=False), "hookassay_extra": markup}
        return [Step(bench.vendor.deliver(event, document), Expectation("calm", "should", no_markup=markup))]

    yield Case("event-with-markup", plan, lambda bench: bench.right(), level="should")


CASES: dict[str, Cases] = {
    "not-json": _bodies(notjson.NOT_JSON, CALM, unsigned=_UNSIGNED),
    "not-an-object": _bodies(_NOT_OBJECTS, CALM, unsigned=("array", "null", "string", "empty-object")),
    "missing": _missing,
    "wrong-type": _wrong_types,
    "hostile-json": _bodies(notjson.HOSTILE, CALM, unsigned=_UNSIGNED),
    "content-type": _content_types,
    "form": _forms,
    "method": _methods,
    "coding": _codings,
    "query": _queries,
    "headers": _headers,
    "no-internals": _no_internals,
    "refuses-not-json": _bodies({name: notjson.NOT_JSON[name] for name in _PLAINLY_NO_JSON}, _REFUSED, "should"),
    "refuses-not-an-object": _bodies({name: _NOT_OBJECTS[name] for name in _PLAINLY_NO_EVENT}, _REFUSED, "should"),
    "charset": _charsets,
    "markup": _markup,
}
"""Check → its cases; the records stand in `errors.toml`."""
