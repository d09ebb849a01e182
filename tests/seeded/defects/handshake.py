"""Wrong answers to the verification request: the steps of `webhooks.Gbm`."""

from __future__ import annotations

import base64
import hmac
import html
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from tests.seeded.exchange import Reply, Request, text
from tests.seeded.webhooks import Event, Gbm

Knows = Callable[[Any], bool]
Challenge = Callable[[str], Reply]
Verification = Callable[[Request, Event], Reply]


# The token not compared, or wrongly: `knows`


def any_token(webhook: Gbm, right: Knows, token: Any) -> bool:
    return True


def begins(webhook: Gbm, right: Knows, token: Any) -> bool:
    return isinstance(token, str) and webhook.secret.startswith(token)


def eight_characters(webhook: Gbm, right: Knows, token: Any) -> bool:
    return isinstance(token, str) and token[:8] == webhook.secret[:8]


def any_case(webhook: Gbm, right: Knows, token: Any) -> bool:
    return isinstance(token, str) and right(token.upper())


def null_passes(webhook: Gbm, right: Knows, token: Any) -> bool:
    return token in (webhook.secret, None)


def truth_passes(webhook: Gbm, right: Knows, token: Any) -> bool:
    return token is True or right(token)


def trimmed(webhook: Gbm, right: Knows, token: Any) -> bool:
    return isinstance(token, str) and right(token.strip())


def unpacked(webhook: Gbm, right: Knows, token: Any) -> bool:
    return right(token[0] if isinstance(token, list) and token else token)


def other_type_crashes(webhook: Gbm, right: Knows, token: Any) -> bool:
    return hmac.compare_digest(token.encode("utf-8", "surrogatepass"), webhook.secret.encode())


# What is taken for a verification request: `is_verification`

IsVerification = Callable[[Event], bool]


def secret_is_enough(webhook: Gbm, right: IsVerification, event: Event) -> bool:
    if right({**event, "clientToken": ""}) and "clientToken" not in event:
        event["clientToken"] = webhook.secret
    return right(event)


def any_secret_member(webhook: Gbm, right: IsVerification, event: Event) -> bool:
    if "secret" in event:
        event.setdefault("clientToken", webhook.secret)
    return "secret" in event


def two_members_in_order(webhook: Gbm, right: IsVerification, event: Event) -> bool:
    return list(event) == ["clientToken", "secret"]


def not_known(webhook: Gbm, right: IsVerification, event: Event) -> bool:
    return False


# The whole of it: `receive`, `verification`, `other_method`


def signature_demanded(webhook: Gbm, right: Callable[[Request], Reply], request: Request) -> Reply:
    return right(request) if webhook.is_authentic(request) else webhook.refuse_forgery(request)


def signed_is_an_event(webhook: Gbm, right: Callable[[Request], Reply], request: Request) -> Reply:
    if webhook.header in request.headers and b"clientToken" in request.body:
        return text(400, "not an event")
    return right(request)


def events_behind_a_secret(webhook: Gbm, right: Callable[[Request], Reply], request: Request) -> Reply:
    try:
        event = webhook.parse(request)
    except Exception:
        return right(request)
    if "secret" in event and any(kind in event for kind in webhook.kinds):
        return webhook.process(event)  # "already verified by its token"
    return right(request)


def once(webhook: Gbm, right: Verification, request: Request, event: Event) -> Reply:
    if webhook.memory.get("verified"):
        return text(409, "already verified")
    reply = right(request, event)
    webhook.memory["verified"] = reply.status == 200
    return reply


def secret_as_text_with(webhook: Gbm, right: Verification, request: Request, event: Event) -> Reply:
    if not webhook.knows(event["clientToken"]):
        return right(request, event)
    return text(200, "" + event["secret"])


