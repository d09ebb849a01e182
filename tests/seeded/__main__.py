"""Start the receiver: right, with one defect, or in a legitimate style (or several)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress

from tests.seeded.exchange import Exchange, Server
from tests.seeded.replacement import Replacement, defects, replaced, styles
from tests.seeded.webhooks import WEBHOOKS, Webhook


def server(port: int, replacements: Sequence[Replacement], secret: str | None = None) -> Server:
    """A receiver at /PROVIDER for each provider, with these steps replaced; port 0 takes a free one."""
    handler: type[Exchange] = Exchange
    webhooks: dict[str, type[Webhook]] = dict(WEBHOOKS)
    for replacement in replacements:
        handler = replaced(handler, replacement)
        webhooks = {name: replaced(webhook, replacement) for name, webhook in webhooks.items()}
    own = {"webhooks": {f"/{name}": webhook(secret) for name, webhook in webhooks.items()}, "memory": {}}
    return Server(("127.0.0.1", port), type("Exchange", (handler,), own))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.seeded", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--defect", metavar="FAMILY/NAME", help="wrong in this one way (defects/*.toml)")
    parser.add_argument("--style", metavar="NAME", action="append", default=[], help="right in this way; repeatable")
    parser.add_argument("--secret", help="what vendor and receiver share (default: the documented test secret)")
    arguments = parser.parse_args()
    chosen: list[Replacement] = []
    named = [(arguments.defect, defects())] if arguments.defect else []
    for name, known in (*named, *((style, styles()) for style in arguments.style)):
        if name not in known:
            sys.exit(f"{name}: no such defect or style; there are {', '.join(known)}")
        chosen.append(known[name])
    receiver = server(arguments.port, chosen, arguments.secret)
    print(f"listening on http://127.0.0.1:{receiver.server_port}", flush=True)
    with suppress(KeyboardInterrupt):
        receiver.serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    main()
