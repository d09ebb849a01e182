"""The log written in the formats of others, one delivery after another."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from hookassay.mockserver.emission import har as har_format
from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.curl import variable
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.secret import hide_bytes
from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.engine import attempts_json
from hookassay.mockserver.engine.model import Attempt, Detail
from hookassay.mockserver.engine.requests import placeholder
from hookassay.schemas.contract import Json, Provider


@dataclass(frozen=True)
class Entry:
    """One delivery to write: as it was built, and all that is known of it (revealed); its endpoint's secrets."""

    provider: Provider | None
    detail: Detail
    delivery: Delivery
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def json(self, reveal: bool) -> dict[str, Json]:
        """The delivery in the form that others read (docs/formats.md), with what the log adds."""
        told = self.detail.summary
        path = Target.parse(told.url).path if told.url else "/"
        return {
            **self.delivery.as_json(path, "" if reveal else placeholder(self.provider)),
            "url": told.url,
            "at": times.iso(told.at, 3),
            "endpoint": told.endpoint_name,
            "attempts": [self.attempt(one, reveal) for one in self.detail.attempts],
        }

    def attempt(self, one: Attempt, reveal: bool) -> dict[str, Json]:
        """One of its attempts, the secrets that an answer repeats masked like the rest."""
        return attempts_json.written(one, () if reveal else self.secrets, placeholder(self.provider))

    def answer(self, one: Attempt | None, reveal: bool) -> Answer | None:
        """What was answered to an attempt, likewise."""
        if one is None or one.answer is None or reveal:
            return None if one is None else one.answer
        return attempts_json.hidden(one.answer, self.secrets, placeholder(self.provider))

    def body(self, reveal: bool) -> tuple[bytes, bool]:
        """The body, and whether something in it is masked."""
        spans = () if reveal else self.delivery.secrets.get("body", ())
        return hide_bytes(self.delivery.body, spans, placeholder(self.provider)), bool(spans)


def ndjson(entries: Iterator[Entry], reveal: bool) -> Iterator[str]:
    """One JSON object a line."""
    for entry in entries:
        yield json.dumps(entry.json(reveal), ensure_ascii=False) + "\n"


def har(entries: Iterator[Entry], reveal: bool) -> Iterator[str]:
    """HAR 1.2, an entry for each attempt; what was never sent has an answer of status 0."""
    told = ((entry, attempt) for entry in entries for attempt in entry.detail.attempts or (None,))
    return har_format.document(_har_entry(entry, attempt, reveal) for entry, attempt in told)


def _har_entry(entry: Entry, attempt: Attempt | None, reveal: bool) -> har_format.Entry:
    told = entry.detail.summary
    request = entry.detail.request if attempt is None else attempt.request
    if attempt is not None and attempt.differs:
        hidden = not reveal
        body, masked = (b"" if hidden else request.body), hidden  # what a fault made of it may hold any secret
    else:
        body, masked = entry.body(reveal)
    return har_format.Entry(
        at=told.at if attempt is None else attempt.started,
        method=request.method,
        url=request.url,
        headers=[(n, v) for n, v in request.headers if reveal or n.lower() != "authorization"],
        body=body,
        kind=entry.delivery.header("content-type") or "",
        answer=entry.answer(attempt, reveal),
        own={
            "provider": told.provider,
            "event": told.event,
            "endpoint": told.endpoint_name,
            **({"masked": True} if masked else {}),
            **({} if attempt is None else {"attempt": _without_answer(entry.attempt(attempt, reveal))}),
        },
    )


def _without_answer(attempt: dict[str, Json]) -> dict[str, Json]:
    """An attempt as it is, but for the answer that HAR has a place of its own for."""
    return {name: value for name, value in attempt.items() if name != "answer"}


def curl(entries: Iterator[Entry], reveal: bool) -> Iterator[str]:
    """A shell script, a command for each delivery."""
    from hookassay.mockserver.emission.curl import command

    yield "#!/bin/sh\n# Each command repeats one delivery byte for byte; secrets are read from the environment.\n"
    for entry in entries:
        told = entry.detail.summary
        yield f"\n# {told.id}: {told.provider} {told.event} to {told.endpoint_name}, {times.iso(told.at, 0)}\n"
        yield f"{command(entry.delivery, Target.parse(told.url or 'http://127.0.0.1/'), reveal)}\n"


_PYTEST_HEAD = '''"""Deliveries of a log, sent again byte for byte: each has to be taken.

Put the address of your receiver into TARGET_URL; secrets that were masked are read from the environment.
"""

import base64
import os

import pytest
import requests

TARGET_URL = os.environ.get("TARGET_URL", "")


def _body(text, encoded, secrets):
    body = base64.b64decode(text) if encoded else text.encode()
    for mark, variable in secrets.items():
        body = body.replace(mark.encode(), os.environ[variable].encode())
    return body
'''

_PYTEST_TEST = """

def test_{name}():
    headers = {headers}
    body = _body({text}, {encoded}, {secrets})
    answer = requests.request(
        {method}, TARGET_URL or {url}, headers=headers, data=body, timeout=30, allow_redirects=False
    )
    assert 200 <= answer.status_code < 300, f"{{answer.status_code}}: {{answer.text[:200]}}"
"""


def pytest(entries: Iterator[Entry], reveal: bool) -> Iterator[str]:
    """A test file, a test for each delivery."""
    yield _PYTEST_HEAD
    for entry in entries:
        told = entry.detail.summary
        body, masked = entry.body(reveal)
        found = har_format.text(body, "encoding")
        secrets: Mapping[str, str] = {placeholder(entry.provider): variable(told.provider)} if masked else {}
        yield _PYTEST_TEST.format(
            name=re.sub(r"\W", "_", f"{told.provider}_{told.event}_{told.id}"),
            headers=repr(dict(entry.delivery.headers)),
            text=repr(found["text"]),
            encoded="encoding" in found,
            secrets=repr(secrets),
            method=repr(entry.delivery.method),
            url=repr(told.url),
        )


WRITERS: dict[str, Callable[[Iterator[Entry], bool], Iterator[str]]] = {
    "ndjson": ndjson,
    "har": har,
    "curl": curl,
    "pytest": pytest,
}
