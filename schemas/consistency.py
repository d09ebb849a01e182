"""What the files of a provider folder say of one another: events, examples, paths, settings and sources that exist."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from hookassay.schemas import catalogue
from hookassay.schemas.catalogue import BadProvider
from hookassay.schemas.contract import Event, Json, Provider
from hookassay.schemas.paths import knows

KINDS = ("id", "digits", "hex24", "hex32", "uuid", "UUID")
"""The kinds of fresh values that a cast and a placeholder may name (`mockserver.emission.ids` makes them)."""

_SIGNED = {"body", "timestamp", "id", "url"}
_HEADER = {"digest", "timestamp", "id", "url"}
_NAME = re.compile(r"[{]([A-Za-z]*)[}]")
_PLACEHOLDER = re.compile(r"[{][{]\s*([^{}]+?)\s*[}][}]")
_MOMENT = re.compile(r"(now|start)([+-]([0-9]+(ms|s|m|h|d))+)?")
_SPAN = re.compile(r"([0-9]+)(ms|s|m|h|d)")
_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def check(folder: Path, data: Mapping[str, Json], provider: Provider) -> None:
    """Raise BadProvider for the first thing in a folder that does not fit another."""
    _check_authentication(folder / "provider.toml", provider)
    _check_traits(folder / "provider.toml", data, provider)
    _check_sources(folder, data)
    _check_cases(folder / "cases.toml", provider)
    for path in sorted((folder / "scenarios").glob("*.toml")):
        _check_scenario(path, provider)
    if (folder / "vectors.toml").is_file():
        _check_recipes(folder / "vectors.toml", provider)


def check_names(folder: Path, data: Mapping[str, Json]) -> None:
    """Raise BadProvider for a name that is given twice, or a level for an example that is not there."""
    path = folder / "provider.toml"
    names = [entry["name"] for entry in data["events"]]
    _unique(path, "events", names)
    _unique(path, "settings", [entry["name"] for entry in data.get("settings", ())])
    for event in data.get("test_secrets", {}):
        _known(path, f"test_secrets.{event}", event, names, "event")
    for entry in data["events"]:
        for example in entry.get("examples", {}):
            if not (folder / "examples" / f"{entry['name']}.{example}.json").is_file():
                raise BadProvider(path, f"events: {entry['name']}.examples", f"there is no example {example!r}")
    requirements = folder / "requirements.toml"
    if requirements.is_file():
        _unique(requirements, "requirement", [r["id"] for r in catalogue.read_toml(requirements)["requirement"]])


def _unique(path: Path, key: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadProvider(path, key, f"{name!r} stands there twice")
        seen.add(name)


def _known(path: Path, key: str, name: str, known: Iterable[str], what: str) -> None:
    if name not in known:
        raise BadProvider(path, key, f"{name!r} is no {what} of this provider{catalogue.nearest(name, known)}")


def _check_authentication(path: Path, provider: Provider) -> None:
    authentication = provider.authentication
    if authentication.has_secret and not provider.test_secret:
        raise BadProvider(path, "test_secret", "is missing: a provider that authenticates needs one to be tried with")
    if authentication.kind == "body-token":
        for event in provider.deliverable.values():
            if not knows(event.expanded, authentication.pointer):
                text = f"the schema of {event.name} knows no {authentication.pointer!r}"
                raise BadProvider(path, "authentication.pointer", text)
    if authentication.kind != "hmac-header":
        return
    _templates(path, "authentication.signed", authentication.signed, _SIGNED)
    for name, template in authentication.headers.items():
        _templates(path, f"authentication.headers.{name}", template, _HEADER)
    if sum("{digest}" in template for template in authentication.headers.values()) != 1:
        raise BadProvider(path, "authentication.headers", "exactly one of them has to hold {digest}")
    for key, secret in (("test_secret", provider.test_secret), *provider.test_secrets.items()):
        _check_secret(path, key, secret, authentication.key)


def _templates(path: Path, key: str, template: str, known: set[str]) -> None:
    for name in _NAME.findall(template):
        if name not in known:
            names = ", ".join(f"{{{one}}}" for one in sorted(known))
            raise BadProvider(path, key, f"{{{name}}} means nothing; known: {names}")


def _check_secret(path: Path, key: str, secret: str, form: str) -> None:
    """The test secret can be turned into a key as the data asks."""
    prefix, _, kind = form.rpartition("+")
    if not secret.startswith(prefix):
        raise BadProvider(path, key, f"has to begin with {prefix!r}, as authentication.key says")
    text = secret.removeprefix(prefix)
    try:
        if kind == "hex":
            bytes.fromhex(text)
        elif kind == "base64":
            base64.b64decode(text, validate=True)
    except ValueError as error:
        raise BadProvider(path, key, f"is not {kind}, as authentication.key says: {error}") from error


def _check_traits(path: Path, data: Mapping[str, Json], provider: Provider) -> None:
    settings = {entry["name"]: entry["type"] for entry in data.get("settings", ())}
    for trait, value in provider.traits.items():
        where = f"traits.{trait}"
        if "event" in value:
            _known(path, f"{where}.event", value["event"], provider.events, "event")
        if "setting" in value:
            _known(path, f"{where}.setting", value["setting"], settings, "setting")
        if "signed" in value:
            name = str(value["signed"]).removeprefix("switch:")
            _known(path, f"{where}.signed", name, [n for n, kind in settings.items() if kind == "switch"], "switch")
        for key, pointer in _pointers(trait, value):
            events = [provider.events[value["event"]]] if "event" in value else list(provider.deliverable.values())
            if not any(knows(event.expanded, pointer) for event in events):
                raise BadProvider(path, f"{where}.{key}", f"no event's schema knows {pointer!r}")
    for index, entry in enumerate(data.get("hello", ())):
        _known(path, f"hello.{index}.event", entry["event"], provider.events, "event")
        for name in entry:
            if name not in ("endpoint", "event"):
                _known(path, f"hello.{index}.{name}", name, settings, "setting")


def _pointers(trait: str, value: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for key in ("pointer", "key", "token", "answer"):
        if key in value:
            yield key, str(value[key])
    for name, pointer in value.get("members", {}).items():
        yield f"members.{name}", str(pointer)


def _check_sources(folder: Path, data: Mapping[str, Json]) -> None:
    """Every source begins with the key of a document, so that a message can name it."""
    known = set(data["documents"])

    def walk(node: Json, where: str, path: Path) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("source", "x-source") and isinstance(value, str):
                    for part in value.split("; "):
                        if part.partition(":")[0] not in known:
                            text = f"{part!r} begins with no key of [documents] ({', '.join(sorted(known))})"
                            raise BadProvider(path, f"{where}.{key}".lstrip("."), text)
                elif key not in ("examples", "document", "set"):
                    walk(value, f"{where}.{key}", path)
        elif isinstance(node, list):
            for index, value in enumerate(node):
                walk(value, f"{where}.{index}", path)

    for path in (folder / "provider.toml", folder / "cases.toml", folder / "requirements.toml"):
        if path.is_file():
            walk(catalogue.read_toml(path), "", path)
    for path in sorted(folder.rglob("*.schema.json")):
        walk(catalogue.read_json(path), "", path)


def _check_cases(path: Path, provider: Provider) -> None:
    """Cases speak of events, examples, paths and placeholders that exist, and no id is given twice."""
    _unique(path, "check", [check["id"] for check in provider.checks])
    cases = [(check["id"], case) for check in provider.checks for case in check["cases"]]
    cases += [(case["check"], case) for case in provider.cases]
    _unique(path, "cases", [f"{check}[{case.get('event', '')},{case['name']}]" for check, case in cases])
    for check, case in cases:
        for step in case.get("steps", [case]):
            _check_step(path, f"{check}[{case['name']}]", step, provider.events, case.get("cast", {}))


def _check_scenario(path: Path, provider: Provider) -> None:
    data = catalogue.read_toml(path)
    if data["provider"] != provider.name:
        raise BadProvider(path, "provider", f"is {data['provider']!r}, not {provider.name!r}")
    for name in data.get("needs", ()):
        _known(path, "needs", name, provider.events, "event")
    before = 0
    for index, step in enumerate(data["step"], 1):
        at = sum(int(number) * _UNITS[unit] for number, unit in _SPAN.findall(step["at"]))
        if at < before:
            raise BadProvider(path, f"step {index}.at", f"{step['at']} is before the step above")
        before = at
        _check_step(path, f"step {index}", step, provider.events, data.get("cast", {}))


def _check_step(path: Path, where: str, step: Mapping[str, Json], events: Mapping[str, Event], cast: Json) -> None:
    for name in _placeholders({key: step[key] for key in ("set", "json", "document") if key in step}):
        if not _MOMENT.fullmatch(name) and name not in KINDS and name.partition(".")[0] not in cast:
            text = f"{{{{{name}}}}} means nothing; known: now, start, {', '.join([*KINDS, *cast])}"
            raise BadProvider(path, where, text)
    if "event" not in step:
        return
    _known(path, where, step["event"], events, "event")
    event = events[step["event"]]
    if step.get("example", "full") not in event.examples:
        text = f"{event.name} has no example {step['example']!r}; it has {', '.join(event.examples)}"
        raise BadProvider(path, where, text)
    if step.get("valid", True) and "document" not in step:
        changes = [*step.get("set", {}), *step.get("remove", ())]
        for place in (*changes, *(step["json"] if isinstance(step.get("json"), dict) else ())):
            if not knows(event.expanded, place):
                text = f"the schema of {event.name} knows no {place!r}; say valid = false if that is meant"
                raise BadProvider(path, where, text)


def _check_recipes(path: Path, provider: Provider) -> None:
    groups = catalogue.read_toml(path)["group"]
    tests = [test for group in groups for test in group.get("test", ())]
    _unique(path, "group.test", [test["id"] for test in tests])
    examples = {f"{event.name}.{name}" for event in provider.events.values() for name in event.examples}
    for test in tests:
        if "example" in test:
            _known(path, f"group.test: {test['id']}.example", test["example"], examples, "example")
    for group in groups:
        if "forgeries_of" in group:
            _known(path, "group.forgeries_of", group["forgeries_of"], [test["id"] for test in tests], "vector")


def _placeholders(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _placeholders(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _placeholders(inner)
