"""The four webhooks, right. Every method is a step that a defect or a style may replace.

A webhook proves who sent the delivery, parses it, looks whether it is an event, and hands it on. What it
demands is what the contracts of `schemas/` say, and no more.
"""

from __future__ import annotations

import base64
import hmac
import json
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping
from typing import Any, NoReturn

from tests.seeded.exchange import Reply, Request, text

Event = dict[str, Any]


class NoJson(Exception):
    """The body is no JSON object; the cause is the parser's error."""


class Webhook(ABC):
    """One provider's webhook. `secret` is what vendor and receiver share; `memory` what defects and styles keep."""

    default_secret = ""

    def __init__(self, secret: str | None = None) -> None:
        self.secret = self.default_secret if secret is None else secret
        self.memory: dict[str, Any] = {}
        self.queue: deque[Event] = deque(maxlen=100)

    def answer(self, request: Request) -> Reply:
        return self.receive(request) if request.method == "POST" else self.other_method(request)

    def other_method(self, request: Request) -> Reply:
        return Reply(405, b"POST only", {"Allow": "POST"})

    def receive(self, request: Request) -> Reply:
        if not self.is_authentic(request):
            return self.refuse_forgery(request)
        try:
            event = self.parse(request)
        except NoJson as error:
            return self.refuse_body(request, error)
        return self.dispatch(request, event) if self.is_event(event) else self.refuse_event(event)

    def is_authentic(self, request: Request) -> bool:
        return True

    def refuse_forgery(self, request: Request) -> Reply:
        return text(403, "not from the vendor")

    def parse(self, request: Request) -> Event:
        """The JSON object of the body. Raises NoJson."""
        try:
            # Strict: Python would take NaN, and guess UTF-16 where it is given bytes.
            document = self.loads(self.decode(request.body))
        except (ValueError, RecursionError) as error:
            raise NoJson from error
        if not isinstance(document, dict):
            raise NoJson
        return document

    def decode(self, body: bytes) -> str:
        return body.decode("utf-8")

    def loads(self, document: str) -> Any:
        return json.loads(document, parse_constant=_refuse_constant)

    def refuse_body(self, request: Request, error: NoJson) -> Reply:
        return text(400, "not a JSON object")

    @abstractmethod
    def is_event(self, event: Event) -> bool: ...

    def refuse_event(self, event: Event) -> Reply:
        return text(400, "not an event")

    def dispatch(self, request: Request, event: Event) -> Reply:
        """Where what depends on the request stands; the work itself is `process`."""
        return self.process(event)

    def process(self, event: Event) -> Reply:
        self.queue.append(event)
        return text(200, "ok")

    def equal(self, given: str, expected: str) -> bool:
        # On bytes: compare_digest raises for text beyond ASCII, and JSON may hold half a surrogate pair.
        return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _objects(event: Event, *names: str) -> bool:
    return all(isinstance(event.get(name), dict) for name in names)


class Signed(Webhook):
    """A webhook whose deliveries carry an HMAC over the raw body in a header."""

    header = ""
    algorithm = ""

    def is_authentic(self, request: Request) -> bool:
        return self.equal(self.given(request), self.expected(request))

    def given(self, request: Request) -> str:
        return request.header(self.header)

    def expected(self, request: Request) -> str:
        return self.written(self.digest(self.key(request), self.signed_bytes(request.body)))

    def key(self, request: Request) -> bytes:
        return self.secret.encode()

    def signed_bytes(self, body: bytes) -> bytes:
        return body

    def digest(self, key: bytes, message: bytes) -> bytes:
        return hmac.new(key, message, self.algorithm).digest()

    @abstractmethod
    def written(self, digest: bytes) -> str: ...


class Gitple(Signed):
    """X-Hub-Signature: sha256=HEX, by the secret of the webhook's settings."""

    default_secret = "gitple-secret"
    header, algorithm = "X-Hub-Signature", "sha256"

    def written(self, digest: bytes) -> str:
        return f"sha256={digest.hex()}"

    def is_event(self, event: Event) -> bool:
        match event.get("type"):
            case "send_external_message":
                return _objects(event, "from", "to", "message")
            case "session_state_open" | "session_state_inprogress" | "session_state_close":
                return _objects(event, "session")
            case kind:
                return isinstance(kind, str)  # vendors add types


class Gbm(Signed):
    """X-Goog-Signature: base64 of HMAC-SHA-512 by the clientToken; and the verification request."""

    default_secret = "SJENCPGJESMGUFPY"
    header, algorithm = "X-Goog-Signature", "sha512"
    kinds = ("message", "suggestionResponse", "receipts", "userStatus", "surveyResponse", "authenticationResponse")

    def receive(self, request: Request) -> Reply:
        try:
            event = self.parse(request)
        except NoJson:
            return super().receive(request)  # whoever sent it: the signature decides first
        return self.verification(request, event) if self.is_verification(event) else super().receive(request)

    def is_verification(self, event: Event) -> bool:
        return "clientToken" in event and "secret" in event and not any(kind in event for kind in self.kinds)

    def verification(self, request: Request, event: Event) -> Reply:
        if not self.knows(event["clientToken"]):
            return self.refuse_token(request, event)
        secret = event["secret"]
        return self.challenge(secret) if self.is_text(secret) else text(400, "no secret")

    def knows(self, token: Any) -> bool:
        return isinstance(token, str) and self.equal(token, self.secret)

    def refuse_token(self, request: Request, event: Event) -> Reply:
        return text(403, "wrong clientToken")

    def is_text(self, secret: Any) -> bool:
        """A text that UTF-8 can write: half a surrogate pair cannot be given back."""
        return isinstance(secret, str) and not any("\ud800" <= character <= "\udfff" for character in secret)

    def challenge(self, secret: str) -> Reply:
        return text(200, secret)

    def written(self, digest: bytes) -> str:
        return base64.b64encode(digest).decode()

    def is_event(self, event: Event) -> bool:
        found = [kind for kind in self.kinds if kind in event]
        return isinstance(event.get("agent"), str) and _objects(event, *found)


class Closer(Webhook):
    """Nothing proves the sender."""

    def is_event(self, event: Event) -> bool:
        kind = event.get("type")
        has_message = kind in ("message_received", "message_sent")
        return isinstance(kind, str) and (not has_message or _objects(event, "message"))


class LiveChat(Webhook):
    """The member `token`, which only the account knows."""

    default_secret = "31aae354"
    data_types = ("chat", "visitor", "ticket", "canned_response")

    def is_authentic(self, request: Request) -> bool:
        try:
            event = self.parse(request)
        except NoJson:
            return True  # refused as what it is
        return self.token_is_right(self.token(request, event), self.secret)

    def token(self, request: Request, event: Event) -> Any:
        return event.get("token")

    def token_is_right(self, given: Any, expected: str) -> bool:
        return isinstance(given, str) and self.equal(given, expected)

    def is_event(self, event: Event) -> bool:
        chosen = [name for name in self.data_types if event.get(name) is not None]
        return isinstance(event.get("event_type"), str) and _objects(event, *chosen)


WEBHOOKS: Mapping[str, type[Webhook]] = {"closer": Closer, "gitple": Gitple, "gbm": Gbm, "livechat": LiveChat}
