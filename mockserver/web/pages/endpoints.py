"""Endpoints: webhooks as cards, with how each fares, its settings in the vendor's words, and its bad days."""

from __future__ import annotations

from flask import Blueprint, Response, request

from hookassay.mockserver.engine import Mock
from hookassay.mockserver.engine.model import Endpoint
from hookassay.mockserver.engine.plans import PARAMETERS
from hookassay.mockserver.web.language import gettext
from hookassay.mockserver.web.pages import frame
from hookassay.schemas.contract import Json, Provider


def blueprint(mock: Mock) -> Blueprint:
    """The routes of this page."""
    pages = Blueprint("endpoints", __name__)

    @pages.get("/endpoints")
    def endpoints() -> Response:
        wanted = request.args.get("provider", "")
        reveal = request.args.get("reveal") == "1"
        found = mock.endpoints.all(wanted if wanted in mock.providers else None, reveal=reveal)
        return frame.page(
            "endpoints.html",
            gettext("Endpoints"),
            cards=[(one, mock.endpoints.health(one.id), mock.faults.all(one.id)) for one in found],
            reveal=reveal,
            fault_kinds=list(PARAMETERS),
            fields=fields,
            unbound=unbound,
        )

    @pages.get("/endpoints/new/<provider>")
    def new_endpoint(provider: str) -> Response:
        from hookassay.mockserver.web.api.contracts import provider_of

        found = provider_of(mock, provider)
        return frame.page("endpoint-new.html", gettext("New endpoint"), chosen=found, fields=fields(found))

    return pages


def fields(provider: Provider, endpoint: Endpoint | None = None) -> list[dict[str, Json]]:
    """The settings of a provider's own page, in its words and order, with the values that an endpoint has.

    `member` is where the API wants it: `url` and `secret` are the endpoint's own, the rest `settings.NAME`.
    """
    found = []
    urls = [one["name"] for one in provider.settings if one["type"] == "url"]
    secrets = [one["name"] for one in provider.settings if one["type"] == "secret"]
    for setting in provider.settings:
        name = str(setting["name"])
        if name in urls[:1]:
            member = "url"
            value: Json = endpoint.url if endpoint and not endpoint.uses_inbox else None
        elif name in secrets[:1]:
            member, value = "secret", endpoint.secret if endpoint else None
        else:
            member = f"settings.{name}"
            value = endpoint.settings.get(name, setting.get("default")) if endpoint else setting.get("default")
        found.append({**setting, "member": member, "value": value, "choices": _choices(provider, setting)})
    return found


def _choices(provider: Provider, setting: Json) -> list[str]:
    if setting["type"] == "events":
        return list(provider.deliverable)
    if setting["type"] == "data-types":
        return list(provider.traits["project"]["members"])
    return [str(value) for value in setting.get("values", ())]


def unbound(provider: Provider, endpoint: Endpoint) -> list[str]:
    """The events that this webhook does not bind, where its vendor lets it choose."""
    trait = provider.traits.get("subscribe")
    if trait is None:
        return []
    bound = endpoint.settings.get(str(trait["setting"]))
    if isinstance(bound, str):
        bound = [bound]
    return [name for name in provider.deliverable if bound is not None and name not in bound]
