"""Finding and loading provider folders.

`find()` lists what is there without reading schemas (completion and help use it); `load()` makes a
`Provider`. Folders of a user's own are checked in full (`inspection`) when they are loaded; ours are
checked by the tests, so that a start does not pay for it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from hookassay.schemas import members
from hookassay.schemas.contract import (
    Authentication,
    Document,
    Event,
    Example,
    Json,
    Limit,
    Provider,
    Requirement,
    Retry,
    Scenario,
)

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

OURS = Path(__file__).parent
"""The folder that holds the providers we ship."""

_DEEPEST_REFERENCE = 40


class BadProvider(Exception):
    """A provider folder that cannot be used: `file: key: what is wrong`, one line."""

    def __init__(self, file: Path, key: str, problem: str) -> None:
        super().__init__(f"{file}: {key}: {problem}" if key else f"{file}: {problem}")
        self.file, self.key, self.problem = file, key, problem


class UnknownName(Exception):
    """A provider or event that nobody knows, with the nearest known name."""


def find(paths: Iterable[Path] = ()) -> dict[str, Path]:
    """Name → folder of every provider: ours, then those below or at each of `paths`.

    A path is either a provider folder itself or a folder of them. Raises BadProvider for a path
    that holds none, and for one whose name another provider has.
    """
    found = {file.parent.name: file.parent for file in sorted(OURS.glob("*/provider.toml"))}
    for path in paths:
        if (path / "provider.toml").is_file():
            here = [path.resolve()]
        else:
            here = [file.parent.resolve() for file in sorted(path.glob("*/provider.toml"))]
        if not here:
            what = "no provider.toml here or one folder below" if path.is_dir() else "no such folder"
            raise BadProvider(path, "", what)
        for folder in here:
            other = found.setdefault(folder.name, folder)
            if other.resolve() != folder:
                raise BadProvider(folder, "", f"another provider is called {folder.name!r} already: {other}")
    return found


def load(name: str, paths: Iterable[Path] = ()) -> Provider:
    """The provider of that name. Raises UnknownName or BadProvider."""
    known = find(paths)
    if name not in known:
        raise UnknownName(f"unknown provider {name!r}{nearest(name, known)}; known: {', '.join(known)}")
    return load_folder(known[name])


def nearest(name: str, known: Iterable[str]) -> str:
    """`` (did you mean 'x'?)`` for the nearest known name, else nothing."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


@cache
def load_folder(folder: Path) -> Provider:
    """A provider from its folder; one that is not ours is inspected first. Raises BadProvider."""
    if folder.parent != OURS:
        from hookassay.schemas import inspection

        inspection.inspect(folder)
    return read(folder)


def read(folder: Path) -> Provider:
    """A provider from a folder whose files are known to be right (see `inspection`)."""
    data = read_toml(folder / "provider.toml")
    name = str(data["name"])
    schemas = read_schemas(folder)
    requirements = (
        read_toml(folder / "requirements.toml").get("requirement", [])
        if (folder / "requirements.toml").is_file()
        else []
    )
    cases = read_toml(folder / "cases.toml") if (folder / "cases.toml").is_file() else {}
    retry = data.get("retry", {})
    return Provider(
        name=name,
        title=data["title"],
        contract=str(data["contract"]),
        folder=folder,
        documents={key: Document(key, **value) for key, value in data["documents"].items()},
        method=data["method"],
        path=data["path"],
        headers=data["headers"],
        timeout=Limit(**data["timeout"]),
        window=Limit(**data["window"]) if "window" in data else None,
        success=data["success"],
        authentication=Authentication(**data["authentication"]),
        test_secret=data.get("test_secret", ""),
        test_secrets=data.get("test_secrets", {}),
        settings=tuple(data.get("settings", ())),
        traits=data.get("traits", {}),
        retry_status=retry.get("status", "ours"),
        retries=tuple(
            Retry(key, tuple(value["delays"]), value.get("then"), value.get("until"))
            for key, value in retry.get("profiles", {"vendor": {"delays": []}}).items()
        ),
        hints=tuple(data.get("hints", ())),
        hello=tuple(data.get("hello", ())),
        events={entry["name"]: _event(folder, name, entry, schemas) for entry in data["events"]},
        requirements=tuple(_requirement(entry) for entry in requirements),
        checks=tuple({**check, "cases": tuple(_on_each_event(check["cases"]))} for check in cases.get("check", ())),
        cases=tuple(_on_each_event(cases.get("case", ()))),
        scenarios={path.stem: _scenario(path) for path in sorted((folder / "scenarios").glob("*.toml"))},
    )


