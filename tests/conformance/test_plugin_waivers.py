"""Known failures: they still run, are told apart, and are found out when they are no longer true."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conformance.conftest import Run
from tests.conformance.receivers import Reply, Request, right

Judge = Callable[..., Run]

CHECK = "--target-check=*/signature/absent"


def takes_unsigned_opens(request: Request) -> Reply:
    """Fails one case: takes `session_state_open` without a signature."""
    unsigned = not request.values("X-Hub-Signature") and b"session_state_open" in request.body
    return 200 if unsigned else right(request)


@pytest.fixture
def waived(judge: Judge, tmp_path: Path) -> Callable[..., Run]:
    """`waived(receiver, entry, …)`: a run under a waivers file with these TOML entries."""

    def call(receiver: Callable[[Request], Reply], *entries: str, more: tuple[str, ...] = (CHECK,)) -> Run:
        path = tmp_path / "waivers.toml"
        path.write_text("\n".join(f"[[waiver]]\n{entry}\n" for entry in entries), "utf-8")
        return judge(receiver, *more, f"--target-waivers={path}")

    return call


@pytest.mark.parametrize(
    "pattern",
    ["gitple/signature/absent", "gitple/signature/absent[session_state_open,no-header]", "*/absent*open*", "*[*open*]"],
)
def test_a_waived_failure_does_not_fail_the_run(waived: Callable[..., Run], pattern: str) -> None:
    """Check id, case id or glob: the case still runs, and the verdict says that it conforms but for that."""
    entry = f'check = "{pattern}"\nreason = "known: ticket 7"\nexpires = 2999-12-31'
    done = waived(takes_unsigned_opens, entry, more=(CHECK, "--xfail-tb"))
    assert done.exit == 0, done.out
    assert done.verdicts("waived") == ["gitple/signature/absent[session_state_open,no-header]"]
    assert "conforms but for 1 waived" in done.out
    assert "Traceback" not in done.out and "runtest" not in done.out  # --xfail-tb: our code explains nothing
    (verdict,) = [one for one in done.report["verdicts"] if one["verdict"] == "waived"]
    assert verdict["message"].startswith("waived: known: ticket 7")


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ('check = "gitple/signature/absent"\nreason = "old"', "all that it matches passes; remove it"),
        ('check = "gitple/signature/absnt"\nreason = "typo"', "matches nothing in this run"),
        ('check = "gitple/payload/*"\nreason = "not run"', "matches nothing in this run"),
    ],
)
def test_a_waiver_that_is_no_longer_true_fails_the_run(waived: Callable[..., Run], entry: str, told: str) -> None:
    """On a right receiver: a waiver whose cases all pass, or that names none, is told, and the exit status is 1."""
    done = waived(right, entry)
    assert done.exit == 1
    assert told in done.out
    assert "1 waiver no longer true" in done.out
    assert not done.verdicts("failed")


def test_an_expired_waiver_counts_no_more(waived: Callable[..., Run]) -> None:
    """After its day the failure is a failure again, and the waiver is told."""
    done = waived(takes_unsigned_opens, 'check = "gitple/signature/absent"\nreason = "soon"\nexpires = 2020-01-31')
    assert done.exit == 1
    assert done.verdicts("failed") and not done.verdicts("waived")
    assert "expired on 2020-01-31" in done.out


def test_only_a_complete_run_judges_waivers(waived: Callable[..., Run]) -> None:
    """With `-k` cases are left out, so that a waiver which matches nothing says nothing."""
    entry = 'check = "gitple/signature/absent"\nreason = "old"'
    done = waived(right, entry, more=(CHECK, "-k", "session_state_close"))
    assert done.exit == 0, done.out


def test_a_waiver_waives_nothing_beside_it(waived: Callable[..., Run]) -> None:
    """Another failure is still one."""
    entry = 'check = "gitple/signature/absent[session_state_close,no-header]"\nreason = "known"'
    done = waived(lambda request: right(request) if request.values("X-Hub-Signature") else 200, entry)
    assert done.exit == 1
    assert len(done.verdicts("waived")) == 1
    assert len(done.verdicts("failed")) >= 3
