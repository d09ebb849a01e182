"""Plans and parameters of faults, as data: what each kind takes, and within which bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from hookassay.mockserver.engine.errors import Problem, Refused
from hookassay.mockserver.engine.model import FaultKind
from hookassay.schemas import catalogue
from hookassay.schemas.contract import Json

_Range = tuple[float, float]

PARAMETERS: dict[FaultKind, dict[str, Any]] = {
    "lose-answer": {},
    "answer-as": {"status": (100, 599), "send": bool},
    "duplicate": {"copies": (1, 100), "after": (0, 1e7)},
    "delay": {"by": (0, 1e7)},
    "reorder": {"n": (2, 1000)},
    "burst": {"n": (1, 1000)},
    "wrong-signature": {"mutation": str},
    "old-secret": {},
    "truncated-body": {"share": (0.0, 0.99)},
}
"""Kind → parameter → its range, or its type. Seconds are virtual."""

_PLAN: dict[str, tuple[type, _Range]] = {
    "next": (int, (0, 1e9)),
    "every": (int, (1, 1e9)),
    "chance": (float, (0.0, 1.0)),
    "seed": (int, (0, 2**31 - 1)),
}

NAMES = tuple(_PLAN)
"""The words of a plan."""


def read(plan: Mapping[str, Json], kind: str, parameters: Mapping[str, Json]) -> dict[str, Any]:
    """The columns of a plan; without one it is the next attempt (as many as are held together, where some are).

    Raises Refused(invalid).
    """
    if kind not in PARAMETERS:
        near = catalogue.nearest(kind, PARAMETERS)
        raise Refused("invalid", f"unknown fault {kind!r}{near}; known: {', '.join(PARAMETERS)}", "/kind")
    chosen = [name for name in ("next", "every", "chance") if name in plan]
    if len(chosen) > 1:
        raise Refused("invalid", f"one plan, not {' and '.join(chosen)}", f"/{chosen[1]}")
    for name, value in plan.items():
        _check_number(name, value, *_PLAN[name])
    if not chosen:
        held = kind in ("reorder", "burst")
        return {"remaining": int(parameters.get("n", 2)) if held else 1, **_seed(plan)}
    return {**_columns(plan), **_seed(plan)}


def changed(row: Row[Any], changes: Mapping[str, Json]) -> dict[str, Any]:
    """The columns that a change of a fault sets. Raises Refused(invalid)."""
    known = {"enabled", "events", "parameters", *_PLAN}
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in known:
            raise Refused("invalid", f"a fault has no {name!r}{catalogue.nearest(name, known)}", f"/{name}")
        if name in _PLAN:
            _check_number(name, value, *_PLAN[name])
    plan = {name: changes[name] for name in _PLAN if name in changes}
    if len([name for name in plan if name != "seed"]) > 1:
        raise Refused("invalid", "one plan: next, every or chance", "/next")
    if any(name in plan for name in ("next", "every", "chance")):
        values |= {"remaining": None, "every": None, "chance": None, "seed": row.seed or 0, **_columns(plan)}
    values |= _seed(plan)
    if "enabled" in changes:
        if not isinstance(changes["enabled"], bool):
            raise Refused("invalid", "enabled is true or false", "/enabled")
        values["enabled"] = changes["enabled"]
    if "events" in changes:
        if not isinstance(changes["events"], str):
            raise Refused("invalid", "events is a glob", "/events")
        values["events"] = changes["events"]
    if "parameters" in changes:
        check_parameters(row.kind, changes["parameters"])
        values["parameters"] = dict(changes["parameters"])
    return values


def check_parameters(kind: FaultKind, parameters: Json) -> None:
    """Raises Refused(invalid) that names every wrong one."""
    if not isinstance(parameters, Mapping):
        raise Refused("invalid", "parameters is an object", "/parameters")
    known = PARAMETERS[kind]
    problems = []
    for name, value in parameters.items():
        if name not in known:
            told = f"{kind} has no parameter {name!r}{catalogue.nearest(name, known)}"
            problems.append(Problem(f"/parameters/{name}", told))
        elif isinstance(known[name], type):
            if not isinstance(value, known[name]):
                problems.append(Problem(f"/parameters/{name}", f"{name} is a {known[name].__name__}"))
        elif not _within(value, known[name]):
            low, high = known[name]
            problems.append(Problem(f"/parameters/{name}", f"{name} is a number, {low:g} to {high:g}"))
    if problems:
        raise Refused("invalid", "; ".join(problem.detail for problem in problems), problems=problems)


def _columns(plan: Mapping[str, Json]) -> dict[str, Any]:
    names = {"next": "remaining", "every": "every", "chance": "chance"}
    return {column: plan[name] for name, column in names.items() if name in plan}


def _seed(plan: Mapping[str, Json]) -> dict[str, Any]:
    return {"seed": plan["seed"]} if "seed" in plan else {}


def _check_number(name: str, value: Json, kind: type, bounds: _Range) -> None:
    whole = kind is not int or isinstance(value, int)
    if not whole or not _within(value, bounds):
        low, high = bounds
        word = "whole number" if kind is int else "number"
        raise Refused("invalid", f"{name} is a {word}, {low:g} to {high:g}", f"/{name}")


def _within(value: Json, bounds: _Range) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and bounds[0] <= value <= bounds[1]
