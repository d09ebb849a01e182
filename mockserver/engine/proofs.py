"""A cause proven from outside: the delivery that was refused is sent again as each likely bug would have made it.

The one that is taken names the bug, once it is taken again while the right one is still refused, and
a random key in its place is not. Where nothing is proven, nothing is claimed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row

from hookassay.mockserver.emission import overrides
from hookassay.mockserver.emission.answer import Answer, Reaction, reaction
from hookassay.mockserver.emission.causes import KEY_READINGS, SEPARATING, Hypothesis, hypotheses
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.mockserver.emission.secret import SecretText
from hookassay.mockserver.emission.spelling import Fragment
from hookassay.mockserver.emission.vendor import Headers, Vendor
from hookassay.mockserver.engine import vendors
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.conversations import parsed
from hookassay.schemas import members
from hookassay.schemas.contract import Event, Json, Provider

ALLOWANCE = 400
"""Requests that one proof may cost."""

_TIMES = 2
_SHAPES = 60


class Ended(Exception):
    """No more requests: a rate limit, or the allowance is used up. One line that says which."""


@dataclass(frozen=True)
class Proof:
    """What came of trying: the cause's id of docs/field-evidence.md (empty: none proven), and a sentence."""

    cause: str
    text: str


def prove(
    context: Context,
    provider: Provider,
    event: Event,
    owner: Row[Any],
    refused: Delivery,
    send: Callable[[Delivery], Answer],
) -> Proof:
    """Find out why a right delivery is refused; `send` sends one and records it. Never raises Ended."""
    trial = _Trial(provider, event, vendors.vendor_of(context, provider, owner.secret, owner.url), refused, send)
    try:
        if not trial.is_steady():
            return Proof("", "the same delivery is refused now and taken then, so nothing can be proven")
        kind = provider.authentication.kind
        if kind == "hmac-header" and event is not provider.handshake:
            proof = trial.by_signature()
        elif kind == "body-token":
            proof = trial.by_token()
        else:
            proof = Proof("", "no likely cause is taken")
        return proof if proof.cause else trial.by_shape() or proof
    except Ended as error:
        return Proof("", f"nothing is proven yet, and {error}")


