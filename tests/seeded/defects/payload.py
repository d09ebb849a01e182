"""Wrong ways of handling right events: mostly the step `process`, the developer's own work with an event."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.seeded.exchange import Exchange, Reply, Request, text
from tests.seeded.webhooks import Event, Webhook

Process = Callable[[Event], Reply]


def _of(event: Event, webhook_events: tuple[str, ...]) -> bool:
    """Whether the event is one of these, by its type or by the member that names it."""
    name = event.get("type") or event.get("event_type")
    return name in webhook_events or any(kind in event for kind in webhook_events)


def _texts(value: Any) -> list[str]:
    """All texts of a document, not its members' names."""
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [found for item in items for found in _texts(item)]


# Members that may be absent, empty or null


def reads(webhook: Webhook, right: Process, event: Event, path: str, of: tuple[str, ...] = ()) -> Reply:
    """The member at `path` is read without looking whether it is there, in the events `of` or in all."""
    value: Any = event
    if not of or _of(event, tuple(of)):
        for step in path.split("."):
            value = value[int(step) if isinstance(value, list) else step]
    return right(event)


def reads_each(webhook: Webhook, right: Process, event: Event, items: str, member: str) -> Reply:
    """In each item of the list at `items` the member is read."""
    value: Any = event
    for step in items.split("."):
        value = value.get(step, {}) if isinstance(value, dict) else {}
    for item in value:
        item[member]
    return right(event)


def null_is_an_object(webhook: Webhook, right: Process, event: Event) -> Reply:
    event.get("message", {}).get("meta", {}).get("sender", {})
    return right(event)


def chosen_entries(webhook: Webhook, right: Process, event: Event) -> Reply:
    for entry in event.get("session", {}).get("meta", ()):
        if entry["type"] == "select":
            [choice["value"] for choice in entry["value"]]
    return right(event)


def empty_is_missing(webhook: Webhook, right: Process, event: Event) -> Reply:
    if not all(_texts(event)):
        return text(422, "empty value")
    return right(event)


def by_position(webhook: Webhook, right: Process, event: Event) -> Reply:
    if next(iter(event)) != "event_type":
        return text(400, "event_type expected")
    return right(event)


# Values


def one_of(webhook: Webhook, right: Process, event: Event, path: str, values: list[str]) -> Reply:
    """The value at `path`, where it is, has to be one of these: an enumeration that raises."""
    value: Any = event
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, str) and value not in values:
        raise ValueError(f"{value!r} is not a valid value")
    return right(event)


def unknown_event(webhook: Webhook, right: Process, event: Event, known: str) -> Reply:
    if event.get("type") not in known.split():
        raise NotImplementedError(event.get("type"))
    return right(event)


def id_as_number(webhook: Webhook, right: Process, event: Event, path: str) -> Reply:
    parent, _, member = path.rpartition(".")
    holder = event.get(parent, {}) if parent else event
    if isinstance(holder, dict) and isinstance(holder.get(member), str):
        int(holder[member])
    return right(event)


def id_by_pattern(webhook: Webhook, right: Process, event: Event, pattern: str) -> Reply:
    conversation = event.get("conversation")
    key = conversation.get("userKey") if isinstance(conversation, dict) else None
    if isinstance(key, str) and not re.fullmatch(pattern, key):
        return text(400, "bad userKey")
    return right(event)


def locale_in_two_parts(webhook: Webhook, right: Process, event: Event) -> Reply:
    context = event.get("context")
    locale = context.get("resolvedLocale") if isinstance(context, dict) else None
    if isinstance(locale, str):
        _language, _country = locale.split("-")
    return right(event)


def unknown_members_refused(webhook: Webhook, right: Process, event: Event, known: str) -> Reply:
    if set(event) - set(known.split()):
        return text(422, "extra fields not permitted")
    return right(event)


def parses_inner_json(webhook: Webhook, right: Process, event: Event) -> Reply:
    chat = event.get("chat")
    for message in chat.get("messages") or () if isinstance(chat, dict) else ():
        if isinstance(message, dict) and isinstance(message.get("json"), str):
            json.loads(message["json"])
    return right(event)


# Times


