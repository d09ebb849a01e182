"""Hooks for schemathesis: `schemathesis run` on our OpenAPI documents signs what it sends.

    SCHEMATHESIS_HOOKS=hookassay.conformance.fuzz.schemathesis \\
    HOOKASSAY_PROVIDER=gitple HOOKASSAY_TARGET_SECRET_GITPLE=… \\
    schemathesis run …/gitple/openapi.json --url http://127.0.0.1:3000/webhook --checks not_a_server_error

Our documents have `webhooks`, of which schemathesis knows nothing: they are moved to `paths`. The request
is signed where its final bytes are seen, by an auth object; a token in the body is put into what has a text
in its place. Use `--checks not_a_server_error`: its other checks call a receiver wrong that takes members it
does not know. Its reports hold the headers, and where
the token stands in the body, the token.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

import schemathesis
from requests import PreparedRequest
from requests.auth import AuthBase

from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.vendor import Secrets, Vendor
from hookassay.schemas import catalogue, members
from hookassay.schemas.contract import Provider


def _provider() -> Provider:
    """The provider that the environment names. Raises KeyError, UnknownName."""
    return catalogue.load(os.environ["HOOKASSAY_PROVIDER"])


def _secret(provider: Provider) -> str:
    name = provider.name.upper().replace("-", "_")
    return os.environ.get(f"HOOKASSAY_TARGET_SECRET_{name}") or provider.test_secret


class VendorSignature(AuthBase):
    """Signs a request's final bytes as the vendor would; deliveries without a signature are left as they are."""

    def __init__(self) -> None:
        provider = _provider()
        self._vendor = Vendor(provider, Secrets(_secret(provider)))

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        authentication = self._vendor.provider.authentication
        if authentication.kind == "hmac-header":
            body = request.body or b""
            data = body if isinstance(body, bytes) else str(body).encode()
            signer = Signer(authentication, self._vendor.secrets.default, self._vendor.stamp())
            request.headers.update(dict(signer.sign(data)))
        return request


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """Every webhook becomes an operation at the receiver's one address.

    What the document says of the signature is taken out: it is made by `VendorSignature`, not generated or left out.
    """
    webhooks = raw_schema.pop("webhooks", None)
    if webhooks:
        raw_schema.pop("security", None)
        signed = {name.lower() for name in _provider().authentication.headers}
        for item in webhooks.values():
            for operation in item.values():
                operation.pop("security", None)
                described = operation.get("parameters", [])
                operation["parameters"] = [one for one in described if one["name"].lower() not in signed]
        # One path an event: they differ in the query alone, which a receiver does not look at.
        raw_schema["paths"] = {f"/?event={name}": item for name, item in webhooks.items()}


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """The address is the one that was given, without the slash and query of a path; the token is the right one.

    What has no text in the token's place is left as it is: that is what the case tries.
    """
    if (url := case.operation.schema.config.base_url) is not None:
        kwargs["url"] = url
    provider = _provider()
    event = provider.events.get(case.operation.path.partition("event=")[2])
    vendor = Vendor(provider, Secrets(_secret(provider)))
    if event is None or not isinstance(case.body, dict) or not (pointer := vendor.token_pointer(event)):
        return
    with suppress(KeyError):
        if isinstance(members.lookup(case.body, pointer), str):
            case.body = vendor.with_token(event, case.body, vendor.secret_of(event, case.body))


schemathesis.auth.set_from_requests(VendorSignature())  # type: ignore[attr-defined]  # made at run time
