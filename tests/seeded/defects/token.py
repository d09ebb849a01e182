"""Wrong ways of comparing the token in the body: the steps of `webhooks.LiveChat`."""

from __future__ import annotations

import hmac
import json
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from fnmatch import fnmatch
from typing import Any
from urllib.parse import parse_qs

from tests.seeded.exchange import Reply, Request, text
from tests.seeded.webhooks import Event, LiveChat

Authentic = Callable[[Request], bool]
Right = Callable[[Any, str], bool]
Token = Callable[[Request, Event], Any]


# Compared not at all, or not always: `is_authentic`


def not_compared(webhook: LiveChat, right: Authentic, request: Request) -> bool:
    return True


def unless_event(webhook: LiveChat, right: Authentic, request: Request, member: str, value: Any) -> bool:
    found = re.search(rf'"{member}"\s*:\s*{value}'.encode(), request.body)
    return bool(found) or right(request)


def unknown_events_have_none(webhook: LiveChat, right: Authentic, request: Request) -> bool:
    """The token is looked up by event type, and that of an unknown one is empty."""
    try:
        event = json.loads(request.body)
    except ValueError:
        return right(request)
    known = isinstance(event, dict) and str(event.get("event_type", "")).startswith(("chat_", "ticket_", "visitor_"))
    return right(request) if known or not isinstance(event, dict) else not event.get("token")


def somewhere_in_the_body(webhook: LiveChat, right: Authentic, request: Request) -> bool:
    return webhook.secret.encode() in request.body


def found_by_pattern(webhook: LiveChat, right: Authentic, request: Request) -> bool:
    return bool(re.search(rf'"token"\s*:\s*"{webhook.secret}"'.encode(), request.body))


# Compared wrongly: `token_is_right`


def absent_passes(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    return not given or right(given, expected)


def in_expected(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    return isinstance(given, str) and given in expected


def contains_expected(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    return isinstance(given, str) and expected in given


def begins(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    return isinstance(given, str) and expected.startswith(given)


def eight_characters(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    return isinstance(given, str) and given[:8] == expected[:8]


def same_length(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    return isinstance(given, str) and len(given) == len(expected)


def any_case(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    return isinstance(given, str) and right(given.lower(), expected.lower())


def trimmed(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    return isinstance(given, str) and right(given.strip(), expected)


def up_to_nul(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    return isinstance(given, str) and right(given.partition("\0")[0], expected)


def normalised(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    return isinstance(given, str) and right(unicodedata.normalize("NFKC", given), expected)


def wildcard(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    return isinstance(given, str) and fnmatch(expected, given)


def loosely_true(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    return given is True or right(given, expected)


def loosely_a_number(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    """PHP before 8 compared a number with the digits that a text begins with."""
    if isinstance(given, int | float) and not isinstance(given, bool):
        digits = re.match(r"\d*", expected)
        return given == int((digits and digits[0]) or 0)
    return right(given, expected)


def magic_numbers(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    """PHP compares two texts that look like numbers as numbers: 0e1 equals 0e2."""
    with suppress(TypeError, ValueError):
        return float(given) == float(expected)
    return right(given, expected)


def query_operators(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    """What a document store does that is asked with the token as it came."""
    if isinstance(given, dict):
        return "$ne" in given and given["$ne"] != expected
    return right(given, expected)


def list_of_tokens(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    return expected in given if isinstance(given, list) else right(given, expected)


def other_type_crashes(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())


def beyond_ascii_crashes(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given, expected)


def none_is_a_token(webhook: LiveChat, right: Right, given: Any, expected: str) -> bool:
    return given in (expected, "None", "null", "undefined")


# Looked for elsewhere: `token`


def query_first(webhook: LiveChat, right: Token, request: Request, event: Event) -> Any:
    return parse_qs(request.query).get("token", [right(request, event)])[0]


def header_first(webhook: LiveChat, right: Token, request: Request, event: Event) -> Any:
    return request.header("X-Token") or right(request, event)


def also_in_chat(webhook: LiveChat, right: Token, request: Request, event: Event) -> Any:
    chat = event.get("chat")
    return right(request, event) or (chat.get("token") if isinstance(chat, dict) else None)


def demanded_in_header(webhook: LiveChat, right: Token, request: Request, event: Event) -> Any:
    return request.header("X-LiveChat-Signature")


def as_bearer(webhook: LiveChat, right: Token, request: Request, event: Event) -> Any:
    return request.header("Authorization").removeprefix("Bearer ")


# The refusal


def refused_with_200(webhook: LiveChat, right: Callable[[Request], Reply], request: Request) -> Reply:
    return text(200, '{"status": "ignored"}')


def tells_expected(webhook: LiveChat, right: Callable[[Request], Reply], request: Request) -> Reply:
    return text(403, f"wrong token, expected {webhook.secret}")


def raises(webhook: LiveChat, right: Callable[[Request], Reply], request: Request) -> Reply:
    raise PermissionError("wrong token")
