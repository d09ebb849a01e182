"""Handshake: the right token gets exactly the secret back, any other never."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Iterator
from dataclasses import replace

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import CALM, Case, Cases, Expectation, NotApplicable, Step
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.mutation.token import WrongToken, by_check
from hookassay.mockserver.emission.secret import SecretText
from hookassay.mockserver.emission.spelling import SPELLINGS, Spelling, write
from hookassay.mockserver.emission.vendor import LEFT_OUT, NULL
from hookassay.schemas.contract import Json, Level

_FORMS = ("pretty", "crlf", "reversed", "spaced", "blanks-around", "escaped")


def _member(bench: Bench, which: str) -> str:
    return str(bench.provider.traits["handshake"][which]).removeprefix("/")


def long_secret() -> str:
    """A secret that cannot stand in an answer by chance."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(40))


def digits(length: int) -> str:
    return "".join(secrets.choice(string.digits[1:]) for _ in range(length))


def handshake(
    bench: Bench,
    secret: Json,
    token: Json = None,
    spelling: Spelling = SPELLINGS["compact"],
    signed: bool = False,
    extra: dict[str, Json] | None = None,
) -> Delivery:
    """The vendor's verification request, unsigned unless asked; LEFT_OUT leaves a member out."""
    event = bench.provider.handshake
    assert event is not None
    token = SecretText(bench.secret) if token is None else token
    pairs = ((_member(bench, "token"), token), (_member(bench, "answer"), secret))
    document: dict[str, Json] = {
        name: None if value is NULL else value for name, value in pairs if value is not LEFT_OUT
    }
    body = write({**document, **(extra or {})}, spelling)
    return bench.vendor.deliver(event, document, body=body, forge=None if signed else lambda signer, data: ())


def _exactly(secret: str, level: Level = "must") -> Expectation:
    return Expectation("exactly", level, text=secret)


def _shaken(bench: Bench) -> bool:
    return bench.provider.handshake is not None


def _cases_of(make: Cases) -> Cases:
    def cases(bench: Bench) -> Iterator[Case]:
        if _shaken(bench):
            yield from make(bench)

    return cases


def _of_secrets(values: dict[str, Callable[[], str]], level: Level = "must") -> Cases:
    def cases(bench: Bench) -> Iterator[Case]:
        for name, value in values.items():

            def plan(bench: Bench, value: Callable[[], str] = value) -> list[Step]:
                secret = value()
                return [Step(handshake(bench, secret), _exactly(secret, level))]

            yield Case(name, plan, level=level)

    return _cases_of(cases)


def _answer(bench: Bench) -> Iterator[Case]:
    event = bench.provider.handshake
    assert event is not None
    example = str(event.full.document[_member(bench, "answer")])
    yield from _of_secrets(
        {"documented-example": lambda: example, "ten-digits": lambda: digits(10), "letters-and-digits": long_secret}
    )(bench)


_DIGITS: dict[str, Callable[[], str]] = {
    "leading-zero": lambda: "0" + digits(9),
    "all-zeros": lambda: "0000000000",
    "many-leading-zeros": lambda: "0000000" + digits(3),
    "two-zeros": lambda: "00",
    "beyond-2-53": lambda: "9007199254740993",
    "thirty-digits": lambda: digits(30),
    "leading-zero-thirty": lambda: "0" + digits(29),
    "looks-like-octal": lambda: "0755",
    "eight-digits": lambda: digits(8),
    "status-code": lambda: "404",
}
_SHAPES: dict[str, Callable[[], str]] = {
    "one-character": lambda: "7",
    "one-zero": lambda: "0",
    "a-thousand-characters": lambda: digits(1000),
    "exponent": lambda: "1e5",
    "negative": lambda: "-5",
    "decimal": lambda: "1.0",
    "word-true": lambda: "true",
    "word-null": lambda: "null",
    "base64-characters": lambda: f"{digits(8)}+/ab==",
    "blanks-inside": lambda: f"a b  {digits(6)}",
    "quotes": lambda: f"a\"b'c\\{digits(6)}",
    "markup": lambda: f"<b>{digits(6)}</b>&amp;",
    "json-text": lambda: f'{{"a":{digits(6)}}}',
    "percent": lambda: f"%41%20+{digits(6)}",
    "template": lambda: f"{{{{7*7}}}}${{x}}%s{digits(4)}",
    "korean": lambda: f"비밀-키-{digits(4)}",
    "emoji": lambda: f"😀{digits(4)}",
}


def _fresh(bench: Bench) -> Iterator[Case]:
    def plan(bench: Bench) -> list[Step]:
        found = [digits(10) for _ in range(3)]
        return [Step(handshake(bench, secret), _exactly(secret), f"handshake {n}") for n, secret in enumerate(found, 1)]

    yield Case("three-in-a-row", plan, manner="sequence")


