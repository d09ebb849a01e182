"""What a run of the fuzzer makes: vendor, seed, events, kinds, shard, count. It can be given to other processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hookassay import __version__
from hookassay.conformance.fuzz.case import CaseName, FuzzCase, Kind, contract_of
from hookassay.conformance.fuzz.cases import Cases
from hookassay.conformance.fuzz.counter import MODES, SHARES, Order, Shard
from hookassay.mockserver.emission.generation import GENERATOR
from hookassay.mockserver.emission.vendor import Secrets, Vendor
from hookassay.schemas import catalogue
from hookassay.schemas.contract import Json, Provider


class BadPlan(ValueError):
    """A run that cannot be made as asked for; one line that says why."""


@dataclass(frozen=True)
class Plan:
    """A run. `count` is that of all shards together, None for no end; `owner` and `secrets` are the vendor's."""

    provider_name: str
    events: tuple[str, ...]
    mode: str = "mixed"
    seed: int = 0
    count: int | None = 10_000
    shard: Shard = Shard()
    provider_paths: tuple[Path, ...] = ()
    secrets: Secrets = field(default=Secrets(), repr=False)
    owner: Mapping[str, Json] = field(default_factory=dict)

    @property
    def provider(self) -> Provider:
        return catalogue.load(self.provider_name, self.provider_paths)

    def cases(self) -> Cases:
        """The builder of this run's cases."""
        return Cases(Vendor(self.provider, self.secrets, self.owner), self.seed)

    def order(self) -> Order:
        """The order of its cases. Raises BadPlan where the provider has nothing of this mode."""
        return Order.of(self.events, self.kinds())

    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of cases that its mode means. Raises BadPlan."""
        there = self.cases().of(self.events[0]).kinds
        if self.mode == "mixed":
            return there
        wanted = tuple(kind for kind in SHARES if kind == self.mode)
        if not wanted:
            raise BadPlan(f"--mode {self.mode!r} is none of {', '.join(MODES)}")
        if wanted[0] not in there:
            title = self.provider.title["en"]
            raise BadPlan(f"--mode {self.mode}: {title} has no authentication, so there is nothing to forge")
        return wanted

    def header(self) -> dict[str, Any]:
        """The first line of a file: what its cases are made from, but for the secret."""
        return {
            "hookassay": "fuzz",
            "version": __version__,
            "provider": self.provider_name,
            "contract": contract_of(self.provider),
            "generator": GENERATOR,
            "seed": self.seed,
            "mode": self.mode,
            "events": list(self.events),
            "shard": str(self.shard),
            "count": self.count,
        }

    def counters(self, start: int = 0) -> Iterator[int]:
        """The counts of its shard."""
        return self.shard.counters(start, self.count)

    def named(self, text: str, at: int, force: bool = False) -> FuzzCase:
        """The case of a name, or of an index of the plan's only event and kind. Raises BadName, BadPlan."""
        if text.isdigit():
            if self.mode == "mixed" or len(self.events) != 1:
                raise BadPlan("--only INDEX needs one EVENT and a --mode: an index counts within both")
            kind = self.kinds()[0]
            contract = contract_of(self.provider)
            name = CaseName(self.provider_name, contract, GENERATOR, self.events[0], kind, self.seed, int(text))
        else:
            name = CaseName.parse(text)
            if name.provider != self.provider_name:
                raise BadPlan(f"--only: {text} is a case of {name.provider}, not of {self.provider_name}")
            if not force:
                name.check(self.provider)
        if name.event not in self.provider.events:
            near = catalogue.nearest(name.event, self.provider.events)
            raise BadPlan(f"{self.provider_name} has no event {name.event!r}{near}")
        return replace(self, seed=name.seed).cases().named(name, at)


def events_of(provider: Provider, wanted: Sequence[str], asked: Sequence[str]) -> tuple[str, ...]:
    """The events of a run: those that are named, else those that a receiver has to take, and the handshake.

    Raises BadPlan.
    """
    for name in wanted:
        if name not in provider.events:
            known = catalogue.nearest(name, provider.events)
            raise BadPlan(f"{provider.name} has no event {name!r}{known}; hookassay events {provider.name} lists them")
    handshake = () if provider.handshake is None else (provider.handshake.name,)
    return tuple(dict.fromkeys(wanted or (*asked, *handshake)))
