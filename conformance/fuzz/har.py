"""Cases as HAR 1.2, the format of browsers' network panels: requests that were not sent yet."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

from hookassay import __version__
from hookassay.conformance.fuzz.case import FuzzCase
from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.secret import hide, hide_bytes
from hookassay.mockserver.emission.target import Target

_NO_ANSWER: dict[str, Any] = {
    "status": 0,
    "statusText": "",
    "httpVersion": "",
    "cookies": [],
    "headers": [],
    "content": {"size": 0, "mimeType": ""},
    "redirectURL": "",
    "headersSize": -1,
    "bodySize": -1,
}


def document(cases: Iterable[FuzzCase], target: Target, placeholder: str = "") -> Iterator[str]:
    """A file in pieces, an entry a case; `placeholder` masks what is secret in them, empty leaves it there."""
    creator = json.dumps({"name": "hookassay", "version": __version__})
    yield f'{{"log": {{"version": "1.2", "creator": {creator}, "entries": ['
    separator = "\n"
    for case in cases:
        yield separator + json.dumps(_entry(case, target, placeholder), ensure_ascii=False)
        separator = ",\n"
    yield "\n]}}\n"


def _entry(case: FuzzCase, target: Target, placeholder: str) -> dict[str, Any]:
    delivery = case.delivery
    spans = delivery.secrets if placeholder else {}
    body = hide_bytes(delivery.body, spans.get("body", ()), placeholder)
    query = hide(delivery.query, spans.get("query", ()), placeholder)
    headers = [(name, hide(value, spans.get(name, ()), placeholder)) for name, value in delivery.headers]
    return {
        "startedDateTime": times.iso(case.at, 3),
        "time": 0,
        "request": {
            "method": delivery.method,
            "url": f"{target.base}{delivery.path}{f'?{query}' if query else ''}",
            "httpVersion": f"HTTP/{delivery.framing.version}",
            "cookies": [],
            "headers": _pairs(headers),
            "queryString": _pairs(
                (name, value) for name, _, value in (p.partition("=") for p in query.split("&") if p)
            ),
            "postData": {"mimeType": delivery.header("content-type") or "", **_text(body)},
            "headersSize": -1,
            "bodySize": len(body),
        },
        "response": _NO_ANSWER,
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "_hookassay": {
            "provider": delivery.provider,
            "event": delivery.event,
            "case": str(case.name),
            "mutations": list(case.mutations),
            "expect": case.expect.reaction,
            **({"masked": True} if any(spans.values()) else {}),
        },
    }


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _text(body: bytes) -> dict[str, str]:
    """Bytes as text, else in base64: requests have no field that says so, ours begins with `_`, as HAR allows."""
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode("ascii"), "_encoding": "base64"}