def one_time_format(webhook: Webhook, right: Process, event: Event, member: str, form: str) -> Reply:
    if isinstance(event.get(member), str):
        datetime.strptime(event[member], form)
    return right(event)


def a_year_later(webhook: Webhook, right: Process, event: Event) -> Reply:
    session = event.get("session")
    opened = session.get("openTime") if isinstance(session, dict) else None
    if isinstance(opened, str) and re.match(r"\d{4}-\d\d-\d\dT", opened):
        day = datetime.strptime(opened[:10], "%Y-%m-%d")
        day.replace(year=day.year + 1)  # how long it may be kept
    return right(event)


def stale_refused(webhook: Webhook, right: Process, event: Event, member: str, minutes: int) -> Reply:
    sent = event.get(member)
    if isinstance(sent, str) and (found := re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", sent)):
        age = datetime.now(timezone.utc).replace(tzinfo=None) - datetime.fromisoformat(found[0])
        if age > timedelta(minutes=minutes):
            return text(400, "too old")
    return right(event)


# Texts, and where they are stored


def sql_by_formatting(webhook: Webhook, right: Process, event: Event) -> Reply:
    with closing(sqlite3.connect(":memory:")) as store:
        store.execute("CREATE TABLE texts (text)")
        for words in _texts(event):
            if "\0" not in words and words.isprintable():
                store.execute(f"INSERT INTO texts VALUES ('{words}')")
    return right(event)


def narrow_column(webhook: Webhook, right: Process, event: Event, length: int) -> Reply:
    with closing(sqlite3.connect(":memory:")) as store:
        store.execute(f"CREATE TABLE texts (text CHECK (length(text) <= {length}))")
        for words in _texts(event):
            store.execute("INSERT INTO texts VALUES (?)", (words.encode("utf-8", "replace").decode(),))
    return right(event)


def columns_by_key(webhook: Webhook, right: Process, event: Event) -> Reply:
    user = event.get("to")
    meta = user.get("meta") if isinstance(user, dict) else None
    with closing(sqlite3.connect(":memory:")) as store:
        for key in meta if isinstance(meta, dict) else ():
            store.execute(f"CREATE TABLE user ({key} TEXT)")
            store.execute("DROP TABLE user")
    return right(event)


def in_charset(webhook: Webhook, right: Process, event: Event, charset: str) -> Reply:
    for words in _texts(event):
        words.encode(charset)
    return right(event)


def three_byte_characters(webhook: Webhook, right: Process, event: Event) -> Reply:
    """MySQL's utf8 holds no character beyond U+FFFF, and its strict mode raises."""
    if any(character > "\uffff" for words in _texts(event) for character in words):
        raise ValueError("Incorrect string value")
    return right(event)


def no_nul(webhook: Webhook, right: Process, event: Event) -> Reply:
    """PostgreSQL's text holds no NUL."""
    if any("\0" in words for words in _texts(event)):
        raise ValueError("unsupported Unicode escape sequence")
    return right(event)


def printed(webhook: Webhook, right: Process, event: Event) -> Reply:
    webhook.memory["log"] = "\n".join(_texts(event)).encode("utf-8")
    return right(event)


def markup_refused(webhook: Webhook, right: Process, event: Event) -> Reply:
    if any(re.search(r"<script|' OR ", words, re.IGNORECASE) for words in _texts(event)):
        return text(403, "blocked by the firewall")
    return right(event)


def line_separators_refused(webhook: Webhook, right: Process, event: Event) -> Reply:
    if any(re.search("[\u2028\u2029\u200b-\u200f]", words) for words in _texts(event)):
        return text(400, "control characters are not allowed")
    return right(event)


# Before parsing


def quotes_replaced(webhook: Webhook, right: Callable[[bytes], str], body: bytes) -> str:
    return right(body).replace("'", '"')


def type_by_pattern(webhook: Webhook, right: Callable[[Request], Reply], request: Request) -> Reply:
    if b'"type"' in request.body and not re.search(rb'"type":"\w+"', request.body):
        return text(400, "no type")
    return right(request)


def too_long_refused(exchange: Exchange, right: Callable[[], bytes], most: int) -> bytes:
    body = right()
    return body if len(body) <= most else b""
