"""A delivery together with all that its target adds: the query, headers and credentials of the user's URL and options.

What a person gave for the target is as private as a vendor's secret: it has spans too, each with the
name of the environment variable that a command reads it from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.secret import Span, hide
from hookassay.mockserver.emission.target import Target

_PRIVATE = re.compile(r"token|key|secret|sig|pass|pw|auth|code|cred", re.IGNORECASE)
_PARAMETER = re.compile(r"([^&=]+)=([^&]+)")


def addressed(delivery: Delivery, target: Target) -> Delivery:
    """The delivery as it travels: `query` and `headers` are whole, the target's secrets are spans like the vendor's.

    The target's headers and credentials come after the delivery's own; credentials only where no
    `Authorization` is given (a header that both have is sent twice).
    """
    if not (target.headers or target.query or target.credentials):
        return delivery
    added = list(target.headers)
    given = {name.lower() for name, _ in (*delivery.headers, *added)}
    if delivery.credentials and target.basic is not None and "authorization" not in given:
        added.append(("Authorization", target.basic))
    if not added and not target.query:
        return delivery
    secrets = dict(delivery.secrets)
    for name, value in added:
        secrets[name] = (Span(0, len(value), variable=_variable("HEADER", name)),)
    before = len(target.query) + 1 if target.query else 0
    moved = (replace(span, start=span.start + before, end=span.end + before) for span in secrets.get("query", ()))
    secrets["query"] = (*_private(target.query), *moved)
    return replace(
        delivery,
        headers=(*delivery.headers, *added),
        query="&".join(part for part in (target.query, delivery.query) if part),
        secrets=secrets,
    )


def shown_url(url: str) -> str:
    """A URL for people: without user and password, what looks like a secret in its query masked."""
    scheme, mark, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    bare = f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}"
    base, question, query = bare.partition("?")
    return f"{base}{question}{hide(query, _private(query))}"


def private(target: Target) -> Iterator[str]:
    """The texts of a target that must not be shown where a receiver gives them back."""
    yield from (value for _, value in target.headers)
    if target.credentials is not None:
        yield target.credentials.partition(b":")[2].decode("utf-8", "replace")
        yield (target.basic or "").removeprefix("Basic ")
    yield from (target.query[span.start : span.end] for span in _private(target.query))


def _private(query: str) -> tuple[Span, ...]:
    """The values in a query whose names say that they are secret."""
    return tuple(
        Span(match.start(2), match.end(2), variable=_variable("QUERY", match[1]))
        for match in _PARAMETER.finditer(query)
        if _PRIVATE.search(match[1])
    )


def _variable(kind: str, name: str) -> str:
    return f"HOOKASSAY_{kind}_{re.sub('[^A-Z0-9]', '_', name.upper())}"
