"""`schemathesis run` on our OpenAPI document, with our hooks, against a receiver that verifies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec

import pytest

from benchmarks.fuzz import hunting
from hookassay.schemas import catalogue
from tests.fuzz.conftest import Receive, is_right, right

pytestmark = pytest.mark.skipif(find_spec("schemathesis") is None, reason="needs schemathesis")


def run(provider: str, url: str, *options: str) -> str:
    """What `schemathesis run` with our hooks says; it has to pass."""
    hooks = {"SCHEMATHESIS_HOOKS": "hookassay.conformance.fuzz.schemathesis", "HOOKASSAY_PROVIDER": provider}
    document = catalogue.load(provider).folder / "openapi.json"
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", str(document), "--url", url, *options],
        env={**os.environ, **hooks},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def test_every_request_is_signed(receiver: Callable[[Receive], str]) -> None:
    """Whatever schemathesis makes of the document arrives with the right signature."""
    signed: list[bool] = []

    def watch(body: bytes, signature: str) -> tuple[int, str]:
        signed.append(is_right(body, signature))
        return right(body, signature)

    run("gitple", receiver(watch), "--checks", "not_a_server_error", "--max-examples=3", "--phases=examples,fuzzing")
    assert len(signed) >= 8
    assert all(signed)


@pytest.mark.parametrize("provider", ["livechat", "gbm"])
def test_a_receiver_behind_a_path_is_reached(provider: str) -> None:
    """Every documented example is taken by a right receiver: address, signature and token are right."""
    with hunting.receiver(None) as url:
        said = run(provider, f"{url}/{provider}", "--checks", "positive_data_acceptance", "--phases=examples")
    assert " passed" in said
