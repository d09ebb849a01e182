"""A mock on a real server, and a receiver that answers as a test tells it to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from hookassay.mockserver.client import Client
from hookassay.mockserver.running import running
from tests.engine.receiver import Receiver


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A client of a mock that the tests of a module share; hello endpoints are there."""
    with running(hello=True) as made:
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


Ask = Callable[..., requests.Response]


@pytest.fixture
def ask(client: Client) -> Iterator[Ask]:
    """A plain request to the mock: method, path, then what `requests` takes."""
    with requests.Session() as session:
        session.trust_env = False

        def send(method: str, path: str, **given: Any) -> requests.Response:
            return session.request(method, client.url + path, timeout=20, **given)

        yield send
