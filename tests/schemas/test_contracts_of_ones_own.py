"""Vendors that nobody has, as data alone: each signs a time in another way, and everything works for them.

The signatures are verified here by code that shares nothing with ours.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hookassay.conformance import checks, options, settings
from hookassay.conformance.battery import Battery
from hookassay.conformance.bench import Bench
from hookassay.conformance.verdict import Verdict
from hookassay.mockserver.emission.scenario import play
from hookassay.mockserver.emission.vendor import Secrets, Vendor, build
from hookassay.schemas import catalogue, openapi
from hookassay.schemas.contract import Provider

PATIENCE = 300
"""Seconds by which a time of signing may be off."""

Verify = Callable[[Mapping[str, str], bytes, float], bool]


def stamped(headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """`t=TIME,v1=HEX`: HMAC-SHA-256 of time, dot and body."""
    parts = re.fullmatch(r"t=([0-9]+),v1=([0-9a-f]{64})", headers.get("stamped-signature", ""))
    if parts is None or not fresh(parts[1], now):
        return False
    right = hmac.new(b"stamped-secret", parts[1].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right, parts[2])


def slack_shaped(headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """`v0=HEX`: HMAC-SHA-256 of `v0`, the time's own header and the body, with colons between."""
    moment = headers.get("x-shaped-request-timestamp", "")
    signed = b":".join((b"v0", moment.encode(), body))
    right = "v0=" + hmac.new(b"8f742231b10e8888abcd99yyyzzz85a5", signed, hashlib.sha256).hexdigest()
    return fresh(moment, now) and hmac.compare_digest(right.encode(), headers.get("x-shaped-signature", "").encode())


