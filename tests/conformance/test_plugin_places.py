"""Where pytest is called, and what stands there: the battery runs alone, beside a user's tests, or not at all."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conformance.conftest import Run, clean_environment, run_pytest
from tests.conformance.receivers import Receiver, right

Serve = Callable[[Receiver], str]

FEW = ("--target-provider=gitple", "--target-check=*/payload/minimal")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Somebody's repository, with folders of our names in it, none of which may be imported for the battery."""
    root = tmp_path / "repository"
    for name in ("schemas", "conformance", "mockserver", "tests", "hookassay-data"):
        (root / name).mkdir(parents=True)
        (root / name / "__init__.py").write_text("raise ImportError('not yours')\n", "utf-8")
    (root / "tests" / "conftest.py").write_text("raise ImportError('the database is down')\n", "utf-8")
    (root / "tests" / "test_own.py").write_text("def test_own():\n    assert False\n", "utf-8")
    (root / "pytest.ini").write_text("[pytest]\ntestpaths = tests\naddopts = --strict-markers\n", "utf-8")
    return root


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_without_paths_the_battery_is_all_that_runs(
    repository: Path, serve: Serve, run: Callable[..., Run], workers: tuple[str, ...]
) -> None:
    """In a repository whose conftest is broken and whose folders are called like ours, all the same."""
    done = run(f"--target-url={serve(right)}", *FEW, *workers, folder=repository)
    assert done.exit == 0, done.out
    assert len(done.report["verdicts"]) == 4
    assert "4 passed" in done.out


def test_the_root_of_the_file_system_is_as_good_a_place(serve: Serve, run: Callable[..., Run]) -> None:
    """Nothing is searched for tests where no paths are given."""
    done = run(f"--target-url={serve(right)}", *FEW, folder=Path("/"))
    assert done.exit == 0, done.out


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Somebody's project with a test that passes, a fixture of its own in its conftest, and our fixture in use."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "conftest.py").write_text(
        "import pytest\n\n@pytest.fixture\ndef event():\n    return 'session_state_open'\n", "utf-8"
    )
    (root / "test_own.py").write_text(
        "def test_own(webhook_delivery, event):\n    assert webhook_delivery('gitple', event).json['type'] == event\n",
        "utf-8",
    )
    return root


@pytest.mark.parametrize(
    "arguments", [("test_own.py", "hookassay"), ("hookassay", "."), ("hookassay", ".", "-n", "2")], ids=" ".join
)
def test_beside_ones_own_tests_both_run(
    project: Path, serve: Serve, run: Callable[..., Run], arguments: tuple[str, ...]
) -> None:
    """The word `hookassay` among the paths adds the battery to them."""
    done = run(f"--target-url={serve(right)}", *FEW, *arguments, folder=project)
    assert done.exit == 0, done.out
    assert "5 passed" in done.out
    assert len(done.report["verdicts"]) == 4


def test_with_paths_alone_only_those_run(project: Path, serve: Serve, run: Callable[..., Run]) -> None:
    """Paths without the word: the target may stand in the environment, and the user's tests are what was asked for."""
    done = run(f"--target-url={serve(right)}", *FEW, "test_own.py", folder=project)
    assert done.exit == 0, done.out
    assert "1 passed" in done.out
    assert not done.report


def test_a_failing_battery_fails_the_common_run(project: Path, serve: Serve, run: Callable[..., Run]) -> None:
    """The user's test passes, the receiver does not: exit status 1."""
    done = run(f"--target-url={serve(lambda request: 500)}", *FEW, ".", "hookassay", folder=project)
    assert done.exit == 1
    assert "1 passed" in done.out and done.verdicts("failed")


def test_where_nothing_could_be_tried_the_status_says_so_unless_others_ran(
    project: Path, tmp_path: Path, serve: Serve, run: Callable[..., Run]
) -> None:
    """5 for a battery of skipped cases alone; beside a user's passing test it is 0."""
    url = serve(lambda request: 200).replace("http://", "http://user:password@")
    skipped = (f"--target-url={url}", "--target-provider=livechat", "--target-check=*/token/basic-challenge")
    (tmp_path / "empty").mkdir()
    assert run(*skipped, folder=tmp_path / "empty").exit == 5
    assert run(*skipped, ".", "hookassay", folder=project).exit == 0


def test_options_without_a_target_are_told(project: Path) -> None:
    """Somebody who forgot the URL sees why no receiver is judged; a plain run says nothing of us."""
    told = run_pytest("--target-provider=gitple", folder=project)
    assert told.returncode == 0, told.stdout
    assert "hookassay: --target-provider is given and --target-url is not, so no receiver is judged" in told.stdout
    assert "hookassay:" not in run_pytest(folder=project).stdout


def test_options_may_stand_in_the_environment_and_in_an_ini_file(tmp_path: Path, serve: Serve) -> None:
    """`HOOKASSAY_TARGET_URL` and `target_check` of pytest.ini do what the options do; secrets stay out of both."""
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\ntarget_provider = gitple\ntarget_check =\n    */payload/minimal\n    */signature/absent\n", "utf-8"
    )
    target = {"HOOKASSAY_TARGET_URL": serve(right), "HOOKASSAY_TARGET_SECRET_GITPLE": "gitple-secret"}
    both = run_pytest(folder=tmp_path, env=target)
    assert both.returncode == 0, both.stdout
    assert "gitple/payload" in both.stdout and "gitple/signature" in both.stdout
    one = run_pytest(folder=tmp_path, env={**target, "HOOKASSAY_TARGET_CHECK": "*/payload/minimal"})
    assert one.returncode == 0, one.stdout
    assert "gitple/payload" in one.stdout and "gitple/signature" not in one.stdout


_IDLE = """
import sys

def test_idle():
    ours = {name for name in sys.modules if name.partition(".")[0] == "hookassay"}
    assert ours <= {"hookassay", "hookassay.conformance", "hookassay.conformance.plugin",
                    "hookassay.conformance.options", "hookassay.conformance.importing"}
    costly = {"jsonschema", "referencing", "httptools", "rich", "jinja2", "click", "flask", "requests", "hypothesis",
              "tomllib", "http.client", "asyncio"}
    assert not costly & set(sys.modules)
"""


def test_a_run_without_a_target_is_unchanged_and_loads_nothing(tmp_path: Path) -> None:
    """The same lines as without us, and of our modules no more than the one that registers the options."""
    (tmp_path / "test_idle.py").write_text(_IDLE, "utf-8")
    (tmp_path / "test_fails.py").write_text("def test_fails():\n    assert 1 == 2\n", "utf-8")

    def lines(*arguments: str) -> tuple[int, list[str]]:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers", *arguments],
            cwd=tmp_path,
            env=clean_environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"),
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, re.sub(r"in [0-9.]+s", "in ?s", done.stdout + done.stderr).splitlines()

    with_us = lines("-p", "hookassay")
    assert with_us == lines()
    assert "1 failed, 1 passed in ?s" in with_us[1]
