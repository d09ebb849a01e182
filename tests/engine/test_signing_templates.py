"""Vendors that sign more than the body: the time, an id; once a delivery or anew for each attempt."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookassay.mockserver.engine import Mock, Options
from hookassay.mockserver.engine.events import Wish
from tests.engine.receiver import Got, Receiver

FOLDER = Path(__file__).parents[1] / "providers"


@pytest.fixture
def mock(receiver: Receiver) -> Iterator[Mock]:
    with Mock(Options(provider_paths=(FOLDER,))) as made:

        def serve(got: Got) -> tuple[int, bytes]:
            if not got.path.startswith("/inbox/"):
                return 200, b""
            answer = made.inbox.receive(got.path.split("/")[-1], "POST", got.path, got.headers, got.body)
            return answer.status, answer.body

        receiver.behaviour = serve
        made.start(receiver.url)
        assert made.settle(10).idle
        receiver.got.clear()
        yield made


def test_the_inbox_verifies_each_of_them(mock: Mock) -> None:
    own = [provider for provider in mock.providers.values() if provider.folder.parent == FOLDER]
    for provider in own:
        endpoint = mock.endpoints.add(provider.name, name="at-the-inbox")
        mock.events.trigger(Wish(provider.name, next(iter(provider.deliverable))), endpoints=[endpoint.id])
    assert mock.settle(10).idle and len(own) == 3
    told = [(received.provider, received.verified) for received in mock.inbox.all(limit=3).items]
    assert sorted(told) == sorted((provider.name, "the signature is right") for provider in own)


def test_a_time_that_is_signed_for_each_attempt(mock: Mock, receiver: Receiver) -> None:
    """Each attempt has a signature of its own time, kept with it; the body stays."""
    endpoint = mock.endpoints.add("stamped", url=receiver.url, secret="k3y")
    receiver.first = [500, 500]
    sent = mock.events.trigger(Wish("stamped", "invoice.paid"), endpoints=[endpoint.id]).deliveries[0]
    assert mock.settle(5).idle
    mock.clock.push(to="idle")
    times = []
    for got in receiver.got:
        match = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", got.header("Stamped-Signature") or "")
        assert match is not None
        right = hmac.new(b"k3y", match[1].encode() + b"." + got.body, hashlib.sha256).hexdigest()
        assert match[2] == right
        times.append(int(match[1]))
    # Whole seconds are signed: a step may show one more or less of them than has passed.
    assert [round((b - a) / 10) * 10 for a, b in itertools.pairwise(times)] == [60, 600]
    attempts = mock.log.delivery(sent.id).attempts
    shown = [dict(attempt.request.headers)["Stamped-Signature"] for attempt in attempts]
    assert shown == [got.header("Stamped-Signature") for got in receiver.got]


def test_an_id_and_a_time_that_are_signed_once(mock: Mock, receiver: Receiver) -> None:
    """As Standard Webhooks has it: the same id and signature in each attempt of a delivery."""
    name = "standard-webhooks-shaped"
    provider = mock.providers[name]
    endpoint = mock.endpoints.add(name, url=receiver.url)
    secret = mock.endpoints.get(endpoint.id, reveal=True).secret
    event = next(iter(provider.deliverable))
    mock.events.trigger(Wish(name, event), endpoints=[endpoint.id])
    assert mock.settle(5).idle
    got = receiver.got[0]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    message = f"{got.header('webhook-id')}.{got.header('webhook-timestamp')}.".encode() + got.body
    right = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    assert got.header("webhook-signature") == f"v1,{right}"
    sent = mock.log.deliveries(f"provider:{name} endpoint:{endpoint.id}").items[0]
    assert not mock.replays.same_when_signed(sent.id)
