"""The CI files to copy run as they stand: install lines left out, on a free port, with the example receiver."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.receivers import clean_environment

ROOT = Path(__file__).parents[1]
SHORT = " --target-check='gitple/payload/minimal' --target-check='gitple/signature/absent' -p no:cacheprovider"
"""Added to the gate: the whole battery is run elsewhere."""

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="CI scripts are for bash")


def github() -> tuple[dict[str, str], list[str], list[str]]:
    """Environment, commands and kept files of the job in ci/github.yml."""
    (job,) = yaml.safe_load((ROOT / "ci" / "github.yml").read_text("utf-8"))["jobs"].values()
    steps: list[dict[str, Any]] = job["steps"]
    (kept,) = (step["with"]["path"].split() for step in steps if "upload-artifact" in step.get("uses", ""))
    return job["env"], [step["run"] for step in steps if "run" in step], kept


def gitlab() -> tuple[dict[str, str], list[str], list[str]]:
    """Environment, commands and kept files of the job in ci/gitlab.yml."""
    (job,) = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text("utf-8")).values()
    kept = [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]
    return job["variables"], [*job["before_script"], *job["script"]], kept


@pytest.mark.parametrize("job", [github, gitlab], ids=["github", "gitlab"])
@pytest.mark.parametrize("secret", ["the same", "another"])
def test_the_gate(job: Any, secret: str, tmp_path: Path) -> None:
    """It ends with 0 for a right receiver and with 1 for one with another secret, and what it keeps is there."""
    environment, commands, kept = job()
    assert commands[0] == "python -m pip install hookassay"
    shutil.copy(ROOT / "examples" / "receivers" / "stdlib_receiver.py", tmp_path / "receiver.py")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    script = "\n".join(command.strip() + SHORT * command.startswith("pytest ") for command in commands[1:])
    assert script.count("pytest ") == 1 and "8080" in script
    assert environment["GITPLE_SECRET"] == environment["HOOKASSAY_TARGET_SECRET_GITPLE"]
    if secret == "another":
        environment = {**environment, "GITPLE_SECRET": "another"}
    status = bash(script.replace("8080", str(port)), tmp_path, environment)
    assert status == (0 if secret == "the same" else 1)
    assert all((tmp_path / name).exists() for name in kept)
    report = json.loads((tmp_path / "webhooks.json").read_text("utf-8"))
    assert report["exit"] == status
    assert {told["family"] for told in report["verdicts"]} == {"payload", "signature"}


def bash(script: str, folder: Path, environment: dict[str, str]) -> int:
    """The script's exit status; what it has left running ends with it, as on a CI machine."""
    programs = str(Path(sys.executable).parent)
    env = {**clean_environment(), **environment, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    with open(folder / "output.log", "wb") as log:
        process = subprocess.Popen(
            ["bash", "-e", "-c", script], cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True
        )
        try:
            return process.wait(120)
        finally:
            with suppress(ProcessLookupError):  # nothing was left
                os.killpg(process.pid, signal.SIGKILL)
