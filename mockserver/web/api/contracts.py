"""What is known of the providers, as data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import JsonValue

from hookassay.mockserver.engine import Mock
from hookassay.mockserver.web.operations import Operations, Output
from hookassay.mockserver.web.problems import Problem
from hookassay.schemas.catalogue import nearest
from hookassay.schemas.contract import Event, Provider

operations = Operations("contracts", "What the providers' documents say.")


class ProviderSummary(Output):
    """A vendor whose webhooks are known."""

    name: str
    title: str
    events: list[str]


@operations("GET", "/providers", list[ProviderSummary])
def list_providers(mock: Mock) -> Sequence[dict[str, Any]]:
    """List the providers."""
    return [
        {"name": one.name, "title": one.title.get("en", one.name), "events": list(one.events)}
        for one in mock.providers.values()
    ]


@operations("GET", "/providers/{provider}", dict[str, JsonValue])
def get_provider(mock: Mock, provider: str) -> dict[str, Any]:
    """Read a provider: settings, traits, retries, events."""
    found = provider_of(mock, provider)
    return {
        "name": found.name,
        "title": dict(found.title),
        "contract": found.contract,
        "method": found.method,
        "path": found.path,
        "headers": dict(found.headers),
        "timeout": found.timeout.seconds,
        "authentication": {"kind": found.authentication.kind, "source": found.authentication.source},
        "settings": _plain(found.settings),
        "traits": _plain(found.traits),
        "retries": [
            {"name": one.name, "delays": list(one.delays), "then": one.then, "until": one.until}
            for one in found.retries
        ],
        "events": {name: event.title for name, event in found.events.items()},
        "scenarios": list(found.scenarios),
    }


@operations("GET", "/providers/{provider}/events/{event}", dict[str, JsonValue])
def get_event(mock: Mock, provider: str, event: str) -> dict[str, Any]:
    """Read an event: its JSON Schema and examples."""
    found = event_of(provider_of(mock, provider), event)
    return {
        "provider": provider,
        "name": found.name,
        "title": found.title,
        "description": found.description,
        "source": found.source,
        "schema": _plain(found.schema),
        "examples": {name: example.document for name, example in found.examples.items()},
    }


def provider_of(mock: Mock, name: str) -> Provider:
    """The provider of that name. Raises Problem (404) with the nearest one."""
    found = mock.providers.get(name)
    if found is None:
        near = nearest(name, mock.providers)
        raise Problem(404, "not-found", f"There is no provider {name[:80]!r}{near}.")
    return found


def event_of(provider: Provider, name: str) -> Event:
    """The provider's event of that name. Raises Problem (404) with the nearest one."""
    found = provider.events.get(name)
    if found is None:
        near = nearest(name, provider.events)
        raise Problem(404, "not-found", f"{provider.name} has no event {name[:80]!r}{near}.")
    return found


def _plain(value: Any) -> Any:
    """Frozen data as JSON has it."""
    return json.loads(json.dumps(value, default=lambda inner: dict(inner)))