def _event(folder: Path, provider: str, entry: Mapping[str, Json], schemas: Mapping[str, Json]) -> Event:
    name = str(entry["name"])
    schema = read_json(folder / "events" / f"{name}.schema.json")
    levels = entry.get("examples", {})
    files = {path.name.removeprefix(f"{name}.").removesuffix(".json"): path for path in _examples_of(folder, name)}
    kinds = sorted(files, key=lambda kind: (kind not in ("full", "minimal"), kind))
    examples = {kind: Example(name, kind, read_json(files[kind]), levels.get(kind, "must")) for kind in kinds}
    return Event(
        provider=provider,
        name=name,
        title=schema.get("title", name),
        description=schema.get("description", ""),
        source=entry["source"],
        asked=entry.get("asked", True),
        schema=schema,
        expanded=expand(schema, schemas),
        examples=examples,
    )


def _on_each_event(cases: Iterable[Mapping[str, Json]]) -> Iterator[Mapping[str, Json]]:
    """A case that names several events is one for each of them."""
    for case in cases:
        events = case.get("event")
        yield from ({**case, "event": event} for event in events) if isinstance(events, list) else (case,)


def _examples_of(folder: Path, event: str) -> list[Path]:
    """EVENT.NAME.json; an event's name may hold dots, an example's may not."""
    return [path for path in (folder / "examples").glob(f"{event}.*.json") if path.stem.rpartition(".")[0] == event]


def _requirement(entry: Mapping[str, Json]) -> Requirement:
    return Requirement(
        id=entry["id"],
        level=entry["level"],
        text=entry["text"],
        source=entry["source"],
        checks=tuple(entry.get("checks", ())),
        unseen=entry.get("unseen", ""),
    )


def _scenario(path: Path) -> Scenario:
    data = read_toml(path)
    return Scenario(path.stem, data["title"], tuple(data.get("needs", ())), data.get("cast", {}), tuple(data["step"]))


def read_schemas(folder: Path) -> dict[str, Json]:
    """`$id` → schema of every schema file of a provider folder."""
    return {schema["$id"]: schema for schema in map(read_json, sorted(folder.rglob("*.schema.json")))}


def expand(schema: Mapping[str, Json], schemas: Mapping[str, Json]) -> dict[str, Json]:
    """A schema with every `$ref` replaced by what it names, siblings merged over it.

    Raises referencing.exceptions.Unresolvable for a reference that leads nowhere, and RecursionError
    for a schema that contains itself (no vendor's payload does).
    """

    def expanded(node: Json, resolver: Any, depth: int) -> Json:
        if depth > _DEEPEST_REFERENCE:
            raise RecursionError("a schema that contains itself cannot be expanded")
        if isinstance(node, list):
            return [expanded(item, resolver, depth) for item in node]
        if not isinstance(node, dict):
            return node
        inner = {key: expanded(value, resolver, depth) for key, value in node.items() if key not in ("$ref", "$defs")}
        if isinstance(node.get("$ref"), str):
            target = resolver.lookup(node["$ref"])
            return members.merge(expanded(target.contents, target.resolver, depth + 1), inner)
        return inner

    result = expanded(schema, _registry(schemas).resolver(schema["$id"]), 0)
    assert isinstance(result, dict)
    return result


def dangling(schema: Mapping[str, Json], schemas: Mapping[str, Json]) -> Iterator[str]:
    """The references of a schema that lead nowhere among `schemas`, as they are written."""
    from referencing.exceptions import Unresolvable

    resolver = _registry(schemas).resolver(schema["$id"])

    def references(node: Json) -> Iterator[str]:
        if isinstance(node, list):
            for item in node:
                yield from references(item)
        elif isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for key, inner in node.items():
                if key not in ("examples", "enum", "const"):
                    yield from references(inner)

    for reference in references(schema):
        try:
            resolver.lookup(reference)
        except Unresolvable:
            yield reference


def _registry(schemas: Mapping[str, Json]) -> Any:
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    resources = ((uri, DRAFT202012.create_resource(contents)) for uri, contents in schemas.items())
    registry: Registry[Any] = Registry().with_resources(resources)
    return registry


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a dict. Raises BadProvider where it is missing or is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadProvider(path, "", f"cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadProvider(path, "", f"is not TOML: {error}") from error


def read_json(path: Path) -> Json:
    """A JSON file. Raises BadProvider where it is missing or is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadProvider(path, "", f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise BadProvider(path, "", f"is not JSON: {error}") from error
