"""Requests as they are shown: every header that leaves, in its order, secrets masked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.secret import MASK
from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.emission.wire import encode
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.model import Request
from hookassay.schemas.contract import Provider

_HERE = "http://127.0.0.1:8052"


def address_of(context: Context, provider: Provider | None, endpoint: Row[Any] | None) -> str:
    """Where an endpoint is, credentials included; without one the mock itself with the provider's default path."""
    if endpoint is None:
        return f"{context.address or _HERE}{provider.path if provider is not None else '/'}"
    return str(endpoint.url) or context.inbox_url(endpoint.id)


def shown(
    context: Context, provider: Provider | None, delivery: Delivery, url: str, *, reveal: bool
) -> tuple[Target, Request]:
    """A request as it leaves for a URL (whose credentials stay hidden unless revealed), and the target."""
    target = Target.parse(url if "://" in url else f"{_HERE}{url}")
    head = encode(delivery, target).head.decode("latin-1").split("\r\n")
    headers = [(name, value.removeprefix(" ")) for name, _, value in (line.partition(":") for line in head[1:] if line)]
    if not reveal:
        headers = [(name, MASK if name.lower() == "authorization" else value) for name, value in headers]
    hidden = any(delivery.secrets.values()) or any(value == MASK for _, value in headers)
    kind = provider.authentication.kind if provider is not None else "none"
    return target, Request(
        method=delivery.method,
        url=target.url,
        headers=tuple(headers),
        body=delivery.shown_body(reveal),
        signs=provider.authentication.signed if provider is not None and kind == "hmac-header" else "",
        masked=not reveal and hidden,
        cut=delivery.framing.cut,
    )


def placeholder(provider: Provider | None) -> str:
    """What stands for a secret in an export: `{{PROVIDER.token}}`."""
    if provider is None:
        return "{{secret}}"
    kind = "token" if provider.authentication.kind == "body-token" else "secret"
    return f"{{{{{provider.name}.{kind}}}}}"
