"""Wrong ways of standing a vendor's traffic: repeats, order, bursts, framing, and what goes on after an error."""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
import threading
import time
from collections.abc import Callable
from io import BufferedReader
from typing import Any, cast

from tests.seeded.exchange import Exchange, Reply, Request, Unreadable, text
from tests.seeded.webhooks import Event, Webhook

Process = Callable[[Event], Reply]
Route = Callable[[Request], Reply]
ReadBody = Callable[[], bytes]


def _key(event: Event, member: str) -> str:
    """What tells a repeat: a member, or the whole event."""
    return str(event.get(member, "")) if member else json.dumps(event, sort_keys=True)


# Repeats and order: `process`


def repeat_crashes(webhook: Webhook, right: Process, event: Event) -> Reply:
    seen: set[str] = webhook.memory.setdefault("seen", set())
    with webhook.memory.setdefault("lock", threading.Lock()):
        if (key := _key(event, "")) in seen:
            raise sqlite3.IntegrityError("UNIQUE constraint failed")
        seen.add(key)
    return right(event)


def repeat_ends_process(webhook: Webhook, right: Process, event: Event) -> Reply:
    try:
        return repeat_crashes(webhook, right, event)
    except sqlite3.IntegrityError:
        os._exit(1)


def repeat_refused(webhook: Webhook, right: Process, event: Event, status: int, member: str = "") -> Reply:
    seen: set[str] = webhook.memory.setdefault("seen", set())
    key = _key(event, member)
    if key and key in seen:
        return text(status, "seen before")
    seen.add(key)
    return right(event)


def repeat_at_once_crashes(webhook: Webhook, right: Process, event: Event) -> Reply:
    """Looks for the row, then inserts it: two at once both find none."""
    seen: set[str] = webhook.memory.setdefault("seen", set())
    key = _key(event, "")
    if key in seen:
        return right(event)
    time.sleep(0.02)
    if key in seen:
        raise sqlite3.IntegrityError("UNIQUE constraint failed")
    seen.add(key)
    return right(event)


def newest_only(webhook: Webhook, right: Process, event: Event, member: str) -> Reply:
    sent = event.get(member)
    if isinstance(sent, str) and re.match(r"\d{4}-", sent):
        if sent[:19] < webhook.memory.get("newest", ""):
            return text(409, "older than what is known")
        webhook.memory["newest"] = sent[:19]
    return right(event)


# Load and time


def leaks(webhook: Webhook, right: Process, event: Event, most: int) -> Reply:
    handles: list[Event] = webhook.memory.setdefault("handles", [])
    handles.append({})
    if len(handles) > most:
        raise OSError(24, "Too many open files")
    return right(event)


def now_and_then(webhook: Webhook, right: Process, event: Event) -> Reply:
    if random.random() < 0.05:
        raise TimeoutError("the database did not answer")
    return right(event)


def slow_by_messages(webhook: Webhook, right: Process, event: Event) -> Reply:
    """Each message is looked up beside each other one."""
    chat = event.get("chat")
    messages = chat.get("messages") if isinstance(chat, dict) else None
    if isinstance(messages, list):
        time.sleep(min(len(messages), 400) ** 2 * 0.00003)
    return right(event)


def few_at_a_time(webhook: Webhook, right: Process, event: Event, most: int) -> Reply:
    workers: threading.Semaphore = webhook.memory.setdefault("workers", threading.Semaphore(most))
    if not workers.acquire(blocking=False):
        return text(503, "busy")
    try:
        time.sleep(0.02)
        return right(event)
    finally:
        workers.release()


def pool_exhausted(webhook: Webhook, right: Process, event: Event, most: int) -> Reply:
    reply = few_at_a_time(webhook, right, event, most)
    if reply.status == 503:
        raise RuntimeError("QueuePool limit reached")
    return reply


def shared_variable(webhook: Webhook, right: Callable[[bytes], bytes], body: bytes) -> bytes:
    webhook.memory["body"] = body
    time.sleep(0.003)
    return right(webhook.memory["body"])


# After an error


def lock_kept(webhook: Webhook, right: Route, request: Request) -> Reply:
    lock: threading.Lock = webhook.memory.setdefault("lock", threading.Lock())
    lock.acquire()
    reply = right(request)
    if reply.status == 200:  # an early return forgets it
        lock.release()
    return reply


