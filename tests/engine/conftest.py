from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hookassay.mockserver.engine import Mock, Options
from hookassay.mockserver.engine.events import Wish
from hookassay.mockserver.engine.model import Detail, Endpoint, Occurrence
from tests.engine.receiver import Receiver

EVENT = {"closer": "message_received", "gbm": "message", "gitple": "session_state_close", "livechat": "chat_ended"}
"""An event of each provider that these tests trigger when any will do."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def mock() -> Iterator[Mock]:
    """A mock without hello endpoints, its state in a temporary file."""
    with Mock(Options(hello=False)) as made:
        made.start("http://127.0.0.1:9")
        yield made


Add = Callable[..., Endpoint]
Send = Callable[..., Occurrence]


@pytest.fixture
def add(mock: Mock, receiver: Receiver) -> Add:
    """An endpoint at the receiver; a provider with a handshake is verified."""

    def make(provider: str, path: str = "/", **given: Any) -> Endpoint:
        endpoint = mock.endpoints.add(provider, url=f"{receiver.url}{path}", **given)
        if endpoint.verified is False:
            before, receiver.behaviour = receiver.behaviour, echo_secret
            assert mock.endpoints.verify(endpoint.id).verified
            receiver.behaviour = before
            receiver.got.clear()
        return mock.endpoints.get(endpoint.id)

    return make


@pytest.fixture
def send(mock: Mock) -> Send:
    """Trigger an event (any one of the provider), wait until nothing is due, and give the occurrence as it is then."""

    def trigger(provider: str, event: str | None = None, /, **given: Any) -> Occurrence:
        options = {name: given.pop(name) for name in ("endpoints", "force", "mutation") if name in given}
        occurrence = mock.events.trigger(Wish(provider, event or EVENT[provider], **given), **options)
        assert mock.settle(10).idle
        return mock.log.occurrence(occurrence.id)

    return trigger


@pytest.fixture
def detail(mock: Mock) -> Callable[[Occurrence], Detail]:
    """The first delivery of an occurrence as it is now."""
    return lambda occurrence: mock.log.delivery(mock.log.occurrence(occurrence.id).deliveries[0].id)


def echo_secret(got: Any) -> tuple[int, bytes]:
    """A right answer to a verification request."""
    import json

    return 200, str(json.loads(got.body).get("secret", "ok")).encode()
