"""What `send` has sent, written into the log of the mock that runs in this folder."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from hookassay.cli.whereabouts import whereabouts
from hookassay.conformance.bench import Bench
from hookassay.conformance.message import hidden
from hookassay.conformance.traffic import Sent
from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.addressed import shown_url
from hookassay.mockserver.emission.answer import Reaction


@dataclass(frozen=True)
class Recorded:
    """Its number in the mock's log, and the page that shows it."""

    delivery: int
    page: str


def record(bench: Bench, sent: Sent, wrong: str) -> Recorded | None:
    """Write it down; None where no mock runs here, or where it takes no such thing (another version, another
    provider folder). `wrong` is how the delivery is wrong on purpose, empty where it is right."""
    here = whereabouts()
    if here is None:
        return None
    try:
        import requests

        from hookassay.mockserver.client import Client, Refused
    except ModuleNotFoundError:  # without [serve] there is no client
        return None
    body = {"as": "ndjson", "origin": "send", "text": json.dumps(_line(bench, sent, wrong))}
    try:
        with Client(here.url, here.token) as client:
            kept = client.call("POST", "/import", body)["deliveries"]
    except (requests.RequestException, Refused, KeyError):
        return None
    return Recorded(kept[0], f"{here.url}/?d={kept[0]}") if kept else None


def _line(bench: Bench, sent: Sent, wrong: str) -> dict[str, object]:
    """The delivery as exports have it, with its one attempt. The bytes are exact, and say where a secret stands."""
    delivery, answer = sent.delivery, sent.answer
    return {
        **delivery.as_json(bench.target.path, ""),
        "spans": [[span.start, span.end, span.derived] for span in delivery.secrets.get("body", ())],
        "url": shown_url(bench.target.url),
        "attempts": [
            {
                "at": times.iso(time.time_ns() - round(answer.elapsed * 1e9), 3),
                "elapsed": answer.elapsed,
                "status": answer.status,
                "failure": answer.failure,
                "view": "delivered" if sent.reaction is Reaction.TAKEN else "given-up",
                "faults": [f"wrong on purpose: {wrong}"] if wrong else [],
                "answer": {
                    "headers": [[name, hidden(bench, value, False)] for name, value in answer.headers],
                    "body": hidden(bench, answer.content.decode("utf-8", "replace"), False),
                },
            }
        ],
    }
