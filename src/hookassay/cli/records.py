"""The checks as records, read from the data alone: what `checks` and `explain` tell, and what completion offers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hookassay.conformance import check
from hookassay.schemas.catalogue import read_toml

_FOLDER = Path(check.__file__).parent / "checks"


@dataclass(frozen=True)
class Record:
    """A check's record: `id` is `family/name`; `provider` is set where it belongs to one vendor alone."""

    id: str
    provider: str
    level: str
    title: str
    source: str
    remedy: str
    fault: str = ""
    observed: str = ""
    causes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        return self.id.partition("/")[0]

    @property
    def name(self) -> str:
        """The id as one types it: with the provider's name where only that vendor has the check."""
        return f"{self.provider}/{self.id}" if self.provider else self.id


def ours() -> Iterator[Record]:
    """The checks for any provider, in the order in which they run."""
    for family in check.FAMILIES:
        for name, data in read_toml(_FOLDER / f"{family}.toml").items():
            yield _record(f"{family}/{name}", "", data)


def own(folder: Path) -> Iterator[Record]:
    """The checks that a provider folder declares itself."""
    if (folder / "cases.toml").is_file():
        for data in read_toml(folder / "cases.toml").get("check", ()):
            yield _record(str(data["id"]), folder.name, data)


def _record(ident: str, provider: str, data: Mapping[str, Any]) -> Record:
    return Record(
        id=ident,
        provider=provider,
        level=data["level"],
        title=data["title"],
        source=data["source"],
        remedy=data["remedy"],
        fault=data.get("fault", ""),
        observed=data.get("observed", ""),
        causes=tuple(data.get("causes", ())),
        evidence=tuple(data.get("evidence", ())),
    )
