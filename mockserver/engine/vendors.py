"""From an event's payload to the delivery that one endpoint gets: its token, its data types, its signature."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from hookassay.mockserver.emission import overrides
from hookassay.mockserver.emission.delivery import PLAIN, Delivery
from hookassay.mockserver.emission.mutation import signature, token
from hookassay.mockserver.emission.secret import Span
from hookassay.mockserver.emission.spelling import Body
from hookassay.mockserver.emission.vendor import Forge, Secrets, Vendor
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.conversations import parsed
from hookassay.mockserver.engine.errors import Refused
from hookassay.schemas import members
from hookassay.schemas.contract import Event, Json, Provider

RANDOM_KEY = "a-key-that-nobody-has-configured"


def vendor_of(context: Context, provider: Provider, secret: str, url: str = "") -> Vendor:
    """The vendor as one endpoint's owner has configured it."""
    return Vendor(provider, Secrets(secret), url=url, clock=context.time.now)


def own_setting(provider: Provider, kind: str) -> str:
    """The provider's own name of its URL or secret setting; empty where it has none."""
    return next((str(setting["name"]) for setting in provider.settings if setting["type"] == kind), "")


def bound_events(provider: Provider, settings: Mapping[str, Json]) -> list[str] | None:
    """The events that an endpoint is subscribed to; None where it gets all of them."""
    trait = provider.traits.get("subscribe")
    chosen = settings.get(str(trait["setting"])) if trait else None
    if not chosen:
        return None
    return [chosen] if isinstance(chosen, str) else [str(name) for name in chosen]


def for_endpoint(provider: Provider, endpoint: Row[Any] | None, document: Json) -> Json:
    """The document with what belongs to one endpoint: only its data types, its webhook's own id."""
    if endpoint is None or not isinstance(document, dict):
        return document
    made = copy.deepcopy(document)
    project = provider.traits.get("project")
    chosen = endpoint.settings.get(str(project["setting"])) if project else None
    if project and chosen:
        for data_type, pointer in project["members"].items():
            if data_type not in chosen:
                overrides.leave_out(made, pointer)
    trait = provider.traits.get("id-per-webhook")
    if trait and endpoint.webhook_id is not None and _has(made, trait["pointer"]):
        overrides.put(made, trait["pointer"], endpoint.webhook_id)
    return made


def deliver(
    vendor: Vendor,
    event: Event,
    document: Json,
    *,
    body: bytes | None = None,
    mutation: str | None = None,
    settings: Mapping[str, Json] | None = None,
) -> Delivery:
    """The delivery of a document, or of exact bytes, rightly authenticated unless a mutation is named.

    Raises Refused(no-authentication, invalid) for a mutation that does not fit.
    """
    exact = None if body is None else Body(body, spans_of_secret(body, vendor.secrets.default))
    if mutation is not None:
        return mutated(vendor, event, document, mutation, exact)
    forge = None if event is not vendor.provider.handshake or _signs_handshake(vendor.provider, settings) else _unsigned
    return vendor.deliver(event, document, body=exact, forge=forge)


def mutated(vendor: Vendor, event: Event, document: Json, name: str, exact: Body | None = None) -> Delivery:
    """The delivery with a wrong signature or token, by its name in the catalogue (`random-key`: any key at all)."""
    check_mutation(vendor.provider, name)
    if vendor.provider.authentication.kind == "hmac-header":
        return vendor.deliver(event, document, body=exact, forge=_forgery(name))
    secret = vendor.secret_of(event, document)
    wrong = RANDOM_KEY if name == "random-key" else _wrong_token(name)(secret)
    if wrong is None or not isinstance(document, dict):
        raise Refused("invalid", f"mutation {name!r} does not exist for this token or body", "/mutation")
    return vendor.deliver(event, document, token=wrong)


def _forgery(name: str) -> Forge:
    if name == "random-key":
        return lambda signer, body: signer.with_secret(random_secret(signer.authentication.key)).sign(body)
    make = next((f.make for f in signature.FORGERIES if name in (f.name, f"{f.check}/{f.name}")), None)
    if make is None:
        raise Refused("invalid", f"unknown mutation {name!r}; known are random-key, {_names(signature.FORGERIES)}")

    def forge(signer: Any, body: bytes) -> Any:
        made = make(signer, body)
        if made is None:
            raise Refused("invalid", f"mutation {name!r} does not exist for this secret and body", "/mutation")
        return made

    return forge


def _wrong_token(name: str) -> token.Make:
    make = next((t.make for t in token.TOKENS if name in (t.name, f"{t.check}/{t.name}")), None)
    if make is None:
        raise Refused(
            "invalid", f"unknown mutation {name!r}; known are random-key, {_names(token.TOKENS)}", "/mutation"
        )
    return make


