"""Deliveries as files have them: NDJSON of ours, HAR 1.2, curl commands."""

from __future__ import annotations

import base64
import binascii
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from hookassay.mockserver.emission.secret import Span
from hookassay.mockserver.engine import attempts_json
from hookassay.mockserver.engine.attempts_json import Tried
from hookassay.mockserver.engine.conversations import parsed
from hookassay.mockserver.engine.errors import Refused
from hookassay.schemas.contract import Json


@dataclass(frozen=True)
class Incoming:
    """A delivery as a file has it; provider and event empty where the file does not say.

    `spans`: where the body holds a secret, if the file says so.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    provider: str = ""
    event: str = ""
    endpoint: str = ""
    masked: bool = False
    spans: tuple[Span, ...] | None = None
    tried: tuple[Tried, ...] = ()


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
            spans=_spans(found.get("spans"), len(body)),
            tried=attempts_json.read(found.get("attempts", [])),
        )
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        return f"is no delivery: {type(error).__name__}: {error}"


def _spans(found: Json, length: int) -> tuple[Span, ...] | None:
    if found is None:
        return None
    spans = tuple(Span(int(start), int(end), bool(derived)) for start, end, derived in found)
    if any(not 0 <= span.start <= span.end <= length for span in spans):
        raise ValueError("a span is not within the body")
    return spans


def har(data: bytes) -> Found:
    """Every request of a HAR file; the same one sent again is one delivery of several attempts.

    Raises Refused(invalid).
    """
    document = parsed(data)
    try:
        entries = document["log"]["entries"]
        assert isinstance(entries, list)
    except (KeyError, TypeError, AssertionError) as error:
        raise Refused("invalid", "line 1: is no HAR file: log.entries is missing", "/body") from error
    known: dict[Incoming, tuple[int, list[Tried]]] = {}
    for number, entry in enumerate(entries, 1):
        made = _from_har(entry)
        if isinstance(made, Incoming):
            known.setdefault(replace(made, tried=()), (number, []))[1].extend(made.tried)
        else:
            yield number, made
    for made, (number, tried) in known.items():
        yield number, replace(made, tried=tuple(tried))


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
            tried=attempts_json.read([_har_attempt(entry, ours.get("attempt") or {})]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        return f"is no request: {type(error).__name__}: {error}"


def _har_attempt(entry: Mapping[str, Json], ours: Mapping[str, Json]) -> dict[str, Json]:
    """An entry's answer as our own attempts have it; status 0 stands for none (HAR 1.2 has no other word)."""
    response = entry.get("response") or {}
    content = response.get("content") or {}
    text = str(content.get("text", ""))
    return {
        "at": entry.get("startedDateTime", ""),
        "elapsed": max(0.0, float(entry.get("time") or 0.0)) / 1000,
        "status": response.get("status") or None,
        **ours,
        "answer": {
            "headers": [(pair["name"], pair["value"]) for pair in response.get("headers", ())],
            **({"body_base64": text} if content.get("encoding") == "base64" else {"body": text}),
        },
    }


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
