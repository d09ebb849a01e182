"""Cases as HAR 1.2: requests that were not sent yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hookassay.conformance.fuzz.case import FuzzCase
from hookassay.mockserver.emission import har
from hookassay.mockserver.emission.secret import hide, hide_bytes
from hookassay.mockserver.emission.target import Target


def document(cases: Iterable[FuzzCase], target: Target, placeholder: str = "") -> Iterator[str]:
    """A file in pieces, an entry a case; `placeholder` masks what is secret in them, empty leaves it there."""
    return har.document(_entry(case, target, placeholder) for case in cases)


def _entry(case: FuzzCase, target: Target, placeholder: str) -> har.Entry:
    delivery = case.delivery
    spans = delivery.secrets if placeholder else {}
    query = hide(delivery.query, spans.get("query", ()), placeholder)
    return har.Entry(
        at=case.at,
        method=delivery.method,
        url=f"{target.base}{delivery.path}{f'?{query}' if query else ''}",
        headers=[(name, hide(value, spans.get(name, ()), placeholder)) for name, value in delivery.headers],
        body=hide_bytes(delivery.body, spans.get("body", ()), placeholder),
        kind=delivery.header("content-type") or "",
        version=delivery.framing.version,
        own={
            "provider": delivery.provider,
            "event": delivery.event,
            "case": str(case.name),
            "mutations": list(case.mutations),
            "expect": case.expect.reaction,
            **({"masked": True} if any(spans.values()) else {}),
        },
    )
