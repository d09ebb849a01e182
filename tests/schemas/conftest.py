"""What the tests of the contracts share: a bench with everything, and a folder to spoil."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hookassay.conformance.bench import Bench
from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.emission.vendor import Secrets, Vendor
from hookassay.schemas.contract import Provider

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def own_providers() -> Path:
    """The folder with the providers of the tests' own."""
    return HERE.parent / "providers"


@pytest.fixture
def folder(tmp_path: Path, own_providers: Path) -> Path:
    """A provider folder to spoil: a copy of one that is right."""
    return Path(shutil.copytree(own_providers / "stamped", tmp_path / "stamped"))


@pytest.fixture(scope="session")
def bench_of() -> Callable[[Provider], Bench]:
    """Makes a bench that has all a user can give: every secret, an agent with its own, credentials in the URL."""

    def make(provider: Provider) -> Bench:
        agent = "brands/a/agents/b" if "route" in provider.traits else ""
        secrets = Secrets(provider.test_secret, provider.test_secrets, {agent: "another-secret"} if agent else {})
        target = Target.parse("https://user:password@receiver.example/")
        events = tuple(provider.deliverable)
        return Bench(provider, Vendor(provider, secrets), target, events, 10.0, False, agent=agent)

    return make
