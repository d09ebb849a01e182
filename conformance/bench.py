"""What the cases of one provider work with: its contract, the vendor as configured, what is known of the receiver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.overrides import UNCHANGED, Overrides
from hookassay.mockserver.emission.secret import SecretText
from hookassay.mockserver.emission.spelling import COMPACT, Spelling
from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.emission.vendor import Forge, Vendor
from hookassay.schemas.contract import Event, Json, Level, Provider


@dataclass
class Facts:
    """What the first requests of a run have told of the receiver, for one provider.

    `carrier` (event, example) is what probes, errors and twins ride on; `usual` the seconds that its
    answer took; `forms` the richest example in which each event that was asked for is taken (none: "").
    `basic_protects`: requests without the URL's credentials are refused; `token_enforced`: a plainly
    wrong token is refused; `strangers`: names of the strangers whose plainly forged events are refused;
    `slash_reads`: at the address with a slash behind it what is no JSON is refused, as by somebody who reads it.
    """

    carrier: tuple[str, str] = ("", "")
    carrier_taken: bool = True
    http_version: str = "1.1"
    usual: float = 0.0
    forms: dict[str, str] = field(default_factory=dict)
    basic_protects: bool = False
    token_enforced: bool = True
    strangers: list[str] = field(default_factory=list)
    slash_reads: bool = False


@dataclass
class Bench:
    """One provider's part of a run. `asked` are the events that the receiver has to take."""

    provider: Provider
    vendor: Vendor
    target: Target
    asked: tuple[str, ...]
    limit: float
    limit_is_strict: bool
    agent: str = ""
    facts: Facts = field(default_factory=Facts)

    @property
    def kind(self) -> str:
        return self.provider.authentication.kind

    @property
    def events(self) -> tuple[Event, ...]:
        """The provider's events, those that are asked for first."""
        ordered = self.provider.deliverable.values()
        return tuple(sorted(ordered, key=lambda event: event.name not in self.asked))

    @property
    def asked_events(self) -> tuple[Event, ...]:
        return tuple(self.provider.events[name] for name in self.asked)

    def level_of(self, event: Event, level: Level = "must") -> Level:
        """A level, lowered to SHOULD for an event that nobody asked for."""
        return level if event.name in self.asked or level == "may" else "should"

    @property
    def carrier(self) -> Event:
        name = self.facts.carrier[0] or self.asked[0]
        return self.provider.events[name]

    @property
    def carrier_example(self) -> str:
        return self.facts.carrier[1] or "full"

    def example_for(self, event: Event) -> str:
        """The example in which an event is sent where nothing depends on it: the richest that is taken, else `full`."""
        return self.facts.forms.get(event.name) or "full"

    def is_refused(self, event: str, example: str) -> bool:
        """Whether an event is known not to be taken in its example as it stands."""
        return example == "full" and self.facts.forms.get(event, "full") != "full"

    def document(
        self,
        event: Event | None = None,
        example: str = "",
        changes: Mapping[str, Json] | Overrides = UNCHANGED,
        **more: Json,
    ) -> Json:
        """A fresh document of an event (default: the carrier)."""
        event = event or self.carrier
        wanted = changes if isinstance(changes, Overrides) else Overrides(changes)
        return self.vendor.document(event, example or self.example_for(event), wanted, **more)

    def right(
        self, event: Event | None = None, example: str = "", spelling: Spelling = COMPACT, **more: Json
    ) -> Delivery:
        """A right delivery of an event (default: the carrier)."""
        event = event or self.carrier
        return self.vendor.deliver(event, self.document(event, example), spelling, **more)

    def forged(
        self, forge: Forge, event: Event | None = None, example: str = "", spelling: Spelling = COMPACT, **more: Json
    ) -> Delivery:
        """A delivery whose authentication headers are made by `forge`."""
        return self.right(event, example, spelling, forge=forge, **more)

    def with_token(self, token: Json, event: Event | None = None, **more: Json) -> Delivery:
        """A delivery with another value in the token's place."""
        event = event or self.carrier
        return self.vendor.deliver(event, self.document(event), token=token, **more)

    @property
    def token_member(self) -> str:
        """The name of the top-level member that carries the token."""
        return self.provider.authentication.pointer.removeprefix("/")

    @property
    def secret(self) -> str:
        return self.vendor.secrets.default

    def secret_text(self, event: Event | None = None) -> SecretText:
        return SecretText(self.vendor.secret_of(event or self.carrier))
