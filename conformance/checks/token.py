"""Token: the one in the body is taken, any other refused; and the credentials of the URL, where it has some."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Cases, Expectation, NotApplicable, Step
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.mutation.token import WrongToken, by_check, last_changed
from hookassay.mockserver.emission.secret import SecretText, Span
from hookassay.mockserver.emission.spelling import Fragment, write
from hookassay.mockserver.emission.vendor import LEFT_OUT
from hookassay.schemas.contract import Event, Json, Level


def _in_body(bench: Bench) -> bool:
    return bench.kind == "body-token"


def _level(bench: Bench, level: Level) -> Level:
    """MUST becomes SHOULD where the URL's credentials are proven to protect and the token is not looked at (LiveChat, section 3)."""
    return "should" if level == "must" and bench.facts.basic_protects and not bench.facts.token_enforced else level


def _neighbours(bench: Bench) -> list[tuple[str, Delivery]]:
    other = next((event for event in bench.asked_events if event is not bench.carrier), None)
    found = [("without a token", bench.with_token(LEFT_OUT)), ("a word as token", bench.with_token("wrong"))]
    if other is not None:
        found.append((f"{other.name}, a word as token", bench.with_token("wrong", other)))
    return found


def _case(
    name: str, make: Callable[[Bench], Delivery], event: Event | None, level: Level, why: str, protects: bool = False
) -> Case:
    def plan(bench: Bench) -> Sequence[Step]:
        return [Step(make(bench), Expectation("refused", level if protects else _level(bench, level)))]

    return Case(name, plan, lambda bench: bench.right(event), level=level, why=why, neighbours=_neighbours)


def _wrong(token: WrongToken, event: Event | None = None) -> Callable[[Bench], Delivery]:
    def make(bench: Bench) -> Delivery:
        value = token.make(str(bench.secret_text(event)))
        if value is None:
            raise NotApplicable(f"the configured token does not allow it ({token.why})")
        return bench.with_token(value, event)

    return make


def _tokens(check: str) -> Cases:
    def cases(bench: Bench) -> Iterator[Case]:
        if _in_body(bench):
            for token in by_check(check):
                yield _case(token.name, _wrong(token), None, token.level, token.why)

    return cases


def _on_each_event(check: str, *names: str) -> Cases:
    def cases(bench: Bench) -> Iterator[Case]:
        if not _in_body(bench):
            return
        for event in bench.events:
            for token in by_check(check):
                if token.name in names:
                    case = _case(f"{event.name},{token.name}", _wrong(token, event), event, "must", token.why)
                    yield case if event.name in bench.asked else replace(case, if_taken=True)
        for token in by_check(check):
            if token.name not in names:
                yield _case(token.name, _wrong(token), None, token.level, token.why)

    return cases


def _right(bench: Bench) -> Iterator[Case]:
    if not _in_body(bench):
        return
    for event in bench.asked_events:

        def plan(bench: Bench, event: Event = event) -> list[Step]:
            return [Step(bench.right(event), Expectation("taken"))]

        yield Case(event.name, plan)

    def escaped(bench: Bench) -> list[Step]:
        """The same token, its first two characters written as JSON escapes (T03)."""
        token = str(bench.secret_text())
        text = "".join(f"\\u{ord(c):04x}" for c in token[:2]) + token[2:]
        document = {**bench.document(), bench.token_member: Fragment(f'"{text}"')}
        body = write(document)
        start = body.data.find(text.encode())
        delivery = bench.vendor.deliver(bench.carrier, {}, body=body)
        return [Step(replace(delivery, secrets={"body": (Span(start, start + len(text)),)}), Expectation("taken"))]

    yield Case("written-as-escapes", escaped)


