"""Records of what is replaced in the right receiver, and how the replacement is put in place.

A replacement is code for one step: a function of the receiver's object, the step as it is (`right`) and
the step's own arguments. `given` in the record are further arguments, by name.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FAMILIES = ("payload", "signature", "token", "handshake", "errors", "delivery")
_HERE = Path(__file__).parent
_T = TypeVar("_T")


@dataclass(frozen=True)
class Replacement:
    """One step replaced.

    `step` is a method of the provider's webhook or of the HTTP exchange; `code` the function that takes
    its place, in `module`; `secret` what vendor and receiver share, where the default does not show it;
    `options` are for the battery.
    """

    name: str
    module: str
    step: str
    code: str
    given: Mapping[str, Any] = field(default_factory=dict)
    secret: str = ""
    options: tuple[str, ...] = ()

    def function(self) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(importlib.import_module(self.module), self.code)
        return found


@dataclass(frozen=True)
class Defect(Replacement):
    """What one developer got wrong.

    `providers` are those on whose battery it must show, `check` (FAMILY/NAME) what must fail there at
    `level`; `wrong` one sentence; `evidence` entries of the field evidence or a contract's requirements;
    `cause` the id of the cause that the battery has to prove, where right deliveries are refused;
    `by_fuzzing` whether a fuzzer of payload, bytes and authentication can reach it; `ends` whether it
    ends the process, so that something has to start the receiver again.
    """

    providers: tuple[str, ...] = ()
    check: str = ""
    level: str = "must"
    wrong: str = ""
    evidence: tuple[str, ...] = ()
    cause: str = ""
    by_fuzzing: bool = False
    ends: bool = False

    @property
    def family(self) -> str:
        return self.name.partition("/")[0]


@dataclass(frozen=True)
class Style(Replacement):
    """One legitimate way of being right: `how` in one sentence. Styles of one `group` can be combined."""

    how: str = ""
    group: str = ""


@cache
def defects() -> Mapping[str, Defect]:
    """All defects by name (FAMILY/NAME), in the order of the families."""
    found: dict[str, Defect] = {}
    for family in FAMILIES:
        for record in _records(_HERE / "defects" / f"{family}.toml", "defect"):
            name = record.pop("name")
            defect = Defect(name=f"{family}/{name}", module=f"tests.seeded.defects.{family}", **_filled(name, record))
            if found.setdefault(defect.name, defect) is not defect:
                raise ValueError(f"two defects are called {defect.name}")
    return found


@cache
def styles() -> Mapping[str, Style]:
    """All styles by name."""
    return {
        record["name"]: Style(module="tests.seeded.styles", **_filled(record["name"], record))
        for record in _records(_HERE / "styles.toml", "style")
    }


def replaced(base: type[_T], replacement: Replacement) -> type[_T]:
    """A class like `base` with the one step replaced; `base` itself if the step is not one of its own."""
    code, given, step = replacement.function(), replacement.given, replacement.step
    if not hasattr(base, step):
        return base
    right = getattr(base, step)

    def method(self: _T, *arguments: Any) -> Any:
        return code(self, partial(right, self), *arguments, **given)

    return type(base.__name__, (base,), {step: method})


def _records(path: Path, kind: str) -> Iterator[dict[str, Any]]:
    with open(path, "rb") as file:
        yield from tomllib.load(file)[kind]


def _filled(name: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """The record as arguments: arrays as tuples; the code is called like the defect unless it is said."""
    as_tuples = {key: tuple(value) if isinstance(value, list) else value for key, value in record.items()}
    return {"code": name.replace("-", "_"), **as_tuples}
