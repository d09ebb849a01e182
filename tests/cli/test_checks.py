"""checks and explain."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hookassay.cli import records
from hookassay.conformance.check import FAMILIES
from hookassay.schemas import catalogue

PROVIDERS = list(catalogue.find())
OURS = [record.id for record in records.ours()]
OWN = [record.name for folder in catalogue.find().values() for record in records.own(folder)]


def test_all_checks_are_listed(run: Callable[..., Any]) -> None:
    """Without a provider, the checks of everybody and each vendor's own are listed."""
    told = json.loads(run("checks", "--json").out)
    assert [one["id"] for one in told] == [*OURS, *OWN]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_providers_checks_are_those_of_its_battery(run: Callable[..., Any], provider: str) -> None:
    """With a provider, only the checks that have cases for it, in the order of the families."""
    told = json.loads(run("checks", provider, "--json").out)
    assert all(one["id"].startswith(f"{provider}/") and one["cases"] > 0 for one in told)
    places = [FAMILIES.index(one["family"]) for one in told]
    assert places == sorted(places)
    has_token = any(one["family"] == "token" for one in told)
    assert has_token == (catalogue.load(provider).authentication.kind == "body-token")


def test_level_and_family_narrow_the_list(run: Callable[..., Any]) -> None:
    """`--level` and `--family` keep what fits both."""
    told = json.loads(run("checks", "gitple", "--family", "signature", "--level", "should", "--json").out)
    assert told
    assert {(one["family"], one["level"]) for one in told} == {("signature", "should")}


@pytest.mark.parametrize("check", [*OURS, *OWN])
def test_every_check_explains_itself(run: Callable[..., Any], check: str) -> None:
    """Each check says its rule, source and cure."""
    said = run("explain", check)
    assert said.status == 0
    assert said.out.splitlines()[0].endswith(("  MUST", "  SHOULD", "  MAY"))
    for label in ("rule", "source", "fix", "try it"):
        assert f"\n{label} " in said.out


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_check_of_a_battery_explains_itself(run: Callable[..., Any], provider: str) -> None:
    """With the provider's name, cases and that vendor's requirements are told too."""
    for one in json.loads(run("checks", provider, "--json").out)[::7]:
        told = json.loads(run("explain", one["id"], "--json").out)
        assert told["id"] == one["id"]
        assert len(told["cases"]) == one["cases"]
        assert {requirement["provider"] for requirement in told["requirements"]} <= {provider}


def test_requirements_and_evidence_are_told(run: Callable[..., Any]) -> None:
    """The numbered requirements come with level, text and written-out source; evidence by its ids."""
    said = run("explain", "gitple/signature/absent")
    assert "GI-32 MUST refuses a call without the header (Gitple Event APIs guide" in said.out
    assert "FE-02" in said.out


def test_a_case_id_explains_its_check(run: Callable[..., Any]) -> None:
    """An id as reports print it, with its case, is understood."""
    assert run("explain", "gitple/signature/absent[no-header]") == run("explain", "gitple/signature/absent")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("signature/abset", "did you mean 'signature/absent'?"),
        ("gitple/signature/abset", "did you mean 'gitple/signature/absent'?"),
        ("absent", "did you mean payload/absent or signature/absent or token/absent?"),
        ("gitple/token/wrong", "token/wrong is not in the battery of gitple"),
        ("gitple", "is a provider; `hookassay checks gitple` lists its checks"),
        ("", "unknown check ''"),
    ],
)
def test_an_unknown_id_names_the_nearest(run: Callable[..., Any], typed: str, words: str) -> None:
    """What is no check is one line, with the nearest that is."""
    said = run("explain", typed)
    assert said.status == 2
    assert said.err.count("\n") == 1
    assert words in said.err


def test_observation_and_causes_are_told_where_a_record_has_them(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is observed, and each cause by framework, has its line; without them there is none."""
    plain = next(records.ours())
    record = replace(plain, observed="an unsigned event; 4xx", causes=("Express: no raw body", "Flask: request.json"))
    monkeypatch.setattr(records, "ours", lambda: iter([record]))
    said = run("explain", record.id).out
    assert "\nobserved    an unsigned event; 4xx\n" in said
    assert "\ncauses      Express: no raw body\n            Flask: request.json\n" in said
    monkeypatch.setattr(records, "ours", lambda: iter([replace(record, observed="", causes=())]))
    assert "\nobserved" not in run("explain", record.id).out
