"""A webhook receiver for Gitple, Google Business Messages, CLOSER and LiveChat v2, without any
dependency: what a framework does unseen (framing, limits, a kept connection) is written out here.

GITPLE_SECRET=... GBM_CLIENT_TOKEN=... LIVECHAT_TOKEN=... python stdlib_receiver.py --port 8080
"""

from __future__ import annotations

import argparse
import base64
import hmac
import json
import os
import re
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# No vendor names a bound; the 100 kB of many frameworks lose long LiveChat transcripts.
MAX_BODY = 4 * 1024 * 1024

Answer = tuple[int, str]


def parse(raw: bytes) -> dict[str, Any] | None:
    """The JSON object that the body holds; None for whatever else somebody sends."""
    try:
        # Strict: json.loads(bytes) would guess UTF-16 and forgive bad UTF-8, and Python takes NaN
        # and Infinity, which are no JSON; int() raises for both.
        document = json.loads(raw.decode("utf-8"), parse_constant=int)
    except (ValueError, RecursionError):  # not UTF-8, not JSON, 5 000 digits; nested too deep
        return None
    return document if isinstance(document, dict) else None


def has_objects(event: dict[str, Any], *names: str) -> bool:
    """Demand only what the work needs: vendors leave members out and add new ones."""
    return all(isinstance(event.get(name), dict) for name in names)


def same(given: object, expected: bytes | None) -> bool:
    """Equal to the last byte, in constant time; on bytes, as a header or a token may hold any
    character and compare_digest raises for text that is not ASCII."""
    return (
        isinstance(given, str)
        and expected is not None
        and hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected)
    )


def signature(headers: Message, name: str) -> str:
    """All the values, as get() shows the first alone; blanks around: RFC 9110, 5.5."""
    return ",".join(headers.get_all(name, [])).strip(" \t")


def secret(name: str, default: str) -> bytes:
    """A secret as it was typed: not trimmed, not decoded from hex or base64."""
    value = os.environ.get(name, default)
    if not value:
        sys.exit(f"{name} is set but empty, so that anybody could make what it has to prove")
    return os.fsencode(value)


def secrets_by_name(name: str) -> dict[str, bytes]:
    if name not in os.environ:
        return {}
    table = parse(os.fsencode(os.environ[name]))
    if not table or not all(isinstance(value, str) and value for value in table.values()):
        sys.exit(f"{name} has to be a JSON object of names and their tokens")
    return {key: value.encode() for key, value in table.items()}


GITPLE_SECRET = secret("GITPLE_SECRET", "gitple-secret")
GBM_CLIENT_TOKEN = secret("GBM_CLIENT_TOKEN", "SJENCPGJESMGUFPY")
GBM_AGENT_TOKENS = secrets_by_name("GBM_AGENT_TOKENS")
# LiveChat makes one token per webhook, so each event may have its own; "*" stands for the others.
LIVECHAT_TOKENS = secrets_by_name("LIVECHAT_TOKENS") or {"*": secret("LIVECHAT_TOKEN", "31aae354")}


def handle(provider: str, event: dict[str, Any]) -> Answer:
    """Your work starts here: put the event on a queue and answer at once.

    What was answered late (LiveChat waits 10 s) or not with 2xx comes again, so an event may come
    twice and in any order; types come that no document names yet.
    """
    return 200, "ok"


def gitple(raw: bytes, headers: Message) -> Answer:
    # Event APIs guide, "Headers": each call carries an HMAC-SHA-256 of its payload.
    digest = hmac.new(GITPLE_SECRET, raw, "sha256").hexdigest()
    if not same(signature(headers, "X-Hub-Signature"), f"sha256={digest}".encode()):
        return 403, "wrong signature"
    event = parse(raw) or {}
    match event.get("type"):
        case "send_external_message":
            right = has_objects(event, "from", "to", "message")
        case "session_state_open" | "session_state_inprogress" | "session_state_close":
            right = has_objects(event, "session")
        case kind:
            right = isinstance(kind, str)
    return handle("gitple", event) if right else (400, "not a Gitple event")


# Google Business Messages: an event is named by the one of these members that it holds.
GBM_EVENTS = "message suggestionResponse receipts userStatus surveyResponse authenticationResponse"


def gbm(raw: bytes, headers: Message) -> Answer:
    event = parse(raw) or {}  # before the proof: a handshake is unsigned, an event names its agent
    kinds = [kind for kind in GBM_EVENTS.split() if kind in event]
    if not kinds and "clientToken" in event and "secret" in event:
        return verification(event)
    # "Set your webhook": an agent-level webhook, with its own token, precedes the partner's.
    agent = event.get("agent")
    token = GBM_AGENT_TOKENS.get(agent) if isinstance(agent, str) else None
    digest = hmac.new(token or GBM_CLIENT_TOKEN, raw, "sha512").digest()
    if not same(signature(headers, "X-Goog-Signature"), base64.b64encode(digest)):
        return 403, "wrong signature"
    if not isinstance(agent, str) or not has_objects(event, *kinds):
        return 400, "not a Google Business Messages event"
    return handle("gbm", event)


