"""Token: the one in the body is taken, any other refused (for the credentials of the URL: `basic`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import CALM, TAKEN, Case, Cases, Expectation, Make, NotApplicable, Step, one
from hookassay.conformance.checks import basic, harmless
from hookassay.conformance.checks.strangers import STRANGERS, strangers
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.mutation.tampering import TAMPERED
from hookassay.mockserver.emission.mutation.token import WrongToken, by_check, last_changed
from hookassay.mockserver.emission.secret import SecretText, Span
from hookassay.mockserver.emission.spelling import Fragment, write
from hookassay.mockserver.emission.vendor import LEFT_OUT
from hookassay.schemas.contract import Event, Json, Level


def _level(bench: Bench, level: Level) -> Level:
    """MUST becomes SHOULD where the URL's credentials are proven to protect and the token is not looked at.

    Source: LiveChat, section 3.
    """
    return "should" if level == "must" and bench.facts.basic_protects and not bench.facts.token_enforced else level


def _neighbours(bench: Bench) -> Iterator[tuple[str, Delivery]]:
    """How far does the hole go? No token, any word, another event."""
    yield "without a token", bench.with_token(LEFT_OUT)
    yield "a word as token", bench.with_token("wrong")
    other = next((event for event in bench.asked_events if event is not bench.carrier), None)
    if other is not None:
        yield f"{other.name}, a word as token", bench.with_token("wrong", other)


def _refused(name: str, make: Make, event: Event | None = None, level: Level = "must", why: str = "") -> Case:
    """A case of one delivery with a wrong token, beside the right one of the same event."""

    def plan(bench: Bench) -> list[Step]:
        return [Step(make(bench), Expectation("refused", _level(bench, level)))]

    twin = partial(Bench.right, event=event) if event is not None else None
    return Case(name, plan, twin, level=level, why=why, neighbours=_neighbours)


def _with(bench: Bench, wrong: WrongToken, event: Event | None = None) -> Delivery:
    return bench.with_token(wrong.make(str(bench.secret_text(event))), event)


def _of_kind(check: str, *on_each_event: str) -> Cases:
    """The wrong tokens of a check that the right one allows: those named on every event, the others on the carrier."""

    def cases(bench: Bench) -> Iterator[Case]:
        for event in bench.events:
            for wrong in by_check(check):
                if wrong.name in on_each_event and wrong.make(str(bench.secret_text(event))) is not None:
                    make = partial(_with, wrong=wrong, event=event)
                    case = _refused(f"{event.name},{wrong.name}", make, event, why=wrong.why)
                    yield case if event.name in bench.asked else replace(case, if_taken=True)
        for wrong in by_check(check):
            if wrong.name not in on_each_event and wrong.make(bench.secret) is not None:
                yield _refused(wrong.name, partial(_with, wrong=wrong), level=wrong.level, why=wrong.why)

    return cases


def _right(bench: Bench) -> Iterator[Case]:
    for event in bench.asked_events:
        yield Case(event.name, one(partial(Bench.right, event=event), TAKEN))
    yield Case("written-as-escapes", one(_escaped, TAKEN))


def _escaped(bench: Bench) -> Delivery:
    """The same token, its first two characters written as JSON escapes (T03)."""
    token = str(bench.secret_text())
    text = "".join(f"\\u{ord(c):04x}" for c in token[:2]) + token[2:]
    body = write({**bench.document(), bench.token_member: Fragment(f'"{text}"')})
    start = body.data.find(text.encode())
    delivery = bench.vendor.deliver(bench.carrier, {}, body=body)
    return replace(delivery, secrets={"body": (Span(start, start + len(text)),)})


def _bypasses(bench: Bench) -> Iterator[Case]:
    """Events with a wrong token that call themselves something else: another account, an unknown type, a test."""
    owners = [member.pointer[1:] for member in bench.events[0].walked["full"] if member.role == "owner"]
    others: dict[str, dict[str, Json]] = {
        **{f"other-{owner.rpartition('/')[2]}": {owner: "9999999"} for owner in owners[:1]},
        **harmless.MEMBERS,
    }
    for name, members in others.items():
        why = "a wrong token, and members that call the event something else"
        yield _called(name, members, SecretText(last_changed(bench.secret)), why)
    if bench.events[0].name_member is not None:
        unknown: dict[str, Json] = {bench.events[0].name_member: "hookassay_new_event"}
        why = "a wrong token, and an event type that nobody knows"
        yield _called("unknown-event", unknown, SecretText(last_changed(bench.secret)), why)
    yield from _of_strangers(bench)
    for event in bench.asked_events:
        for name, token in {"last-character": _nearly(bench, event), "no-token": LEFT_OUT}.items():
            plan = partial(_known, event=event, token=token)
            why = "not the token, and the ids of an event that was right"
            yield Case(
                f"{event.name},known,{name}", plan, partial(Bench.right, event=event), why=why, manner="sequence"
            )
    yield from _around(bench)


def _of_strangers(bench: Bench) -> Iterator[Case]:
    """Events of an account or a type without a token of its own, with what such a look-up may find instead."""
    for name, members in strangers(bench).items():
        for wrong in by_check("absent"):
            token = wrong.make(str(bench.secret_text()))
            if token is not None:
                make = partial(_of_stranger, name=name, members=members, token=token)
                yield _refused(f"{name},{wrong.name}", make, why=f"{wrong.why}, and {STRANGERS[name]}")


def _of_stranger(bench: Bench, name: str, members: dict[str, Json], token: Json) -> Delivery:
    if name not in bench.facts.strangers:
        raise NotApplicable(f"a plainly wrong token is not refused either of {STRANGERS[name]}")
    return _with_members(bench, members, token)


def _nearly(bench: Bench, event: Event) -> Json:
    return SecretText(last_changed(str(bench.secret_text(event))))


def _known(bench: Bench, event: Event, token: Json) -> list[Step]:
    """A right event, then a forged one with its ids and a member more: that it is known proves nothing."""
    before, after = TAMPERED["member-added"][1](bench.document(event))
    forged = bench.vendor.deliver(event, json.loads(after.data), token=token)
    return [
        Step(bench.vendor.deliver(event, json.loads(before.data)), TAKEN, "a right event"),
        Step(forged, Expectation("refused", _level(bench, "must")), "a forged one with its ids"),
    ]


def _called(name: str, members: dict[str, Json], token: Json, why: str) -> Case:
    """A forgery with members that call the event something else, where the right one is taken under them."""
    case = _refused(name, partial(_with_members, members=members, token=token), why=why)
    return replace(case, twin=partial(_with_members, members=members), if_taken=True)


def _around(bench: Bench) -> Iterator[Case]:
    """Events with a wrong token in a request that calls itself harmless, or something else than JSON."""
    wrong = SecretText(last_changed(bench.secret))
    for name, headers in harmless.headers(bench).items():
        make = partial(Bench.with_token, token=wrong, headers=headers)
        yield _refused(name, make, why="a wrong token, and headers that call the request harmless")
    for name, level, wrap in harmless.wrappings(bench):
        make = partial(_wrapped, wrap=wrap, token=wrong)
        yield _refused(name, make, level=level, why="a wrong token in another wrapping")
    make = partial(_with_query, token=wrong)
    yield _refused("query", make, why=f"a wrong token, and ?{harmless.QUERY}")
    for name, value in harmless.CONTENT_TYPES.items():
        typed = partial(
            Bench.with_token, headers=(("Content-Type", value),) if value else (), without=("content-type",)
        )
        why = f"a wrong token in what calls itself {value or 'nothing'}"
        case = _refused(f"content-type-{name}", partial(typed, token=wrong), why=why)
        yield replace(case, twin=partial(typed, token=None), if_taken=True)


def _wrapped(bench: Bench, wrap: Callable[[Delivery], Delivery], token: Json) -> Delivery:
    return wrap(bench.with_token(token))


def _with_query(bench: Bench, token: Json) -> Delivery:
    return replace(bench.with_token(token), query=harmless.QUERY)


def _with_members(bench: Bench, members: dict[str, Json], token: Json = None) -> Delivery:
    return bench.vendor.deliver(bench.carrier, {**bench.document(), **members}, token=token)


def _per_event(bench: Bench) -> Iterator[Case]:
    """Where the user has given a token for each webhook: another webhook's token is refused."""
    tokens = sorted({token for token in (*bench.vendor.secrets.events.values(), bench.secret) if token})
    if not bench.vendor.secrets.events:
        return
    for event in bench.asked_events:
        other = next((token for token in tokens if token != bench.vendor.secret_of(event)), None)
        if other is not None:
            make = partial(Bench.with_token, token=SecretText(other), event=event)
            why = "the token of another webhook of the same account"
            yield _refused(event.name, make, event, "should", why)


