"""Requirements and checks: which requirement no check sees and why, and that every check that is named is tried."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import cache

import pytest

from hookassay.conformance import checks
from hookassay.conformance.bench import Bench
from hookassay.conformance.check import FAMILIES
from hookassay.schemas import catalogue, inspection
from hookassay.schemas.contract import Provider

SHIPPED = list(catalogue.find())

RIGHT = (
    "a right of the receiver, not a duty: the battery keeps one {0} throughout, "
    "and --target-set {1}/{0}=VALUE gives it the receiver's own"
)
LATER = "the transport family comes with a later release"
UNSEEN = {
    "GI-24": RIGHT.format("appCode", "gitple"),
    "GI-62": LATER,
    "CL-32": RIGHT.format("botId", "closer"),
    "CL-57": LATER,
    "GB-60": LATER,
    "LC-47": LATER,
}
"""Every requirement that no check sees, with the reason."""


@pytest.fixture(params=SHIPPED)
def provider(request: pytest.FixtureRequest) -> Provider:
    return catalogue.load(request.param)


@pytest.fixture
def tried(provider: Provider, bench_of: Callable[[Provider], Bench]) -> set[str]:
    """The checks that have a case for the provider, where the user gives all that can be given."""
    return _tried(provider.name, bench_of)


@cache
def _tried(name: str, bench_of: Callable[[Provider], Bench]) -> set[str]:
    bench = bench_of(catalogue.load(name))
    return {check.id for check in checks.checks(bench.provider) if next(iter(check.cases(bench)), None) is not None}


def test_what_no_check_sees_is_listed_with_its_reason() -> None:
    """Nothing but these few requirements is left to people."""
    found = {r.id: r.unseen for name in SHIPPED for r in catalogue.load(name).requirements if not r.checks}
    assert found == UNSEEN


def test_every_check_that_is_named_is_tried(provider: Provider, tried: set[str]) -> None:
    """Each check that a requirement names exists and has a case for this very provider."""
    for requirement in provider.requirements:
        for glob in requirement.checks:
            assert any(fnmatchcase(check, glob) for check in tried), f"{requirement.id}: {glob}"


def test_every_check_stands_for_a_requirement(provider: Provider, tried: set[str]) -> None:
    """No check is there that nothing in the contract asks for."""
    assert [check for check in sorted(tried) if not provider.requirements_of(check)] == []


def test_requirements_are_numbered_without_gaps(provider: Provider) -> None:
    """Ids count from 01, each once; their order is that of the contract."""
    numbers = [int(requirement.id.rpartition("-")[2]) for requirement in provider.requirements]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert len({requirement.id.partition("-")[0] for requirement in provider.requirements}) == 1


def test_a_must_is_not_left_to_advice(provider: Provider, tried: set[str]) -> None:
    """Each requirement that must hold is seen by at least one check that fails a run."""
    known = {check.id: check.level for check in checks.checks(provider)}
    for requirement in provider.requirements:
        if requirement.level == "must" and requirement.checks:
            seen = [known[check] for check in tried if any(fnmatchcase(check, glob) for glob in requirement.checks)]
            assert "must" in seen, requirement.id


def test_ids_of_cases_are_unique(provider: Provider, bench_of: Callable[[Provider], Bench]) -> None:
    """No two cases of a provider have one id."""
    ids = [f"{check.id}[{case.name}]" for check, case in checks.cases(bench_of(provider))]
    assert len(ids) == len(set(ids)) > 500


def test_the_families_in_the_data_are_those_of_the_battery() -> None:
    """What cases.toml may name as a family is what the battery has."""
    pattern = inspection.meta("cases").schema["$defs"]["checkId"]["pattern"]
    assert pattern.startswith(f"^({'|'.join(FAMILIES)})/")
