"""What a provider's contract holds, as frozen records.

Nothing here reads files or knows a vendor: `catalogue` makes these records from a folder, and
every other part of hookassay works from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

    from hookassay.schemas.members import Member

Json = Any
"""A JSON value as `json.loads` gives it (dict, list, str, int, float, bool, None)."""

Level = Literal["must", "should", "may"]
LEVELS: tuple[Level, ...] = ("must", "should", "may")
"""RFC 2119 levels, strongest first."""

AuthenticationKind = Literal["none", "hmac-header", "body-token"]


@dataclass(frozen=True)
class Document:
    """Where facts come from: a vendor's page, a public program that was read, or a decision of ours."""

    key: str
    title: str
    date: str
    url: str


@dataclass(frozen=True)
class Limit:
    """A time in seconds, and whether the vendor documents it or we chose it."""

    seconds: float
    status: str
    source: str


@dataclass(frozen=True)
class Authentication:
    """How a receiver tells the vendor's deliveries from others.

    `signed` is a template over `{body}`, `{timestamp}`, `{id}` and `{url}`; `headers` maps header
    names to templates that know `{digest}` too. `pointer` is the JSON pointer of a token in the body.
    """

    kind: AuthenticationKind
    source: str
    algorithm: str = ""
    key: str = "utf-8"
    signed: str = "{body}"
    digest: str = "hex"
    headers: Mapping[str, str] = field(default_factory=dict)
    pointer: str = ""
    stamp: Literal["delivery", "attempt"] = "delivery"

    @property
    def has_secret(self) -> bool:
        """Whether vendor and receiver share a secret at all."""
        return self.kind != "none"


@dataclass(frozen=True)
class Example:
    """A document that validates; `level` is that of a receiver taking it."""

    event: str
    name: str
    document: Json
    level: Level = "must"


@dataclass(frozen=True)
class Event:
    """One documented kind of payload.

    `schema` is the file's own JSON Schema; `expanded` the same with every `$ref` replaced by what
    it names, which is what walkers read. `asked` says whether a receiver must take it by default.
    """

    provider: str
    name: str
    title: str
    description: str
    source: str
    asked: bool
    schema: Mapping[str, Json]
    expanded: Mapping[str, Json]
    examples: Mapping[str, Example]

    @cached_property
    def validator(self) -> Draft202012Validator:
        """A validator of this event, formats checked; made when first asked for."""
        from jsonschema import Draft202012Validator

        return Draft202012Validator(self.expanded, format_checker=Draft202012Validator.FORMAT_CHECKER)

    @cached_property
    def walked(self) -> Mapping[str, tuple[Member, ...]]:
        """The members of every example, by its name; walked once."""
        from hookassay.schemas.members import walk

        return {name: tuple(walk(self.expanded, example.document)) for name, example in self.examples.items()}

    @cached_property
    def name_member(self) -> str | None:
        """The top-level member that holds the event's name, if the vendor has one."""
        return next(
            (key for key, schema in self.expanded.get("properties", {}).items() if schema.get("const") == self.name),
            None,
        )

    @property
    def full(self) -> Example:
        return self.examples["full"]

    @property
    def minimal(self) -> Example:
        return self.examples["minimal"]


@dataclass(frozen=True)
class Requirement:
    """One numbered thing that a right receiver does, and the checks that see it (or why none does)."""

    id: str
    level: Level
    text: str
    source: str
    checks: tuple[str, ...] = ()
    unseen: str = ""


@dataclass(frozen=True)
class Retry:
    """When a failed delivery is sent again: seconds before each retry, then `then` until `until`."""

    name: str
    delays: tuple[float, ...]
    then: float | None = None
    until: float | None = None


@dataclass(frozen=True)
class Scenario:
    """A scripted conversation: steps in order of their virtual time (`schemas/README.md`)."""

    name: str
    title: str
    needs: tuple[str, ...]
    cast: Mapping[str, Json]
    steps: tuple[Mapping[str, Json], ...]


@dataclass(frozen=True)
class Provider:
    """A vendor whose webhooks are known."""

    name: str
    title: Mapping[str, str]
    contract: str
    folder: Path
    documents: Mapping[str, Document]
    method: str
    path: str
    headers: Mapping[str, str]
    timeout: Limit
    window: Limit | None
    success: Mapping[str, Json]
    authentication: Authentication
    test_secret: str
    test_secrets: Mapping[str, str]
    settings: tuple[Mapping[str, Json], ...]
    traits: Mapping[str, Mapping[str, Json]]
    retry_status: str
    retries: tuple[Retry, ...]
    hints: tuple[Mapping[str, Json], ...]
    hello: tuple[Mapping[str, Json], ...]
    events: Mapping[str, Event]
    requirements: tuple[Requirement, ...]
    checks: tuple[Mapping[str, Json], ...]
    cases: tuple[Mapping[str, Json], ...]
    scenarios: Mapping[str, Scenario]

    @cached_property
    def handshake(self) -> Event | None:
        """The event by which the vendor verifies a webhook before it sends anything, if it has one."""
        trait = self.traits.get("handshake")
        return self.events[str(trait["event"])] if trait else None

    @cached_property
    def deliverable(self) -> Mapping[str, Event]:
        """The events proper: all but the handshake, in the order of `provider.toml`."""
        return {name: event for name, event in self.events.items() if event is not self.handshake}

    @property
    def retries_documented(self) -> bool:
        """Whether the vendor's documents say that a failed delivery is sent again."""
        return self.retry_status == "documented" and bool(self.retries[0].delays)

    def requirements_of(self, check: str) -> tuple[Requirement, ...]:
        """The numbered requirements that a check (id without the provider's name) stands for."""
        found = self._seen_by.get(check)
        if found is None:
            found = tuple(r for r in self.requirements if any(fnmatchcase(check, g) for g in r.checks))
            self._seen_by[check] = found
        return found

    @cached_property
    def _seen_by(self) -> dict[str, tuple[Requirement, ...]]:
        return {}

    def cite(self, source: str) -> str:
        """A source key and section written out: `seed: Headers` → `Event APIs guide, Headers`."""
        parts = []
        for part in source.split("; "):
            key, _, section = part.partition(": ")
            document = self.documents.get(key)
            parts.append(part if document is None else f"{document.title}, {section}".rstrip(", "))
        return "; ".join(parts)

    def source_of(self, check: str, own: str) -> str:
        """A check's rule written out: the sources of the requirements that it stands for, else the check's own."""
        cited = dict.fromkeys(self.cite(requirement.source) for requirement in self.requirements_of(check))
        return "; ".join(cited) or self.cite(own)