def _bypass(bench: Bench) -> Iterator[Case]:
    """Events with a wrong token that call themselves something else: another account, an unknown type, a test."""
    if not _in_body(bench):
        return
    owners = [m for m in bench.events[0].walked["full"] if m.role == "owner"]
    changes: dict[str, dict[str, Json]] = {
        **{f"other-{m.pointer.rpartition('/')[2]}": {m.pointer[1:]: "9999999"} for m in owners[:1]},
        "test": {"test": True, "mode": "test", "debug": True},
        "ping": {"ping": True, "challenge": "x"},
        "verified": {"verified": True},
    }
    if bench.events[0].name_member is not None:
        changes["unknown-event"] = {bench.events[0].name_member: "hookassay_new_event"}
    for name, members in changes.items():
        def make(bench: Bench, members: dict[str, Json] = members) -> Delivery:
            document = {**bench.document(), **members}
            return bench.vendor.deliver(bench.carrier, document, token=SecretText(last_changed(bench.secret)))

        def twin(bench: Bench, members: dict[str, Json] = members) -> Delivery:
            return bench.vendor.deliver(bench.carrier, {**bench.document(), **members})

        case = _case(name, make, None, "must", "a wrong token, and members that call the event something else")
        yield replace(case, twin=twin, if_taken=True)


def _per_event(bench: Bench) -> Iterator[Case]:
    """Where the user has given a token for each webhook: another webhook's token is refused."""
    tokens = bench.vendor.secrets.events if _in_body(bench) else {}
    for event in bench.asked_events:
        others = {
            token for token in (*tokens.values(), bench.secret) if token and token != bench.vendor.secret_of(event)
        }
        for other in sorted(others):

            def make(bench: Bench, event: Event = event, other: str = other) -> Delivery:
                return bench.with_token(SecretText(other), event)

            yield _case(event.name, make, event, "should", "the token of another webhook of the same account")
            break


def _elsewhere(bench: Bench) -> Iterator[Case]:
    """The right token, but not where the vendor puts it."""
    if not _in_body(bench):
        return

    def in_query(bench: Bench) -> Delivery:
        token = str(bench.secret_text())
        query = f"{bench.token_member}={token}"
        return replace(
            bench.with_token(LEFT_OUT), query=query, secrets={"query": (Span(len(query) - len(token), len(query)),)}
        )

    def in_header(name: str, before: str = "") -> Callable[[Bench], Delivery]:
        def make(bench: Bench) -> Delivery:
            value = before + str(bench.secret_text())
            delivery = bench.with_token(LEFT_OUT).with_headers((name, value))
            return replace(delivery, secrets={name: (Span(len(before), len(value)),)})

        return make

    def in_member(bench: Bench) -> Delivery:
        document = bench.document()
        inner = next((key for key, value in document.items() if isinstance(value, dict)), "payload")
        document = {**document, inner: {**document.get(inner, {}), bench.token_member: bench.secret_text()}}
        return bench.vendor.deliver(bench.carrier, document, token=LEFT_OUT)

    def renamed(name: Callable[[str], str]) -> Callable[[Bench], Delivery]:
        def make(bench: Bench) -> Delivery:
            return bench.vendor.deliver(
                bench.carrier, {**bench.document(), name(bench.token_member): bench.secret_text()}, token=LEFT_OUT
            )

        return make

    for name, make, why in (
        ("query", in_query, "the token in the query only"),
        ("header", in_header("X-Token"), "the token in a header only"),
        ("bearer", in_header("Authorization", "Bearer "), "the token in the Authorization header only"),
        ("inner-member", in_member, "the token inside another member only"),
    ):
        yield _case(name, make, None, "should", why)
    for name, change in (("capitalised", str.capitalize), ("capitals", str.upper)):

        def plan(bench: Bench, change: Callable[[str], str] = change) -> list[Step]:
            return [Step(renamed(change)(bench), Expectation("calm"), "the member's name in another case")]

        yield Case(name, plan, lambda bench: bench.right(), level="should")


def _twice(bench: Bench) -> Iterator[Case]:
    if not _in_body(bench):
        return

    def plan(bench: Bench) -> list[Step]:
        right = str(bench.secret_text())
        return [Step(_doubled(bench, first, second), Expectation("calm"), name) for name, first, second in (
            ("the wrong token first, the right one last", last_changed(right), right),
            ("the right token first, the wrong one last", right, last_changed(right)),
        )]  # fmt: skip

    yield Case("wrong-and-right", plan, lambda bench: bench.right(), one_refused=True)


