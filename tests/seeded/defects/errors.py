"""Wrong ways of meeting what is no right event: parsing, the request around the body, the answer to it."""

from __future__ import annotations

import base64
import gzip
import json
import os
import traceback
from collections.abc import Callable
from typing import Any, NoReturn
from urllib.parse import parse_qs

from tests.seeded.defects.payload import reads
from tests.seeded.exchange import Exchange, Reply, Request, text
from tests.seeded.webhooks import Event, NoJson, Webhook

__all__ = ["reads"]

Parse = Callable[[Request], Event]
Route = Callable[[Request], Reply]
Dispatch = Callable[[Request, Event], Reply]
Process = Callable[[Event], Reply]


# Parsing: `parse`, `loads`


def error_crashes(webhook: Webhook, right: Parse, request: Request, error: str) -> Event:
    """The parser's errors are caught, but for this one."""
    try:
        return right(request)
    except NoJson as refusal:
        if type(refusal.__cause__).__name__ == error:
            raise RuntimeError(error) from refusal
        raise


def empty_crashes(webhook: Webhook, right: Parse, request: Request) -> Event:
    if not request.body.strip():
        raise IndexError("index out of range")
    return right(request)


def ends_process(webhook: Webhook, right: Parse, request: Request) -> Event:
    try:
        return right(request)
    except NoJson:
        os._exit(1)


def not_a_number_crashes(webhook: Webhook, right: Callable[[str], Any], document: str) -> Any:
    """NaN is taken, and cannot be written again."""
    value = json.loads(document)
    try:
        json.dumps(value, allow_nan=False)
    except ValueError as error:
        raise OverflowError("Out of range float values are not JSON compliant") from error
    return value


def doubled_members_crash(webhook: Webhook, right: Callable[[str], Any], document: str) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise KeyError("doubled member")
        return found

    right(document)
    return json.loads(document, object_pairs_hook=unique)


def many_members_crash(webhook: Webhook, right: Callable[[str], Any], document: str) -> Any:
    value = right(document)
    if isinstance(value, dict) and len(value) > 1000:
        raise OverflowError("too many fields")
    return value


# The work: `process`


def text_assumed(webhook: Webhook, right: Process, event: Event, object_name: str, member: str) -> Reply:
    found = event.get(object_name)
    if isinstance(found, dict) and member in found:
        found[member].strip()
    return right(event)


def list_assumed(webhook: Webhook, right: Process, event: Event) -> Reply:
    chat = event.get("chat")
    if isinstance(chat, dict) and "messages" in chat:
        [message["text"] for message in chat["messages"] if "text" in message]
    return right(event)


def echoed_as_page(webhook: Webhook, right: Process, event: Event) -> Reply:
    shown = json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")
    return Reply(200, b"<p>received: " + shown, {"Content-Type": "text/html; charset=utf-8"})


# The request: `dispatch`, `receive`, `route`


def other_type_crashes(webhook: Webhook, right: Dispatch, request: Request, event: Event) -> Reply:
    if request.headers.get_content_type() != "application/json" or "Content-Type" not in request.headers:
        raise TypeError("Cannot read properties of undefined (reading 'type')")
    return right(request, event)


def charset_crashes(webhook: Webhook, right: Dispatch, request: Request, event: Event) -> Reply:
    request.body.decode(str(request.headers.get_param("charset", "utf-8")), "replace")
    return right(request, event)


def exact_type(webhook: Webhook, right: Dispatch, request: Request, event: Event) -> Reply:
    if request.header("Content-Type") != "application/json":
        return text(415, "application/json only")
    return right(request, event)


def form_crashes(webhook: Webhook, right: Route, request: Request) -> Reply:
    if request.headers.get_content_type() == "application/x-www-form-urlencoded":
        json.loads(parse_qs(request.body.decode("latin-1"))["payload"][0])
    return right(request)


def boundary_crashes(webhook: Webhook, right: Route, request: Request) -> Reply:
    if request.headers.get_content_maintype() == "multipart":
        request.body.split(str(request.headers.get_boundary()).encode())[1]
    return right(request)


def gzip_crashes(exchange: Exchange, right: Route, request: Request) -> Reply:
    if request.header("Content-Encoding") == "gzip":
        gzip.decompress(request.body)
    return right(request)


def strict_query(exchange: Exchange, right: Route, request: Request) -> Reply:
    if request.query:
        parse_qs(request.query, strict_parsing=True)
    return right(request)


def utf_8_query(exchange: Exchange, right: Route, request: Request) -> Reply:
    parse_qs(request.query, errors="strict")
    return right(request)


def cookies_split(exchange: Exchange, right: Route, request: Request) -> Reply:
    if request.header("Cookie"):
        dict(part.split("=") for part in request.header("Cookie").split(";"))
    return right(request)


def credentials_decoded(exchange: Exchange, right: Route, request: Request) -> Reply:
    kind, _, value = request.header("Authorization").partition(" ")
    if kind == "Basic":
        base64.b64decode(value, validate=True).decode()
    return right(request)


def quality_read(exchange: Exchange, right: Route, request: Request) -> Reply:
    for accepted in request.header("Accept").split(","):
        float(accepted.partition(";q=")[2].strip() or 1)
    return right(request)


def headers_in_ascii(exchange: Exchange, right: Route, request: Request) -> Reply:
    for value in request.headers.values():
        str(value).encode("latin-1").decode("ascii")
    return right(request)


def closes_silently(exchange: Exchange, right: Route, request: Request) -> Reply:
    """Raised outside of what turns exceptions into answers: the connection is closed, and nothing said."""
    try:
        json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise ConnectionAbortedError from error
    return right(request)


# Methods


def get_crashes(webhook: Webhook, right: Route, request: Request) -> Reply:
    if request.method == "GET":
        json.loads(request.body or b"")
    return right(request)


def unknown_method_crashes(webhook: Webhook, right: Route, request: Request) -> Reply:
    ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE").index(request.method)
    return right(request)


def any_method(webhook: Webhook, right: Route, request: Request) -> Reply:
    return webhook.receive(request)


# What the refusal shows

RefuseBody = Callable[[Request, NoJson], Reply]


def shows_traceback(webhook: Webhook, right: RefuseBody, request: Request, error: NoJson) -> Reply:
    return text(400, "".join(traceback.format_exception(error)))


def shows_path(webhook: Webhook, right: RefuseBody, request: Request, error: NoJson) -> Reply:
    return text(400, "could not load configuration of /srv/shop/receiver/settings.py")


def shows_settings(webhook: Webhook, right: Callable[[Event], Reply], event: Event) -> Reply:
    page = "<h1>ValueError</h1><p>You see this page because you have <code>DEBUG = True</code></p>"
    return Reply(400, f"{page}<pre>SECRET_KEY = 'django-insecure-0x9f'</pre>".encode(), {"Content-Type": "text/html"})


def shows_secret(webhook: Webhook, right: RefuseBody, request: Request, error: NoJson) -> Reply:
    return text(400, f"cannot parse; settings: {vars(webhook)}")


def not_json_taken(webhook: Webhook, right: RefuseBody, request: Request, error: NoJson) -> Reply:
    return text(200, "ok")


def no_event_taken(webhook: Webhook, right: Callable[[Event], Reply], event: Event) -> Reply:
    return text(200, "ok")


def no_event_crashes(webhook: Webhook, right: Callable[[Event], Reply], event: Event) -> NoReturn:
    raise KeyError("type")
