"""Signature: a right one is taken over the exact bytes that came, a forged one refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Cases, Expectation, NotApplicable, Step
from hookassay.mockserver.emission.delivery import Delivery, Framing
from hookassay.mockserver.emission.mutation import notjson
from hookassay.mockserver.emission.mutation.signature import Forgery, by_check
from hookassay.mockserver.emission.mutation.tampering import TAMPERED, Change
from hookassay.mockserver.emission.spelling import COMPACT, SPELLINGS, Body, Fragment, Spelling, write
from hookassay.mockserver.emission.vendor import Forge, Headers
from hookassay.schemas.contract import Event, Json, Level

REFUSED = Expectation("refused")
_SPACED = SPELLINGS["spaced"]
_TWO = (("no-header", "absent"), ("other-key", "wrong-key"))
"""The forgeries that are tried on every event, content type and the like: no signature, and a wrong one."""


def _signed(bench: Bench) -> bool:
    return bench.kind == "hmac-header"


def _forge(forgery: Forgery) -> Forge:
    def forge(signer, body: bytes) -> Headers:  # type: ignore[no-untyped-def]
        headers = forgery.make(signer, body)
        if headers is None:
            raise NotApplicable(f"with this secret and body there is no such forgery ({forgery.why})")
        return headers

    return forge


def _one(name: str, check: str) -> Forge:
    return _forge(next(forgery for forgery in by_check(check) if forgery.name == name))


def _neighbours(bench: Bench) -> list[tuple[str, Delivery]]:
    """How far does the hole go? No signature, any value of the right length, another event."""
    other = next((event for event in bench.asked_events if event is not bench.carrier), None)
    found = [
        ("without the header", bench.forged(_one("no-header", "absent"))),
        ("zeros of the right length", bench.forged(_one("zeros", "malformed"))),
        ("signed with another key", bench.forged(_one("other-key", "wrong-key"))),
    ]
    if other is not None:
        found.append((f"{other.name}, signed with another key", bench.forged(_one("other-key", "wrong-key"), other)))
    return found


def _if_taken(case: Case) -> Case:
    """A forgery of an event that nobody asked for: it counts where the right one is taken."""
    return replace(case, level="must", if_taken=True)


def _case(
    name: str, make: Callable[[Bench], Delivery], twin: Callable[[Bench], Delivery], level: Level, why: str = ""
) -> Case:
    def plan(bench: Bench) -> Sequence[Step]:
        return [Step(make(bench), Expectation("refused", level))]

    return Case(name, plan, twin, level=level, why=why, neighbours=_neighbours)


def _forgeries(check: str) -> Cases:
    """A case of each forgery of a kind, on the carrier."""

    def cases(bench: Bench) -> Iterator[Case]:
        if not _signed(bench):
            return
        for forgery in by_check(check):
            spelling = _SPACED if forgery.name.startswith("rewritten") else COMPACT

            def make(bench: Bench, forgery: Forgery = forgery, spelling: Spelling = spelling) -> Delivery:
                return bench.forged(_forge(forgery), spelling=spelling)

            def twin(bench: Bench, spelling: Spelling = spelling) -> Delivery:
                return bench.right(spelling=spelling)

            yield _case(forgery.name, make, twin, forgery.level, forgery.why)

    return cases


def _on_each_event(*names: tuple[str, str]) -> Cases:
    """A case of some forgeries on every event that is taken."""

    def cases(bench: Bench) -> Iterator[Case]:
        if not _signed(bench):
            return
        for event in bench.events:
            for name, check in names:
                forge = _one(name, check)

                def make(bench: Bench, event: Event = event, forge: Forge = forge) -> Delivery:
                    return bench.forged(forge, event)

                def twin(bench: Bench, event: Event = event) -> Delivery:
                    return bench.right(event)

                case = _case(f"{event.name},{name}", make, twin, "must")
                yield case if event.name in bench.asked else _if_taken(case)

    return cases


def _absent(bench: Bench) -> Iterator[Case]:
    yield from _on_each_event(("no-header", "absent"), ("empty-value", "absent"))(bench)
    if _signed(bench):
        yield from _unknown_forged(bench, "no-header", "absent")


def _wrong_key(bench: Bench) -> Iterator[Case]:
    yield from _on_each_event(("other-key", "wrong-key"))(bench)
    for case in _forgeries("wrong-key")(bench):
        if case.name != "other-key":
            yield case
    if _signed(bench):
        yield from _unknown_forged(bench, "other-key", "wrong-key")
        yield from _minimal_forged(bench)


def _unknown_forged(bench: Bench, name: str, check: str) -> Iterator[Case]:
    """An event type that nobody knows, unsigned: a branch that returns before the check."""
    if bench.events[0].name_member is None:
        return

    def document(bench: Bench) -> Json:
        return {**bench.document(), bench.carrier.name_member: "hookassay_new_event"}

    def make(bench: Bench) -> Delivery:
        return bench.vendor.deliver(bench.carrier, document(bench), forge=_one(name, check))

    def twin(bench: Bench) -> Delivery:
        return bench.vendor.deliver(bench.carrier, document(bench))

    yield _if_taken(_case(f"unknown-event,{name}", make, twin, "must", "an event type that nobody knows"))


def _minimal_forged(bench: Bench) -> Iterator[Case]:
    for event in bench.asked_events:

        def make(bench: Bench, event: Event = event) -> Delivery:
            return bench.forged(_one("other-key", "wrong-key"), event, "minimal")

        def twin(bench: Bench, event: Event = event) -> Delivery:
            return bench.right(event, "minimal")

        yield _case(f"{event.name},minimal", make, twin, bench.level_of(event))


def _wrong_message(bench: Bench) -> Iterator[Case]:
    yield from _forgeries("wrong-message")(bench)
    if not _signed(bench):
        return
    yield from _seen_before(bench)
    if len(bench.asked) < 2:
        return
    events = bench.asked_events
    for event, other in zip(events, (*events[1:], events[0]), strict=True):

        def make(bench: Bench, event: Event = event, other: Event = other) -> Delivery:
            elsewhere = write(bench.document(other)).data
            return bench.forged(lambda signer, body: signer.sign(elsewhere), event)

        def twin(bench: Bench, event: Event = event) -> Delivery:
            return bench.right(event)

        yield _case(
            f"{event.name},signature-of-{other.name}", make, twin, "must", "the right signature of another event"
        )


def _seen_before(bench: Bench) -> Iterator[Case]:
    """A right delivery, then its signature again over another body: what was right once is not right for ever."""

    def plan(bench: Bench) -> list[Step]:
        first = bench.right()
        other = write(bench.document()).data
        forged = replace(first, body=other)
        return [
            Step(first, Expectation("taken"), "a right delivery"),
            Step(forged, REFUSED, "another body under the same signature"),
        ]

    yield Case("seen-before", plan, lambda bench: bench.right(), manner="sequence", neighbours=_neighbours)


def _large_forged(bench: Bench) -> Iterator[Case]:
    """A body that is longer than one read, changed at its very end."""

    def body(bench: Bench) -> Body:
        document = {**bench.document(), "hookassay_extra": "가" * 15_000 + "."}
        return write(document)

    def make(bench: Bench) -> Delivery:
        right = body(bench)
        event = bench.carrier
        changed = right.splice(len(right.data) - 3, len(right.data) - 2, b"!")
        return bench.vendor.deliver(event, {}, body=changed, forge=lambda signer, _: signer.sign(right.data))

    def twin(bench: Bench) -> Delivery:
        return bench.vendor.deliver(bench.carrier, {}, body=body(bench))

    yield _case("last-character-of-45-kB", make, twin, "must", "a long body, changed at its end after signing")


def _tampered(bench: Bench) -> Iterator[Case]:
    if not _signed(bench):
        return
    for name, (why, change) in TAMPERED.items():
        yield _tampering(None, name, why, change)
    for event in bench.asked_events:
        yield replace(_tampering(event, "letter", *TAMPERED["letter"]), name=f"{event.name},letter")
    yield from _large_forged(bench)


def _tampering(event: Event | None, name: str, why: str, change: Change) -> Case:
    def make(bench: Bench) -> Delivery:
        kind = event or bench.carrier
        before, after = change(bench.document(kind))
        if before.data == after.data:
            raise NotApplicable("the body has nothing that could be changed so")
        return bench.vendor.deliver(kind, {}, body=after, forge=lambda signer, _: signer.sign(before.data))

    def twin(bench: Bench) -> Delivery:
        return bench.right(event)

    return _case(name, make, twin, "must", f"the body changed after signing: {why}")


# what is right


def _raw_bytes(bench: Bench) -> Iterator[Case]:
    if not _signed(bench):
        return
    for event in bench.events:
        for name in ("compact", "pretty", "escaped", "sorted", "spaced", "final-newline"):

            def plan(bench: Bench, event: Event = event, name: str = name) -> list[Step]:
                return [Step(bench.right(event, "", SPELLINGS[name]), Expectation("taken", bench.level_of(event)))]

            yield Case(f"{event.name},{name}", plan, level=bench.level_of(event))
    for name, (example, make) in RAW.items():

        def raw(bench: Bench, make: Callable[[Bench], Body] = make) -> list[Step]:
            return [Step(bench.vendor.deliver(bench.carrier, {}, body=make(bench)), Expectation("taken"))]

        yield Case(name, raw, why=example)


def _with_extra(text: str) -> Callable[[Bench], Body]:
    """The carrier with an unknown member, whose JSON text no serialiser would write so."""
    return lambda bench: write({**bench.document(), "hookassay_extra": Fragment(text)})


def _in_spelling(name: str) -> Callable[[Bench], Body]:
    return lambda bench: write(bench.document(), SPELLINGS[name])


RAW: dict[str, tuple[str, Callable[[Bench], Body]]] = {
    "escaped-solidus": ("a slash written as \\/", _with_extra('"a\\/b"')),
    "upper-case-escape": ("an escape with capital digits", _with_extra('"\\u001B \\u00E9"')),
    "needless-escape": ("ASCII letters written as escapes", _with_extra('"\\u0041\\u0062"')),
    "html-escapes": ("markup written as escapes, as Gson does", _with_extra('"\\u003cb\\u003e \\u0026 \\u0027 \\u003d"')),
    "non-ascii": ("raw characters of many scripts", _with_extra('"안녕 こんにちは é 😀 𠮷"')),
    "decomposed-hangul": ("decomposed Hangul, which normalisation would change", _with_extra('"\u110b\u1161\u11ab\u1102\u1167\u11bc e\u0301"')),
    "line-separators": ("raw U+2028 and U+2029", _with_extra('"a\u2028b\u2029c"')),
    "number-forms": ("numbers as no serialiser writes them", _with_extra("[1.0, 1e2, 1E+2, -0, 0.10, 1.50]")),
    "big-numbers": ("integers beyond 2^53", _with_extra("[9007199254740993, 12345678901234567890]")),
    "integer-like-keys": ("keys that JavaScript reorders", _with_extra('{"b": 1, "2": 1, "1": [ ], "a": { }}')),
    "odd-blanks": ("tabs, line feeds and blanks between tokens", _with_extra('{ "a"\t:\n[ 1 ,\r\n2 ] }')),
    "unsorted-keys": ("keys in no order", _with_extra('{"z": 1, "a": 2, "M": 3, "_": 4}')),
    "apostrophes": ("apostrophes and quotation marks", _with_extra("\"it's \\\"so\\\" ''\"")),
    "percent-and-plus": ("what a form decoder would change", _with_extra('"100% a+b %20 &x=y"')),
    "trailing-blanks": ("blanks and line feeds at the end", lambda bench: write(bench.document()).surround(after=b" \n\n")),
    "leading-blanks": ("blanks and line feeds at the start", lambda bench: write(bench.document()).surround(before=b"\n  ")),
    "crlf": ("CR LF line ends", _in_spelling("crlf")),
    "tabs": ("indented by tabs", _in_spelling("pretty-tab")),
    "reversed": ("members in reverse order", _in_spelling("reversed")),
    "large-non-ascii": ("55 kB beyond ASCII", _with_extra('"' + "가" * 18_000 + '"')),
    "large-ascii": ("55 kB of ASCII", _with_extra('"' + "0123456789" * 5_500 + '"')),
}  # fmt: skip


def _header_names(bench: Bench) -> Iterator[Case]:
    if not _signed(bench):
        return
    changes: dict[str, Callable[[str], str]] = {
        "lower-case": str.lower,
        "upper-case": str.upper,
        "mixed-case": lambda name: "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(name)),
    }
    for name, change in changes.items():

        def plan(bench: Bench, change: Callable[[str], str] = change) -> list[Step]:
            delivery = bench.right()
            names = {header.lower() for header in bench.provider.authentication.headers}
            headers = tuple((change(key) if key.lower() in names else key, value) for key, value in delivery.headers)
            return [Step(replace(delivery, headers=headers), Expectation("taken"))]

        yield Case(name, plan)


def _split(bench: Bench) -> Iterator[Case]:
    """A body that comes in pieces, cut inside of characters."""
    if not _signed(bench):
        return

    def plan(bench: Bench) -> list[Step]:
        body = write({**bench.document(), "hookassay_extra": "안녕하세요 😀 반갑습니다 " * 20})
        inside = [i for i, byte in enumerate(body.data) if 0x80 <= byte < 0xC0]
        cuts = tuple(inside[:: max(1, len(inside) // 6)])
        framing = Framing(pieces=cuts, pause=0.03, fresh=True)
        return [Step(bench.vendor.deliver(bench.carrier, {}, body=body, framing=framing), Expectation("taken"))]

    yield Case("inside-characters", plan)


# around the signature

_CONTENT_TYPES = {
    "text-plain": "text/plain",
    "form": "application/x-www-form-urlencoded",
    "vendor-json": "application/vnd.api+json",
    "octet-stream": "application/octet-stream",
    "xml": "application/xml",
    "charset": "application/json; charset=utf-8",
    "upper-case": "APPLICATION/JSON",
    "none": "",
}


def _content_types(bench: Bench) -> Iterator[Case]:
    if not _signed(bench):
        return
    for name, value in _CONTENT_TYPES.items():
        for forgery, check in _TWO:

            def make(bench: Bench, value: str = value, forgery: str = forgery, check: str = check) -> Delivery:
                headers = (("Content-Type", value),) if value else ()
                return bench.forged(_one(forgery, check), headers=headers, without=("content-type",))

            yield _case(
                f"{name},{forgery}",
                make,
                lambda bench: bench.right(),
                "must",
                f"a forged event that calls itself {value or 'nothing'}",
            )


_BYPASSES: dict[str, Headers] = {
    "forwarded-for-loopback": (("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "127.0.0.1")),
    "forwarded-host": (("X-Forwarded-Host", "localhost"), ("X-Forwarded-Proto", "https")),
    "internal-marks": (("X-Internal", "true"), ("X-Debug", "1"), ("X-Test", "1")),
    "retry-marks": (("X-Retry-Num", "1"), ("X-Slack-Retry-Num", "1")),
}


def _bypasses(bench: Bench) -> Iterator[Case]:
    """Forged events that call themselves harmless: a test, a local call, a ping."""
    if not _signed(bench):
        return
    for name, headers in _BYPASSES.items():

        def make(bench: Bench, headers: Headers = headers) -> Delivery:
            return bench.forged(_one("other-key", "wrong-key"), headers=headers)

        yield _case(name, make, lambda bench: bench.right(), "must")
    harmless: dict[str, dict[str, Json]] = {
        "ping": {"ping": True},
        "test": {"test": True, "mode": "test"},
        "challenge": {"challenge": "x", "hub.challenge": "x"},
        "verified": {"verified": True, "signature": "x"},
    }
    for name, value in harmless.items():

        def with_member(bench: Bench, value: dict[str, Json] = value) -> Delivery:
            return bench.vendor.deliver(
                bench.carrier, {**bench.document(), **value}, forge=_one("other-key", "wrong-key")
            )

        yield _case(f"member-{name}", with_member, lambda bench: bench.right(), "must")


def _before_parsing(bench: Bench) -> Iterator[Case]:
    if not _signed(bench):
        return
    for name in ("truncated", "word", "empty", "invalid-utf-8", "nan"):

        def make(bench: Bench, name: str = name) -> Delivery:
            body = notjson.NOT_JSON[name](write(bench.document()))
            return bench.vendor.deliver(bench.carrier, {}, body=body, forge=_one("no-header", "absent"))

        yield _case(name, make, lambda bench: bench.right(), "should", "text that is not JSON, without a signature")


def _no_oracle(bench: Bench) -> Iterator[Case]:
    """Refusals of every kind, looked through for the right signature and the secret; the judge does that for every answer."""
    if not _signed(bench):
        return
    kinds = {
        "absent": ("no-header", "absent"),
        "wrong": ("other-key", "wrong-key"),
        "malformed": ("not-hex", "malformed"),
        "short": ("one-character", "malformed"),
        "other-algorithm": ("sha1-named", "other-algorithm"),
    }
    for name, (forgery, check) in kinds.items():
        if bench.provider.authentication.algorithm == "sha1" and name == "other-algorithm":
            continue

        def make(bench: Bench, forgery: str = forgery, check: str = check) -> Delivery:
            return bench.forged(_one(forgery, check))

        yield _case(name, make, lambda bench: bench.right(), "must")


# two tokens on one URL (GBM's partner and agent level)


def _agent_token(bench: Bench) -> Iterator[Case]:
    if not _signed(bench) or not bench.vendor.secrets.routes:
        return
    route = str(bench.provider.traits["route"]["pointer"])
    owner = _owner_value(bench, route)
    with_own, other = (bench.agent, owner) if bench.agent != owner else (bench.agent, "brands/hookassay/agents/other")

    def delivery(bench: Bench, value: str, secret: str) -> Delivery:
        document = bench.document(changes={route: value})
        return bench.vendor.deliver(
            bench.carrier, document, forge=lambda signer, body: signer.with_secret(secret).sign(body)
        )

    own, partner = bench.vendor.secrets.routes[bench.agent], bench.vendor.secrets.default

    def agent_plan(bench: Bench) -> list[Step]:
        return [
            Step(
                delivery(bench, with_own, own), Expectation("taken"), "an event of the agent, signed with its own token"
            )
        ]

    def partner_plan(bench: Bench) -> list[Step]:
        expect = Expectation("taken") if other == owner else Expectation("calm")
        return [
            Step(delivery(bench, other, partner), expect, "an event of another agent, signed with the partner's token")
        ]

    yield Case("agent-with-its-token", agent_plan)
    yield Case("other-agent-with-partner-token", partner_plan)


def _partner_token(bench: Bench) -> Iterator[Case]:
    if not _signed(bench) or not bench.vendor.secrets.routes:
        return
    route = str(bench.provider.traits["route"]["pointer"])

    def make(bench: Bench) -> Delivery:
        document = bench.document(changes={route: bench.agent})
        return bench.vendor.deliver(
            bench.carrier,
            document,
            forge=lambda signer, body: signer.with_secret(bench.vendor.secrets.default).sign(body),
        )

    def twin(bench: Bench) -> Delivery:
        return bench.vendor.deliver(bench.carrier, bench.document(changes={route: bench.agent}))

    yield _case(
        "agent-with-partner-token", make, twin, "should", "an event of the agent, signed with the partner's token"
    )


def _owner_value(bench: Bench, pointer: str) -> str:
    document = json.loads(write(bench.document(bench.events[0])).data)
    return str(document.get(pointer.removeprefix("/"), ""))


CASES: dict[str, Cases] = {
    "raw-bytes": _raw_bytes,
    "header-name": _header_names,
    "split": _split,
    "absent": _absent,
    "wrong-key": _wrong_key,
    "wrong-message": _wrong_message,
    "guessable-key": _forgeries("guessable-key"),
    "unkeyed": _forgeries("unkeyed"),
    "other-algorithm": _forgeries("other-algorithm"),
    "partial": _forgeries("partial"),
    "malformed": _forgeries("malformed"),
    "tampered": _tampered,
    "content-type": _content_types,
    "bypass": _bypasses,
    "no-oracle": _no_oracle,
    "agent-token": _agent_token,
    "partner-token": _partner_token,
    "before-parsing": _before_parsing,
    "other-writing": _forgeries("other-writing"),
    "twice": _forgeries("twice"),
}
"""Check → its cases; the records stand in `signature.toml`."""