def _names(catalogue: Any) -> str:
    return ", ".join(entry.name for entry in catalogue)


def random_secret(form: str) -> str:
    """A secret that nobody has configured, in the form that the provider's keys have."""
    prefix, _, encoding = form.rpartition("+")
    return prefix + {"hex": "5b0c1f7e" * 8, "base64": "bm90IHRoZSBjb25maWd1cmVkIGtleSBhdCBhbGwgIQ=="}.get(
        encoding, RANDOM_KEY
    )


def _unsigned(signer: Any, body: bytes) -> tuple[tuple[str, str], ...]:
    return ()


def _signs_handshake(provider: Provider, settings: Mapping[str, Json] | None) -> bool:
    """Whether the verification request is signed too: always, or by a switch of the endpoint."""
    rule = str(provider.traits["handshake"].get("signed", ""))
    kind, _, name = rule.partition(":")
    return bool((settings or {}).get(name)) if kind == "switch" else rule != "never"


def _has(document: Json, pointer: str) -> bool:
    try:
        members.lookup(document, pointer)
    except KeyError:
        return False
    return True


def restored(row: Row[Any], provider: str, event: str, credentials: bool) -> Delivery:
    """The delivery of a row of the log, byte for byte."""
    return Delivery(
        provider=provider,
        event=event,
        method=row.method,
        headers=tuple((name, value) for name, value in row.headers),
        body=row.body,
        secrets={"body": tuple(Span(*span) for span in row.spans)},
        framing=PLAIN,
        credentials=credentials,
    )


def resigned(context: Context, provider: Provider, owner: Row[Any], delivery: Delivery) -> Delivery:
    """The same body with the authentication of now: for a vendor that signs the time of each attempt."""
    return signed_with(context, provider, owner.secret, delivery)


def signed_with(context: Context, provider: Provider, secret: str, delivery: Delivery) -> Delivery:
    """The same delivery, authenticated with another secret."""
    vendor, event = vendor_of(context, provider, secret), provider.events[delivery.event]
    if provider.authentication.kind == "body-token":
        return _with_token(vendor, event, delivery, None)
    signed = vendor.deliver(event, None, body=Body(delivery.body, spans_of_secret(delivery.body, secret)))
    return replace(delivery, headers=signed.headers)


def spoiled(context: Context, provider: Provider, secret: str, delivery: Delivery, mutation: str) -> Delivery:
    """The same delivery with a wrong signature or token; unchanged where the mutation does not exist for it."""
    vendor, event = vendor_of(context, provider, secret), provider.events[delivery.event]
    try:
        if provider.authentication.kind == "body-token":
            wrong = RANDOM_KEY if mutation == "random-key" else _wrong_token(mutation)(secret)
            return delivery if wrong is None else _with_token(vendor, event, delivery, wrong)
        signed = mutated(vendor, event, None, mutation, Body(delivery.body, spans_of_secret(delivery.body, secret)))
    except Refused:
        return delivery
    return replace(delivery, headers=signed.headers)


def check_mutation(provider: Provider, name: str) -> None:
    """Raise Refused(invalid) for a mutation that the provider's kind of authentication does not have,
    Refused(no-authentication) where it has none at all."""
    if provider.authentication.kind == "none":
        text = f"{provider.name} authenticates nothing, so nothing can be forged"
        raise Refused("no-authentication", text, "/mutation")
    if name == "random-key":
        return
    _forgery(name) if provider.authentication.kind == "hmac-header" else _wrong_token(name)


def _with_token(vendor: Vendor, event: Event, delivery: Delivery, token_value: Json) -> Delivery:
    document = parsed(delivery.body)
    if not isinstance(document, dict):
        return delivery
    made = vendor.deliver(event, document, token=token_value)
    return replace(delivery, body=made.body, secrets=made.secrets)


def token_of_today(context: Context, provider: Provider, secret: str, delivery: Delivery) -> Delivery:
    """The same delivery with another token where the one in its body is not today's; else byte for byte the same."""
    vendor, event = vendor_of(context, provider, secret), provider.events[delivery.event]
    pointer, document = vendor.token_pointer(event), parsed(delivery.body)
    if not pointer or not isinstance(document, dict) or not _has(document, pointer):
        return delivery
    return delivery if members.lookup(document, pointer) == secret else _with_token(vendor, event, delivery, None)


def spans_of_secret(body: bytes, secret: str) -> tuple[Span, ...]:
    """Where bytes that somebody else has written hold the secret."""
    needle, spans, position = secret.encode(), [], 0
    while needle and (found := body.find(needle, position)) >= 0:
        position = found + len(needle)
        spans.append(Span(found, position))
    return tuple(spans)
