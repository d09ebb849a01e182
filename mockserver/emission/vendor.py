"""The vendor, as one receiver's owner has configured it: builds every delivery there is.

`document` makes an event's payload new and changes it as asked; `deliver` spells, authenticates and
wraps it; `build` does both for those who need no more than one function.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hookassay import __version__
from hookassay.mockserver.emission import overrides
from hookassay.mockserver.emission.authentication import Signer, Stamp
from hookassay.mockserver.emission.delivery import PLAIN, Delivery, Framing
from hookassay.mockserver.emission.fresh import Recipe
from hookassay.mockserver.emission.ids import GENERATORS, Ids
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.mockserver.emission.script import Script
from hookassay.mockserver.emission.secret import SecretText, Span
from hookassay.mockserver.emission.spelling import COMPACT, Body, Spelling, write
from hookassay.schemas import inspection, members, validation
from hookassay.schemas.contract import Event, Json, Provider

Headers = tuple[tuple[str, str], ...]
Forge = Callable[[Signer, bytes], Headers]
"""Makes the authentication headers of a body; the right one is `Signer.sign`."""


class InvalidDelivery(Exception):
    """A document of ours that should be valid and is not: our mistake, never a receiver's."""


@dataclass(frozen=True)
class Secrets:
    """What vendor and receiver share: one secret, others for single events or for single routes (GBM's agents)."""

    default: str = ""
    events: Mapping[str, str] = field(default_factory=dict)
    routes: Mapping[str, str] = field(default_factory=dict)

    def all(self) -> tuple[str, ...]:
        """Every secret there is, the longest first (for masking and for finding leaks)."""
        found = {self.default, *self.events.values(), *self.routes.values()} - {""}
        return tuple(sorted(found, key=len, reverse=True))


