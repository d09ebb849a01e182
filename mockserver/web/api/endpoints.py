"""Endpoints: webhooks as their vendor's own settings page has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, JsonValue

from hookassay.mockserver.engine import Mock, model
from hookassay.mockserver.web.api.events import Reveal
from hookassay.mockserver.web.api.models import Moment, Removed, Said
from hookassay.mockserver.web.operations import Id, Input, Operations, Output, Patch, Query
from hookassay.mockserver.web.problems import Fault, Problem

operations = Operations("endpoints", "Webhooks as their vendor's own settings page has them.")


class Endpoint(Output):
    """A webhook as its vendor's settings page has it."""

    id: int
    provider: str
    name: str
    url: str
    uses_inbox: bool
    has_credentials: bool
    settings: dict[str, JsonValue]
    secret: str = Field(description="Masked unless revealed; empty where there is none.")
    enabled: bool
    off_reason: Said = Field(description="Why the vendor has switched it off.")
    verified: bool | None = Field(description="null where the vendor verifies nothing.")
    verified_at: Moment | None
    retry: str
    success: str
    timeout: float = Field(description="Seconds.")
    revision: int
    warnings: list[Said] = Field(description="What the vendor's own page would refuse.")


class Verification(Output):
    """The three steps of a handshake: sent, answered, compared."""

    delivery: int
    sent: Said
    answered: Said
    expected: str
    received: str
    compared: Said
    verified: bool


Name = Annotated[str, Field(min_length=1, max_length=100)]
Url = Annotated[str, Field(max_length=2000, description="null: the mock's own inbox.")]
Secret = Annotated[str, Field(max_length=1000)]
Seconds = Annotated[float, Field(gt=0, le=600, allow_inf_nan=False, description="Seconds.")]
Settings = Annotated[dict[str, JsonValue], Field(description="The provider's other settings by their names.")]

_STALE = {412: "It has changed since (`If-Match`)"}
_HAS_NONE = {409: "This provider has no handshake"}


class EndpointQuery(Query):
    """Which endpoints."""

    provider: str | None = None
    reveal: bool = Field(False, description="Show secrets.")


class NewEndpoint(Input):
    """A webhook to make. What is left out has the provider's default."""

    provider: str
    name: Name | None = None
    url: Url | None = None
    secret: Secret | None = None
    settings: Settings = {}
    enabled: bool = True
    retry: str | None = Field(None, description="A retry profile of the provider.")
    success: str | None = Field(None, description="`any-2xx` or `documented`.")
    timeout: Seconds | None = None


class ChangedEndpoint(Patch):
    """What is to change; the rest stays."""

    name: Name = ""
    url: Url | None = None
    secret: Secret = ""
    settings: Settings = {}
    enabled: bool = True
    retry: str = ""
    success: str = ""
    timeout: Seconds = 10.0


@operations("GET", "/endpoints", list[Endpoint])
def list_endpoints(mock: Mock, query: EndpointQuery) -> Sequence[model.Endpoint]:
    """List the endpoints, in the order in which they were made."""
    return mock.endpoints.all(query.provider, reveal=query.reveal)


@operations("POST", "/endpoints", Endpoint, status=201, errors={404: "There is no such provider"})
def add_endpoint(mock: Mock, body: NewEndpoint) -> model.Endpoint:
    """Make an endpoint."""
    return mock.endpoints.add(
        body.provider,
        name=body.name,
        url=body.url,
        secret=body.secret,
        settings=body.settings,
        enabled=body.enabled,
        retry=body.retry,
        success=body.success,
        timeout=body.timeout,
    )


@operations("GET", "/endpoints/{endpoint}", Endpoint)
def get_endpoint(mock: Mock, endpoint: Id, query: Reveal) -> model.Endpoint:
    """Read an endpoint; its `ETag` goes into `If-Match` of a change."""
    return mock.endpoints.get(endpoint, reveal=query.reveal)


@operations("PATCH", "/endpoints/{endpoint}", Endpoint, errors=_STALE)
def change_endpoint(mock: Mock, endpoint: Id, body: ChangedEndpoint, if_match: str | None) -> model.Endpoint:
    """Change some of an endpoint. A new URL or secret has to be verified again where the vendor verifies."""
    changes = body.given
    changes.update(changes.pop("settings", {}))
    return mock.endpoints.change(endpoint, changes, revision=_revision(if_match))


@operations("DELETE", "/endpoints/{endpoint}", Removed, errors=_STALE)
def remove_endpoint(mock: Mock, endpoint: Id, if_match: str | None) -> model.Removed:
    """Take an endpoint away; what was still to be sent there is cancelled."""
    return mock.endpoints.remove(endpoint, revision=_revision(if_match))


@operations("POST", "/endpoints/{endpoint}/verify", Verification, errors=_HAS_NONE)
def verify_endpoint(mock: Mock, endpoint: Id, query: Reveal) -> model.Verification:
    """Run the vendor's handshake now."""
    return mock.endpoints.verify(endpoint, reveal=query.reveal)


@operations("POST", "/endpoints/{endpoint}/enable", Endpoint)
def enable_endpoint(mock: Mock, endpoint: Id) -> model.Endpoint:
    """Turn an endpoint on again after the vendor, or somebody, has switched it off."""
    return mock.endpoints.enable(endpoint)


def _revision(if_match: str | None) -> int | None:
    """The revision of an `If-Match` header; None where any will do. Raises Problem."""
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    said = "If-Match does not hold an ETag of an endpoint."
    raise Problem(412, "stale", said, faults=[Fault(said, parameter="If-Match")])