def standard_shaped(headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """`v1,BASE64`: HMAC-SHA-256 of id, time and body, with dots between; the key is what follows `whsec_`, decoded."""
    ident, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    key = base64.b64decode("aG9va2Fzc2F5LXRlc3Qtc2VjcmV0LTAwMQ==")
    digest = hmac.new(key, b".".join((ident.encode(), moment.encode(), body)), hashlib.sha256).digest()
    right = b"v1," + base64.b64encode(digest)
    return fresh(moment, now) and hmac.compare_digest(right, headers.get("webhook-signature", "").encode())


def fresh(moment: str, now: float) -> bool:
    return re.fullmatch("[0-9]{1,12}", moment) is not None and abs(now - int(moment)) <= PATIENCE


VENDORS: dict[str, Verify] = {
    "stamped": stamped,
    "slack-shaped": slack_shaped,
    "standard-webhooks-shaped": standard_shaped,
}


class Receiver(BaseHTTPRequestHandler):
    """A receiver that is right in everything; whether it verifies is for `verify` to say."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True
    verify: Verify

    def do_POST(self) -> None:
        body = self.body()
        if body is None:
            self.close_connection = True
            return self.answer(400)
        headers = {name.lower(): ",".join(self.headers.get_all(name, [])) for name in self.headers}
        if not type(self).verify(headers, body, time.time()):
            return self.answer(403)
        try:
            event = json.loads(body.decode("utf-8"), parse_constant=int)
        except (ValueError, RecursionError):
            return self.answer(400)
        self.answer(200 if isinstance(event, dict) and isinstance(event.get("type"), str) else 400)

    def do_other(self) -> None:
        self.close_connection = True
        self.answer(405)

    do_GET = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_other

    def body(self) -> bytes | None:
        """The whole body, chunked or not; None for one that is cut short or whose length cannot be read."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self.chunks()
        length = self.headers.get("Content-Length", "0")
        if not re.fullmatch("[0-9]{1,8}", length):
            return None
        body = self.rfile.read(int(length))
        return body if len(body) == int(length) else None

    def chunks(self) -> bytes | None:
        whole = b""
        while size := int(self.rfile.readline(100).partition(b";")[0].strip() or b"0", 16):
            whole += self.rfile.read(size)
            self.rfile.readline(10)
        self.rfile.readline(10)
        return whole

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128


@contextmanager
def serving(verify: Verify) -> Iterator[str]:
    """The URL of a receiver that verifies so."""
    handler = type("Handler", (Receiver,), {"verify": staticmethod(verify)})
    with Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def judged(url: str, provider: str, paths: Path, *only: str) -> list[Verdict]:
    """The verdicts of a battery's run, as `pytest --target-url URL --provider-path DIR` has it run."""
    given: dict[str, Any] = {o.name: [] if o.many else False if o.switch else None for o in options.OPTIONS}
    given.update(target_url=url, target_provider=[provider], provider_path=[str(paths)], target_check=list(only))
    battery = Battery.fresh(settings.read(given))
    battery.begin()
    try:
        return [battery.try_case(planned) for planned in battery.planned]
    finally:
        battery.end()


@pytest.fixture(params=list(VENDORS))
def provider(request: pytest.FixtureRequest, own_providers: Path) -> Provider:
    return catalogue.load(request.param, [own_providers])


def test_it_stands_beside_those_that_are_shipped(own_providers: Path) -> None:
    """A path adds the providers below it, and ours stay."""
    known = catalogue.find([own_providers])
    assert list(known) == [*catalogue.find(), *sorted(VENDORS)]


def test_its_deliveries_verify(provider: Provider) -> None:
    """Each event in each example is signed as the vendor says, by an implementation that is not ours."""
    verify = VENDORS[provider.name]
    for event in provider.events.values():
        for example in event.examples:
            delivery = build(provider, event.name, example=example)
            headers = {name.lower(): value for name, value in delivery.headers}
            assert verify(headers, delivery.body, time.time())
            assert not verify(headers, delivery.body + b" ", time.time())
            assert not verify(headers, delivery.body, time.time() + PATIENCE + 60)


def test_another_secret_does_not_verify(provider: Provider) -> None:
    """A delivery signed with another secret of the right form is refused."""
    other = provider.test_secret[:-8] + ("AAAAAAA=" if provider.test_secret.endswith("=") else "00000000")
    delivery = build(provider, next(iter(provider.events)), secret=other)
    headers = {name.lower(): value for name, value in delivery.headers}
    assert not VENDORS[provider.name](headers, delivery.body, time.time())


def test_its_headers_hold_no_placeholder(provider: Provider) -> None:
    """Whatever stands in braces in the data is filled in."""
    delivery = build(provider, next(iter(provider.events)))
    assert not [value for _, value in delivery.headers if "{" in value]


def test_every_delivery_has_its_own_time_and_id(own_providers: Path) -> None:
    """The id that is signed is a fresh one each time, and the time that of the clock."""
    provider = catalogue.load("standard-webhooks-shaped", [own_providers])
    vendor = Vendor(provider, Secrets(provider.test_secret), clock=lambda: 1_700_000_000_000_000_000)
    event = provider.events["contact.created"]
    found = [vendor.deliver(event, vendor.document(event)) for _ in range(2)]
    assert found[0].header("webhook-id") != found[1].header("webhook-id")
    assert {delivery.header("webhook-timestamp") for delivery in found} == {"1700000000"}


def test_its_battery_is_collected(provider: Provider, bench_of: Callable[[Provider], Bench]) -> None:
    """The battery has cases for it, each with an id of its own, and each can be built."""
    bench = bench_of(provider)
    found = list(checks.cases(bench))
    ids = Counter(f"{check.id}[{case.name}]" for check, case in found)
    assert max(ids.values()) == 1
    families = {check.family for check, _ in found}
    assert families == {"payload", "signature", "errors", "delivery"}


def test_its_own_checks_and_cases_are_among_them(own_providers: Path, bench_of: Callable[[Provider], Bench]) -> None:
    """What cases.toml declares is tried: a check of its own, a repeated delivery, a sequence."""
    bench = bench_of(catalogue.load("stamped", [own_providers]))
    found = {f"{check.id}[{case.name}]": case for check, case in checks.cases(bench)}
    assert "payload/amounts[invoice.paid,beyond-32-bits]" in found
    steps = found["delivery/repeat[invoice.failed,three-times]"].plan(bench)
    assert len(steps) == 3
    assert len({step.delivery.body for step in steps}) == len({step.delivery.headers for step in steps}) == 1
    first, second = found["delivery/out-of-order[failed-after-paid]"].plan(bench)
    assert json.loads(first.delivery.body)["data"]["id"] == json.loads(second.delivery.body)["data"]["id"]


def test_its_conversation_can_be_told(own_providers: Path) -> None:
    """A scenario's deliveries belong together and rise in time."""
    provider = catalogue.load("stamped", [own_providers])
    vendor = Vendor(provider, Secrets(provider.test_secret))
    told = [json.loads(delivery.body) for _, delivery in play(vendor, provider.scenarios["second-try"])]
    assert [document["type"] for document in told] == ["invoice.failed", "invoice.paid"]
    assert told[0]["data"]["id"] == told[1]["data"]["id"]
    assert told[0]["created"] < told[1]["created"]


def test_an_openapi_document_is_made_of_it(provider: Provider) -> None:
    """Generated documents are for everybody's providers."""
    document = openapi.document(provider)
    assert set(document["webhooks"]) == set(provider.events)
    assert set(document["components"]["securitySchemes"]) == set(provider.authentication.headers)


def test_a_right_receiver_passes(provider: Provider, own_providers: Path) -> None:
    """A receiver that verifies as the vendor says has no failure, no advice and no error in the whole battery."""
    with serving(VENDORS[provider.name]) as url:
        verdicts = judged(url, provider.name, own_providers)
    wrong = {verdict.id: verdict.message for verdict in verdicts if verdict.verdict not in ("passed", "skipped")}
    assert wrong == {}
    assert len(verdicts) > 400


def test_a_receiver_that_does_not_verify_fails(provider: Provider, own_providers: Path) -> None:
    """One that takes everything fails every kind of forgery, and nothing that is right."""
    with serving(lambda headers, body, now: True) as url:
        verdicts = judged(url, provider.name, own_providers, "*/signature/*", "*/payload/full")
    failed = {verdict.check.removeprefix(f"{provider.name}/") for verdict in verdicts if verdict.verdict == "failed"}
    forgeries = {"absent", "wrong-key", "wrong-message", "guessable-key", "unkeyed", "partial", "malformed", "tampered"}
    assert {f"signature/{name}" for name in forgeries} <= failed
    assert "payload/full" not in failed
    assert not [verdict for verdict in verdicts if verdict.verdict == "error"]