# the right token in a wrong place


def _elsewhere(bench: Bench) -> Iterator[Case]:
    places: tuple[tuple[str, Make, str], ...] = (
        ("query", _in_query, "the token in the query only"),
        ("header", partial(_in_header, name="X-Token"), "the token in a header only"),
        (
            "bearer",
            partial(_in_header, name="Authorization", before="Bearer "),
            "the token in the Authorization header only",
        ),
        ("inner-member", _in_member, "the token inside another member only"),
    )
    for name, make, why in places:
        yield _refused(name, make, level="should", why=why)
    for name, change in (("capitalised", str.capitalize), ("capitals", str.upper)):
        plan = one(partial(_renamed, change=change), CALM, "the member's name in another case")
        yield Case(name, plan, level="should")


def _in_query(bench: Bench) -> Delivery:
    token = str(bench.secret_text())
    query = f"{bench.token_member}={token}"
    span = Span(len(query) - len(token), len(query))
    return replace(bench.with_token(LEFT_OUT), query=query, secrets={"query": (span,)})


def _in_header(bench: Bench, name: str, before: str = "") -> Delivery:
    value = before + str(bench.secret_text())
    delivery = bench.with_token(LEFT_OUT).with_headers((name, value))
    return replace(delivery, secrets={name: (Span(len(before), len(value)),)})


