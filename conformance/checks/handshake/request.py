"""The vendor's verification request, right or changed, and what has to come back."""

from __future__ import annotations

import secrets
import string

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Expectation, Plan, Step
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.secret import SecretText
from hookassay.mockserver.emission.spelling import COMPACT, Spelling, write
from hookassay.mockserver.emission.vendor import LEFT_OUT, NULL
from hookassay.schemas.contract import Json, Level

WRONG_TOKEN = "WRONGTOKENWRONGT"


def member(bench: Bench, which: str) -> str:
    """The name of the member that carries the `token` or, for the `answer`, the secret."""
    return str(bench.provider.traits["handshake"][which]).removeprefix("/")


def long_secret() -> str:
    """A secret that cannot stand in an answer by chance."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(40))


def digits(length: int) -> str:
    """A secret of digits that begins with none that could be lost."""
    return "".join(secrets.choice(string.digits[1:]) for _ in range(length))


def handshake(
    bench: Bench,
    secret: Json,
    token: Json = None,
    spelling: Spelling = COMPACT,
    signed: bool = False,
    extra: dict[str, Json] | None = None,
) -> Delivery:
    """The verification request, unsigned unless asked; LEFT_OUT leaves a member out, NULL is JSON's null."""
    event = bench.provider.handshake
    assert event is not None
    token = SecretText(bench.secret) if token is None else token
    pairs = ((member(bench, "token"), token), (member(bench, "answer"), secret))
    document: dict[str, Json] = {
        name: None if value is NULL else value for name, value in pairs if value is not LEFT_OUT
    }
    body = write({**document, **(extra or {})}, spelling)
    return bench.vendor.deliver(event, document, body=body, forge=None if signed else lambda signer, data: ())


def exactly(secret: str, level: Level = "must") -> Expectation:
    """200 and the secret, character for character."""
    return Expectation("exactly", level, text=secret)


def answered(spelling: Spelling = COMPACT, signed: bool = False, extra: dict[str, Json] | None = None) -> Plan:
    """A plan of one handshake with a secret of ten digits, which has to come back."""

    def plan(bench: Bench) -> list[Step]:
        secret = digits(10)
        return [Step(handshake(bench, secret, None, spelling, signed, extra), exactly(secret))]

    return plan
