"""The battery's cases as pytest items: families hang on the session, each case is an item of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hookassay.conformance.battery import Battery, Planned
from hookassay.conformance.verdict import Verdict


class CaseFailed(Exception):
    """A case does not hold; its text is the whole message, without a traceback."""


class HarnessBroke(Exception):
    """We broke, not the receiver."""


class Family(pytest.Collector):
    """The cases of one provider's family: `gitple/signature`."""

    def __init__(self, *, battery: Battery, planned: list[Planned], **more: Any) -> None:
        super().__init__(**more)
        self.battery, self.planned = battery, planned

    def collect(self) -> Iterator[CaseItem]:
        for planned in self.planned:
            name = planned.id.removeprefix(f"{self.name}/")
            # An explicit node id: pytest takes a name with brackets apart, and --lf would then find nothing.
            item: CaseItem = CaseItem.from_parent(
                self, name=name, nodeid=f"{self.nodeid}::{name}", battery=self.battery, planned=planned
            )
            yield item


class CaseItem(pytest.Item):
    """One case."""

    def __init__(self, *, battery: Battery, planned: Planned, **more: Any) -> None:
        super().__init__(**more)
        self.battery, self.planned = battery, planned
        self.verdict: Verdict | None = None
        for mark in (planned.case.level, planned.check.family, planned.bench.provider.name):
            self.add_marker(mark)
        self.extra_keyword_matches.update({planned.check_id, planned.id})

    def runtest(self) -> None:
        verdict = self.verdict = self.battery.try_case(self.planned)
        self.user_properties += [("level", verdict.level), ("verdict", verdict.verdict)]
        if verdict.verdict == "failed":
            raise CaseFailed(verdict.message)
        if verdict.verdict == "waived":
            pytest.xfail(verdict.message.partition("\n")[0])
        if verdict.verdict == "error":
            raise HarnessBroke(verdict.message)
        if verdict.verdict in ("skipped", "not run"):
            pytest.skip(f"{verdict.verdict}: {verdict.message}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        # Nobody's traceback helps here, and pytest takes half a second to make one.
        if isinstance(excinfo.value, (CaseFailed, HarnessBroke, pytest.xfail.Exception)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.nodeid


def families(session: pytest.Session, battery: Battery) -> list[Family]:
    """The families of a run, in their order."""
    grouped: dict[str, list[Planned]] = {}
    for planned in battery.planned:
        grouped.setdefault(f"{planned.bench.provider.name}/{planned.check.family}", []).append(planned)
    found: list[Family] = []
    for name, cases in grouped.items():
        family: Family = Family.from_parent(session, name=name, nodeid=name, battery=battery, planned=cases)
        found.append(family)
    return found