def _signed(bench: Bench) -> Iterator[Case]:
    if bench.kind != "hmac-header":
        return

    def plan(bench: Bench) -> list[Step]:
        secret = digits(10)
        return [Step(handshake(bench, secret, signed=True), _exactly(secret))]

    yield Case("right-signature", plan)


def _unsigned(bench: Bench) -> Iterator[Case]:
    def plan(bench: Bench) -> list[Step]:
        secret = digits(10)
        return [Step(handshake(bench, secret), _exactly(secret))]

    yield Case("no-signature", plan)


def _forms(bench: Bench) -> Iterator[Case]:
    for name in _FORMS:

        def plan(bench: Bench, name: str = name) -> list[Step]:
            secret = digits(10)
            return [Step(handshake(bench, secret, spelling=SPELLINGS[name]), _exactly(secret))]

        yield Case(name, plan)

    def with_extra(bench: Bench) -> list[Step]:
        secret = digits(10)
        return [Step(handshake(bench, secret, extra={"verificationType": "AGENT", "x": {"y": [1]}}), _exactly(secret))]

    yield Case("extra-member", with_extra)

    def escaped(bench: Bench) -> list[Step]:
        secret = digits(9)
        body = handshake(bench, "0" + secret)
        data = body.body.replace(f'"0{secret}"'.encode(), f'"\\u0030{secret}"'.encode())
        return [Step(replace(body, body=data), _exactly("0" + secret))]

    yield Case("secret-written-as-escapes", escaped)

    def charset(bench: Bench) -> list[Step]:
        secret = digits(10)
        delivery = handshake(bench, secret)
        return [
            Step(
                delivery.with_headers(("Content-Type", "application/json; charset=utf-8"), without=("content-type",)),
                _exactly(secret, "should"),
            )
        ]

    yield Case("content-type-with-charset", charset, level="should")


def _never(name: str, make: Callable[[Bench, str], Delivery], level: Level, why: str) -> Case:
    """A request that must not get the secret: in no status, header or body."""

    def plan(bench: Bench) -> list[Step]:
        secret = long_secret()
        return [Step(make(bench, secret), Expectation("calm", level, never=secret), why)]

    def twin(bench: Bench) -> Delivery:
        return bench.right()

    return Case(name, plan, twin, level=level, why=why)


def _wrong_tokens(level: Level) -> Cases:
    def cases(bench: Bench) -> Iterator[Case]:
        for token in (
            token
            for check in ("wrong", "absent", "type", "near-miss", "careless")
            for token in by_check(check)
            if token.level == level
        ):

            def make(bench: Bench, secret: str, token: WrongToken = token) -> Delivery:
                value = token.make(bench.secret)
                if value is None:
                    raise NotApplicable(f"the configured token does not allow it ({token.why})")
                return handshake(bench, secret, value)

            yield _never(token.name, make, level, f"the token: {token.why}")
        if level == "must":
            yield _other_case(bench)

    return _cases_of(cases)


def _other_case(bench: Bench) -> Case:
    def make(bench: Bench, secret: str) -> Delivery:
        changed = bench.secret.lower() if bench.secret.lower() != bench.secret else bench.secret.upper()
        if changed == bench.secret:
            raise NotApplicable("the configured token has no letters")
        return handshake(bench, secret, SecretText(changed))

    return _never("all-letters-in-other-case", make, "must", "the token with all its letters in the other case")


def _refusal_status(bench: Bench) -> Iterator[Case]:
    for name, value in {"wrong": "WRONGTOKENWRONGT", "absent": LEFT_OUT, "empty": ""}.items():

        def plan(bench: Bench, value: Json = value) -> list[Step]:
            secret = long_secret()
            return [Step(handshake(bench, secret, value), Expectation("refused", "should", never=secret))]

        yield Case(name, plan, lambda bench: bench.right(), level="should")


def _incomplete(bench: Bench) -> Iterator[Case]:
    values: dict[str, Json] = {
        "absent": LEFT_OUT,
        "null": NULL,
        "number": 5,
        "true": True,
        "array": [],
        "object": {},
        "array-of-text": ["x"],
        "empty": "",
    }
    for name, value in values.items():

        def plan(bench: Bench, value: Json = value) -> list[Step]:
            return [Step(handshake(bench, value), CALM, f"the secret: {name}")]

        yield Case(name, plan, lambda bench: bench.right())


