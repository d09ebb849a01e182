"""A delivery in the making: what mutations change before it is signed and wrapped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from hookassay.mockserver.emission.delivery import PLAIN, Delivery, Framing
from hookassay.mockserver.emission.generation import Compiled
from hookassay.mockserver.emission.secret import Span
from hookassay.mockserver.emission.spelling import Body
from hookassay.mockserver.emission.vendor import Forge, Headers, Vendor
from hookassay.schemas import members
from hookassay.schemas.contract import Event, Json


@dataclass(frozen=True)
class Draft:
    """What a delivery will be made of. `word` are 64 bits of chance for whoever changes it.

    `forge` makes other authentication headers; `sent` is a body that is sent instead of the signed one;
    `secrets` are the spans of the query and of headers that come from a secret.
    """

    vendor: Vendor
    generator: Compiled
    body: Body
    word: int
    headers: Headers = ()
    without: tuple[str, ...] = ()
    framing: Framing = PLAIN
    method: str = ""
    query: str = ""
    forge: Forge | None = None
    sent: Body | None = None
    credentials: bool = True
    secrets: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)

    @property
    def event(self) -> Event:
        return self.generator.event

    @cached_property
    def document(self) -> Json:
        """The body's document, which is JSON until somebody has changed it."""
        return json.loads(self.body.data)

    @property
    def asked(self) -> str:
        """The text that a handshake wants back; empty for events, and where there is none."""
        if self.event is not self.vendor.provider.handshake:
            return ""
        try:
            value = members.lookup(self.document, str(self.vendor.provider.traits["handshake"]["answer"]))
        except (ValueError, KeyError, RecursionError):
            return ""
        return value if isinstance(value, str) else ""

    def with_body(self, body: Body) -> Draft:
        return replace(self, body=body)

    def with_framing(self, framing: Framing) -> Draft:
        return replace(self, framing=framing)

    def with_headers(self, *headers: tuple[str, str], without: tuple[str, ...] = ()) -> Draft:
        return replace(self, headers=(*self.headers, *headers), without=(*self.without, *without))

    def deliver(self) -> Delivery:
        """The delivery, signed over its final bytes unless the draft says otherwise."""
        made = self.vendor.deliver(
            self.event,
            None,
            body=self.body,
            forge=self.forge,
            headers=self.headers,
            without=self.without,
            framing=self.framing,
            method=self.method,
        )
        if self.sent is not None:
            made = replace(made, body=self.sent.data, secrets={"body": self.sent.secrets})
        if self.query or not self.credentials:
            made = replace(made, query=self.query, credentials=self.credentials)
        if self.secrets:
            made = replace(made, secrets={**made.secrets, **self.secrets})
        return made
