"""The settings of an endpoint, read by what the provider's data says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Row

from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.engine.conversations import storable
from hookassay.mockserver.engine.errors import Problem, Refused
from hookassay.mockserver.engine.texts import Told
from hookassay.mockserver.engine.vendors import own_setting
from hookassay.schemas import catalogue
from hookassay.schemas.contract import Json, Provider

_NAME = re.compile(r"[^\x00-\x1f/?#]{1,80}")
_LONGEST = 2000
_SLOWEST = 600.0


def defaults(provider: Provider) -> dict[str, Json]:
    """What the settings are when nothing is said of them."""
    return {str(s["name"]): s["default"] for s in _own(provider).values() if "default" in s}


def read(provider: Provider, given: Mapping[str, Json]) -> dict[str, Any]:
    """The columns of an endpoint from what a caller gave: our names, and the provider's own (`settings` together).

    Raises Refused(invalid) that names every wrong one.
    """
    url, secret = own_setting(provider, "url") or "url", own_setting(provider, "secret") or "secret"
    values: dict[str, Any] = {}
    chosen: dict[str, Json] = {}
    problems: list[Problem] = []
    for key, value in given.items():
        name = {url: "url", secret: "secret"}.get(key, key)
        if name in _COLUMNS:
            problem = _COLUMNS[name](provider, value)
            values[name] = float(value) if name == "timeout" and not problem else value
        elif name in _own(provider):
            problem = _fits(provider, _own(provider)[name], value)
            chosen[name] = value
        else:
            known = {*_COLUMNS, *_own(provider)}
            problem = f"{provider.name} has no setting {key!r}{catalogue.nearest(key, known)}"
        if problem:
            problems.append(Problem(f"/{key}", problem))
    if problems:
        told = problems[0].detail if len(problems) == 1 else "; ".join(problem.detail for problem in problems)
        raise Refused("invalid", told, problems=problems)
    return {**values, **({"settings": chosen} if chosen else {})}


def warnings(provider: Provider, row: Row[Any]) -> Iterator[str]:
    """What the vendor's own page would refuse, and what it does not do: told, and done all the same."""
    held = {**row.settings, own_setting(provider, "url"): row.url, own_setting(provider, "secret"): row.secret}
    for setting in provider.settings:
        value = held.get(str(setting["name"]))
        rule = setting.get("rule")
        if rule and isinstance(value, str) and value and re.search(str(rule), value) is None:
            label = setting.get("label") or {"en": str(setting["name"])}
            yield Told("refused-by-rule", vendor=provider.title, setting=label, rule=str(rule))
    if row.url and Target.parse(row.url).credentials is not None and "basic-from-url" not in provider.traits:
        yield Told("no-credentials", vendor=provider.title)


def _own(provider: Provider) -> dict[str, Mapping[str, Json]]:
    """The provider's settings beside URL and secret, by name."""
    return {str(s["name"]): s for s in provider.settings if s["type"] not in ("url", "secret")}


def _fits(provider: Provider, setting: Mapping[str, Json], value: Json) -> str:
    """What is wrong with a setting's value; empty if nothing is."""
    name, kind = setting["name"], setting["type"]
    if kind == "switch":
        return "" if isinstance(value, bool) else f"{name} is true or false"
    if kind == "choice":
        known = list(setting["values"])
        return "" if value in known else f"{name} is one of {', '.join(known)}"
    if kind == "events":
        return _list_of(name, value, set(provider.deliverable))
    if kind == "data-types":
        return _list_of(name, value, set(provider.traits.get("project", {}).get("members", ())))
    return "" if _is_text(value) else f"{name} is a text"


def _list_of(name: str, value: Json, known: set[str]) -> str:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return f"{name} is a list of names"
    unknown = [item for item in value if item not in known]
    if unknown:
        return f"{name}: {unknown[0]!r} is none of {', '.join(sorted(known))}{catalogue.nearest(unknown[0], known)}"
    return ""


def _is_text(value: Json) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST and "\0" not in value and storable(value) == value


def _name(provider: Provider, value: Json) -> str:
    fits = _is_text(value) and _NAME.fullmatch(value) and not value.isdigit()
    return "" if fits else Told("bad-name")


def _url(provider: Provider, value: Json) -> str:
    return "" if _is_text(value) else Told("bad-url", count=_LONGEST)


def _secret(provider: Provider, value: Json) -> str:
    if not provider.authentication.has_secret and value:
        return Told("no-secret", provider=provider.name)
    return "" if _is_text(value) else Told("bad-secret", count=_LONGEST)


def _enabled(provider: Provider, value: Json) -> str:
    return "" if isinstance(value, bool) else "enabled is true or false"


def _retry(provider: Provider, value: Json) -> str:
    known = [retry.name for retry in provider.retries]
    return "" if value in known else f"retry is one of {', '.join(known)}"


def _success(provider: Provider, value: Json) -> str:
    return "" if value in ("any-2xx", "documented") else "success is any-2xx or documented"


def _timeout(provider: Provider, value: Json) -> str:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return "" if is_number and 0.05 <= value <= _SLOWEST else Told("bad-timeout")


_COLUMNS = {
    "name": _name,
    "url": _url,
    "secret": _secret,
    "enabled": _enabled,
    "retry": _retry,
    "success": _success,
    "timeout": _timeout,
}
"""Our own names, and what makes a value of each wrong."""
