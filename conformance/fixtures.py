"""Deliveries for the user's own tests, without any URL: straight into the test client of a framework.

```python
def test_refund_is_booked(client, webhook_delivery):
    delivery = webhook_delivery("gitple", "session_state_close", changes={"session.note": "환불"}, secret="s3cret")
    answer = client.open("/webhook", **delivery.flask)
    assert answer.status_code == 200
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hookassay.mockserver.emission import overrides
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.mutation import signature, token
from hookassay.mockserver.emission.overrides import BadOverride, Overrides
from hookassay.mockserver.emission.vendor import InvalidDelivery, Secrets, Vendor
from hookassay.schemas import catalogue
from hookassay.schemas.catalogue import BadProvider, UnknownName
from hookassay.schemas.contract import Json, Provider


class BadRequest(ValueError):
    """A delivery that cannot be made as asked: an unknown provider, event, forgery or path."""


@dataclass(frozen=True)
class WebhookDelivery:
    """One delivery, and how each test client wants it. `body` are the exact bytes that were signed."""

    delivery: Delivery

    @property
    def method(self) -> str:
        return self.delivery.method

    @property
    def headers(self) -> dict[str, str]:
        """Name → value; where a header is there twice, both values as RFC 9110, 5.3, joins them."""
        joined: dict[str, str] = {}
        for name, value in self.delivery.headers:
            joined[name] = f"{joined[name]}, {value}" if name in joined else value
        return joined

    @property
    def body(self) -> bytes:
        return self.delivery.body

    @property
    def json(self) -> Json:
        """The payload, parsed."""
        import json

        return json.loads(self.body)

    @property
    def flask(self) -> dict[str, Any]:
        """For Flask and Werkzeug: `client.open(path, **delivery.flask)`."""
        return {"method": self.method, "headers": list(self.delivery.headers), "data": self.body}

    @property
    def django(self) -> dict[str, Any]:
        """For Django: `client.generic(path=path, **delivery.django)`."""
        content_type = self.delivery.header("content-type") or ""
        headers = {name: value for name, value in self.headers.items() if name.lower() != "content-type"}
        return {"method": self.method, "data": self.body, "content_type": content_type, "headers": headers}

    @property
    def starlette(self) -> dict[str, Any]:
        """For FastAPI, Starlette and httpx: `client.request(url=path, **delivery.starlette)`."""
        return {"method": self.method, "headers": list(self.delivery.headers), "content": self.body}

    @property
    def requests(self) -> dict[str, Any]:
        """For requests: `requests.request(url=url, **delivery.requests)`."""
        return {"method": self.method, "headers": self.headers, "data": self.body}


def webhook_delivery(
    provider: str,
    event: str,
    *,
    changes: Mapping[str, Json] | None = None,
    remove: Sequence[str] = (),
    example: str = "full",
    secret: str | None = None,
    forged: str | bool = False,
    valid: bool = True,
    provider_path: str | Path | None = None,
) -> WebhookDelivery:
    """A delivery as the vendor would send it now: fresh ids and times, rightly authenticated.

    `changes` maps paths (`session.note`, `/to/meta/order.no`) to values, `remove` leaves members out;
    with `valid=False` the result may leave the contract. `forged` authenticates wrongly: the name of a
    forgery (`no-header`, `other-key`, `first-half` …, for tokens `left-out`, `last-character` …) or
    True for a wrong key or token. Raises BadRequest with one line for anything that does not exist.
    """
    try:
        loaded = catalogue.load(provider, [Path(provider_path)] if provider_path else ())
    except (UnknownName, BadProvider) as error:
        raise BadRequest(str(error)) from None
    if event not in loaded.events:
        like = catalogue.nearest(event, loaded.events)
        raise BadRequest(f"{provider} has no event {event!r}{like}; it has {', '.join(loaded.events)}")
    kind = loaded.events[event]
    if example not in kind.examples:
        raise BadRequest(f"{event} has no example {example!r}; it has {', '.join(kind.examples)}")
    if secret == "" and loaded.authentication.has_secret:
        raise BadRequest("the secret is empty (an unset variable?); leave it out to use the documented test secret")
    vendor = Vendor(loaded, Secrets(loaded.test_secret if secret is None else secret))
    wanted = Overrides(changes or {}, tuple(remove))
    try:
        if valid:
            overrides.check(kind, wanted)
        document = vendor.document(kind, example, wanted, valid=valid)
    except (BadOverride, InvalidDelivery) as error:
        raise BadRequest(f"{error}; say valid=False if that is meant") from None
    if kind is loaded.handshake:
        return WebhookDelivery(_handshake(vendor, loaded, document))
    if not forged:
        return WebhookDelivery(vendor.deliver(kind, document))
    return WebhookDelivery(_forged(vendor, loaded, event, document, forged))


def _handshake(vendor: Vendor, provider: Provider, document: Json) -> Delivery:
    """The vendor's verification request: unsigned, with the configured token."""
    event = provider.handshake
    assert event is not None
    member = str(provider.traits["handshake"]["token"]).removeprefix("/")
    return vendor.deliver(event, {**document, member: vendor.secrets.default}, forge=lambda signer, body: ())


def _forged(vendor: Vendor, provider: Provider, event: str, document: Json, name: str | bool) -> Delivery:
    kind = provider.events[event]
    if provider.authentication.kind == "hmac-header":
        forgery = _named(signature.FORGERIES, "other-key" if name is True else str(name))
        headers = forgery.make(vendor.signer(kind, document), vendor.deliver(kind, document).body)
        if headers is None:
            raise BadRequest(f"with this secret there is no forgery {name!r} ({forgery.why})")
        return vendor.deliver(kind, document, forge=lambda signer, body: headers)
    if provider.authentication.kind == "body-token":
        wrong = _named(token.TOKENS, "last-character" if name is True else str(name))
        value = wrong.make(vendor.secret_of(kind, document))
        if value is None:
            raise BadRequest(f"this token does not allow {name!r} ({wrong.why})")
        return vendor.deliver(kind, document, token=value)
    raise BadRequest(f"{provider.name} has no authentication: nothing of it can be forged")


def _named(catalogue_of: Sequence[Any], name: str) -> Any:
    found = next((one for one in catalogue_of if one.name == name), None)
    if found is None:
        names = [one.name for one in catalogue_of]
        raise BadRequest(f"no forgery is called {name!r}{catalogue.nearest(name, names)}")
    return found
