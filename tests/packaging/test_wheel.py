"""What ships: one import name, all modules and data, nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.packaging.conftest import ROOT

MAPPED = {
    "src/hookassay": "hookassay",
    "schemas": "hookassay/schemas",
    "mockserver": "hookassay/mockserver",
    "conformance": "hookassay/conformance",
}
"""Folder of the tree → its place in the wheel, as in pyproject.toml."""


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    with ZipFile(wheel) as archive:
        return archive.namelist()


def in_the_tree(folder: str) -> set[str]:
    """The files below a folder, links left out, as their paths in it."""
    found: set[str] = set()
    for path in (ROOT / folder).iterdir():
        if path.is_symlink() or path.name == "__pycache__":
            continue
        found |= (
            {path.name} if path.is_file() else {f"{path.name}/{name}" for name in in_the_tree(f"{folder}/{path.name}")}
        )
    return found


def test_the_wheel_holds_the_tree(names: list[str]) -> None:
    """Each file of the four folders is there at its place, once, and nothing else is."""
    expected = {f"{place}/{name}" for folder, place in MAPPED.items() for name in in_the_tree(folder)}
    shipped = [name for name in names if ".dist-info/" not in name]
    assert sorted(shipped) == sorted(expected)


def test_nothing_is_at_the_top_but_the_package(names: list[str]) -> None:
    """No generic name can be imported from a user's site-packages."""
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"hookassay"}
    assert len(top) == 2


def test_only_what_users_need_ships(names: list[str]) -> None:
    """No tests, hidden files, compiled files or databases; types and licence are there."""
    for name in names:
        last = name.rpartition("/")[2]
        assert not last.startswith((".", "test_", "conftest")), name
        assert not last.endswith((".pyc", ".orig", ".db", ".sqlite", ".log")), name
    assert "hookassay/py.typed" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_each_provider_ships_whole(names: list[str]) -> None:
    """A provider's folder is data for other languages too: contract, schemas, examples, vectors, OpenAPI."""
    providers = {name.split("/")[2] for name in names if name.endswith("/provider.toml")}
    assert len(providers) >= 4
    for provider in providers:
        inside = [name.split("/", 3)[3] for name in names if name.startswith(f"hookassay/schemas/{provider}/")]
        assert "openapi.json" in inside
        for folder in ("events/", "examples/", "vectors/", "scenarios/"):
            assert any(name.startswith(folder) for name in inside), f"{provider}: {folder}"


def test_the_entry_points(wheel: Path) -> None:
    """A command, and a plugin that pytest finds by itself."""
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        text = archive.read(name).decode()
    assert "hookassay = hookassay.cli:main" in text
    assert "hookassay = hookassay.conformance.plugin" in text


def test_no_empty_or_doubled_content(wheel: Path) -> None:
    """check-wheel-contents, a second opinion."""
    pytest.importorskip("check_wheel_contents", reason="check-wheel-contents is not installed")
    # W002: examples of several events may well be the same. W004: migrations are run, not imported.
    command = [sys.executable, "-m", "check_wheel_contents", "--no-config", "--ignore", "W002,W004", str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
