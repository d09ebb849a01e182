"""The battery proven: every seeded defect fails the check that has to find it, every legitimate style conforms."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.seeded.exchange import Exchange
from tests.seeded.replacement import Defect, Replacement, defects, replaced, styles
from tests.seeded.running import Run, battery, conforming, started, tried_on
from tests.seeded.webhooks import WEBHOOKS

PROVIDERS = ("closer", "gitple", "gbm", "livechat")
_WHOLE = 300.0
_TIMES = 3


def _told(run: Run) -> str:
    """What there is to see when a run is not as it has to be."""
    ids = [verdict["id"] for verdict in run.verdicts("failed", "error", "not run")]
    return f"exit {run.exit}, {ids[:20]}\n{run.out[-3000:]}"


@pytest.mark.parametrize(
    ("defect", "provider"),
    [
        pytest.param(
            defect,
            provider,
            id=f"{name}-{provider}",
            marks=[pytest.mark.thorough] if number % 3 else [],  # an ordinary run tries every third one
        )
        for number, (name, defect) in enumerate(defects().items())
        for provider in defect.providers
    ],
)
def test_a_defect_is_caught(defect: Defect, provider: str) -> None:
    """The check that its record names fails."""
    check = f"{provider}/{defect.check}"
    verdicts = tried_on(defect, provider, f"--target-check={check}")
    assert "failed" in {verdict.verdict for verdict in verdicts}, [v.message for v in verdicts if v.message]
    assert not [verdict.message for verdict in verdicts if verdict.verdict == "error"]


@pytest.mark.parametrize("replacement", [*defects().values(), *styles().values()], ids=lambda one: one.name)
def test_a_step_belongs_to_one_class(replacement: Replacement) -> None:
    """A name that HTTP and the webhooks share would be replaced in both, and make two defects of one."""
    classes: tuple[type[object], ...] = (Exchange, *WEBHOOKS.values())
    changed = [base for base in classes if replaced(base, replacement) is not base]
    assert changed, "no class has this step"
    assert changed == [Exchange] or Exchange not in changed


GROUPS = tuple(dict.fromkeys(style.group for style in styles().values()))
USUALLY = {"framework": "gitple", "old-server": "closer"}
"""The groups that an ordinary run tries, each with one provider: slowness and rate limits take minutes."""


@pytest.mark.parametrize(
    ("group", "provider"),
    [
        pytest.param(group, provider, marks=[] if USUALLY.get(group) == provider else [pytest.mark.thorough])
        for group in GROUPS
        for provider in PROVIDERS
    ],
)
def test_a_style_conforms(tmp_path: Path, group: str, provider: str) -> None:
    """The styles of a group together pass the whole battery; tools/defects.py runs each alone."""
    run = conforming(tmp_path, [style for style in styles().values() if style.group == group], provider, limit=_WHOLE)
    assert run.exit == 0, _told(run)
    assert not run.verdicts("failed", "error", "not run"), _told(run)


def test_each_run_gives_the_same_verdicts(tmp_path: Path) -> None:
    """Runs against one receiver, one after another, differ in no verdict, whatever it has been sent before."""
    with started() as url:
        runs = [battery(tmp_path, url, "gitple", limit=_WHOLE) for _ in range(_TIMES)]
    assert all(run.exit == 0 for run in runs), _told(runs[0])
    told = [{verdict["id"]: verdict["verdict"] for verdict in run.report["verdicts"]} for run in runs]
    assert told[0], "no verdicts"
    assert all(verdicts == told[0] for verdicts in told)
