"""The mock in users' own tests: `mock_provider("NAME")`, and a fixture `mock_NAME` for each provider.

One server for a session (of each xdist worker), started when a fixture first asks for it; every test begins
with a state of its own. Nothing is imported before.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from hookassay.mockserver.client import Client, Hooks

_NEEDED = ("flask", "pydantic", "sqlalchemy", "waitress", "requests")
_FAILED: pytest.StashKey[bool] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("hookassay").addoption(
        "--dump-on-failure",
        metavar="DIR",
        type=Path,
        help="write the mock's log of a failed test that used it there, as HAR and NDJSON",
    )


def pytest_configure() -> None:
    """A test that freezes time freezes its own: the mock's clock goes on.

    It has to be said before a test module is imported, because `@freeze_time` reads it there.
    """
    if importlib.util.find_spec("freezegun") is not None:
        import freezegun

        freezegun.configure(extend_ignore_list=["hookassay.mockserver"])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.fixture(scope="session")
def mock_provider_server(pytestconfig: pytest.Config) -> Iterator[Client]:
    """A client of the mock that runs for this session, on a free port of loopback, its state in memory."""
    _check_extra()
    from hookassay.mockserver.running import running

    paths = [Path(path) for path in pytestconfig.getoption("provider_path", None) or ()]
    with running(provider_paths=paths) as client:
        yield client


@pytest.fixture
def mock_provider(mock_provider_server: Client, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Hooks]]:
    """`mock_provider("NAME")` is that vendor: `endpoint()`, `trigger()`, `play()`, `push()`, `wait_delivery()` …"""
    mock_provider_server.reset(everything=True)
    yield mock_provider_server.provider
    folder: Path | None = request.config.getoption("--dump-on-failure")
    if folder is not None and request.node.stash.get(_FAILED, False):
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^\w.-]+", "_", request.node.nodeid)
        mock_provider_server.export(folder / f"{name}.har")
        mock_provider_server.export(folder / f"{name}.ndjson")


def _check_extra() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        pytest.fail(f"the mock needs {', '.join(missing)}: pip install 'hookassay[serve]'", pytrace=False)


def _fixture_of(provider: str) -> Callable[..., Hooks]:
    name = f"mock_{re.sub(r'[^a-z0-9_]', '_', provider)}"

    @pytest.fixture(name=name)
    def mock(mock_provider: Callable[[str], Hooks]) -> Hooks:
        return mock_provider(provider)

    mock.__doc__ = f"The vendor {provider}, as `mock_provider({provider!r})` gives it."
    return mock


# The names come from the folders alone: no contract is read before a test asks for it.
for _folder in sorted((Path(__file__).parent.parent / "schemas").glob("*/provider.toml")):
    globals()[f"mock_{_folder.parent.name}"] = _fixture_of(_folder.parent.name)
