"""Right receivers take every scenario of every provider, its lost answers and repeats included."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookassay.mockserver.engine import Mock, Options
from tests.receivers import started

EXAMPLES = Path(__file__).parents[2] / "examples" / "receivers"
COMMANDS = {
    "stdlib": (sys.executable, "stdlib_receiver.py"),
    "flask": (sys.executable, "flask_receiver.py"),
    "fastapi": (sys.executable, "fastapi_receiver.py"),
    "express": ("node", "express_receiver.js"),
}


@pytest.fixture(params=COMMANDS)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the receiver listens; each provider at its name there."""
    command = COMMANDS[request.param]
    if command[0] == "node" and not (shutil.which("node") and (EXAMPLES / "node_modules" / "express").is_dir()):
        pytest.skip("node or express is not installed")
    with started([*command, "--port", "0"], EXAMPLES) as listening:
        yield listening


def test_every_scenario_is_taken(url: str) -> None:
    """Verified first where the vendor verifies, then all on a pushed clock: a day of chat within seconds."""
    with Mock(Options(hello=False)) as mock:
        mock.start("http://127.0.0.1:9")
        for provider in mock.providers.values():
            endpoint = mock.endpoints.add(provider.name, url=f"{url.rstrip('/')}/{provider.name}")
            if provider.handshake is not None:
                assert mock.endpoints.verify(endpoint.id).verified
        for info in mock.scenarios.all():
            run = mock.scenarios.play(info.provider, info.name, seed=1)
            mock.clock.push(to="idle")
            played = mock.runs.get(run.id)
            assert played.passed, f"{info.provider} {info.name}: {played.unmet}"
        assert mock.log.count("-outcome:delivered") == 0