def verification(event: dict[str, Any]) -> Answer:
    """What Verify asks ("Set your webhook"): the secret alone, to the right token only."""
    tokens = [GBM_CLIENT_TOKEN, *GBM_AGENT_TOKENS.values()]  # no agent is named, so any of them
    if not any(same(event["clientToken"], token) for token in tokens):
        return 403, "wrong clientToken"
    reply = event["secret"]
    if not isinstance(reply, str) or re.search("[\ud800-\udfff]", reply):  # half a surrogate pair
        return 400, "no secret"
    return 200, reply


def closer(raw: bytes, headers: Message) -> Answer:
    # CLOSER, webhook guide: nothing proves the sender; an address that nobody guesses has to do.
    event = parse(raw) or {}
    kind = event.get("type")
    of_message = kind in ("message_received", "message_sent")
    if not isinstance(kind, str) or (of_message and not has_objects(event, "message")):
        return 400, "not a CLOSER event"
    return handle("closer", event)


def livechat(raw: bytes, headers: Message) -> Answer:
    event = parse(raw)
    if event is None:
        return 400, "not a LiveChat event"
    # LiveChat, "Webhooks" of API v2: only the account learns the token in the body, so it proves.
    kind = event.get("event_type")
    token = LIVECHAT_TOKENS.get(kind, LIVECHAT_TOKENS.get("*")) if isinstance(kind, str) else None
    if not same(event.get("token"), token):
        return 403, "wrong token"
    # A data type comes only if the webhook's owner chose it, so all of them may be absent.
    chosen = (name for name in ("chat", "visitor", "ticket", "canned_response") if name in event)
    return handle("livechat", event) if has_objects(event, *chosen) else (400, "not an event")


RECEIVERS: dict[str, Callable[[bytes, Message], Answer]] = {
    "/gitple": gitple,
    "/gbm": gbm,
    "/closer": closer,
    "/livechat": livechat,
}


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps the connection; answers Expect: 100-continue by itself
    server_version, sys_version = "receiver", ""  # nobody needs to know the versions
    timeout = 30  # seconds: a body that never comes must not hold its thread for ever
    disable_nagle_algorithm = True  # else the second packet of an answer waits up to 40 ms
    max_body, content_type = MAX_BODY, "text/plain; charset=utf-8"

    def __getattr__(self, name: str) -> Callable[[], None]:
        """All methods, unknown ones too, come to one place: each may bring a body."""
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self) -> None:
        length = self.length()
        if isinstance(length, int):
            body = self.rfile.read(length)  # always, or it would be read as the next request
            if len(body) == length:
                return self.send(*self.route(body))
            length = 400, "cut short"
        self.close_connection = True
        self.send(*length)
        # Closing on bytes that nobody read resets the connection, and the answer may be lost.
        self.connection.settimeout(1)
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            for _ in range(4096):
                if not self.connection.recv(65536):
                    break

    def length(self) -> int | Answer:
        """How long the body is (RFC 9112, 6.3), or why it cannot be read."""
        if "Transfer-Encoding" in self.headers:
            return 411, "send a Content-Length"  # no vendor is known to send chunks
        lengths = set(self.headers.get_all("Content-Length", ["0"]))
        if len(lengths) > 1 or not re.fullmatch("[0-9]{1,15}", "".join(lengths)):
            return 400, "bad Content-Length"  # int() would take "+1", "1_0" and other digits
        length = int(lengths.pop())
        return length if length <= self.max_body else (413, "too large")

    def route(self, body: bytes) -> Answer:
        receiver = RECEIVERS.get(self.path.partition("?")[0])
        if receiver is None:
            return 404, "no such webhook"
        return receiver(body, self.headers) if self.command == "POST" else (405, "POST only")

    def send(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", self.content_type)
        self.send_header("Content-Length", str(len(body)))
        if status == 405:
            self.send_header("Allow", "POST")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle(self) -> None:
        with suppress(ConnectionError):  # the sender went away: no answer, and no stack trace
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Silent: a path or a header may hold what belongs in no log."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # with the default of 5, a burst waits a second or more


def main(receiver: type[Receiver] = Receiver) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=os.environ.get("PORT", "8080"))
    server = Server(("127.0.0.1", parser.parse_args().port), receiver)  # 0: a free one
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    with suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
