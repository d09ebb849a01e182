"""The pages about contracts are true: what they show is run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hookassay.mockserver.emission import vectors
from hookassay.schemas import catalogue, inspection

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def fences(page: str, language: str) -> list[tuple[str, str]]:
    """The code of a page in one language, with the name of its file where it has one."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return [(found[2] or "", found[3]) for found in FENCE.finditer(text) if found[1] == language]


def run(*arguments: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(arguments, cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# contracts.md


def test_the_python_snippet_validates(tmp_path: Path) -> None:
    """The program of contracts.md finds an example valid, and tells what is wrong with a spoiled one."""
    ((_, code),) = fences("contracts.md", "python")
    (tmp_path / "check.py").write_text(code, encoding="utf-8")
    for name, folder in catalogue.find().items():
        event = next(iter(catalogue.load(name).events.values()))
        example = folder / "examples" / f"{event.name}.full.json"
        assert run(sys.executable, tmp_path / "check.py", folder, event.name, example) == "valid\n"
    (tmp_path / "empty.json").write_text("{}", encoding="utf-8")
    folder = catalogue.find()["gitple"]
    told = run(sys.executable, tmp_path / "check.py", folder, "session_state_close", tmp_path / "empty.json")
    assert "$: 'session' is a required property" in told


# vectors.md

SIGNATURES = catalogue.OURS / "gitple" / "vectors" / "signature.json"


def test_the_python_program_passes_the_vectors(tmp_path: Path) -> None:
    """The program of vectors.md judges each vector as its result says."""
    ((_, code),) = fences("vectors.md", "python")
    (tmp_path / "vectors.py").write_text(code, encoding="utf-8")
    assert run(sys.executable, tmp_path / "vectors.py", SIGNATURES) == "failed: 0\n"


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_node_program_passes_the_vectors(tmp_path: Path) -> None:
    """The program of vectors.md judges each vector as its result says."""
    ((_, code),) = fences("vectors.md", "js")
    (tmp_path / "vectors.mjs").write_text(code, encoding="utf-8")
    assert run("node", tmp_path / "vectors.mjs", SIGNATURES) == "failed: 0\n"


@pytest.mark.skipif(shutil.which("go") is None, reason="go is not installed")
def test_the_go_program_passes_the_vectors(tmp_path: Path) -> None:
    """The program of vectors.md judges each vector as its result says."""
    ((_, code),) = fences("vectors.md", "go")
    (tmp_path / "main.go").write_text(code, encoding="utf-8")
    assert run("go", "run", tmp_path / "main.go", SIGNATURES) == "failed: 0\n"


def test_every_flag_is_explained() -> None:
    """vectors.md speaks of each flag that a vector may have."""
    text = (ROOT / "docs" / "vectors.md").read_text(encoding="utf-8")
    assert [flag for flag in vectors.NOTES if f"`{flag}`" not in text] == []


def test_every_file_of_vectors_is_listed() -> None:
    """vectors.md lists each file there is."""
    text = (ROOT / "docs" / "vectors.md").read_text(encoding="utf-8")
    for path in catalogue.OURS.glob("*/vectors/*.json"):
        assert f"`schemas/{path.relative_to(catalogue.OURS).as_posix()}`" in text


# adding-a-provider.md


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that somebody has who does what the tutorial says."""
    folder = tmp_path_factory.mktemp("tutorial")
    for language in ("toml", "json", "python"):
        for name, code in fences("adding-a-provider.md", language):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(code, encoding="utf-8")
    return folder


def test_the_tutorials_folder_is_right(tutorial: Path) -> None:
    """`hookassay provider check` has nothing to say of it."""
    said = run(sys.executable, "-m", "hookassay", "provider", "check", "acme-pay", cwd=tutorial)
    assert said.startswith("acme-pay: nothing is wrong (")


def test_the_tutorials_mistake_is_told_as_it_says(tutorial: Path, tmp_path: Path) -> None:
    """The line that the page shows is the line that comes."""
    folder = Path(shutil.copytree(tutorial / "acme-pay", tmp_path / "acme-pay"))
    path = folder / "provider.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("{timestamp}.{body}", "{time}.{body}"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "hookassay", "provider", "check", "acme-pay"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.stderr.strip() in (ROOT / "docs" / "adding-a-provider.md").read_text(encoding="utf-8")
    assert done.stderr.strip()


@contextmanager
def receiver(tutorial: Path) -> Iterator[str]:
    """The tutorial's receiver, on a free port."""
    code = (tutorial / "receiver.py").read_text(encoding="utf-8")
    free = code.replace(
        '    ThreadingHTTPServer(("127.0.0.1", 8000), Receiver).serve_forever()',
        (
            '    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)\n'
            "    print(server.server_port, flush=True)\n"
            "    server.serve_forever()"
        ),
    )
    assert free != code
    process = subprocess.Popen([sys.executable, "-c", free], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_tutorials_receiver_conforms(tutorial: Path) -> None:
    """`pytest --target-url … --provider-path acme-pay` passes, with the tutorial's own check among the cases."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HOOKASSAY_", "PYTEST_"))}
    report = tutorial / "report.json"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--target-provider", "acme-pay"]
    command += ["--provider-path", "acme-pay", "--target-report", str(report)]
    with receiver(tutorial) as url:
        done = subprocess.run(
            [*command, "--target-url", url], cwd=tutorial, env=environment, capture_output=True, text=True, timeout=300
        )
    assert done.returncode == 0, done.stdout[-3000:]
    told = json.loads(report.read_text(encoding="utf-8"))
    inspection.meta("report").validate(told)
    verdicts = {verdict["id"]: verdict["verdict"] for verdict in told["verdicts"]}
    assert verdicts["acme-pay/payload/amounts[invoice.paid,beyond-32-bits]"] == "passed"
    assert verdicts["acme-pay/delivery/out-of-order[refunded-before-paid]"] == "passed"
    assert any(verdict["requirements"] == ["AP-01"] for verdict in told["verdicts"])
