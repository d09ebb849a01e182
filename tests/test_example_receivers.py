"""The example receivers are right: each passes the whole battery of each provider that it serves."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from hookassay.schemas import catalogue
from tests.receivers import battery, started

EXAMPLES = Path(__file__).parents[1] / "examples" / "receivers"
EVERY_PROVIDER = tuple(catalogue.find())


@dataclass(frozen=True)
class Example:
    """A program in examples/receivers, the providers that it serves, and what goes with its battery.

    `usually` are those whose battery an ordinary run of the tests waits for; the rest is thorough.
    """

    command: tuple[str, ...]
    usually: Sequence[str]
    providers: Sequence[str] = EVERY_PROVIDER
    options: tuple[str, ...] = ()

    @property
    def missing(self) -> str:
        """Why it cannot be started here; empty if it can."""
        program = self.command[0]
        if shutil.which(program) is None:
            return f"there is no {Path(program).name}"
        if program == "node" and not (EXAMPLES / "node_modules" / "express").is_dir():
            return "express is not installed: npm install, in examples/receivers"
        if program == "java" and _java() < 17:
            return "the example needs Java 17"
        return ""


def _java() -> int:
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, timeout=60).stderr
    number = said.partition('"')[2].partition(".")[0]
    return int(number) if number.isdigit() else 0


EXAMPLE = {
    "stdlib": Example((sys.executable, "stdlib_receiver.py"), ("gbm",)),
    "flask": Example((sys.executable, "flask_receiver.py"), ("closer",)),
    "fastapi": Example((sys.executable, "fastapi_receiver.py"), ("gitple",)),
    "express": Example(("node", "express_receiver.js"), ("gitple",)),
    "java": Example(("java", "Receiver.java"), ("gitple",)),
    "apps_script": Example(
        (sys.executable, "apps_script_receiver.py"),
        ("livechat",),
        ("livechat",),
        (f"--target-waivers={EXAMPLES / 'apps_script' / 'waivers.toml'}",),
    ),
}


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        pytest.param(name, provider, marks=[] if provider in example.usually else [pytest.mark.thorough])
        for name, example in EXAMPLE.items()
        for provider in example.providers
    ],
)
def test_it_conforms(name: str, provider: str, tmp_path: Path) -> None:
    """No check fails, each family has run, and nothing is waived but what the platform cannot do."""
    one = EXAMPLE[name]
    if one.missing:
        pytest.skip(one.missing)
    with started([*one.command, "--port", "0"], EXAMPLES) as url:
        run = battery(tmp_path, f"--target-url={url}/{provider}", f"--target-provider={provider}", *one.options)
    assert run.exit == 0, run.said[-3000:]
    assert not run.checks("failed") | run.checks("not run") | run.checks("error")
    assert bool(run.checks("waived")) == bool(one.options)
    families = {told["family"] for told in run.report["verdicts"] if told["verdict"] == "passed"}
    assert {"payload", "delivery"} <= families
    assert len(run.report["verdicts"]) > 200


def test_every_program_of_the_folder_is_tried() -> None:
    """No example receiver is left out of this file."""
    programs = {path.name for path in EXAMPLES.iterdir() if path.suffix in (".py", ".js", ".java")}
    assert programs == {one.command[1] for one in EXAMPLE.values()}
