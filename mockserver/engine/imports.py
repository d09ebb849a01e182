"""Deliveries of a file into the log: NDJSON of ours, HAR 1.2, curl commands."""

from __future__ import annotations

import base64
import binascii
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.target import BadTarget, Target
from hookassay.mockserver.engine import vendors
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.conversations import parsed
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.intake import Happening, Intake
from hookassay.mockserver.engine.requests import placeholder
from hookassay.mockserver.engine.store import tables
from hookassay.schemas import validation
from hookassay.schemas.contract import Event, Json, Provider

LARGEST = 8_000_000
"""Bytes of a delivery's body at most."""

_HEADER_NAME = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_MADE_BY_URL = ("host", "content-length", "authorization", "transfer-encoding", "connection")


@dataclass(frozen=True)
class Incoming:
    """A delivery as a file has it; provider and event empty where the file does not say."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    provider: str = ""
    event: str = ""
    endpoint: str = ""
    masked: bool = False


Found = Iterator[tuple[int, "Incoming | str"]]
"""Line or entry number (from 1) and the delivery, or why it is none."""


def ndjson(data: bytes) -> Found:
    """One JSON object a line, as exports and the fuzzer write it; its first line may tell of the file."""
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        found = parsed(line)
        if isinstance(found, dict) and "hookassay" in found:
            continue
        yield number, _from_json(found) if isinstance(found, dict) else "is no JSON object"


def _from_json(found: Mapping[str, Json]) -> Incoming | str:
    try:
        encoded = found.get("body_base64")
        body = found["body"].encode() if encoded is None else base64.b64decode(encoded, validate=True)
        return Incoming(
            method=str(found.get("method", "POST")),
            url=str(found.get("url", "")),
            headers=tuple((str(name), str(value)) for name, value in found.get("headers", ())),
            body=body,
            provider=str(found.get("provider", "")),
            event=str(found.get("event", "")),
            endpoint=str(found.get("endpoint", "")),
            masked=found.get("masked") is True,
        )
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        return f"is no delivery: {type(error).__name__}: {error}"


def har(data: bytes) -> Found:
    """Every request of a HAR file; the same one sent again is one delivery. Raises Refused(invalid)."""
    document = parsed(data)
    try:
        entries = document["log"]["entries"]
        assert isinstance(entries, list)
    except (KeyError, TypeError, AssertionError) as error:
        raise Refused("invalid", "line 1: is no HAR file: log.entries is missing", "/body") from error
    known = set()
    for number, entry in enumerate(entries, 1):
        made = _from_har(entry)
        if not isinstance(made, Incoming):
            yield number, made
        elif made not in known:
            known.add(made)
            yield number, made


def _from_har(entry: Json) -> Incoming | str:
    try:
        request, ours = entry["request"], entry.get("_hookassay", {})
        post = request.get("postData", {})
        text = str(post.get("text", ""))
        body = base64.b64decode(text, validate=True) if post.get("_encoding") == "base64" else text.encode()
        return Incoming(
            method=str(request["method"]),
            url=str(request["url"]),
            headers=tuple((str(pair["name"]), str(pair["value"])) for pair in request["headers"]),
            body=body,
            provider=str(ours.get("provider", "")),
            event=str(ours.get("event", "")),
            endpoint=str(ours.get("endpoint", "")),
            masked=ours.get("masked") is True,
        )
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        return f"is no request: {type(error).__name__}: {error}"


def curl(data: bytes) -> Found:
    """A curl command a line (a backslash goes on in the next); comments and blank lines are passed over."""
    text = data.decode("utf-8", "surrogateescape").replace("\\\n", " ")
    for number, line in enumerate(_logical_lines(text), 1):
        yield number, _from_curl(line)


def _logical_lines(text: str) -> Iterator[str]:
    """Commands, whose quoted texts may hold line ends."""
    command = ""
    for line in text.splitlines(keepends=True):
        if not command and (not line.strip() or line.lstrip().startswith("#")):
            continue
        command += line
        try:
            shlex.split(command, comments=True)
        except ValueError:
            continue  # a quote is still open
        yield command
        command = ""
    if command:
        yield command


_WITH_VALUE = (
    "-X", "--request", "-H", "--header", "-d", "--data", "--data-raw", "--data-binary", "--json", "--url",
)  # fmt: skip
_PLAIN = ("--http1.1", "--compressed", "-i", "-s", "-S", "-sS", "-k", "-g", "--path-as-is", "-L")


def _from_curl(line: str) -> Incoming | str:
    try:
        words = shlex.split(line, comments=True)
    except ValueError as error:
        return f"cannot be read: {error}"
    if not words or words[0] != "curl":
        return "is no curl command"
    method, url, headers, bodies = "", "", [], []
    rest = iter(words[1:])
    for word in rest:
        if word in _PLAIN:
            continue
        if word in _WITH_VALUE:
            value = next(rest, None)
            if value is None:
                return f"{word} has no value"
            if word in ("-X", "--request"):
                method = value
            elif word == "--url":
                url = value
            elif word in ("-H", "--header"):
                headers += [_header(value)] if not value.endswith(":") else []
            elif value.startswith("@") and word != "--data-raw":
                return f"{word} {value}: files are not read; put the body into the command"
            else:
                bodies.append(value)
                if word == "--json":
                    headers.append(("Content-Type", "application/json"))
        elif word.startswith("-"):
            return f"the option {word} is not known here; known: -X, -H, -d, --data-raw, --data-binary, --json"
        else:
            url = word
    if "$" in url or any("$HOOKASSAY" in value for _, value in headers):
        return "a value comes from the environment, which is not read"
    body = "&".join(bodies).encode("utf-8", "surrogateescape")
    return Incoming(method or ("POST" if bodies else "GET"), url, tuple(headers), body)


def _header(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return (name.removesuffix(";"), value.strip())


READERS: dict[str, Callable[[bytes], Found]] = {"ndjson": ndjson, "har": har, "curl": curl}


def keep(context: Context, connection: Connection, intake: Intake, found: Incoming) -> int:
    """Write one into the log, finished and not sent; its delivery's id. Raises Refused(invalid)."""
    if len(found.body) > LARGEST:
        raise Refused("invalid", f"the body has {len(found.body)} bytes; at most {LARGEST}")
    for name, value in found.headers:
        if not name or not _HEADER_NAME.issuperset(name) or any(ord(c) > 255 or c in "\r\n\0" for c in value):
            raise Refused("invalid", f"the header {name[:80]!r} cannot be sent")
    provider, event = _recognised(context, found)
    endpoint = _endpoint(connection, provider, found.endpoint)
    secret = context.default_secret(provider, event) if endpoint is None else str(endpoint.secret)
    mark = placeholder(provider)
    body = found.body.replace(mark.encode(), secret.encode()) if found.masked else found.body
    headers = tuple(
        (name, value.replace(mark, secret) if found.masked else value)
        for name, value in found.headers
        if name.lower() not in _MADE_BY_URL
    )
    delivery = Delivery(
        provider.name, event.name, found.method, headers, body, secrets={"body": vendors.spans_of_secret(body, secret)}
    )
    document = parsed(body)
    what = Happening(provider, event, document, "import", body=body)
    occurrence = intake.write(connection, what)
    row = {
        **intake.row(occurrence, what, endpoint, delivery),
        "url": _url(found.url) or ("" if endpoint is None else endpoint.url),
        "state": "cancelled",
        "outcome": "cancelled",
        "due": None,
        "first_due": None,
        "key": None,
        "faults": [[0, "imported"]],
    }
    ident = intake.queue.put(connection, [row])[0]
    context.changes.note(connection, "occurrence", [occurrence])
    return ident


