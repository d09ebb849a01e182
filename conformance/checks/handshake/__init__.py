"""Handshake: the right token gets exactly the secret back, any other never."""

from __future__ import annotations

from collections.abc import Iterator

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Cases
from hookassay.conformance.checks.handshake import answers, refusals


def _if_it_has_one(cases: Cases) -> Cases:
    """The cases of a check, where the provider has a handshake."""

    def made(bench: Bench) -> Iterator[Case]:
        if bench.provider.handshake is not None:
            yield from cases(bench)

    return made


_CASES: dict[str, Cases] = {
    "answer": answers.answer,
    "digits": answers.of_secrets(answers.DIGITS),
    "fresh": answers.fresh,
    "unsigned": answers.unsigned,
    "signed": answers.signed,
    "forms": answers.forms,
    "wrong-token": refusals.wrong_tokens("must"),
    "incomplete": refusals.incomplete,
    "not-an-event": refusals.not_an_event,
    "no-oracle": refusals.no_oracle,
    "again": answers.again,
    "method": refusals.by_get,
    "agent-token": answers.agent_token,
    "shapes": answers.of_secrets(answers.SHAPES, "should"),
    "refusal-status": refusals.refusal_status,
    "careless-token": refusals.wrong_tokens("should"),
    "content-type": answers.content_type,
}

CASES: dict[str, Cases] = {name: _if_it_has_one(cases) for name, cases in _CASES.items()}
"""Check → its cases; the records stand in `handshake.toml`."""
