"""Scenarios to choose from: those of the providers, and TOML files of the user's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hookassay.mockserver.emission import times
from hookassay.mockserver.engine import plans
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.model import FaultKind
from hookassay.schemas import catalogue, inspection, validation
from hookassay.schemas.catalogue import BadProvider
from hookassay.schemas.contract import Json, Provider, Scenario

LONGEST = 10_000
"""Steps of a scenario at most."""


@dataclass(frozen=True)
class Found:
    """A scenario, or what is wrong with its file."""

    provider: str
    name: str
    scenario: Scenario | None
    ours: bool
    problem: str = ""


def find(context: Context) -> Iterator[Found]:
    """All there are: the providers', then the user's own; one of the user's goes before another of its name."""
    own = list(_own(context))
    names = {(found.provider, found.name) for found in own}
    for provider in context.providers.all.values():
        for name, scenario in provider.scenarios.items():
            if (provider.name, name) not in names:
                yield Found(provider.name, name, scenario, ours=True)
    yield from own


def get(context: Context, provider: str, name: str) -> Scenario:
    """Raises Refused(not-found), Refused(invalid) with file and key."""
    known = {found.name: found for found in find(context) if found.provider == context.providers.get(provider).name}
    if name not in known:
        near = catalogue.nearest(name, known)
        raise Refused("not-found", f"{provider} has no scenario {name!r}{near}; it has {', '.join(known) or 'none'}")
    found = known[name]
    if found.scenario is None:
        raise Refused("invalid", found.problem)
    return found.scenario


def _own(context: Context) -> Iterator[Found]:
    folder = context.own_scenarios
    for path in sorted(folder.glob("*.toml")) if folder is not None and folder.is_dir() else ():
        data: dict[str, Json] = {}
        try:
            data = catalogue.read_toml(path)
            check(context.providers.all, path, data)
        except BadProvider as error:
            yield Found(str(data.get("provider", "")), path.stem, None, ours=False, problem=str(error))
            continue
        scenario = Scenario(
            path.stem, data["title"], tuple(data.get("needs", ())), data.get("cast", {}), tuple(data["step"])
        )
        yield Found(data["provider"], path.stem, scenario, ours=False)


def check(providers: Mapping[str, Provider], path: Path, data: Mapping[str, Json]) -> None:
    """Raise BadProvider with the key of the first thing that is wrong with a scenario's file."""
    error = next(iter(inspection.meta("scenario").iter_errors(data)), None)
    if error is not None:
        problem = next(validation.explain(error))
        raise BadProvider(path, problem.path.removeprefix("$."), problem.told)
    if data["provider"] not in providers:
        raise BadProvider(path, "provider", f"unknown: {data['provider']!r}; known: {', '.join(providers)}")
    if len(data["step"]) > LONGEST:
        raise BadProvider(path, "step", f"{len(data['step'])} steps; at most {LONGEST}")
    provider, before = providers[data["provider"]], 0
    for number, step in enumerate(data["step"]):
        place = f"step[{number}]"
        event = provider.events.get(step["event"])
        if event is None:
            near = catalogue.nearest(step["event"], provider.events)
            raise BadProvider(path, f"{place}.event", f"{provider.name} has no event {step['event']!r}{near}")
        if step.get("example", "full") not in event.examples:
            known = ", ".join(event.examples)
            raise BadProvider(path, f"{place}.example", f"{event.name} has no {step['example']!r}; it has {known}")
        at = times.span(step["at"])
        if at < before:
            raise BadProvider(path, f"{place}.at", "goes back in time")
        before = at
        try:
            list(faults_of(step))
        except Refused as refused:
            raise BadProvider(path, f"{place}.fault", refused.detail) from refused


def faults_of(step: Mapping[str, Json]) -> Iterator[tuple[FaultKind, dict[str, Json], dict[str, Json]]]:
    """The faults of a step as (kind, plan, parameters). Raises Refused(invalid)."""
    for kind, given in step.get("fault", {}).items():
        values = dict(given) if isinstance(given, Mapping) else {}
        plan = {name: values.pop(name) for name in plans.NAMES if name in values}
        columns = plans.read(plan, kind, values)
        plans.check_parameters(kind, values)
        yield kind, columns, values
