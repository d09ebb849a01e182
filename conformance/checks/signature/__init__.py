"""Signature: a right one is taken over the exact bytes that came, a forged one refused."""

from __future__ import annotations

from collections.abc import Iterator

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Cases
from hookassay.conformance.checks.signature import around, forged, right, routes
from hookassay.conformance.checks.signature.forging import is_signed


def _if_signed(cases: Cases) -> Cases:
    """The cases of a check, where the provider signs at all."""

    def made(bench: Bench) -> Iterator[Case]:
        if is_signed(bench):
            yield from cases(bench)

    return made


_CASES: dict[str, Cases] = {
    "raw-bytes": right.raw_bytes,
    "header-name": right.header_names,
    "split": right.split,
    "absent": forged.absent,
    "wrong-key": forged.wrong_key,
    "wrong-message": forged.wrong_message,
    "guessable-key": forged.guessable_keys,
    "unkeyed": forged.forgeries("unkeyed"),
    "other-algorithm": forged.forgeries("other-algorithm"),
    "partial": forged.forgeries("partial"),
    "malformed": forged.forgeries("malformed"),
    "tampered": forged.tampered,
    "content-type": around.content_types,
    "bypass": around.bypasses,
    "no-oracle": around.no_oracle,
    "agent-token": routes.agent_token,
    "partner-token": routes.partner_token,
    "before-parsing": around.before_parsing,
    "other-writing": forged.forgeries("other-writing"),
    "twice": forged.forgeries("twice"),
}

CASES: dict[str, Cases] = {name: _if_signed(cases) for name, cases in _CASES.items()}
"""Check → its cases; the records stand in `signature.toml`."""
