"""The control API against its own document: nothing undocumented, nothing that breaks the server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from hookassay.mockserver.client import Client
from hookassay.mockserver.web import api, openapi
from tests.web.conftest import Ask

HERE = Path(__file__).parent

LEFT_OUT = (
    "/api/reset",  # takes the state away under the others
    "/api/changes/stream",  # has no end
    "/api/settle",  # waits
    "/api/clock/push",  # waits
    "/api/import",  # its text is a file of its own formats
)


def test_the_document_is_valid_openapi(ask: Ask) -> None:
    """It is OpenAPI 3.1 by a validator that is not ours, and served as it is made."""
    served = ask("GET", "/api/openapi.json").json()
    validate(served)
    assert served == openapi.document(api.PARTS)
    assert served["openapi"].startswith("3.1")


def test_every_operation_says_what_it_does() -> None:
    """Each has a summary, a unique name, and its own errors beside the common ones."""
    operations = [operation for part in api.PARTS for operation in part.all]
    assert len({operation.name for operation in operations}) == len(operations)
    for operation in operations:
        assert operation.docs[0], operation.name


def test_the_server_keeps_to_the_document(client: Client, tmp_path: Path) -> None:
    """schemathesis, every check on, ten examples an operation: no failure at all."""
    pytest.importorskip("schemathesis")
    left_out = [f"--exclude-path={path}" for path in LEFT_OUT]
    program = Path(sys.executable).with_name("st")
    command = [str(program), f"--config-file={HERE / 'schemathesis.toml'}", "run", f"{client.url}/api/openapi.json"]
    options = ["--checks=all", "--max-examples=5", "--phases=coverage,fuzzing", "--generation-deterministic"]
    run = subprocess.run(
        [*command, *options, *left_out, "--request-timeout=30", "--no-color"],
        capture_output=True,
        text=True,
        timeout=400,
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stdout[-6000:]
    assert "Tested: 4" in run.stdout, run.stdout[-2000:]
