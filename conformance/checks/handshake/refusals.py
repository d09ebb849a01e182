"""Any other token never gets the secret, in no status, header or body; and a handshake is no event."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import CALM, Case, Cases, Expectation, Step, one
from hookassay.conformance.checks.handshake.request import WRONG_TOKEN, handshake, long_secret, member
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.mutation.token import WrongToken, by_check
from hookassay.mockserver.emission.secret import SecretText
from hookassay.mockserver.emission.spelling import write
from hookassay.mockserver.emission.vendor import LEFT_OUT, NULL
from hookassay.schemas.contract import Json, Level

_Token = Callable[[Bench], Json]


def wrong_tokens(level: Level) -> Cases:
    """The wrong tokens of one level."""
    kinds = ("wrong", "absent", "type", "near-miss", "careless")
    chosen = [wrong for kind in kinds for wrong in by_check(kind) if wrong.level == level]

    def cases(bench: Bench) -> Iterator[Case]:
        for wrong in chosen:
            if wrong.make(bench.secret) is not None:
                yield _never(wrong.name, partial(_made, wrong=wrong), level, f"the token: {wrong.why}")
        if level == "must" and bench.secret.swapcase() != bench.secret:
            why = "the token with all its letters in the other case"
            yield _never("all-letters-in-other-case", _in_other_case, "must", why)

    return cases


def _never(name: str, token: _Token, level: Level, why: str) -> Case:
    def plan(bench: Bench) -> list[Step]:
        secret = long_secret()
        return [Step(handshake(bench, secret, token(bench)), Expectation("calm", level, never=secret), why)]

    return Case(name, plan, level=level, why=why)


def _made(bench: Bench, wrong: WrongToken) -> Json:
    return wrong.make(bench.secret)


def _in_other_case(bench: Bench) -> Json:
    return SecretText(bench.secret.lower() if bench.secret.lower() != bench.secret else bench.secret.upper())


def refusal_status(bench: Bench) -> Iterator[Case]:
    """A refusal shows in the status too."""
    for name, value in {"wrong": WRONG_TOKEN, "absent": LEFT_OUT, "empty": ""}.items():
        yield Case(name, partial(_refused, token=value), level="should")


def _refused(bench: Bench, token: Json) -> list[Step]:
    secret = long_secret()
    return [Step(handshake(bench, secret, token), Expectation("refused", "should", never=secret))]


_INCOMPLETE: dict[str, Json] = {
    "absent": LEFT_OUT,
    "null": NULL,
    "number": 5,
    "true": True,
    "array": [],
    "object": {},
    "array-of-text": ["x"],
    "empty": "",
}


def incomplete(bench: Bench) -> Iterator[Case]:
    """The right token with no secret, or with what is no text."""
    for name, value in _INCOMPLETE.items():
        yield Case(name, one(partial(handshake, secret=value), CALM, f"the secret: {name}"))


def not_an_event(bench: Bench) -> Iterator[Case]:
    """Events with members of a handshake: none may slip past the signature, none may be taken for a handshake."""
    if bench.kind == "hmac-header":
        for name, token in (("secret", None), ("wrong-token", WRONG_TOKEN), ("empty-token", "")):
            yield Case(f"unsigned-event-with-{name}", partial(_event_with, token=token, signed=False))
    yield Case("signed-event-with-secret", partial(_event_with, token=None, signed=True))


def _event_with(bench: Bench, token: str | None, signed: bool) -> list[Step]:
    secret = long_secret()
    document = {**bench.document(), member(bench, "answer"): secret}
    if token is not None:
        document[member(bench, "token")] = token
    delivery = bench.vendor.deliver(bench.carrier, document, forge=None if signed else lambda signer, body: ())
    name = "a signed event with an extra secret" if signed else "an unsigned event with members of a handshake"
    return [Step(delivery, Expectation("taken" if signed else "refused", never=secret), name)]


def no_oracle(bench: Bench) -> Iterator[Case]:
    """The challenge must not become a signing service: the text to sign would be chosen by the sender."""
    if bench.kind == "hmac-header":
        yield Case("event-as-secret", _event_as_secret)


def _event_as_secret(bench: Bench) -> list[Step]:
    event = write(bench.document()).data.decode()
    signature = bench.vendor.signer(bench.carrier).right_text(event.encode())
    expect = Expectation("calm", never=signature)
    return [
        Step(handshake(bench, event, WRONG_TOKEN), expect, "an event's text as the secret, a wrong token"),
        Step(handshake(bench, event), expect, "an event's text as the secret, the right token"),
    ]


def by_get(bench: Bench) -> Iterator[Case]:
    """The handshakes of other vendors come by GET; a wrong token gets nothing that way either."""
    yield Case("wrong-token-by-get", _wrong_token_by_get)


def _wrong_token_by_get(bench: Bench) -> list[Step]:
    secret = long_secret()
    ours = f"{member(bench, 'token')}={WRONG_TOKEN}&{member(bench, 'answer')}={secret}"
    query = f"{ours}&hub.mode=subscribe&hub.challenge={secret}"
    delivery: Delivery = replace(handshake(bench, secret, WRONG_TOKEN), method="GET", query=query, body=b"")
    return [Step(delivery, Expectation("calm", never=secret), "a wrong token, by GET")]