def _not_an_event(bench: Bench) -> Iterator[Case]:
    """A handshake is no event and an event no handshake."""
    answer, token = _member(bench, "answer"), _member(bench, "token")

    def forged(members: Callable[[Bench, str], dict[str, Json]]) -> Callable[[Bench], list[Step]]:
        def plan(bench: Bench) -> list[Step]:
            secret = long_secret()
            document = {**bench.document(), **members(bench, secret)}
            delivery = bench.vendor.deliver(bench.carrier, document, forge=lambda signer, body: ())
            return [
                Step(delivery, Expectation("refused", never=secret), "an unsigned event with members of a handshake")
            ]

        return plan

    def diverted(bench: Bench) -> list[Step]:
        secret = long_secret()
        document = {**bench.document(), answer: secret}
        return [
            Step(
                bench.vendor.deliver(bench.carrier, document),
                Expectation("taken", never=secret),
                "a signed event with an extra secret",
            )
        ]

    if bench.kind == "hmac-header":
        yield Case(
            "unsigned-event-with-secret", forged(lambda bench, secret: {answer: secret}), lambda bench: bench.right()
        )
        yield Case(
            "unsigned-event-with-wrong-token",
            forged(lambda bench, secret: {token: "WRONGTOKENWRONGT", answer: secret}),
            lambda bench: bench.right(),
        )
        yield Case(
            "unsigned-event-with-empty-token",
            forged(lambda bench, secret: {token: "", answer: secret}),
            lambda bench: bench.right(),
        )
    yield Case("signed-event-with-secret", diverted, lambda bench: bench.right())


def _oracle(bench: Bench) -> Iterator[Case]:
    """The challenge must not become a signing service: the text to sign would be chosen by the sender."""
    if bench.kind != "hmac-header":
        return

    def plan(bench: Bench) -> list[Step]:
        event = write(bench.document()).data.decode()
        signature = bench.vendor.signer(bench.carrier).right_text(event.encode())
        return [
            Step(
                handshake(bench, event, "WRONGTOKENWRONGT"),
                Expectation("calm", never=signature),
                "an event's text as the secret, a wrong token",
            ),
            Step(
                handshake(bench, event),
                Expectation("calm", never=signature),
                "an event's text as the secret, the right token",
            ),
        ]

    yield Case("event-as-secret", plan, lambda bench: bench.right())


def _again(bench: Bench) -> Iterator[Case]:
    def plan(bench: Bench) -> list[Step]:
        steps = []
        for number in (1, 2, 3):
            secret = digits(10)
            steps.append(Step(handshake(bench, secret), _exactly(secret), f"handshake {number}"))
            steps.append(Step(bench.right(), Expectation("taken"), f"event {number}"))
        return steps

    yield Case("handshake-event-handshake-event", plan, manner="sequence")

    def after_refusals(bench: Bench) -> list[Step]:
        wrong, secret = long_secret(), digits(10)
        return [
            Step(handshake(bench, wrong, "WRONGTOKENWRONGT"), Expectation("calm", never=wrong), "a wrong token"),
            Step(handshake(bench, secret), _exactly(secret), "the right token"),
        ]

    yield Case("after-a-wrong-token", after_refusals, manner="sequence")


def _content_type(bench: Bench) -> Iterator[Case]:
    def plan(bench: Bench) -> list[Step]:
        secret = digits(10)
        return [
            Step(
                handshake(bench, secret),
                Expectation("exactly", "should", text=secret, header=("content-type", "text/plain")),
            )
        ]

    yield Case("text-plain", plan, level="should")


def _agent_token(bench: Bench) -> Iterator[Case]:
    for agent, token in bench.vendor.secrets.routes.items():

        def plan(bench: Bench, token: str = token) -> list[Step]:
            first, second = digits(10), digits(10)
            return [
                Step(handshake(bench, first), _exactly(first), "the partner's token"),
                Step(handshake(bench, second, SecretText(token)), _exactly(second), "the agent's token"),
            ]

        yield Case("both-tokens", plan)
        break


def _get(bench: Bench) -> Iterator[Case]:
    def plan(bench: Bench) -> list[Step]:
        secret = long_secret()
        delivery = handshake(bench, secret, "WRONGTOKENWRONGT")
        query = f"{_member(bench, 'token')}=WRONGTOKENWRONGT&{_member(bench, 'answer')}={secret}&hub.mode=subscribe&hub.challenge={secret}"
        return [
            Step(
                replace(delivery, method="GET", query=query, body=b""),
                Expectation("calm", never=secret),
                "a wrong token, by GET",
            )
        ]

    yield Case("wrong-token-by-get", plan, lambda bench: bench.right())


CASES: dict[str, Cases] = {
    "answer": _cases_of(_answer),
    "digits": _of_secrets(_DIGITS),
    "fresh": _cases_of(_fresh),
    "unsigned": _cases_of(_unsigned),
    "signed": _cases_of(_signed),
    "forms": _cases_of(_forms),
    "wrong-token": _wrong_tokens("must"),
    "incomplete": _cases_of(_incomplete),
    "not-an-event": _cases_of(_not_an_event),
    "no-oracle": _cases_of(_oracle),
    "again": _cases_of(_again),
    "method": _cases_of(_get),
    "agent-token": _cases_of(_agent_token),
    "shapes": _of_secrets(_SHAPES, "should"),
    "refusal-status": _cases_of(_refusal_status),
    "careless-token": _wrong_tokens("should"),
    "content-type": _cases_of(_content_type),
}
"""Check → its cases; the records stand in `handshake.toml`."""