def secret_refused_if_long(webhook: Gbm, right: Verification, request: Request, event: Event) -> Reply:
    secret = event["secret"]
    return (
        text(200, secret[:64])
        if webhook.knows(event["clientToken"]) and isinstance(secret, str)
        else (right(request, event))
    )


def by_get(webhook: Gbm, right: Callable[[Request], Reply], request: Request) -> Reply:
    asked = parse_qs(request.query)
    try:
        asked |= {name: [value] for name, value in json.loads(request.body).items()}
    except (ValueError, AttributeError, RecursionError):
        pass
    return text(200, str(asked["secret"][0])) if "secret" in asked else right(request)


def signs_the_secret(webhook: Gbm, right: Verification, request: Request, event: Event) -> Reply:
    secret = event["secret"]
    if not webhook.is_text(secret):
        return right(request, event)
    proof = base64.b64encode(hmac.new(webhook.secret.encode(), secret.encode(), "sha512").digest()).decode()
    reply = right(request, event)
    return Reply(reply.status, reply.body, {**reply.headers, "X-Response-Token": proof})


# What is answered: `challenge`


def first_secret(webhook: Gbm, right: Challenge, secret: str) -> Reply:
    return right(webhook.memory.setdefault("secret", secret))


def as_number(webhook: Gbm, right: Challenge, secret: str) -> Reply:
    return right(str(int(secret)) if secret.isascii() and secret.isdigit() else secret)


def as_float(webhook: Gbm, right: Challenge, secret: str) -> Reply:
    try:
        return right(f"{float(secret):.0f}" if secret.isdigit() and secret[0] != "0" else secret)
    except OverflowError:
        return right(secret)


def as_json(webhook: Gbm, right: Challenge, secret: str) -> Reply:
    return Reply(200, json.dumps(secret).encode(), {"Content-Type": "application/json"})


def in_json_object(webhook: Gbm, right: Challenge, secret: str) -> Reply:
    return Reply(200, json.dumps({"secret": secret}).encode(), {"Content-Type": "application/json"})


def labelled(webhook: Gbm, right: Challenge, secret: str) -> Reply:
    return right(f"secret: {secret}")


def with_newline(webhook: Gbm, right: Challenge, secret: str) -> Reply:
    return right(f"{secret}\n")


def with_byte_order_mark(webhook: Gbm, right: Challenge, secret: str) -> Reply:
    return right(f"\ufeff{secret}")


def escaped(webhook: Gbm, right: Challenge, secret: str) -> Reply:
    return right(html.escape(secret))


def latin_1(webhook: Gbm, right: Challenge, secret: str) -> Reply:
    return Reply(200, secret.encode("latin-1"))


def with_status(webhook: Gbm, right: Challenge, secret: str, status: int) -> Reply:
    return text(status, secret)


def nothing(webhook: Gbm, right: Challenge, secret: str) -> Reply:
    return Reply(200)


def as_page(webhook: Gbm, right: Challenge, secret: str) -> Reply:
    return Reply(200, secret.encode(), {"Content-Type": "text/html; charset=utf-8"})


# The refusal: `refuse_token`


def refused_with_200(webhook: Gbm, right: Verification, request: Request, event: Event) -> Reply:
    return Reply(200)


def tells_secret(webhook: Gbm, right: Verification, request: Request, event: Event) -> Reply:
    return text(403, f"clientToken does not match, cannot confirm {event['secret']!s}")


def secret_in_header(webhook: Gbm, right: Verification, request: Request, event: Event) -> Reply:
    secret = event["secret"]
    shown = secret if isinstance(secret, str) and secret.isascii() and secret.isprintable() else "none"
    return Reply(403, b"wrong clientToken", {"X-Challenge": shown})


def tells_token(webhook: Gbm, right: Verification, request: Request, event: Event) -> Reply:
    return text(403, f"expected clientToken {webhook.secret}")


def raises(webhook: Gbm, right: Verification, request: Request, event: Event) -> Reply:
    raise PermissionError("wrong clientToken")
