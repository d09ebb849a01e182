"""A webhook receiver for Gitple, Google Business Messages, CLOSER and LiveChat v2, in Flask.

    pip install flask waitress
    GITPLE_SECRET=... GBM_CLIENT_TOKEN=... LIVECHAT_TOKEN=... python flask_receiver.py --port 8080

Without waitress it runs on werkzeug's development server.
"""

from __future__ import annotations

import argparse
import base64
import hmac
import json
import os
import sys
from typing import Any

from flask import Flask, Response, abort, request


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

app = Flask(__name__, static_folder=None)
# No vendor names a bound; the 100 kB of many frameworks lose long LiveChat transcripts.
app.config["MAX_CONTENT_LENGTH"] = 4 * 1024 * 1024
app.url_map.merge_slashes = False  # a redirect loses the event: vendors do not follow it


def signature(name: str) -> str:
    return request.headers.get(name, "").strip(" \t")  # blanks around it: RFC 9110, 5.5


def handle(provider: str, event: dict[str, Any]) -> Response:
    """Your work starts here: put the event on a queue and answer at once.

    What was answered late (LiveChat waits 10 s) or not with 2xx comes again, so an event may come
    twice and in any order; types come that no document names yet.
    """
    return Response("ok", mimetype="text/plain")


@app.post("/gitple", provide_automatic_options=False)
def gitple() -> Response:
    raw = request.get_data()  # the bytes that were signed: JSON written anew is other bytes
    # Gitple, Event APIs guide, "Headers": each call carries an HMAC-SHA-256 of its payload.
    digest = hmac.new(GITPLE_SECRET, raw, "sha256").hexdigest()
    if not same(signature("X-Hub-Signature"), f"sha256={digest}".encode()):
        abort(403)
    event = parse(raw) or {}
    match event.get("type"):
        case "send_external_message":
            right = has_objects(event, "from", "to", "message")
        case "session_state_open" | "session_state_inprogress" | "session_state_close":
            right = has_objects(event, "session")
        case kind:
            right = isinstance(kind, str)
    if not right:
        abort(400)
    return handle("gitple", event)


# Google Business Messages: an event is named by the one of these members that it holds.
GBM_EVENTS = "message suggestionResponse receipts userStatus surveyResponse authenticationResponse"


@app.post("/gbm", provide_automatic_options=False)
def gbm() -> Response:
    raw = request.get_data()
    event = parse(raw) or {}  # before the proof: a handshake is unsigned, an event names its agent
    kinds = [kind for kind in GBM_EVENTS.split() if kind in event]
    if not kinds and "clientToken" in event and "secret" in event:
        return verification(event)
    # "Set your webhook": an agent-level webhook, with its own token, precedes the partner's.
    agent = event.get("agent")
    token = GBM_AGENT_TOKENS.get(agent) if isinstance(agent, str) else None
    digest = hmac.new(token or GBM_CLIENT_TOKEN, raw, "sha512").digest()
    if not same(signature("X-Goog-Signature"), base64.b64encode(digest)):
        abort(403)
    if not isinstance(agent, str) or not has_objects(event, *kinds):
        abort(400)
    return handle("gbm", event)


def verification(event: dict[str, Any]) -> Response:
    """What Verify asks ("Set your webhook"): the secret alone, to the right token only."""
    tokens = [GBM_CLIENT_TOKEN, *GBM_AGENT_TOKENS.values()]  # no agent is named, so any of them
    if not any(same(event["clientToken"], token) for token in tokens):
        abort(403)
    try:
        return Response(event["secret"].encode(), mimetype="text/plain")
    except (AttributeError, UnicodeEncodeError):  # no string; half of a surrogate pair
        abort(400)


@app.post("/closer", provide_automatic_options=False)
def closer() -> Response:
    # CLOSER, webhook guide: nothing proves the sender; an address that nobody guesses has to do.
    event = parse(request.get_data()) or {}
    kind = event.get("type")
    of_message = kind in ("message_received", "message_sent")
    if not isinstance(kind, str) or (of_message and not has_objects(event, "message")):
        abort(400)
    return handle("closer", event)


@app.post("/livechat", provide_automatic_options=False)
def livechat() -> Response:
    event = parse(request.get_data())
    if event is None:
        abort(400)
    # LiveChat, "Webhooks" of API v2: only the account learns the token in the body, so it proves.
    kind = event.get("event_type")
    token = LIVECHAT_TOKENS.get(kind, LIVECHAT_TOKENS.get("*")) if isinstance(kind, str) else None
    if not same(event.get("token"), token):
        abort(403)
    # A data type comes only if the webhook's owner chose it, so all of them may be absent.
    chosen = (name for name in ("chat", "visitor", "ticket", "canned_response") if name in event)
    if not has_objects(event, *chosen):
        abort(400)
    return handle("livechat", event)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=os.environ.get("PORT", "8080"))
    port = parser.parse_args().port  # 0: a free one
    try:
        from waitress.server import create_server

        # It takes the whole body before Flask can refuse it: not the gigabyte of its default, but
        # more than Flask's limit, as it resets the connection where Flask answers 413.
        options: dict[str, Any] = {"threads": 8, "ident": None, "max_request_body_size": 64 * 1024 * 1024}
        server: Any = create_server(app, host="127.0.0.1", port=port, **options)
        port, serve = server.effective_port, server.run
    except ImportError:
        from werkzeug.serving import make_server

        fallback = make_server("127.0.0.1", port, app, threaded=True)
        port, serve = fallback.port, fallback.serve_forever
    print(f"listening on http://127.0.0.1:{port}", flush=True)
    serve()


if __name__ == "__main__":
    main()
