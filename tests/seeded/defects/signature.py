"""Wrong ways of verifying a signature: the steps of `webhooks.Signed`, as developers have written them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import unicodedata
from collections.abc import Callable
from itertools import cycle, islice
from typing import Any

from tests.seeded.exchange import Exchange, Reply, Request, text
from tests.seeded.webhooks import NoJson, Signed

Authentic = Callable[[Request], bool]

_AGENT = "brands/0c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f/agents/7d6c5b4a-3f2e-4d1c-9b8a-0f1e2d3c4b5a"
"""The documented one."""


# Verified not at all, or not always: `is_authentic`


def not_checked(webhook: Signed, right: Authentic, request: Request) -> bool:
    return True


def only_logged(webhook: Signed, right: Authentic, request: Request) -> bool:
    if not right(request):
        webhook.memory["warning"] = "signature does not match"
    return True


def absent_passes(webhook: Signed, right: Authentic, request: Request) -> bool:
    return webhook.header not in request.headers or right(request)


def empty_passes(webhook: Signed, right: Authentic, request: Request) -> bool:
    given = request.header(webhook.header)
    return not given or right(request)


def unless_body_has(webhook: Signed, right: Authentic, request: Request, word: str) -> bool:
    return word.encode() in request.body or right(request)


def only_json_types(webhook: Signed, right: Authentic, request: Request) -> bool:
    return request.headers.get_content_type() != "application/json" or right(request)


def unless_chunked(webhook: Signed, right: Authentic, request: Request) -> bool:
    return "Content-Length" not in request.headers or right(request)


def unless_nearly_empty(webhook: Signed, right: Authentic, request: Request) -> bool:
    try:
        event = json.loads(request.body)
    except ValueError:
        return right(request)
    session = event.get("session") if isinstance(event, dict) else None
    return (isinstance(session, dict) and len(session) < 2) or right(request)


def unless_known(webhook: Signed, right: Authentic, request: Request) -> bool:
    try:
        trigger = json.loads(request.body)["triggerId"]
    except (ValueError, TypeError, KeyError):
        return right(request)
    verified: set[str] = webhook.memory.setdefault("verified", set())
    if trigger in verified:  # "the vendor sends it again"
        return True
    if right(request):
        verified.add(trigger)
        return True
    return False


def slash_passes(exchange: Exchange, right: Callable[[Request], Reply], request: Request) -> Reply:
    webhook = exchange.webhooks.get(request.path.removesuffix("/"))
    if not isinstance(webhook, Signed) or not request.path.endswith("/"):
        return right(request)
    try:
        return webhook.process(webhook.parse(request))  # the router knows both, the middleware one of them
    except NoJson:
        return text(400, "not a JSON object")


def unless_debugging(webhook: Signed, right: Authentic, request: Request) -> bool:
    return bool(request.header("X-Debug")) or right(request)


def unless_local(webhook: Signed, right: Authentic, request: Request) -> bool:
    return request.header("Host").partition(":")[0] == "localhost" or right(request)


def remembered(webhook: Signed, right: Authentic, request: Request) -> bool:
    known: set[str] = webhook.memory.setdefault("signatures", set())
    given = request.header(webhook.header)
    if given in known:
        return True
    if right(request):
        known.add(given)
        return True
    return False


def raises(webhook: Signed, right: Authentic, request: Request) -> bool:
    if not right(request):
        raise PermissionError("signature mismatch")
    return True


def canonical_as_well(webhook: Signed, right: Authentic, request: Request) -> bool:
    if right(request):
        return True
    try:
        body = json.dumps(json.loads(request.body), ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return False
    return webhook.equal(webhook.given(request), webhook.written(webhook.digest(webhook.key(request), body)))


def other_key_as_well(webhook: Signed, right: Authentic, request: Request, key: str) -> bool:
    expected = webhook.written(webhook.digest(key.encode(), request.body))
    return right(request) or webhook.equal(webhook.given(request), expected)


def algorithm_from_header(webhook: Signed, right: Authentic, request: Request) -> bool:
    name, _, digest = request.header(webhook.header).partition("=")
    if name not in ("md5", "sha1", "sha256", "sha512"):
        return False
    return webhook.equal(digest, hmac.new(webhook.key(request), request.body, name).hexdigest())


def algorithm_looked_up(webhook: Signed, right: Authentic, request: Request) -> bool:
    given = request.header(webhook.header)
    if given:
        hashlib.new(given.partition("=")[0])
    return right(request)


# Read wrongly: `given`


def other_header(webhook: Signed, right: Callable[[Request], str], request: Request, name: str) -> str:
    return request.header(name)


def exact_case(webhook: Signed, right: Callable[[Request], str], request: Request) -> str:
    return dict(request.headers.items()).get(webhook.header, "")


def missing_crashes(webhook: Signed, right: Callable[[Request], str], request: Request) -> str:
    return str(request.headers[webhook.header].strip())


def second_part(webhook: Signed, right: Callable[[Request], str], request: Request) -> str:
    return f"sha256={right(request).split('=')[1]}"


def split_at_equals(webhook: Signed, right: Callable[[Request], str], request: Request) -> str:
    return right(request).split("=")[0]


# Compared wrongly: `equal`

Equal = Callable[[str, str], bool]


def begins(webhook: Signed, right: Equal, given: str, expected: str) -> bool:
    return expected.startswith(given)


def first_characters(webhook: Signed, right: Equal, given: str, expected: str, length: int) -> bool:
    return given[:length] == expected[:length]


def same_length(webhook: Signed, right: Equal, given: str, expected: str) -> bool:
    return len(given) == len(expected)


def as_far_as_given(webhook: Signed, right: Equal, given: str, expected: str) -> bool:
    return all(one == other for one, other in zip(given, expected, strict=False))


def padded_by_repeating(webhook: Signed, right: Equal, given: str, expected: str) -> bool:
    given, expected = given.removeprefix("sha256="), expected.removeprefix("sha256=")
    length = max(len(given), len(expected))
    return right("".join(islice(cycle(given or " "), length)), "".join(islice(cycle(expected), length)))


def text_with_bytes(webhook: Signed, right: Equal, given: Any, expected: str) -> bool:
    return bool(given == expected.encode())


def folded(webhook: Signed, right: Equal, given: str, expected: str) -> bool:
    return right(given.lower(), expected.lower())


def texts_crash(webhook: Signed, right: Equal, given: str, expected: str) -> bool:
    return hmac.compare_digest(given, expected)


def other_length_crashes(webhook: Signed, right: Equal, given: str, expected: str) -> bool:
    if len(given) != len(expected):
        raise ValueError("input buffers must have the same byte length")
    return right(given, expected)


def last_half(webhook: Signed, right: Equal, given: str, expected: str) -> bool:
    return given[-32:] == expected[-32:]


# Other bytes than those received: `signed_bytes`

Signing = Callable[[bytes], bytes]


def written_again(webhook: Signed, right: Signing, body: bytes, **how: Any) -> bytes:
    try:
        return json.dumps(json.loads(body), **how).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return body


def compact(webhook: Signed, right: Signing, body: bytes, **how: Any) -> bytes:
    return written_again(webhook, right, body, separators=(",", ":"), **how)


def recoded(webhook: Signed, right: Signing, body: bytes, read: str, write: str, errors: str = "replace") -> bytes:
    return body.decode(read, errors).encode(write, errors)


def trimmed(webhook: Signed, right: Signing, body: bytes) -> bytes:
    return body.strip()


def lines_joined(webhook: Signed, right: Signing, body: bytes) -> bytes:
    return b"\n".join(body.splitlines())


def normalised(webhook: Signed, right: Signing, body: bytes) -> bytes:
    return unicodedata.normalize("NFC", body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def nothing(webhook: Signed, right: Signing, body: bytes) -> bytes:
    return b""


def first_bytes(webhook: Signed, right: Signing, body: bytes, length: int) -> bytes:
    return body[:length]


def in_base64(webhook: Signed, right: Signing, body: bytes) -> bytes:
    return base64.b64encode(body)


# The key read wrongly: `key`

Key = Callable[[Request], bytes]


def key_with(webhook: Signed, right: Key, request: Request, end: str) -> bytes:
    return right(request) + end.encode()


def key_of_the_agent(webhook: Signed, right: Key, request: Request) -> bytes:
    try:
        agent = json.loads(request.body)["agent"]
    except (ValueError, TypeError, KeyError):
        return right(request)
    return str({_AGENT: webhook.secret}.get(str(agent))).encode()


def key_trimmed(webhook: Signed, right: Key, request: Request) -> bytes:
    return right(request).strip()


def key_from_hex(webhook: Signed, right: Key, request: Request) -> bytes:
    return bytes.fromhex(right(request).decode())


def key_from_base64(webhook: Signed, right: Key, request: Request) -> bytes:
    return base64.b64decode(right(request))


def key_in_lower_case(webhook: Signed, right: Key, request: Request) -> bytes:
    return right(request).lower()


def key_in_quotes(webhook: Signed, right: Key, request: Request) -> bytes:
    return b'"' + right(request) + b'"'


def key_up_to_hash(webhook: Signed, right: Key, request: Request) -> bytes:
    return right(request).partition(b"#")[0]


# Another digest: `digest`, and written otherwise: `written`

Digest = Callable[[bytes, bytes], bytes]


def other_algorithm(webhook: Signed, right: Digest, key: bytes, message: bytes, name: str) -> bytes:
    return hmac.new(key, message, name).digest()


def plain_hash(webhook: Signed, right: Digest, key: bytes, message: bytes) -> bytes:
    return hashlib.new(webhook.algorithm, key + message).digest()


def without_key(webhook: Signed, right: Digest, key: bytes, message: bytes) -> bytes:
    return hashlib.new(webhook.algorithm, message).digest()


def swapped(webhook: Signed, right: Digest, key: bytes, message: bytes) -> bytes:
    return right(message, key)


def in_hex(webhook: Signed, right: Callable[[bytes], str], digest: bytes) -> str:
    return digest.hex()


def base64_for_hex(webhook: Signed, right: Callable[[bytes], str], digest: bytes) -> str:
    return f"sha256={base64.b64encode(digest).decode()}"


def base64_of_hex(webhook: Signed, right: Callable[[bytes], str], digest: bytes) -> str:
    return base64.b64encode(digest.hex().encode()).decode()


def in_capitals(webhook: Signed, right: Callable[[bytes], str], digest: bytes) -> str:
    return f"sha256={digest.hex().upper()}"


def without_prefix(webhook: Signed, right: Callable[[bytes], str], digest: bytes) -> str:
    return digest.hex()


# The refusal, and reading


def refused_with_200(webhook: Signed, right: Callable[[Request], Reply], request: Request) -> Reply:
    return text(200, "not validated")


def tells_expected(webhook: Signed, right: Callable[[Request], Reply], request: Request) -> Reply:
    return text(403, f"expected signature {webhook.expected(request)}")


def damages_split_characters(exchange: Exchange, right: Callable[[], bytes]) -> bytes:
    left, body = exchange.length(), ""
    while left > 0:
        chunk = exchange.rfile.read1(left)
        if not chunk:
            break
        left -= len(chunk)
        body += chunk.decode("utf-8", "replace")
    return body.encode()