def _url(url: str) -> str:
    try:
        return url if url and Target.parse(url) else ""
    except (BadTarget, ValueError) as error:
        raise Refused("invalid", str(error)) from error


def _recognised(context: Context, found: Incoming) -> tuple[Provider, Event]:
    """Whose delivery it is: what the file says, else the one provider whose event fits."""
    if found.provider:
        provider = context.providers.get(found.provider)
        return provider, context.providers.event(provider.name, found.event)
    document = parsed(found.body)
    fitting = [
        (provider, event)
        for provider in context.providers.all.values()
        for event in provider.events.values()
        if isinstance(document, dict) and validation.is_valid(event, document)
    ]
    providers = {provider.name for provider, _ in fitting}
    if len(providers) != 1:
        told = f"it could be of {', '.join(sorted(providers))}" if providers else "no event of any provider fits it"
        raise Refused("invalid", f"whose delivery is this? {told}")
    return fitting[0]


def _endpoint(connection: Connection, provider: Provider, name: str) -> Row[Any] | None:
    table = tables.endpoint
    mine = select(table).where(table.c.provider == provider.name, table.c.gone_at.is_(None)).order_by(table.c.id)
    rows = connection.execute(mine).all()
    return next((row for row in rows if row.name == name), rows[0] if rows else None)
