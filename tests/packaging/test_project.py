"""What pyproject.toml and the texts around it promise."""

from __future__ import annotations

import re

from hookassay import __version__
from tests.packaging.conftest import ROOT
from tests.packaging.lowest import lowest, project


def test_each_dependency_has_a_lower_bound() -> None:
    """Each version that a user may get is one that the environment `lowest` can try."""
    pins = list(lowest())
    assert len(pins) > 10
    assert all("==" in pin for pin in pins)


def test_all_is_all() -> None:
    """The extra [all] is every other extra."""
    extras = dict(project()["optional-dependencies"])
    (everything,) = extras.pop("all")
    assert everything == f"hookassay[{','.join(extras)}]"


def test_the_changelog_knows_the_version() -> None:
    """The newest entry is the package's version."""
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert newest is not None and newest[1] == __version__
