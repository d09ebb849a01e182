"""A webhook receiver for Gitple, Google Business Messages, CLOSER and LiveChat v2, in FastAPI.

    pip install fastapi uvicorn
    GITPLE_SECRET=... GBM_CLIENT_TOKEN=... LIVECHAT_TOKEN=... python fastapi_receiver.py --port 8080

The body is read as bytes and parsed here, not by a pydantic model: what was signed is the bytes,
and a model answers before any signature was looked at.
"""

from __future__ import annotations

import argparse
import base64
import hmac
import json
import os
import socket
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.requests import ClientDisconnect

# No vendor names a bound; the 100 kB of many frameworks lose long LiveChat transcripts.
MAX_BODY = 4 * 1024 * 1024


async def read(request: Request) -> bytes:
    """request.body() with a bound: that one keeps all that somebody sends in memory."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                raise HTTPException(413)
    except ClientDisconnect:  # cut short: nobody is left to read the answer
        raise HTTPException(400) from None
    return bytes(body)


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


def signature(request: Request, name: str) -> str:
    """All the values, as headers.get() shows the first alone; blanks around: RFC 9110, 5.5."""
    return ",".join(request.headers.getlist(name)).strip(" \t")


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

# No documentation pages for strangers, and no redirect to or from a final slash: vendors do not
# follow one, so that it would lose the event.
app = FastAPI(openapi_url=None, redirect_slashes=False)


def handle(provider: str, event: dict[str, Any]) -> Response:
    """Your work starts here: put the event on a queue and answer at once.

    What was answered late (LiveChat waits 10 s) or not with 2xx comes again, so an event may come
    twice and in any order; types come that no document names yet.
    """
    return PlainTextResponse("ok")


@app.post("/gitple")
async def gitple(request: Request) -> Response:
    raw = await read(request)
    # Gitple, Event APIs guide, "Headers": each call carries an HMAC-SHA-256 of its payload.
    digest = hmac.new(GITPLE_SECRET, raw, "sha256").hexdigest()
    if not same(signature(request, "X-Hub-Signature"), f"sha256={digest}".encode()):
        raise HTTPException(403)
    event = parse(raw) or {}
    match event.get("type"):
        case "send_external_message":
            right = has_objects(event, "from", "to", "message")
        case "session_state_open" | "session_state_inprogress" | "session_state_close":
            right = has_objects(event, "session")
        case kind:
            right = isinstance(kind, str)
    if not right:
        raise HTTPException(400)
    return handle("gitple", event)


# Google Business Messages: an event is named by the one of these members that it holds.
GBM_EVENTS = "message suggestionResponse receipts userStatus surveyResponse authenticationResponse"


@app.post("/gbm")
async def gbm(request: Request) -> Response:
    raw = await read(request)
    event = parse(raw) or {}  # before the proof: a handshake is unsigned, an event names its agent
    kinds = [kind for kind in GBM_EVENTS.split() if kind in event]
    if not kinds and "clientToken" in event and "secret" in event:
        return verification(event)
    # "Set your webhook": an agent-level webhook, with its own token, precedes the partner's.
    agent = event.get("agent")
    token = GBM_AGENT_TOKENS.get(agent) if isinstance(agent, str) else None
    digest = hmac.new(token or GBM_CLIENT_TOKEN, raw, "sha512").digest()
    if not same(signature(request, "X-Goog-Signature"), base64.b64encode(digest)):
        raise HTTPException(403)
    if not isinstance(agent, str) or not has_objects(event, *kinds):
        raise HTTPException(400)
    return handle("gbm", event)


def verification(event: dict[str, Any]) -> Response:
    """What Verify asks ("Set your webhook"): the secret alone, to the right token only.

    PlainTextResponse, as FastAPI puts a returned string in JSON quotes.
    """
    tokens = [GBM_CLIENT_TOKEN, *GBM_AGENT_TOKENS.values()]  # no agent is named, so any of them
    if not any(same(event["clientToken"], token) for token in tokens):
        raise HTTPException(403)
    try:
        return PlainTextResponse(event["secret"].encode())
    except (AttributeError, UnicodeEncodeError):  # no string; half of a surrogate pair
        raise HTTPException(400) from None


@app.post("/closer")
async def closer(request: Request) -> Response:
    # CLOSER, webhook guide: nothing proves the sender; an address that nobody guesses has to do.
    event = parse(await read(request)) or {}
    kind = event.get("type")
    of_message = kind in ("message_received", "message_sent")
    if not isinstance(kind, str) or (of_message and not has_objects(event, "message")):
        raise HTTPException(400)
    return handle("closer", event)


@app.post("/livechat")
async def livechat(request: Request) -> Response:
    event = parse(await read(request))
    if event is None:
        raise HTTPException(400)
    # LiveChat, "Webhooks" of API v2: only the account learns the token in the body, so it proves.
    kind = event.get("event_type")
    token = LIVECHAT_TOKENS.get(kind, LIVECHAT_TOKENS.get("*")) if isinstance(kind, str) else None
    if not same(event.get("token"), token):
        raise HTTPException(403)
    # A data type comes only if the webhook's owner chose it, so all of them may be absent.
    chosen = (name for name in ("chat", "visitor", "ticket", "canned_response") if name in event)
    if not has_objects(event, *chosen):
        raise HTTPException(400)
    return handle("livechat", event)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=os.environ.get("PORT", "8080"))
    listener = socket.create_server(("127.0.0.1", parser.parse_args().port))  # 0: a free one
    # asyncio does so for its own sockets only; else answers on a kept connection take 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False))
    print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
