"""A first provider folder from samples: schemas that allow what was seen, marked as inferred."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from hookassay.cli.faults import Fault
from hookassay.schemas.contract import Json

_NAMING = ("type", "event", "event_type", "eventType", "topic", "action")
"""Top-level members that often hold an event's name."""

_EVENT = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,80}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_TIME_NAME = re.compile(r"(^|_)(time|timestamp|ts|date|at|on)$|Time$|At$|Date$|Timestamp$")
_NOW_NAMES = ("timestamp", "time", "ts", "created", "created_at", "createdAt", "sent_at", "event_time", "ctime")
_OWN_ID = re.compile(r"^((event|message|delivery|request|webhook|notification)_?)?(id|Id|uuid)$")
_TALK_ID = re.compile(r"(conversation|session|chat|thread|ticket|order)_?(id|Id)$")

Samples = list[tuple[str, Json]]
"""Name of the example, and its document."""


def group(texts: Iterable[str]) -> dict[str, Samples]:
    """Event → its samples, from `[EVENT=]FILE`. Raises Fault for a file that is no JSON object."""
    events: dict[str, Samples] = {}
    for text in texts:
        event, mark, path = text.rpartition("=")
        file = Path(path if mark else text)
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise Fault(f"{file}: no JSON: {error}") from error
        if not isinstance(document, dict):
            raise Fault(f"{file}: a payload has to be a JSON object")
        name = event or _named(document) or file.stem.partition(".")[0]
        if not _EVENT.fullmatch(name):
            raise Fault(f"{file}: {name!r} cannot be an event's name; write EVENT={file}")
        events.setdefault(name, []).append((re.sub("[^A-Za-z0-9_-]", "-", file.stem), document))
    return events


def _named(document: Mapping[str, Json]) -> str:
    """The event's name where the document says it."""
    for member in _NAMING:
        value = document.get(member)
        if isinstance(value, str) and _EVENT.fullmatch(value):
            return value
    return ""


def write(folder: Path, name: str, events: Mapping[str, Samples]) -> list[Path]:
    """The folder's files: provider.toml, a schema an event, its samples as examples."""
    files: dict[Path, str] = {folder / "provider.toml": _provider(name, events)}
    for event, samples in events.items():
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"https://schemas.example/{name}/1/events/{event}.schema.json",
            "title": event.replace("_", " "),
            "description": "Drafted from samples.",
            **infer([document for _, document in samples], event),
        }
        files[folder / "events" / f"{event}.schema.json"] = _json(schema)
        for example, document in _examples(samples).items():
            files[folder / "examples" / f"{event}.{example}.json"] = _json(document)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)


def _examples(samples: Samples) -> dict[str, Json]:
    """`full` is the sample that says most, `minimal` the one that says least; the others keep their names."""
    by_size = sorted(samples, key=lambda sample: len(_json(sample[1])))
    found = {"minimal": by_size[0][1], "full": by_size[-1][1]}
    for name, document in by_size[1:-1]:
        found.setdefault(name, document)
    return found


def infer(values: Sequence[Json], event: str = "", name: str = "", depth: int = 0) -> dict[str, Any]:
    """A schema that allows these values and others of their kind."""
    kinds = sorted({_kind(value) for value in values})
    if "number" in kinds and "integer" in kinds:
        kinds.remove("integer")
    schema: dict[str, Any] = {}
    if kinds != ["null"]:  # what was only null may be anything
        schema["type"] = kinds[0] if len(kinds) == 1 else kinds
    objects = [value for value in values if isinstance(value, dict)]
    if objects:
        names = dict.fromkeys(key for value in objects for key in value)
        required = [key for key in names if all(key in value for value in objects)]
        schema.update({"required": required} if required else {})
        schema["properties"] = {
            key: _member([value[key] for value in objects if key in value], event, key, depth) for key in names
        }
    items = [item for value in values if isinstance(value, list) for item in value]
    if items:
        schema["items"] = _member(items, event, name, depth + 1)
    return schema


def _member(values: Sequence[Json], event: str, name: str, depth: int) -> dict[str, Any]:
    """A member's schema, with what emission does with it where its name and form tell."""
    schema = infer(values, event, name, depth + 1)
    if depth == 0 and name in _NAMING and all(value == event for value in values):
        schema["const"] = event
    elif role := _role(values, name, depth):
        schema["x-role"] = role
        if role in ("time", "moment") and all(isinstance(value, str) for value in values):
            schema["format"] = "date-time"
    return {**schema, "x-source": "sample: seen in samples", "x-status": "inferred"}


def _role(values: Sequence[Json], name: str, depth: int) -> str:
    texts = all(isinstance(value, str) and value for value in values)
    times = texts and all(_TIME.fullmatch(value) for value in values)
    seconds = all(type(value) is int and 10**9 <= value < 10**14 for value in values)
    if times or (seconds and (name in _NOW_NAMES or _TIME_NAME.search(name))):
        return "time" if depth == 0 and name in _NOW_NAMES else "moment"
    if texts and _TALK_ID.search(name):
        return "conversation"
    return "delivery" if texts and depth == 0 and _OWN_ID.search(name) else ""


def _kind(value: Json) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    names = {dict: "object", list: "array", str: "string", int: "integer", float: "number"}
    return names[type(value)]


def _json(document: Json) -> str:
    return f"{json.dumps(document, ensure_ascii=False, indent=2)}\n"


def _provider(name: str, events: Mapping[str, Samples]) -> str:
    title = name.replace("-", " ").title()
    listed = "\n".join(f'[[events]]\nname = "{event}"\nsource = "sample: seen in samples"' for event in events)
    return _TEMPLATE.format(name=name, title=title, today=date.today().isoformat(), events=listed)


_TEMPLATE = """\
# {title}: drafted from samples. What is marked as ours or inferred is to be read against the vendor's documents.
name = "{name}"
title = {{ en = "{title}" }}
contract = "1"
method = "POST"
path = "/{name}"
headers = {{ "Content-Type" = "application/json", "User-Agent" = "hookassay/{{version}} ({name})" }}
timeout = {{ seconds = 10, status = "ours", source = "sample: nothing known" }}
success = {{ rule = "any-2xx", status = "ours", source = "sample: nothing known" }}
settings = [
  {{ name = "url", type = "url", label = {{ en = "URL" }}, source = "sample: nothing known" }},
]

[documents]
sample = {{ title = "Samples", date = "{today}", url = "https://vendor.example/docs" }}

# With a secret: add `test_secret = "..."` above and {{ name = "secret", type = "secret", generate = "[a-z0-9]{{32}}",
# label = {{ en = "Secret" }}, source = "..." }} to the settings, then say how the vendor signs, for instance
#   kind = "hmac-header"
#   algorithm = "sha256"
#   key = "utf-8"
#   signed = "{{timestamp}}.{{body}}"    # or "{{body}}", "v0:{{timestamp}}:{{body}}", "{{id}}.{{timestamp}}.{{body}}"
#   digest = "hex"
#   headers = {{ "X-Signature" = "t={{timestamp}},v1={{digest}}" }}
#   stamp = "attempt"
[authentication]
kind = "none"
source = "sample: nothing known"

[retry]
status = "ours"
source = "sample: nothing known"
[retry.profiles.vendor]      # one attempt; seconds before each retry
delays = []

{events}
"""