def _doubled(bench: Bench, first: str, second: str) -> Delivery:
    document = {key: value for key, value in bench.document().items() if key != bench.token_member}
    name = bench.token_member
    body = write(document)
    before, after = f'"{name}":"{first}",'.encode(), f',"{name}":"{second}"'.encode()
    data = body.data[:1] + before + body.data[1:-1] + after + body.data[-1:]
    spans = (Span(1 + len(name) + 4, len(before) - 1), Span(len(data) - len(second) - 2, len(data) - 2))
    return replace(bench.vendor.deliver(bench.carrier, {}, body=replace(body, data=data)), secrets={"body": spans})


def _no_leak(bench: Bench) -> Iterator[Case]:
    """Refusals of every kind, looked through for the token; the judge does that for every answer."""
    if not _in_body(bench):
        return
    values: dict[str, Json] = {"wrong": "wrong-token-hookassay", "absent": LEFT_OUT, "number": 1, "object": {}}
    for name, value in values.items():

        def make(bench: Bench, value: Json = value) -> Delivery:
            return bench.with_token(value)

        yield _case(name, make, None, "must", "")


# credentials of the URL


def _basic(bench: Bench) -> Iterator[Case]:
    if bench.target.credentials is None or "basic-from-url" not in bench.provider.traits:
        return
    user, _, password = bench.target.credentials.partition(b":")
    ways: dict[str, tuple[str, bytes | None, str]] = {
        "absent": ("no credentials", None, ""),
        "wrong-password": ("another password", user + b":" + password + b"x", "Basic "),
        "wrong-user": ("another user", user + b"x:" + password, "Basic "),
        "empty-password": ("an empty password", user + b":", "Basic "),
        "empty": ("empty credentials", b":", "Basic "),
        "other-scheme": ("another scheme", user + b":" + password + b"x", "Bearer "),
        "not-base64": ("what is not base64", b"", "Basic !!!"),
        "not-ascii": ("bytes beyond ASCII", b"", "Basic \xe9\xe9"),
    }
    for name, (why, pair, scheme) in ways.items():
        if pair == bench.target.credentials:
            continue

        def make(bench: Bench, pair: bytes | None = pair, scheme: str = scheme) -> Delivery:
            return without_credentials(
                bench.right(), None if pair is None else scheme + base64.b64encode(pair).decode("ascii")
            )

        def plan(bench: Bench, make: Callable[[Bench], Delivery] = make, why: str = why) -> list[Step]:
            level: Level = "should" if bench.facts.token_enforced else "must"
            return [Step(make(bench), Expectation("refused", level), why)]

        yield Case(name, plan, lambda bench: bench.right(), why=why)


def without_credentials(delivery: Delivery, authorization: str | None = None) -> Delivery:
    """A delivery that does not carry the URL's credentials, but another `Authorization`, if any."""
    delivery = replace(delivery, credentials=False)
    return (
        delivery
        if authorization is None
        else delivery.with_headers(("Authorization", authorization), without=("authorization",))
    )


def _challenge(bench: Bench) -> Iterator[Case]:
    if bench.target.credentials is None or "basic-from-url" not in bench.provider.traits:
        return

    def plan(bench: Bench) -> list[Step]:
        if not bench.facts.basic_protects:
            raise NotApplicable("requests without credentials are not refused")
        return [
            Step(without_credentials(bench.right()), Expectation("refused", "should", header=("www-authenticate", "")))
        ]

    yield Case("header", plan, lambda bench: bench.right(), level="should")


CASES: dict[str, Cases] = {
    "right": _right,
    "wrong": _on_each_event("wrong", "last-character", "word"),
    "absent": _on_each_event("absent", "left-out", "null"),
    "type": _tokens("type"),
    "bypass": _bypass,
    "near-miss": _tokens("near-miss"),
    "no-leak": _no_leak,
    "twice": _twice,
    "basic": _basic,
    "basic-challenge": _challenge,
    "careless": _tokens("careless"),
    "other-place": _elsewhere,
    "per-event": _per_event,
}
"""Check → its cases; the records stand in `token.toml`."""