def session_lock_kept(webhook: Webhook, right: Process, event: Event) -> Reply:
    session = event.get("session")
    if not isinstance(session, dict) or not isinstance(session.get("id"), str):
        return right(event)
    locks: dict[str, threading.Lock] = webhook.memory.setdefault("locks", {})
    lock = locks.setdefault(session["id"], threading.Lock())
    lock.acquire()
    if not isinstance(session.get("userId"), str):  # an early return forgets it
        return text(400, "no user")
    reply = right(event)
    lock.release()
    return reply


def inserted_twice(webhook: Webhook, right: Process, event: Event) -> Reply:
    conversation = event.get("conversation")
    named = str(conversation.get("id")) if isinstance(conversation, dict) else ""
    rows: set[str] = webhook.memory.setdefault("rows", set())
    if named not in rows:
        time.sleep(0.05)  # the database looks for the row
        if named in rows:
            return text(500, "duplicate key value violates unique constraint")
        rows.add(named)
    return right(event)


def noted_before_the_proof(webhook: Webhook, right: Route, request: Request) -> Reply:
    try:
        unit = json.loads(request.body)["requestId"]
    except (ValueError, TypeError, KeyError):
        return right(request)
    noted: list[Any] = webhook.memory.setdefault("noted", [])
    if unit in noted:
        return text(409, "in work")
    noted.append(unit)
    reply = right(request)
    if reply.status == 200:  # and where it is not, the note stays
        noted.remove(unit)
    return reply


def locked_out(webhook: Webhook, right: Route, request: Request, most: int) -> Reply:
    if webhook.memory.get("refusals", 0) >= most:
        return text(403, "locked out")
    reply = right(request)
    webhook.memory["refusals"] = webhook.memory.get("refusals", 0) + 1 if reply.status >= 400 else 0
    return reply


# Framing: the steps of `exchange`


def body_left_unread(exchange: Exchange, right: Callable[[], None], header: str) -> None:
    if header not in exchange.headers:
        exchange.write(text(401, "no signature"))
    else:
        right()


def length_in_characters(exchange: Exchange, right: Callable[[Reply], None], reply: Reply) -> None:
    words = "받았습니다"
    right(Reply(reply.status, words.encode(), {**reply.headers, "Content-Length": str(len(words))}))


def length_demanded(exchange: Exchange, right: ReadBody) -> bytes:
    return exchange.rfile.read(int(exchange.headers["Content-Length"]))


def chunk_wanted_with_its_size(exchange: Exchange, right: ReadBody) -> bytes:
    reader = cast(BufferedReader, exchange.rfile)
    come = reader.peek() if "Transfer-Encoding" in exchange.headers else b""
    if come.endswith(b"\r\n") and come.count(b"\r\n") == 1:
        raise ConnectionError("a size, and nothing behind it")
    return right()


def first_packet_only(exchange: Exchange, right: ReadBody) -> bytes:
    return right() if "Transfer-Encoding" in exchange.headers else exchange.rfile.read1(exchange.length())


def impatient(exchange: Exchange, right: ReadBody, seconds: float) -> bytes:
    exchange.connection.settimeout(seconds)
    return right()


def waits_for_the_rest(exchange: Exchange, right: ReadBody) -> bytes:
    if "Transfer-Encoding" in exchange.headers:
        return right()
    length, body = exchange.length(), b""
    with exchange.memory.setdefault("reading", threading.Lock()):
        while len(body) < length:
            body += exchange.rfile.read1(length - len(body))
            time.sleep(0.001)  # "there will be more"
    return body


def too_large_crashes(exchange: Exchange, right: Callable[[], int]) -> int:
    try:
        return right()
    except Unreadable as error:
        raise Unreadable(500, "out of memory") if error.reply.status == 413 else error from None


def long_header_crashes(exchange: Exchange, right: Route, request: Request) -> Reply:
    if any(len(str(value)) > 8190 for value in request.headers.values()):
        raise OverflowError("header too long for its column")
    return right(request)


def redirected(exchange: Exchange, right: Route, request: Request) -> Reply:
    return Reply(301, b"", {"Location": f"{request.path}/"})


def credentials_demanded(webhook: Webhook, right: Route, request: Request) -> Reply:
    return right(request) if request.header("Authorization") else text(401, "who are you?")


def page_token_demanded(webhook: Webhook, right: Route, request: Request) -> Reply:
    page = b"<h1>403 Forbidden</h1><p>CSRF verification failed. Request aborted.</p>"
    return right(request) if request.header("X-CSRF-Token") else Reply(403, page, {"Content-Type": "text/html"})


def agent_demanded(webhook: Webhook, right: Route, request: Request) -> Reply:
    return right(request) if request.header("User-Agent") else text(403, "bots are not welcome")
