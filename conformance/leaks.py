"""What an answer must not show: secrets, the right signature, the inside of the receiver (`leaks.toml`).

Something counts only if the request did not hold it: a receiver may repeat what it was sent.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.schemas.catalogue import read_toml

_SHORTEST_SECRET = 8
_VARYING = ("date", "age", "expires", "x-request-id", "x-runtime", "x-response-time")
_DIGEST_PART = 16
_SEARCHED = 65_536
_MATCHES = 20
_REMEMBERED = 4_096
"""Bytes of a body up to which it is remembered what an answer shows."""

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_SHORT_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LONG_WORD = re.compile(r"[0-9A-Za-z+/_-]{16}")

_PATTERNS = tuple(
    (entry["name"], re.compile("|".join(entry["patterns"]), re.MULTILINE))
    for entry in read_toml(Path(__file__).with_suffix(".toml"))["inside"]
)


@dataclass(frozen=True)
class Leak:
    """One thing that an answer showed. `kind`: `secret`, `digest` or `inside`; `text` is safe to print."""

    kind: str
    text: str


def leaks(
    delivery: Delivery, answer: Answer, address: str, secrets: Iterable[str], digests: Callable[[], Iterable[str]]
) -> Iterator[Leak]:
    """What an answer shows that its request did not hold.

    `address` is the target's URL, `digests` makes the texts of the right signature.
    """
    shown, insides, may_tell = _shown(answer)
    if not (suspicious := _suspicious(shown, secrets)) and not insides and not may_tell:
        return
    held = f"{address}\n{_held(delivery)}"
    for secret in suspicious:
        if secret not in held:
            yield Leak("secret", "the secret itself")
    if may_tell and any(_tells(shown, held, digest) for digest in digests()):
        yield Leak("digest", "the right signature of the request")
    told = set()
    for name, found, excerpt in insides:
        if found not in held and name not in told:
            told.add(name)
            yield Leak("inside", f"{name}: {excerpt}")


def shows_nothing(answer: Answer, secrets: tuple[str, ...]) -> bool:
    """Whether there is nothing in an answer that could be a leak, whatever its request held."""
    shown, insides, may_tell = _shown(answer)
    return not (insides or may_tell or _suspicious(shown, secrets))


def _suspicious(shown: str, secrets: Iterable[str]) -> list[str]:
    return [secret for secret in secrets if len(secret) >= _SHORTEST_SECRET and secret in shown]


class _Shown(NamedTuple):
    """An answer's headers and body as one text; what looks like an inside in it: kind, text, text with its
    surroundings; whether it has a word as long as a part of a digest."""

    text: str
    insides: tuple[tuple[str, str, str], ...]
    has_long_word: bool


def _shown(answer: Answer) -> _Shown:
    show = _show if len(answer.body) <= _REMEMBERED else _show.__wrapped__
    return show(answer.raw_headers, answer.body)


@lru_cache(maxsize=256)  # most answers of a run are alike
def _show(raw_headers: tuple[tuple[bytes, bytes], ...], body: bytes) -> _Shown:
    answer = Answer(None, raw_headers, body)
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers if name.lower() not in _VARYING)
    text = f"{head}\n{answer.content[:_SEARCHED].decode('utf-8', 'replace')}"
    return _Shown(text, *_searched(text))


@lru_cache(maxsize=64)  # the same text comes under other dates
def _searched(text: str) -> tuple[tuple[tuple[str, str, str], ...], bool]:
    """Insides and long words in a text; looking for them takes a tenth of a second in a long one."""
    insides = tuple(
        (name, match[0], _excerpt(text, match))
        for name, pattern in _PATTERNS
        for match in islice(pattern.finditer(text), _MATCHES)
    )
    return insides, _LONG_WORD.search(text) is not None


def right_digest_texts(digest: bytes) -> tuple[str, ...]:
    """The forms in which the right digest would be told: hex, capitals, base64, base64url."""
    return (
        digest.hex(),
        digest.hex().upper(),
        base64.b64encode(digest).decode(),
        base64.urlsafe_b64encode(digest).decode(),
    )


def _tells(shown: str, held: str, digest: str) -> bool:
    windows = (digest[i : i + _DIGEST_PART] for i in range(0, len(digest) - _DIGEST_PART + 1))
    return any(window in shown and window not in held for window in windows)


def _held(delivery: Delivery) -> str:
    head = "\n".join(f"{name}: {value}" for name, value in delivery.headers)
    body = delivery.body.decode("utf-8", "replace")
    return f"{delivery.path}\n{delivery.query}\n{head}\n{body}\n{_ESCAPE.sub(_unescaped, body)}"


def _unescaped(match: re.Match[str]) -> str:
    """What an escape of JSON stands for: a receiver that gives a text back gives it back as it has read it."""
    return chr(int(match[1][1:], 16)) if len(match[1]) > 1 else _SHORT_ESCAPES.get(match[1], match[1])


def _excerpt(text: str, match: re.Match[str]) -> str:
    start = max(0, match.start() - 20)
    return " ".join(text[start : match.end() + 60].split())[:160]
