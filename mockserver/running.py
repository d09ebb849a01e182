"""The mock for the length of a block: for unittest, behave, a script.

with running() as mock:
    hooks = mock.provider("NAME")
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hookassay.mockserver.client import Client


@contextmanager
def running(
    state: str | Path = "memory",
    *,
    port: int = 0,
    provider_paths: Sequence[Path] = (),
    scenarios: Path | None = None,
    allow_targets: Sequence[str] = (),
    hello: bool = False,
) -> Iterator[Client]:
    """A mock on a free port of loopback, and a client of it; both end with the block.

    `state` is its SQLite file, or `memory`. `hello` makes the endpoints of a first start, each at its own
    inbox. Raises CannotRun, CannotListen, BadProvider.
    """
    from hookassay.mockserver.client import Client
    from hookassay.mockserver.engine import Options
    from hookassay.mockserver.web.security import Access
    from hookassay.mockserver.web.serving import Serving

    options = Options(
        state=None if state == "memory" else Path(state),
        provider_paths=tuple(provider_paths),
        scenarios=scenarios,
        allow_targets=tuple(allow_targets),
        hello=hello,
    )
    with Serving(options, Access(), port) as serving, Client(serving.url) as client:
        yield client
