"""A case and its name: `PROVIDER@CONTRACT/GENERATOR:EVENT:KIND:SEED:INDEX`."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from hookassay.conformance.check import Expectation
from hookassay.conformance.fuzz.draft import Draft
from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.generation import GENERATOR
from hookassay.schemas.contract import Provider

Kind = Literal["valid", "invalid", "bytes", "auth"]
KINDS: tuple[Kind, ...] = get_args(Kind)

LARGEST = 2**64 - 1
"""Of seeds and indices."""

FILE_TIME = 1_704_067_200 * times.SECOND
"""2024-01-01T00:00:00Z (nanoseconds): the time of cases that are written to files, so that files compare."""

_NAME = re.compile(r"([a-z][a-z0-9-]*)@([0-9a-f]{12})/([0-9]+):([^:]+):([a-z]+):([0-9]+):([0-9]+)")


class BadName(ValueError):
    """Text that is no case's name, or names a case of another contract or generator; one line that says which."""


@dataclass(frozen=True)
class CaseName:
    """What a case is made from, beside the time and the secret."""

    provider: str
    contract: str
    generator: int
    event: str
    kind: Kind
    seed: int
    index: int

    def __str__(self) -> str:
        return f"{self.provider}@{self.contract}/{self.generator}:{self.event}:{self.kind}:{self.seed}:{self.index}"

    @classmethod
    def parse(cls, text: str) -> CaseName:
        """A name as it is written. Raises BadName."""
        match = _NAME.fullmatch(text.strip())
        if match is None or match[5] not in KINDS:
            raise BadName(f"{text[:100]!r} is no case's name (PROVIDER@CONTRACT/GENERATOR:EVENT:KIND:SEED:INDEX)")
        provider, contract, generator, event, _, seed, index = match.groups()
        kind = next(kind for kind in KINDS if kind == match[5])
        return cls(provider, contract, int(generator), event, kind, int(seed), int(index))

    def check(self, provider: Provider) -> None:
        """Raise BadName if the contract or the generator is another one than when the case was named."""
        if self.contract != contract_of(provider):
            raise BadName(
                f"{self} was made from contract {self.contract}, this is {contract_of(provider)}; "
                "--force builds it all the same, and it may differ"
            )
        if self.generator != GENERATOR:
            raise BadName(
                f"{self} was made by generator {self.generator}, this is {GENERATOR}; "
                "--force builds it all the same, and it may differ"
            )


class FuzzCase(NamedTuple):
    """One thing to try: a delivery, what has to come back, the mutations that made it, the time of its building.

    `draft` is what the delivery was made of, so that smaller ones can be.
    """

    name: CaseName
    draft: Draft
    delivery: Delivery
    expect: Expectation
    mutations: tuple[str, ...]
    at: int

    @property
    def hostile(self) -> bool:
        """Whether it may do harm: everything but what the vendor would send."""
        return self.name.kind != "valid"

    @property
    def mutation(self) -> str:
        """What was changed, without the place: `payload.missing`, both names where there are two, or `valid`."""
        return "+".join(name.partition("@")[0] for name in self.mutations) or "valid"

    @property
    def places(self) -> tuple[str, ...]:
        """The JSON pointers of the members that were changed."""
        return tuple(place for name in self.mutations if (place := name.partition("@")[2]))

    def as_json(self, path: str, placeholder: str = "") -> dict[str, Any]:
        """A line of a file (docs/fuzzing.md)."""
        return {
            "case": str(self.name),
            **self.delivery.as_json(path, placeholder),
            "at": times.iso(self.at, 3),
            "seed": self.name.seed,
            "index": self.name.index,
            "mutations": list(self.mutations),
            "expect": self.expect.reaction,
        }


@lru_cache(maxsize=16)
def _digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:12]


def contract_of(provider: Provider) -> str:
    """Which contract this is: 12 hex digits of the SHA-256 over the provider's folder, paths and bytes."""
    return _digest(provider.folder)
