"""The right token gets exactly the secret back, whatever the secret is and however the request is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import TAKEN, Case, Cases, Expectation, Step
from hookassay.conformance.checks.handshake.request import (
    WRONG_TOKEN,
    answered,
    digits,
    exactly,
    handshake,
    long_secret,
    member,
)
from hookassay.mockserver.emission.secret import SecretText
from hookassay.mockserver.emission.serialisers import SPELLINGS
from hookassay.schemas.contract import Level

Secret = Callable[[], str]


def of_secrets(values: dict[str, Secret], level: Level = "must") -> Cases:
    """A case of each secret."""

    def cases(bench: Bench) -> Iterator[Case]:
        for name, secret in values.items():
            yield Case(name, partial(_of_secret, secret=secret, level=level), level=level)

    return cases


def _of_secret(bench: Bench, secret: Secret, level: Level) -> list[Step]:
    text = secret()
    return [Step(handshake(bench, text), exactly(text, level))]


def answer(bench: Bench) -> Iterator[Case]:
    """The documented example, ten digits, letters and digits."""
    event = bench.provider.handshake
    assert event is not None
    example = str(event.full.document[member(bench, "answer")])
    yield from of_secrets(
        {"documented-example": lambda: example, "ten-digits": lambda: digits(10), "letters-and-digits": long_secret}
    )(bench)


DIGITS: dict[str, Secret] = {
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
SHAPES: dict[str, Secret] = {
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


def fresh(bench: Bench) -> Iterator[Case]:
    """Three secrets in a row: an answer that is kept is somebody else's."""

    def plan(bench: Bench) -> list[Step]:
        found = [digits(10) for _ in range(3)]
        return [Step(handshake(bench, secret), exactly(secret), f"handshake {n}") for n, secret in enumerate(found, 1)]

    yield Case("three-in-a-row", plan, manner="sequence")


def unsigned(bench: Bench) -> Iterator[Case]:
    yield Case("no-signature", answered())


def signed(bench: Bench) -> Iterator[Case]:
    if bench.kind == "hmac-header":
        yield Case("right-signature", answered(signed=True))


def forms(bench: Bench) -> Iterator[Case]:
    """The same request, written in other ways."""
    for name in ("pretty", "crlf", "reversed", "spaced", "blanks-around", "escaped"):
        yield Case(name, answered(SPELLINGS[name]))
    yield Case("extra-member", answered(extra={"verificationType": "AGENT", "x": {"y": [1]}}))
    yield Case("secret-written-as-escapes", _escaped)
    yield Case("content-type-with-charset", _with_charset, level="should")


def _escaped(bench: Bench) -> list[Step]:
    secret = "0" + digits(9)
    right = handshake(bench, secret)
    escaped = right.body.replace(f'"{secret}"'.encode(), f'"\\u0030{secret[1:]}"'.encode())
    return [Step(replace(right, body=escaped), exactly(secret))]


def _with_charset(bench: Bench) -> list[Step]:
    secret = digits(10)
    header = ("Content-Type", "application/json; charset=utf-8")
    return [Step(handshake(bench, secret).with_headers(header, without=("content-type",)), exactly(secret, "should"))]


def again(bench: Bench) -> Iterator[Case]:
    """Handshakes between events and after a refused one: a vendor verifies whenever the URL is saved."""
    yield Case("handshake-event-handshake-event", _alternating, manner="sequence")
    yield Case("after-a-wrong-token", _after_a_wrong_one, manner="sequence")


def _alternating(bench: Bench) -> list[Step]:
    steps = []
    for number in (1, 2, 3):
        secret = digits(10)
        steps.append(Step(handshake(bench, secret), exactly(secret), f"handshake {number}"))
        steps.append(Step(bench.right(), TAKEN, f"event {number}"))
    return steps


def _after_a_wrong_one(bench: Bench) -> list[Step]:
    wrong, secret = long_secret(), digits(10)
    return [
        Step(handshake(bench, wrong, WRONG_TOKEN), Expectation("calm", never=wrong), "a wrong token"),
        Step(handshake(bench, secret), exactly(secret), "the right token"),
    ]


def content_type(bench: Bench) -> Iterator[Case]:
    """The answer calls itself plain text."""

    def plan(bench: Bench) -> list[Step]:
        secret = digits(10)
        expect = replace(exactly(secret, "should"), header=("content-type", "text/plain"))
        return [Step(handshake(bench, secret), expect)]

    yield Case("text-plain", plan, level="should")


def agent_token(bench: Bench) -> Iterator[Case]:
    """The URL is saved twice, for the partner and for the agent: both tokens are right."""
    own = bench.vendor.secrets.routes.get(bench.agent)
    if own is None:
        return

    def plan(bench: Bench) -> list[Step]:
        first, second = digits(10), digits(10)
        return [
            Step(handshake(bench, first), exactly(first), "the partner's token"),
            Step(handshake(bench, second, SecretText(own)), exactly(second), "the agent's token"),
        ]

    yield Case("both-tokens", plan)
