"""What the tests of emission share: the shipped providers, a sender, receivers that are stopped in the end."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Iterator

import pytest

from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.sending import Sender
from hookassay.mockserver.emission.target import Target
from hookassay.schemas import catalogue
from hookassay.schemas.contract import Provider

from .servers import Receiver, Script, receiver

NAMES = ("closer", "gitple", "gbm", "livechat")
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")

Serve = Callable[..., Receiver]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of whoever runs the tests names no proxy."""
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def sender() -> Iterator[Sender]:
    with Sender() as running:
        yield running


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A function that starts a receiver of some scripts; all are stopped when the test ends."""
    with contextlib.ExitStack() as stack:

        def start(*scripts: Script, host: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> Receiver:
            return stack.enter_context(receiver(*scripts, host=host, context=context))

        yield start


@pytest.fixture(scope="session")
def providers() -> dict[str, Provider]:
    """The shipped providers, by name."""
    return {name: catalogue.load(name) for name in NAMES}


@pytest.fixture(scope="session")
def gitple(providers: dict[str, Provider]) -> Provider:
    return providers["gitple"]


@pytest.fixture(scope="session")
def gbm(providers: dict[str, Provider]) -> Provider:
    return providers["gbm"]


@pytest.fixture(scope="session")
def livechat(providers: dict[str, Provider]) -> Provider:
    return providers["livechat"]


@pytest.fixture
def delivery() -> Delivery:
    """A small request with a body."""
    return Delivery("any", "event", "POST", (("Content-Type", "application/json"),), b'{"a":1}')


def target(serving: Receiver) -> Target:
    return Target.parse(serving.url)
