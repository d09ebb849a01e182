"""The battery: the module or package of a family makes the cases, the TOML file beside it holds the records.

Most cases follow from a provider's schemas, examples and authentication; what only one vendor has
stands in its `cases.toml` (`data`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import FAMILIES, Case, Cases, Check
from hookassay.conformance.checks import data, delivery, errors, handshake, payload, signature, token
from hookassay.schemas.catalogue import read_toml
from hookassay.schemas.contract import Provider

_CASES: dict[str, dict[str, Cases]] = {
    "payload": payload.CASES,
    "signature": signature.CASES,
    "token": token.CASES,
    "handshake": handshake.CASES,
    "errors": errors.CASES,
    "delivery": delivery.CASES,
}
_ORDER: dict[str, int] = {family: place for place, family in enumerate(FAMILIES)}


@cache
def ours() -> tuple[Check, ...]:
    """The checks for any provider whose contract has what they test, in the order of their records."""
    return tuple(
        data.check(f"{family}/{name}", record, _CASES[family][name])
        for family in FAMILIES
        for name, record in read_toml(Path(__file__).parent / f"{family}.toml").items()
    )


def checks(provider: Provider) -> tuple[Check, ...]:
    """All checks of a provider, its own included, in the order in which they run."""
    found = [data.extended(check, provider) for check in (*ours(), *data.checks(provider))]
    return tuple(sorted(found, key=lambda check: _ORDER[check.family]))


def cases(bench: Bench, wanted: Callable[[str], bool] = lambda check: True) -> Iterator[tuple[Check, Case]]:
    """Every case of every check that applies to a bench; of those that are wanted (`provider/family/check`) alone."""
    for check in checks(bench.provider):
        if wanted(f"{bench.provider.name}/{check.id}"):  # making cases takes time
            for case in check.cases(bench):
                yield check, case
