"""What an answer must not show: secrets, the right signature, the inside of the receiver.

Something counts only if the request did not hold it: a receiver may repeat what it was sent.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.delivery import Delivery

_SHORTEST_SECRET = 8
_VARYING = ("date", "age", "expires", "x-request-id", "x-runtime", "x-response-time")
_DIGEST_PART = 16
_SEARCHED = 65_536
_MATCHES = 20
_LONG_WORD = re.compile(r"[0-9A-Za-z+/_-]{16}")

_NOT_AN_ASSET = r"(?<![\w/.])(?<!src=[\"'])(?<!href=[\"'])(?<!action=[\"'])"
_SOURCE = r"(?:py|m?js|ts|rb|php|go|java|rs|cs|jar|env|ini|toml|ya?ml|sqlite3?|db|log|pem|key)"
_INTERNALS: tuple[tuple[str, str], ...] = (
    ("a Python traceback", r"Traceback \(most recent call last\)|File \"[^\"\n]{1,200}\", line \d+"),
    ("a JavaScript stack trace", r"(?:\(|\bat (?:async )?)(?:file://)?/[^\s()]{1,300}:\d+:\d+|\bat JSON\.parse \(|node:internal/"),
    ("a Java stack trace", r"\bat [\w$.]{1,200}\([\w$]{1,100}\.(?:java|kt|scala):\d+\)|Exception in thread \"|^Caused by: [\w.]"),
    ("a Go stack trace", r"goroutine \d+ \[|panic: runtime error|\.go:\d+\b"),
    ("a PHP error", r"(?:Fatal error|Parse error|Warning|Notice|Deprecated)(?:</b>)?: .{0,400}?(?:\bin (?:<b>)?[^\s<]{0,300}\.(?:php|inc|phtml)\b|\bon line (?:<b>)?\d)|Fatal error(?:</b>)?: |\bUncaught (?:[\w\\]+)?(?:Error|Exception)\b|#0 \{main\}|#0 /[^\s(]{1,300}\(\d+\)"),
    ("a Ruby stack trace", r"\.rb:\d+:in [`'\"]"),
    ("a .NET stack trace", r"\bat [\w.`<>\[\]]{1,80}\([^)\n]{0,200}\) in [^\n]{1,300}:line \d+"),
    ("a Rust panic", r"thread '[^'\n]{0,100}' panicked at|RUST_BACKTRACE"),
    ("a debug page", r"EVALEX|__debugger__|Werkzeug Debugger|have <code>DEBUG|DJANGO_SETTINGS_MODULE|Using the URLconf defined in|Ignition|vendor/laravel/framework|Whoops, looks like something went wrong|better_errors|Symfony Exception"),
    ("settings", r"\b(?:SECRET_KEY|DATABASE_URL|AWS_SECRET_ACCESS_KEY|AWS_ACCESS_KEY_ID|DB_PASSWORD|(?!INVALID|MISSING|BAD|WRONG|UNKNOWN|NO_|EXPIRED|INCORRECT|EMPTY|MALFORMED)[A-Z][A-Z0-9]{2,30}_(?:[A-Z0-9]{1,30}_){0,3}(?:SECRET|TOKEN|PASSWORD|API_KEY))(?:=|['\"]?: ?['\"]|['\"] ?=> ?['\"]|</td>\s*<td)\S"),
    ("a file-system path", _NOT_AN_ASSET + r"(?:/(?:home|usr|var|srv|opt|root|etc|tmp|Users|private)/[\w.@+-]{1,100}/[\w.@+/-]{1,300}|/(?:app|code|data|work|workspace|mnt|src|www|site|project)/[\w.@+/-]{1,300}\." + _SOURCE + r"\b|[A-Za-z]:\\(?:[\w .-]+\\)+[\w .-]+|file:///[\w./-]+)"),
    ("source paths", r"node_modules/|site-packages/|dist-packages/|/gems/[\w.-]{1,80}/|/vendor/bundle/"),
    ("a database error", r"SQLSTATE\[|\bORA-\d{5}\b|sqlite3\.\w+Error|psycopg2?\.\w|\bPG::\w+|\(SQL: "),
)  # fmt: skip
_PATTERNS = tuple((name, re.compile(pattern, re.MULTILINE)) for name, pattern in _INTERNALS)


@dataclass(frozen=True)
class Leak:
    """One thing that an answer showed. `kind`: `secret`, `digest` or `inside`; `text` is safe to print."""

    kind: str
    text: str


def leaks(
    delivery: Delivery, answer: Answer, address: str, secrets: Iterable[str], digests: Iterable[str] = ()
) -> Iterator[Leak]:
    """What an answer shows that its request did not hold.

    `address` is the target's URL, `digests` the texts of the right signature.
    """
    shown = _shown(answer)
    held = f"{address}\n{_held(delivery)}"
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET and secret in shown and secret not in held:
            yield Leak("secret", "the secret itself")
    if any(_tells(shown, held, digest) for digest in digests if _LONG_WORD.search(shown)):
        yield Leak("digest", "the right signature of the request")
    told = set()
    for name, found, excerpt in _insides(shown):
        if found not in held and name not in told:
            told.add(name)
            yield Leak("inside", f"{name}: {excerpt}")


@lru_cache(maxsize=256)
def _insides(shown: str) -> tuple[tuple[str, str, str], ...]:
    """What looks like an inside in an answer: kind, text, text with its surroundings. Most answers of a run are alike."""
    return tuple(
        (name, match[0], _excerpt(shown, match))
        for name, pattern in _PATTERNS
        for match in islice(pattern.finditer(shown), _MATCHES)
    )


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


def _shown(answer: Answer) -> str:
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers if name.lower() not in _VARYING)
    return f"{head}\n{answer.content[:_SEARCHED].decode('utf-8', 'replace')}"


def _held(delivery: Delivery) -> str:
    head = "\n".join(f"{name}: {value}" for name, value in delivery.headers)
    return f"{delivery.path}\n{delivery.query}\n{head}\n{delivery.body.decode('utf-8', 'replace')}"


def _excerpt(text: str, match: re.Match[str]) -> str:
    start = max(0, match.start() - 20)
    return " ".join(text[start : match.end() + 60].split())[:160]
