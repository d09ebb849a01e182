"""What an answer usually means (`hints.toml`): likely causes, told as likely."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from hookassay.conformance.bench import Bench
from hookassay.mockserver.emission.answer import Answer
from hookassay.schemas.catalogue import read_toml

_SEARCHED = 20_000
_HINTS = read_toml(Path(__file__).with_suffix(".toml"))


def hint(bench: Bench, answer: Answer) -> str:
    """The likeliest reason for an answer that should have been another; empty where nothing is known."""
    if answer.failure is not None:
        return str(_HINTS["failure"][answer.failure])
    entry = _entry(answer)
    if 300 <= (answer.status or 0) < 400 and not entry:
        return _of_redirect(bench, answer)
    return entry.get("reason", "")


def fix(bench: Bench, answer: Answer) -> str:
    """What to do first where every right delivery is answered so; empty where nothing is known."""
    return _entry(answer).get("fix", "").replace("{provider}", bench.provider.name)


def _entry(answer: Answer) -> Mapping[str, str]:
    """What is known of a status and the words that come with it."""
    status = answer.status or 0
    text = answer.content[:_SEARCHED].decode("utf-8", "replace").lower()
    for entry in _HINTS["text"]:
        if status in entry["statuses"] and any(word in text for word in entry["words"]):
            return dict(entry)
    by_status = _HINTS["status"]
    return dict(by_status.get(str(status)) or (by_status["500"] if status >= 500 else {}))


def _of_redirect(bench: Bench, answer: Answer) -> str:
    location = answer.header("location") or ""
    parts = urlsplit(location)
    if parts.path.rstrip("/") == bench.target.path.rstrip("/") and parts.path != bench.target.path:
        return f"a slash at the end of the address: vendors do not follow redirects, so configure {location}"
    if parts.scheme == "https" and bench.target.scheme == "http":
        return f"http is redirected to https: configure {location}"
    if "accounts.google.com" in location:
        return "the Apps Script deployment is not open to anonymous callers: deploy it with access for anyone"
    if any(word in location.lower() for word in ("login", "signin", "auth")):
        return f"a login page stands in front ({location})"
    return f"vendors do not follow redirects (to {location})" if location else "a redirect without a Location"
