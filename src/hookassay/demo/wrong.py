"""A receiver of Gitple's events with two typical mistakes.

It verifies JSON that it has parsed and written again, whose bytes are often not those that were signed;
and it knows three of the four events.
"""

from __future__ import annotations

import hmac
import json
import os

from hookassay.demo.server import serve

SECRET = os.environ.get("GITPLE_SECRET", "gitple-secret").encode()


def receive(body: bytes, signature: str) -> tuple[int, str]:
    try:
        event = json.loads(body.decode("utf-8"), parse_constant=int)
    except (ValueError, RecursionError):
        return 400, "not JSON"
    written = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    expected = "sha256=" + hmac.new(SECRET, written, "sha256").hexdigest()
    if not hmac.compare_digest(signature.encode(), expected.encode()):
        return 403, "wrong signature"
    kind = event.get("type") if isinstance(event, dict) else None
    if kind in ("session_state_open", "session_state_close", "send_external_message"):
        return 200, "ok"
    return 400, "unknown event"


if __name__ == "__main__":
    serve(receive)