@dataclass
class _Trial:
    provider: Provider
    event: Event
    vendor: Vendor
    refused: Delivery
    transport: Callable[[Delivery], Answer]
    spent: int = 0

    def taken(self, delivery: Delivery) -> bool:
        """Raises Ended."""
        if self.spent >= ALLOWANCE:
            raise Ended(f"{ALLOWANCE} requests are what one question may cost")
        self.spent += 1
        answer = self.transport(delivery)
        if answer.rate_limited:
            raise Ended("the receiver asks for fewer requests (429)")
        return reaction(delivery, answer, self.provider.method) is Reaction.TAKEN

    def is_steady(self) -> bool:
        """Whether the right delivery is refused each time."""
        return not any(self.taken(self.refused) for _ in range(_TIMES))

    def surely_taken(self, delivery: Delivery) -> bool:
        """Taken each time, while the right one is still refused."""
        return self.taken(delivery) and all(self.taken(delivery) for _ in range(_TIMES)) and self.is_steady()

    def by_signature(self) -> Proof:
        """The body signed as each likely bug would compute the signature."""
        signer = self.vendor.signer(self.event, parsed(self.refused.body))
        nobody = signer.with_secret(vendors.random_secret(self.provider.authentication.key))
        if self.taken(self._with(self.refused, nobody.sign(self.refused.body))):
            return Proof("", "a wrong signature is taken too, so nothing can be proven by signatures")
        right = signer.sign(self.refused.body)
        ways: dict[Headers, list[Hypothesis]] = {}
        for hypothesis in hypotheses():
            headers = hypothesis.headers(signer, self.refused.body)
            if headers is not None and headers != right:
                ways.setdefault(headers, []).append(hypothesis)
        for headers, named in ways.items():
            if not self.surely_taken(self._with(self.refused, headers)):
                continue
            chosen = named[0] if len(named) == 1 else self._separated(named)
            keyless = chosen.headers(nobody, self.refused.body)
            if chosen.forgeable or keyless is None or not self.taken(self._with(self.refused, keyless)):
                return Proof(chosen.id, f"your receiver {chosen.text}")
        return Proof("", f"{len(ways)} likely ways of signing tried, none is taken")

    def _separated(self, named: list[Hypothesis]) -> Hypothesis:
        """Of several bugs that look the same on this body, the one that a body made to tell them apart shows."""
        document = parsed(self.refused.body)
        if not isinstance(document, dict):
            return named[0]
        delivery = self.vendor.deliver(self.event, {**document, "hookassay_separating": Fragment(SEPARATING)})
        signer = self.vendor.signer(self.event, document)
        for hypothesis in named:
            headers = hypothesis.headers(signer, delivery.body)
            if headers is not None and self.taken(self._with(delivery, headers)):
                return hypothesis
        return named[0]

    def _with(self, delivery: Delivery, headers: Headers) -> Delivery:
        return delivery.with_headers(*headers, without=tuple(self.provider.authentication.headers))

    def by_token(self) -> Proof:
        """The token as a bug would have read it, and where a bug would look for it."""
        document = parsed(self.refused.body)
        token = self.vendor.secret_of(self.event)
        if not isinstance(document, dict):
            return Proof("", "the body is no JSON object, so nothing can be proven by tokens")
        if self.taken(self.vendor.deliver(self.event, document, token=vendors.RANDOM_KEY)):
            return Proof("", "a wrong token is taken too, so nothing can be proven by tokens")
        for ident, text, change in KEY_READINGS:
            read = change(token)
            if read and read != token:
                if self.surely_taken(self.vendor.deliver(self.event, document, token=SecretText(read))):
                    return Proof(ident, f"your receiver {text}")
        name = self.provider.authentication.pointer.removeprefix("/")
        for text, delivery in (
            (f"in the query (?{name}=)", replace(self.refused, query=f"{name}={token}")),
            ("in the header X-Token", self.refused.with_headers(("X-Token", token))),
            ("in Authorization: Bearer", self.refused.with_headers(("Authorization", f"Bearer {token}"))),
        ):
            if self.surely_taken(delivery):
                return Proof("CA-D11", f"your receiver looks for the token {text}")
        return Proof("", "the token read or placed in other ways tried, none is taken")

    def by_shape(self) -> Proof | None:
        """The event changed in one thing after another, and wrapped in other ways."""
        for ident, text, delivery in self._shapes():
            if self.surely_taken(delivery):
                return Proof(ident, f"your receiver {text}")
        return None

    def _shapes(self) -> Iterator[tuple[str, str, Delivery]]:
        for content_type in ("application/json; charset=utf-8", "application/json"):
            now = self.refused.header("content-type")
            if content_type != now:
                changed = self.refused.with_headers(("Content-Type", content_type), without=("content-type",))
                yield "CA-D4", f"refuses the Content-Type {now or '(none)'}: it takes {content_type}", changed
        slash = replace(self.refused, path=f"{self.refused.path}/")
        yield "CA-D7", "answers at the same address with a slash at its end", slash
        browser = (("User-Agent", "Mozilla/5.0"), ("Accept", "*/*"))
        changed = self.refused.with_headers(*browser, without=("user-agent", "accept"))
        yield "CA-D8", "refuses the vendor's User-Agent (a bot guard?)", changed
        document = parsed(self.refused.body)
        if isinstance(document, dict):
            for ident, text, other in self._documents(document):
                yield ident, text, self.vendor.deliver(self.event, other)

    def _documents(self, document: dict[str, Json]) -> Iterator[tuple[str, str, Json]]:
        ascii_only = json.loads(json.dumps(document, ensure_ascii=False).encode("ascii", "replace"))
        if ascii_only != document:
            yield "CA-D1", "refuses text beyond ASCII: the same event in ASCII is taken", ascii_only
        found = [member for member in members.walk(self.event.expanded, document) if member.pointer]
        nulls = tuple(member.pointer for member in found if member.value is None)
        if nulls:
            text = "refuses null: the same event without its null members is taken"
            yield "CA-D3", text, overrides.apply(document, Overrides(remove=nulls))
        for member in [member for member in found if not member.required][:_SHAPES]:
            text = f"refuses the member {member.pointer}: the same event without it is taken"
            yield "CA-D2", text, overrides.apply(document, Overrides(remove=(member.pointer,)))
