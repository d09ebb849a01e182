"""The benchmarks of what is found and of what is varied: what they count, and that their hooks reach a receiver."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.fuzz import finding, hunting, variety
from benchmarks.fuzz.finding import OURS, RIGHT, THEIRS, Measured
from benchmarks.fuzz.generating import EVENT, PROVIDER
from benchmarks.fuzz.hunting import Hunt
from hookassay.schemas import catalogue
from tests.seeded.replacement import defects

_NEEDS_SCHEMATHESIS = pytest.mark.skipif(find_spec("schemathesis") is None, reason="needs schemathesis")
_DEFECT = "errors/array-crashes"
_MEASURED = [
    Measured(RIGHT, "gitple", OURS, Hunt("", 10_000, 20.0, 12.0)),
    Measured(RIGHT, "gitple", THEIRS, Hunt("negative_data_rejection", 1_246, 60.0, 30.0)),
    Measured(_DEFECT, "gitple", OURS, Hunt("breaks on bytes.other-array (500)", 7, 1.0, 0.5)),
    Measured(_DEFECT, "gitple", THEIRS, Hunt("Server error", 199, 9.0, 2.5)),
    Measured("errors/deep-crashes", "gitple", OURS, Hunt("", 10_000, 20.0, 12.0)),
    Measured("errors/deep-crashes", "gitple", THEIRS, Hunt("Server error", 300, 9.0, 3.5)),
]

pytestmark = pytest.mark.thorough  # what is measured with is tried when it is measured with


@pytest.mark.parametrize(
    ("name", "provider", "found"),
    [(_DEFECT, "gitple", "breaks on "), ("handshake/any-token", "gbm", "gives the secret back after auth.")],
)
def test_a_defect_is_found_and_told_with_its_case(name: str, provider: str, found: str) -> None:
    """A hunt ends at the first finding, long before its limit, and says which case it was; handshakes are in it."""
    with hunting.receiver(defects()[name]) as url:
        hunt = hunting.ours(url, provider, defects()[name])
    assert hunt.found.startswith(found)
    assert 0 < hunt.case < 1000
    assert 0 < hunt.cpu < hunting.SECONDS


def test_a_receiver_that_ends_is_started_again() -> None:
    """What kills its receiver is found: the receiver comes back to be asked again."""
    with hunting.receiver(defects()["errors/ends-process"]) as url:
        hunt = hunting.ours(url, "closer", defects()["errors/ends-process"])
    assert hunt.found.startswith("dies of ")


def test_the_page_tells_medians_and_what_only_one_has_found() -> None:
    """Counts and medians are of what was found; what was not has a dash."""
    page = finding.page(_MEASURED).splitlines()
    assert "| all | 2 | 1 | 7 | 0.5 | 2 | 250 | 3.0 |" in page
    assert "Found by schemathesis alone: `errors/deep-crashes`." in page
    assert f"| `{_DEFECT}` | 7 | 0.5 | breaks on bytes.other-array (500) | 199 | 2.5 | Server error |" in page
    assert "| `errors/deep-crashes` | – | – | – | 300 | 3.5 | Server error |" in page
    assert any(
        "no finding, 10000 cases in 12 s | `negative_data_rejection`, 1246 cases in 30 s" in line for line in page
    )


def test_what_was_measured_is_kept(tmp_path: Path) -> None:
    """A run that was stopped goes on from its file."""
    kept = finding.Kept(tmp_path / "kept")
    for one in _MEASURED:
        kept.add(one)
    again = finding.Kept(tmp_path / "kept")
    assert list(again.measured.values()) == _MEASURED
    assert again.has(_DEFECT, "gitple", OURS) and not again.has(_DEFECT, "closer", OURS)


def test_variety_counts_what_is_reached() -> None:
    """One example shows one combination; without its optional members it shows fewer edges."""
    event = catalogue.load(PROVIDER).events[EVENT]
    full, plain = (variety.measured(event.expanded, [event.examples[name].document]) for name in ("full", "minimal"))
    assert next(iter(full.values())) == next(iter(plain.values())) == 1
    both = variety.measured(event.expanded, [event.examples[name].document for name in ("full", "minimal", "full")])
    assert next(iter(both.values())) == 2 and both["different payloads"] == 2
    for column, count in both.items():
        assert count >= max(full[column], plain[column])
    assert full["edges of members"] > plain["edges of members"]


@_NEEDS_SCHEMATHESIS
def test_one_run_of_schemathesis_measures_many_receivers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a check fails it is told with its case; who meets every request rightly gets them to the end."""
    monkeypatch.setattr(hunting, "_PHASES", "examples")
    wrong, blind = "payload/needs-assignee", "signature/begins"
    with (
        hunting.receiver(None) as right,
        hunting.receiver(defects()[wrong]) as first,
        hunting.receiver(defects()[blind]) as second,
    ):
        alarms = ("negative_data_rejection",)
        hunts, whole = hunting.theirs(right, "gitple", {wrong: first, blind: second}, tmp_path, alarms)
    assert hunts[wrong].found.startswith("Server error")
    assert 0 < hunts[wrong].case <= whole.case
    assert hunts[blind] == whole and not whole.found
    assert 0 < whole.cpu and hunts[wrong].seconds <= whole.seconds