def _in_member(bench: Bench) -> Delivery:
    document = bench.document()
    inner = next((key for key, value in document.items() if isinstance(value, dict)), "payload")
    document = {**document, inner: {**document.get(inner, {}), bench.token_member: bench.secret_text()}}
    return bench.vendor.deliver(bench.carrier, document, token=LEFT_OUT)


def _renamed(bench: Bench, change: Callable[[str], str]) -> Delivery:
    document = {**bench.document(), change(bench.token_member): bench.secret_text()}
    return bench.vendor.deliver(bench.carrier, document, token=LEFT_OUT)


def _twice(bench: Bench) -> Iterator[Case]:
    yield Case("wrong-and-right", _both_orders, one_refused=True)


def _both_orders(bench: Bench) -> list[Step]:
    """Parsers take the first or the last; which one is not said, but one of the two orders is a forgery."""
    right = str(bench.secret_text())
    wrong = last_changed(right)
    return [
        Step(_doubled(bench, wrong, right), CALM, "the wrong token first, the right one last"),
        Step(_doubled(bench, right, wrong), CALM, "the right token first, the wrong one last"),
    ]


def _doubled(bench: Bench, first: str, second: str) -> Delivery:
    name = bench.token_member
    body = write({key: value for key, value in bench.document().items() if key != name})
    before, after = f'"{name}":"{first}",'.encode(), f',"{name}":"{second}"'.encode()
    data = body.data[:1] + before + body.data[1:-1] + after + body.data[-1:]
    spans = (Span(1 + len(name) + 4, len(before) - 1), Span(len(data) - len(second) - 2, len(data) - 2))
    return replace(bench.vendor.deliver(bench.carrier, {}, body=replace(body, data=data)), secrets={"body": spans})


def _no_leak(bench: Bench) -> Iterator[Case]:
    """Refusals of every kind, looked through for the token; the judge does that for every answer."""
    values: dict[str, Json] = {"wrong": "wrong-token-hookassay", "absent": LEFT_OUT, "number": 1, "object": {}}
    for name, value in values.items():
        yield _refused(name, partial(Bench.with_token, token=value))


def _if_in_body(cases: Cases) -> Cases:
    """The cases of a check, where the provider puts a token into the body at all."""

    def made(bench: Bench) -> Iterator[Case]:
        if bench.kind == "body-token":
            yield from cases(bench)

    return made


_IN_BODY: dict[str, Cases] = {
    "right": _right,
    "wrong": _of_kind("wrong", "last-character", "word"),
    "absent": _of_kind("absent", "left-out", "null"),
    "type": _of_kind("type"),
    "bypass": _bypasses,
    "near-miss": _of_kind("near-miss"),
    "no-leak": _no_leak,
    "twice": _twice,
    "careless": _of_kind("careless"),
    "other-place": _elsewhere,
    "per-event": _per_event,
}

CASES: dict[str, Cases] = {**{name: _if_in_body(cases) for name, cases in _IN_BODY.items()}, **basic.CASES}
"""Check → its cases; the records stand in `token.toml`."""
