"""The vendor, as one receiver's owner has configured it: builds every delivery there is.

`document` makes an event's payload new and changes it as asked; `deliver` spells, authenticates and
wraps it; `build` does both for those who need no more than one function.
"""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Any

from hookassay import __version__
from hookassay.mockserver.emission import overrides
from hookassay.mockserver.emission.authentication import Signer, Stamp
from hookassay.mockserver.emission.delivery import PLAIN, Delivery, Framing
from hookassay.mockserver.emission.fresh import Recipe
from hookassay.mockserver.emission.ids import GENERATORS, Ids
from hookassay.mockserver.emission.overrides import UNCHANGED, Overrides
from hookassay.mockserver.emission.script import Script
from hookassay.mockserver.emission.secret import SecretText, Span
from hookassay.mockserver.emission.spelling import COMPACT, Body, Spelling, write
from hookassay.schemas import inspection, members, validation
from hookassay.schemas.contract import Event, Json, Provider

Headers = tuple[tuple[str, str], ...]
Forge = Callable[[Signer, bytes], Headers]
"""Makes the authentication headers of a body; the right one is `Signer.sign`."""


_UNSTAMPED = Stamp()


class InvalidDelivery(Exception):
    """A document of ours that should be valid and is not: our mistake, never a receiver's."""


class _Stand(Enum):
    """Stands for a token that a value cannot say."""

    LEFT_OUT = "no token at all"
    NULL = "null"


LEFT_OUT: Any = _Stand.LEFT_OUT
"""No token at all."""

NULL: Any = _Stand.NULL
"""JSON's null (None means the right token)."""


@dataclass(frozen=True, repr=False)
class Secrets:
    """What vendor and receiver share: one secret, others for single events or for single routes (GBM's agents).

    It never prints one of them.
    """

    default: str = ""
    events: Mapping[str, str] = field(default_factory=dict)
    routes: Mapping[str, str] = field(default_factory=dict)

    def all(self) -> tuple[str, ...]:
        """Every secret there is, the longest first (for masking and for finding leaks)."""
        return self._all

    @cached_property
    def _all(self) -> tuple[str, ...]:
        found = {self.default, *self.events.values(), *self.routes.values()} - {""}
        return tuple(sorted(found, key=len, reverse=True))

    def __repr__(self) -> str:
        names = [*(["default"] if self.default else []), *self.events, *self.routes]
        return f"<Secrets: {', '.join(names) or 'none'}>"


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
        changes: Overrides = UNCHANGED,
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
            overrides.change(made, filled)
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
        """What a signing template may name besides the body: the time of now, a fresh id, the target's URL."""
        if not self._is_stamped:
            return _UNSTAMPED
        return Stamp(timestamp=str(self.clock() // 1_000_000_000), id=f"msg_{GENERATORS['id']()}", url=self.url)

    @cached_property
    def _is_stamped(self) -> bool:
        """Whether a template of the provider's names more than the body and its digest."""
        authentication = self.provider.authentication
        templates = "".join((authentication.signed, *authentication.headers.values()))
        return any("{" + name + "}" in templates for name in _UNSTAMPED.values)

    def secret_of(self, event: Event, document: Json = None) -> str:
        """The secret that authenticates a document of an event: its route's, the event's own, or the default."""
        route = self.provider.traits.get("route")
        if route and self.secrets.routes:
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

        With `body` these bytes are sent, and signed, as they are, instead of the document's; what the document
        does not say of its route is then read from them. `headers` replace the provider's of the same name;
        `without` names headers that are left out.
        """
        if body is None:
            if self.token_pointer(event) and isinstance(document, dict):
                document = self.with_token(event, document, token)
            body = write(document, spelling)
        elif not document and self.secrets.routes:
            document = _parsed(body.data)
        auth: Headers = ()
        if self.provider.authentication.kind == "hmac-header":
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
            secrets={"body": self._spans(body)},
            framing=framing,
        )

    def _spans(self, body: Body) -> tuple[Span, ...]:
        """The spans of a body that come from a secret; what is none of them letter by letter is made of one."""
        if not body.secrets:
            return ()
        known = {text.encode("utf-8", "surrogatepass") for text in self.secrets.all()}
        return tuple(replace(span, derived=body.data[span.start : span.end] not in known) for span in body.secrets)

    def token_pointer(self, event: Event) -> str:
        """Where an event carries the token in its body: as the provider's authentication, or in the handshake alone."""
        if event is self.provider.handshake:
            return str(self.provider.traits["handshake"]["token"])
        return self.provider.authentication.pointer

    def with_token(self, event: Event, document: dict[str, Json], token: Json = None) -> dict[str, Json]:
        """A document with the webhook's token at its place (another value if one is given; `LEFT_OUT` for none)."""
        pointer = self.token_pointer(event)
        changed = dict(document) if pointer.count("/") == 1 else copy.deepcopy(document)
        if token is LEFT_OUT:
            overrides.leave_out(changed, pointer)
            return changed
        value = SecretText(self.secret_of(event, document)) if token is None else None if token is NULL else token
        overrides.put(changed, pointer, value)
        return changed


def build(
    provider: Provider,
    event: str,
    changes: Mapping[str, Json] | Overrides = UNCHANGED,
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
    """A path of either kind as a JSON pointer."""
    return "".join(f"/{members.escape(token)}" for token in inspection.path_tokens(path))


def _parsed(data: bytes) -> Json:
    """A body's document, or None where it is no JSON."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _at(document: Json, path: str) -> Json:
    try:
        return members.lookup(document, _pointer(path))
    except KeyError:
        return None


def _form_at(event: Event, document: Json, path: str) -> Json:
    """A value in whose form a time at this path is written.

    What stands there, or at the same place of its array's first item, or what the schema has there.
    """
    there = _at(document, path)
    if there is not None:
        return there
    beside = _at(document, re.sub(r"/[0-9]+(?=/|$)", "/0", _pointer(path)))
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
