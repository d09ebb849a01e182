"""Other ways of being right: what receivers do that no vendor's document forbids."""

from __future__ import annotations

import binascii
import gzip
import hashlib
import json
import threading
import time
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.seeded.exchange import Exchange, Reply, Request, Unreadable, text
from tests.seeded.webhooks import Event, NoJson, Signed, Webhook

Write = Callable[[Reply], None]
Process = Callable[[Event], Reply]
Route = Callable[[Request], Reply]


# Framing


def http_1_0(exchange: Exchange, right: Callable[[], str]) -> str:
    return "HTTP/1.0"


def closes_connections(exchange: Exchange, right: Write, reply: Reply) -> None:
    exchange.close_connection = True
    right(reply)


def chunked_answers(exchange: Exchange, right: Write, reply: Reply) -> None:
    if exchange.request_version == "HTTP/1.0" or exchange.close_connection or reply.status == 204:
        right(reply)
        return
    exchange.send_response(reply.status)
    for name, value in {"Content-Type": "text/plain", **reply.headers, "Transfer-Encoding": "chunked"}.items():
        exchange.send_header(name, value)
    exchange.end_headers()
    if exchange.command != "HEAD":
        for start in range(0, len(reply.body), 1000):
            part = reply.body[start : start + 1000]
            exchange.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        exchange.wfile.write(b"0\r\n\r\n")


def packed_answers(exchange: Exchange, right: Write, reply: Reply) -> None:
    if "gzip" in exchange.headers.get("Accept-Encoding", ""):
        headers = {**reply.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        reply = Reply(reply.status, gzip.compress(reply.body), headers)
    right(reply)


def no_chunks(exchange: Exchange, right: Callable[[], bytes]) -> bytes:
    raise Unreadable(411, "send a Content-Length")


def no_expectations(exchange: Exchange, right: Callable[[], bool]) -> bool:
    exchange.close_connection = True
    exchange.write(text(417, "no expectations"))
    return False


# Answers


def slow(exchange: Exchange, right: Route, request: Request, seconds: float) -> Reply:
    time.sleep(seconds)
    return right(request)


def with_status(webhook: Webhook, right: Process, event: Event, status: int) -> Reply:
    reply = right(event)
    return Reply(status, b"" if status == 204 else b"accepted") if reply.status == 200 else reply


def huge_answers(webhook: Webhook, right: Process, event: Event) -> Reply:
    reply = right(event)
    return Reply(reply.status, reply.body + b"\n" + b"thank you " * 30_000, reply.headers)


def pages(webhook: Webhook, right: Process, event: Event) -> Reply:
    headers = {
        "Content-Type": "TEXT/HTML;charset=windows-1252",
        "Set-Cookie": "session=x; HttpOnly; SameSite=Lax",
        "X-Powered-By": "PHP/8.2",
        "x-empty": "",
        "Link": "</style.css>; rel=preload",
    }
    return Reply(right(event).status, b"<!doctype html><title>OK</title><p>Th\xe4nks.", headers)


def framework_pages(exchange: Exchange, right: Route, request: Request) -> Reply:
    reply = right(request)
    if reply.status < 400:
        return reply
    page = f"<!doctype html><html lang=en><title>{reply.status} Error</title><h1>Whitelabel Error Page</h1>"
    hint = "<p>The browser (or proxy) sent a request that this server could not understand.</p>"
    return Reply(reply.status, f"{page}{hint}".encode(), {**reply.headers, "Content-Type": "text/html"})


def other_codes(exchange: Exchange, right: Route, request: Request) -> Reply:
    reply = right(request)
    codes = {400: 422, 403: 401, 405: 404}
    return Reply(codes.get(reply.status, reply.status), reply.body, reply.headers)


def other_methods_501(webhook: Webhook, right: Route, request: Request) -> Reply:
    return text(501, "not implemented")


def other_paths_410(exchange: Exchange, right: Route, request: Request) -> Reply:
    return text(410, "gone")


# Limits, repeats, ids and time


def rate_limit(exchange: Exchange, right: Route, request: Request, rate: float, burst: int) -> Reply:
    """A bucket that holds `burst` requests and gains `rate` a second."""
    with exchange.memory.setdefault("lock", threading.Lock()):
        now = time.monotonic()
        left, before = exchange.memory.get("bucket", (float(burst), now))
        left = min(float(burst), left + (now - before) * rate)
        exchange.memory["bucket"] = (max(left - 1, 0.0), now)
    return right(request) if left >= 1 else Reply(429, b"slow down", {"Retry-After": "1"})


def remembers_ids(webhook: Webhook, right: Process, event: Event) -> Reply:
    key = hashlib.sha256(json.dumps(event, sort_keys=True).encode()).digest()
    if str(key) in webhook.memory:
        return text(202, "already known")
    webhook.memory[str(key)] = True
    return right(event)


def own_ids_only(webhook: Webhook, right: Callable[[Event], bool], event: Event) -> bool:
    """The owner's id of the first event is taken for the receiver's own."""
    for member in ("botId", "appCode", "license_id", "agent"):
        value = event.get(member)
        if right(event) and isinstance(value, str) and webhook.memory.setdefault(member, value) != value:
            return False
    return right(event)


_WINDOWS = {"timestamp": timedelta(minutes=30), "sendTime": timedelta(days=7), "chat": timedelta(hours=6)}


def retry_window(webhook: Webhook, right: Process, event: Event) -> Reply:
    """Older than the vendor's last attempt: nobody sends that."""
    for member, window in _WINDOWS.items():
        sent = _time(event.get(member))
        if sent is not None and datetime.now(timezone.utc) - sent > window:
            return text(400, "too old")
    return right(event)


def _time(value: Any) -> datetime | None:
    if isinstance(value, dict):
        value = value.get("ended_timestamp") or value.get("started_timestamp")
    with suppress(ValueError, OverflowError, OSError):
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, timezone.utc)
        if isinstance(value, str):
            return datetime.fromisoformat(value[:19]).replace(tzinfo=timezone.utc)
    return None


def afterwards(webhook: Webhook, right: Process, event: Event) -> Reply:
    """Answered first; the work, and its errors, come later and elsewhere."""
    threading.Thread(target=right, args=(event,), daemon=True).start()
    return text(200, "queued")


def unknown_events_refused(webhook: Webhook, right: Callable[[Event], bool], event: Event, known: list[str]) -> bool:
    named = [event.get("type"), event.get("event_type"), *event]
    return right(event) and any(isinstance(kind, str) and kind in known for kind in named)


# Parsing and proving


def first_of_doubled(webhook: Webhook, right: Callable[[str], Any], document: str) -> Any:
    def first(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return dict(reversed(pairs))

    right(document)
    return json.loads(document, object_pairs_hook=first)


def parses_first(webhook: Webhook, right: Route, request: Request) -> Reply:
    try:
        webhook.parse(request)
    except NoJson as error:
        return webhook.refuse_body(request, error)
    return right(request)


def decoded_digest(webhook: Webhook, right: Callable[[Request], bool], request: Request) -> bool:
    """The digest's bytes are compared, in whatever case their hex is written."""
    if not isinstance(webhook, Signed):
        return right(request)
    given, expected = (value.removeprefix("sha256=") for value in (webhook.given(request), webhook.expected(request)))
    try:
        if webhook.algorithm == "sha256":
            return bytes.fromhex(given) == bytes.fromhex(expected)
        return b64decode(given, validate=True) == b64decode(expected)
    except (ValueError, binascii.Error):
        return False
