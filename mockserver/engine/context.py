"""What the rooms of the mock share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hookassay.mockserver.engine.changes import Changes
from hookassay.mockserver.engine.providers import Providers
from hookassay.mockserver.engine.store.database import Database
from hookassay.mockserver.engine.targets import Targets
from hookassay.mockserver.engine.timekeeper import Timekeeper
from hookassay.schemas.contract import Event, Provider


@dataclass
class Context:
    """The shared parts. `address` is where the mock's own server is reached; `wake` tells the dispatcher to look."""

    database: Database
    time: Timekeeper
    providers: Providers
    changes: Changes
    targets: Targets
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    own_scenarios: Path | None = None
    usual_rate: float = 1.0
    address: str = ""
    wake: Callable[[], None] = lambda: None

    def inbox_url(self, endpoint: int) -> str:
        """The address of an endpoint's own inbox."""
        return f"{self.address}/inbox/{endpoint}"

    def default_secret(self, provider: Provider, event: Event | None = None) -> str:
        """The secret that a new endpoint gets: the one the mock was started with, else the provider's test secret."""
        if not provider.authentication.has_secret:
            return ""
        given = self.secrets.get(provider.name) or self.secrets.get("")
        if given:
            return given
        return provider.test_secrets.get(event.name, provider.test_secret) if event else provider.test_secret