@dataclass(frozen=True)
class Vendor:
    """A provider with its secrets and the owner's own ids (`owner`: path → value, set in every document)."""

    provider: Provider
    secrets: Secrets = Secrets()
    owner: Mapping[str, Json] = field(default_factory=dict)
    url: str = ""
    clock: Callable[[], int] = time.time_ns
    _recipes: dict[tuple[str, str], Recipe] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def headers(self) -> Headers:
        """The provider's fixed headers."""
        return tuple((name, value.replace("{version}", __version__)) for name, value in self.provider.headers.items())

    def document(
        self,
        event: Event,
        example: str = "full",
        changes: Overrides = Overrides(),
        *,
        base: Json = None,
        at: int | None = None,
        ids: Ids | None = None,
        script: Script | None = None,
        valid: bool = True,
    ) -> Json:
        """An event's payload: the example (or `base`) with fresh ids and times, the owner's ids, then the changes.

        `at` is the time of its latest moment (nanoseconds, default now); with a `script` the placeholders
        in the changes are filled in. Raises InvalidDelivery if the result should be valid and is not,
        BadOverride for a change that cannot be made.
        """
        at = self.clock() if at is None else at
        ids = ids or Ids()
        recipe = self._recipe(event, example) if base is None else Recipe(event, base)
        made = recipe.renew(at, ids)
        for path, value in self.owner.items():
            _set_if_there(made, path, value)
        filled = changes
        if script is not None:
            values = {path: script.fill(value, _form_at(event, made, path)) for path, value in changes.set.items()}
            filled = Overrides(values, changes.remove)
        if filled:
            made = overrides.apply(made, filled)
        recipe.compose(made, ids, leave={_pointer(path) for path in changes.set})
        changed = bool(filled) or base is not None
        if changed and valid and (problems := validation.problems(event, made)):
            raise InvalidDelivery(f"{self.provider.name} {event.name} ({example}): {problems[0]}")
        return made

    def _recipe(self, event: Event, example: str) -> Recipe:
        recipe = self._recipes.get((event.name, example))
        if recipe is None:
            recipe = self._recipes[event.name, example] = Recipe(event, event.examples[example].document)
        return recipe

    def signer(self, event: Event, document: Json = None) -> Signer:
        """The signer for an event: by its route's secret, its own, or the provider's."""
        return Signer(self.provider.authentication, self.secret_of(event, document), self.stamp())

    def stamp(self) -> Stamp:
        return Stamp(timestamp=str(self.clock() // 1_000_000_000), id=f"msg_{GENERATORS['id']()}", url=self.url)

    def secret_of(self, event: Event, document: Json = None) -> str:
        """The secret that authenticates a document of an event."""
        route = self.provider.traits.get("route")
        if route and isinstance(document, dict) and self.secrets.routes:
            value = _at(document, str(route["pointer"]))
            if isinstance(value, str) and value in self.secrets.routes:
                return self.secrets.routes[value]
        return self.secrets.events.get(event.name, self.secrets.default)

    def deliver(
        self,
        event: Event,
        document: Json,
        spelling: Spelling = COMPACT,
        *,
        forge: Forge | None = None,
        token: Json = None,
        body: Body | None = None,
        headers: Headers = (),
        without: tuple[str, ...] = (),
        framing: Framing = PLAIN,
        method: str = "",
    ) -> Delivery:
        """A delivery of a document, rightly authenticated unless `forge` (headers) or `token` (body) says otherwise.

        With `body` these bytes are sent, and signed, instead of the document's. `headers` replace the
        provider's of the same name; `without` names headers that are left out.
        """
        kind = self.provider.authentication.kind
        if body is None:
            if kind == "body-token" and isinstance(document, dict):
                document = self.with_token(event, document, token)
            body = write(document, spelling)
        auth: Headers = ()
        if kind == "hmac-header":
            signer = self.signer(event, document)
            auth = signer.sign(body.data) if forge is None else forge(signer, body.data)
        replaced = {name.lower() for name, _ in headers} | {name.lower() for name in without}
        fixed = tuple(pair for pair in self.headers if pair[0].lower() not in replaced)
        return Delivery(
            provider=self.provider.name,
            event=event.name,
            method=method or self.provider.method,
            headers=(*fixed, *headers, *auth),
            body=body.data,
            secrets={"body": self._secret_spans(event, document, body)},
            framing=framing,
        )

    def with_token(self, event: Event, document: dict[str, Json], token: Json = None) -> dict[str, Json]:
        """A document with the webhook's token at its place (another value if one is given; `LEFT_OUT` for none)."""
        pointer = self.provider.authentication.pointer
        if token is LEFT_OUT:
            return dict(overrides.apply(document, Overrides(remove=(pointer,))))
        value = SecretText(self.secret_of(event, document)) if token is None else None if token is NULL else token
        return dict(overrides.apply(document, Overrides({pointer: value})))

    def _secret_spans(self, event: Event, document: Json, body: Body) -> tuple[Span, ...]:
        """The spans of a body that hold a secret: those that were written as such, and a handshake's token."""
        spans = list(body.secrets)
        handshake = self.provider.traits.get("handshake")
        if handshake and event is self.provider.handshake and isinstance(document, dict):
            secret = self.secrets.default.encode()
            start = body.data.find(secret) if secret else -1
            if start >= 0 and not spans:
                spans.append(Span(start, start + len(secret)))
        return tuple(spans)


class _Stand(str):
    """Stands for a token that a value cannot say."""


LEFT_OUT: Any = _Stand("LEFT_OUT")
"""No token at all."""
NULL: Any = _Stand("NULL")
"""JSON's null (None means the right token)."""


def build(
    provider: Provider,
    event: str,
    changes: Mapping[str, Json] | Overrides = Overrides(),
    secret: str | None = None,
    *,
    example: str = "full",
    spelling: Spelling = COMPACT,
    forge: Forge | None = None,
    valid: bool = True,
) -> Delivery:
    """One delivery from (provider, event, overrides, secret): fresh ids and times, signed over its exact bytes.

    Raises KeyError for an unknown event or example, BadOverride, InvalidDelivery.
    """
    vendor = Vendor(provider, Secrets(provider.test_secret if secret is None else secret))
    wanted = changes if isinstance(changes, Overrides) else Overrides(changes)
    document = vendor.document(provider.events[event], example, wanted, valid=valid)
    return vendor.deliver(provider.events[event], document, spelling, forge=forge)


def _pointer(path: str) -> str:
    return path if path.startswith("/") else "/" + path.replace(".", "/")


def _at(document: Json, path: str) -> Json:
    try:
        return members.lookup(document, _pointer(path))
    except KeyError:
        return None


def _form_at(event: Event, document: Json, path: str) -> Json:
    """A value in whose form a time at this path is written: what stands there, or beside it in its array, or fits the schema."""
    there = _at(document, path)
    if there is not None:
        return there
    beside = _at(document, "/".join("0" if token.isdigit() else token for token in _pointer(path).split("/")))
    if beside is not None:
        return beside
    return 1 if "integer" in inspection.types_at(event.expanded, path) else None


def _set_if_there(document: Json, path: str, value: Json) -> None:
    """Set the owner's own id where the document has such a member, in the type that stands there."""
    there = _at(document, path)
    if there is None:
        return
    if (
        isinstance(there, int)
        and not isinstance(there, bool)
        and isinstance(value, str)
        and value.lstrip("-").isdigit()
    ):
        value = int(value)
    overrides.put(document, path, value)
