"""HAR 1.2, the format of browsers' network panels: requests with their answers, or with none."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hookassay import __version__
from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.answer import Answer
from hookassay.schemas.contract import Json


@dataclass(frozen=True)
class Entry:
    """One request as it is told: `at` in nanoseconds since 1970, `kind` its media type, `own` what only we know."""

    at: int
    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    kind: str
    answer: Answer | None = None
    version: str = "1.1"
    own: Mapping[str, Json] = field(default_factory=dict)


def document(entries: Iterable[Entry]) -> Iterator[str]:
    """A file in pieces, an entry each."""
    creator = json.dumps({"name": "hookassay", "version": __version__})
    yield f'{{"log": {{"version": "1.2", "creator": {creator}, "entries": ['
    separator = "\n"
    for entry in entries:
        yield separator + json.dumps(_written(entry), ensure_ascii=False)
        separator = ",\n"
    yield "\n]}}\n"


def text(body: bytes, encoding: str) -> dict[str, str]:
    """Bytes as text where it gives the same bytes again, else in base64, said by a member named `encoding`."""
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode("ascii"), encoding: "base64"}


def _written(entry: Entry) -> dict[str, Json]:
    took = 0.0 if entry.answer is None else round(entry.answer.elapsed * 1000, 3)
    return {
        "startedDateTime": times.iso(entry.at, 3),
        "time": took,
        "request": {
            "method": entry.method,
            "url": entry.url,
            "httpVersion": f"HTTP/{entry.version}",
            "cookies": [],
            "headers": _pairs(entry.headers),
            "queryString": _pairs(_query(entry.url)),
            # Requests have no field that says base64; ours begins with `_`, as HAR allows.
            "postData": {"mimeType": entry.kind, **text(entry.body, "_encoding")},
            "headersSize": -1,
            "bodySize": len(entry.body),
        },
        "response": _response(entry.answer),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
        "_hookassay": dict(entry.own),
    }


def _response(answer: Answer | None) -> dict[str, Json]:
    """An answer; one of status 0 where none came."""
    headers = () if answer is None else answer.headers
    body = b"" if answer is None else answer.body
    told = {name.lower(): value for name, value in reversed(headers)}
    return {
        "status": 0 if answer is None or answer.status is None else answer.status,
        "statusText": "",
        "httpVersion": f"HTTP/{answer.version}" if answer is not None else "",
        "cookies": [],
        "headers": _pairs(headers),
        "content": {"size": len(body), "mimeType": told.get("content-type", ""), **text(body, "encoding")},
        "redirectURL": told.get("location", ""),
        "headersSize": -1,
        "bodySize": len(body),
        **({"_error": answer.in_words()} if answer is not None and answer.failure is not None else {}),
    }


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _query(url: str) -> list[tuple[str, str]]:
    query = url.partition("?")[2]
    return [(name, value) for name, _, value in (part.partition("=") for part in query.split("&") if part)]
