"""A receiver of Gitple's events that is right: it verifies the bytes that came, before anything else."""

from __future__ import annotations

import hmac
import json
import os

from hookassay.demo.server import serve

SECRET = os.environ.get("GITPLE_SECRET", "gitple-secret").encode()
EVENTS = ("send_external_message", "session_state_open", "session_state_inprogress", "session_state_close")


def receive(body: bytes, signature: str) -> tuple[int, str]:
    expected = "sha256=" + hmac.new(SECRET, body, "sha256").hexdigest()
    if not hmac.compare_digest(signature.encode(), expected.encode()):
        return 403, "wrong signature"
    try:
        event = json.loads(body.decode("utf-8"), parse_constant=int)
    except (ValueError, RecursionError):
        return 400, "not JSON"
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        return 400, "not an event"
    if event["type"] in EVENTS:
        pass  # the work: put the event on a queue
    return 200, "ok"


if __name__ == "__main__":
    serve(receive)
