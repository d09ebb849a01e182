"""The installed package, outside of this repository: in an empty folder, and beside a user's own code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT
from tests.receivers import clean_environment, started


def run(installed: Path, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command in a folder, with the installed package before all others."""
    env = {**clean_environment(), "PYTHONPATH": str(installed)}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, encoding="utf-8", timeout=120)


def python(installed: Path, folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    return run(installed, folder, sys.executable, "-c", code)


@pytest.fixture(scope="module")
def receiver() -> Iterator[str]:
    """The URL of a right receiver of Gitple's events: the demo's."""
    with started([sys.executable, "stdlib_receiver.py", "--port", "0"], ROOT / "examples" / "receivers") as url:
        yield f"{url}/gitple"


@pytest.fixture
def users_repository(tmp_path: Path) -> Path:
    """A repository that has folders of our names, and a test of its own."""
    for name in ("schemas", "conformance", "mockserver"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f'MINE = "my own {name}"\n')
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "conftest.py").write_text("import schemas\nassert schemas.MINE\n")
    (tmp_path / "tests" / "test_mine.py").write_text(
        "import conformance, mockserver\n\n\ndef test_mine():\n"
        '    assert conformance.MINE == "my own conformance" and mockserver.MINE == "my own mockserver"\n'
    )
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\ntestpaths = ["tests"]\npythonpath = ["."]\n')
    return tmp_path


def test_it_is_the_installed_one(installed: Path, tmp_path: Path) -> None:
    """These tests look at what pip has put there, not at the tree."""
    done = python(installed, tmp_path, "import hookassay; print(hookassay.__file__)")
    assert Path(done.stdout.strip()).is_relative_to(installed), done.stderr


@pytest.mark.parametrize("name", ["schemas", "mockserver", "conformance"])
def test_no_generic_name_can_be_imported(installed: Path, tmp_path: Path, name: str) -> None:
    """`import schemas` fails, `import hookassay.schemas` works."""
    assert "ModuleNotFoundError" in python(installed, tmp_path, f"import {name}").stderr
    done = python(installed, tmp_path, f"import sys, hookassay.{name}; assert {name!r} not in sys.modules")
    assert done.returncode == 0, done.stderr


def test_the_providers_are_inside(installed: Path, tmp_path: Path) -> None:
    """The contracts are read from the installed package."""
    code = "from hookassay.schemas import catalogue; print(*catalogue.find().values(), sep='\\n')"
    folders = python(installed, tmp_path, code).stdout.splitlines()
    assert len(folders) >= 4
    assert all(Path(folder).is_relative_to(installed) for folder in folders)


def test_the_command_works(installed: Path, tmp_path: Path) -> None:
    """The script that pip has made lists the providers and prints an example."""
    script = installed / "bin" / "hookassay"
    command = [str(script)] if os.name == "posix" else [sys.executable, "-m", "hookassay"]
    done = run(installed, tmp_path, *command, "events", "gitple")
    assert done.returncode == 0, done.stderr
    assert "session_state_close" in done.stdout


def test_the_battery_in_an_empty_folder(installed: Path, tmp_path: Path, receiver: str) -> None:
    """`pytest --target-url …` needs no file of the user's."""
    done = battery(installed, tmp_path, receiver)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "conforms" in done.stdout


def test_the_battery_beside_a_users_own_names(installed: Path, users_repository: Path, receiver: str) -> None:
    """With a target the battery alone runs, and the user's folders of our names are left alone."""
    done = battery(installed, users_repository, receiver)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "conforms" in done.stdout and "test_mine" not in done.stdout


def test_a_users_own_tests(installed: Path, users_repository: Path) -> None:
    """Without a target a run is as it was: the user's names mean the user's folders."""
    done = run(installed, users_repository, sys.executable, "-m", "pytest", "-q")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout and "hookassay" not in done.stdout


def battery(installed: Path, folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    """The battery's signature checks: enough to see that all of the package works together."""
    arguments = (f"--target-url={url}", "--target-provider=gitple", "--target-check=gitple/signature/t*")
    return run(installed, folder, sys.executable, "-m", "pytest", "-v", *arguments)
