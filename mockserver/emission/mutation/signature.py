"""Signatures that are wrong on purpose, for any authentication by an HMAC in a header.

Each is a record: what the header says instead, and at which level a receiver has to refuse it.
Sources: the contracts' tables of values to refuse (Gitple section 3, GBM 3.3), and mistakes found in
public receivers (docs/field-evidence.md).
"""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hookassay.mockserver.emission.authentication import Signer, encode, plain_hash
from hookassay.mockserver.emission.spelling import SERIALISERS, read, write
from hookassay.mockserver.emission.vendor import Headers
from hookassay.schemas.contract import Level


@dataclass(frozen=True)
class Forgery:
    """A way of being wrong; `level` is that of being refused, `check` groups those of one kind.

    `make` gives the authentication headers, or None where this way does not exist for this secret or
    body (it would be the right signature).
    """

    name: str
    check: str
    level: Level
    why: str
    make: Callable[[Signer, bytes], Headers | None]


def _value(text: Callable[[Signer, bytes], str | None]) -> Callable[[Signer, bytes], Headers | None]:
    """Headers whose digest text is given by a function; None where it is the right one."""

    def make(signer: Signer, body: bytes) -> Headers | None:
        digest = text(signer, body)
        return None if digest is None or digest == signer.right_text(body) else signer.headers(digest)

    return make


def _whole(value: Callable[[Signer, bytes], str | None]) -> Callable[[Signer, bytes], Headers | None]:
    """Headers in which the value of the signature's header is given whole, prefix included."""

    def make(signer: Signer, body: bytes) -> Headers | None:
        text = value(signer, body)
        if text is None or text == dict(signer.sign(body))[signer.header_name]:
            return None
        return tuple((name, text if name == signer.header_name else other) for name, other in signer.sign(body))

    return make


def _digest(make: Callable[[Signer, bytes], bytes | None]) -> Callable[[Signer, bytes], Headers | None]:
    """Headers with a digest of raw bytes in the provider's own encoding."""

    def text(signer: Signer, body: bytes) -> str | None:
        digest = make(signer, body)
        return None if digest is None else signer.write(digest)

    return _value(text)


def _with_key(key: Callable[[Signer], bytes | None]) -> Callable[[Signer, bytes], Headers | None]:
    def digest(signer: Signer, body: bytes) -> bytes | None:
        wrong = key(signer)
        return None if wrong is None or wrong == signer.key else signer.digest(signer.message(body), wrong)

    return _digest(digest)


def _over(message: Callable[[bytes], bytes | None]) -> Callable[[Signer, bytes], Headers | None]:
    """Signed with the right key, over something else than the body's bytes."""

    def digest(signer: Signer, body: bytes) -> bytes | None:
        other = message(body)
        return None if other is None or other == body else signer.digest(signer.message(other))

    return _digest(digest)


def _key_text(text: str) -> Callable[[Signer, bytes], Headers | None]:
    return _with_key(lambda signer: text.encode())


def _last_changed(text: str) -> str:
    return text[:-1] + ("2" if text[-1:] != "2" else "3")


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True) or None
    except ValueError:
        return None


def rewritten(serialiser: str) -> Callable[[bytes], bytes | None]:
    """The body parsed and written again as a serialiser would, if it is JSON."""

    def make(body: bytes) -> bytes | None:
        try:
            return write(read(body), SERIALISERS[serialiser]).data
        except (ValueError, RecursionError):
            return None

    return make


def _transcoded(encoding: str) -> Callable[[bytes], bytes | None]:
    def make(body: bytes) -> bytes | None:
        try:
            return body.decode("utf-8").encode(encoding)
        except UnicodeError:
            return None

    return make


def _flip(digest: bytes, index: int) -> bytes:
    return (
        digest[:index] + bytes([digest[index] ^ 0x01]) + digest[index:][1:]
        if index >= 0
        else _flip(digest, len(digest) + index)
    )


def _right(signer: Signer, body: bytes) -> bytes:
    return signer.digest(signer.message(body))


def _cut_text(length: Callable[[int], int]) -> Callable[[Signer, bytes], Headers | None]:
    return _value(lambda signer, body: signer.right_text(body)[: length(len(signer.right_text(body)))])


GUESSES = (
    "undefined", "null", "None", "nil", "false", "NaN", "[object Object]", "secret", "changeme", "test", "your-secret",
    "your_webhook_secret", "YOUR_PARTNER_KEY", "YOUR_SECRET", "password", "123456", "dev", "default", "key", "token",
)  # fmt: skip
"""Keys that stand in a receiver's place of a secret when nobody has set one (field evidence FE-06, FE-07, CA-K9, CA-K10)."""

_ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


def _forgeries() -> Iterator[Forgery]:
    yield from _missing()
    yield from _keys()
    yield from _messages()
    yield from _parts()
    yield from _garbage()
    yield from _writings()
    yield from _twice()


def _missing() -> Iterator[Forgery]:
    yield Forgery("no-header", "absent", "must", "no signature header at all", lambda signer, body: ())
    yield Forgery(
        "empty-value", "absent", "must", "the header is there, its value is empty", _whole(lambda signer, body: "")
    )


def _keys() -> Iterator[Forgery]:
    yield Forgery(
        "other-key", "wrong-key", "must", "signed with another key", _with_key(lambda s: b"not-the-configured-key-7f3a")
    )
    yield Forgery(
        "near-key",
        "wrong-key",
        "must",
        "signed with a key that differs in its last character",
        _with_key(lambda s: _last_changed(s.secret).encode()),
    )
    yield Forgery(
        "longer-key",
        "wrong-key",
        "must",
        "signed with the key and one character more",
        _with_key(lambda s: s.secret.encode() + b"2"),
    )
    yield Forgery(
        "shorter-key",
        "wrong-key",
        "must",
        "signed with the key but its last character",
        _with_key(lambda s: s.secret[:-1].encode() if len(s.secret) > 1 else None),
    )
    yield Forgery(
        "half-key",
        "wrong-key",
        "must",
        "signed with the first half of the key",
        _with_key(lambda s: s.secret[: len(s.secret) // 2].encode() if len(s.secret) > 3 else None),
    )
    yield Forgery(
        "lower-case-key",
        "wrong-key",
        "must",
        "signed with the key in lower case",
        _with_key(lambda s: s.secret.lower().encode()),
    )
    yield Forgery(
        "upper-case-key",
        "wrong-key",
        "must",
        "signed with the key in upper case",
        _with_key(lambda s: s.secret.upper().encode()),
    )
    yield Forgery(
        "newline-key",
        "wrong-key",
        "must",
        "signed with the key and a line feed",
        _with_key(lambda s: s.secret.encode() + b"\n"),
    )
    yield Forgery(
        "decoded-key",
        "wrong-key",
        "must",
        "signed with the key decoded from base64",
        _with_key(lambda s: _decoded(s.secret)),
    )
    yield Forgery(
        "empty-key",
        "guessable-key",
        "must",
        "signed with the empty key: what a receiver without a configured secret computes",
        _with_key(lambda s: b""),
    )
    for guess in GUESSES:
        yield Forgery(
            guess.replace("[", "").replace("]", "").replace(" ", "-"),
            "guessable-key",
            "must",
            f"signed with the key {guess!r}",
            _key_text(guess),
        )
    yield Forgery(
        "plain-hash",
        "unkeyed",
        "must",
        "a hash of the body without a key: anybody can make it",
        _digest(lambda s, b: plain_hash(s.authentication.algorithm, s.message(b))),
    )
    yield Forgery(
        "key-then-body",
        "unkeyed",
        "must",
        "a hash of key and body instead of an HMAC",
        _digest(lambda s, b: plain_hash(s.authentication.algorithm, s.key + s.message(b))),
    )
    yield Forgery(
        "body-then-key",
        "unkeyed",
        "must",
        "a hash of body and key instead of an HMAC",
        _digest(lambda s, b: plain_hash(s.authentication.algorithm, s.message(b) + s.key)),
    )
    yield Forgery(
        "swapped",
        "unkeyed",
        "must",
        "key and message exchanged",
        _digest(lambda s, b: s.digest(s.key, key=s.message(b)) if s.message(b) != s.key else None),
    )


def _messages() -> Iterator[Forgery]:
    over = "signed with the right key, but over "
    yield Forgery("other-body", "wrong-message", "must", over + "another body", _over(lambda b: b'{"other":"body"}'))
    yield Forgery(
        "empty-body", "wrong-message", "must", over + "no bytes (a stream that was read before)", _over(lambda b: b"")
    )
    yield Forgery("empty-object", "wrong-message", "must", over + "{}", _over(lambda b: b"{}"))
    yield Forgery(
        "object-object", "wrong-message", "must", over + "[object Object]", _over(lambda b: b"[object Object]")
    )
    yield Forgery("undefined", "wrong-message", "must", over + "the text undefined", _over(lambda b: b"undefined"))
    yield Forgery("newline", "wrong-message", "must", over + "the body and a line feed", _over(lambda b: b + b"\n"))
    yield Forgery("first-kilobyte", "wrong-message", "must", over + "the first 1 024 bytes", _over(lambda b: b[:1024]))
    yield Forgery("utf-16", "wrong-message", "must", over + "the text in UTF-16", _over(_transcoded("utf-16-le")))
    yield Forgery(
        "base64-body", "wrong-message", "must", over + "the body in base64", _over(lambda b: base64.b64encode(b))
    )
    for name in ("JSON.stringify", "json.dumps", "json.dumps, compact UTF-8", "json_encode", "Go map", "Gson"):
        slug = name.replace(", ", "-").replace(" ", "-").lower()
        yield Forgery(
            f"rewritten-{slug}",
            "wrong-message",
            "must",
            over + f"the JSON as {name} writes it again",
            _over(rewritten(name)),
        )
    for algorithm in _ALGORITHMS:
        yield Forgery(
            algorithm,
            "other-algorithm",
            "must",
            f"HMAC-{algorithm.upper()} with the right key",
            _other_algorithm(algorithm, named=False),
        )
        yield Forgery(
            f"{algorithm}-named",
            "other-algorithm",
            "must",
            f"HMAC-{algorithm.upper()} with the right key, under its own name",
            _other_algorithm(algorithm, named=True),
        )
    yield Forgery(
        "sha512-cut",
        "other-algorithm",
        "must",
        "HMAC-SHA512 with the right key, cut to the right length",
        _digest(lambda s, b: s.digest(s.message(b), algorithm="sha512")[: len(_right(s, b))]),
    )


def _other_algorithm(algorithm: str, named: bool) -> Callable[[Signer, bytes], Headers | None]:
    def value(signer: Signer, body: bytes) -> str | None:
        if algorithm == signer.authentication.algorithm:
            return None
        digest = signer.write(signer.digest(signer.message(body), algorithm=algorithm))
        if not named:
            return signer.prefix + digest
        return f"{algorithm}={digest}"

    return _whole(value)


def _parts() -> Iterator[Forgery]:
    yield Forgery(
        "first-half",
        "partial",
        "must",
        "only the first half of the right digest",
        _digest(lambda s, b: _right(s, b)[: len(_right(s, b)) // 2]),
    )
    yield Forgery(
        "second-half",
        "partial",
        "must",
        "only the second half of the right digest",
        _digest(lambda s, b: _right(s, b)[len(_right(s, b)) // 2 :]),
    )
    yield Forgery(
        "one-character", "partial", "must", "only the first character of the right digest", _cut_text(lambda n: 1)
    )
    yield Forgery(
        "eight-characters",
        "partial",
        "must",
        "only the first eight characters of the right digest",
        _cut_text(lambda n: 8),
    )
    yield Forgery(
        "one-short",
        "partial",
        "must",
        "the right digest without its last byte",
        _digest(lambda s, b: _right(s, b)[:-1]),
    )
    yield Forgery(
        "one-character-short", "partial", "must", "the right digits but the last", _hex_only(lambda text: text[:-1])
    )
    yield Forgery("doubled", "partial", "must", "the right digest twice", _digest(lambda s, b: _right(s, b) * 2))
    yield Forgery(
        "first-byte", "partial", "must", "the first byte changed", _digest(lambda s, b: _flip(_right(s, b), 0))
    )
    yield Forgery(
        "middle-byte",
        "partial",
        "must",
        "a byte in the middle changed",
        _digest(lambda s, b: _flip(_right(s, b), len(_right(s, b)) // 2)),
    )
    yield Forgery(
        "last-byte", "partial", "must", "the last byte changed", _digest(lambda s, b: _flip(_right(s, b), -1))
    )
    for kept in (1, 4, 8, 16):
        yield Forgery(
            f"head-{kept}",
            "partial",
            "must",
            f"the first {kept} bytes right, the rest zeros",
            _digest(lambda s, b, kept=kept: _right(s, b)[:kept].ljust(len(_right(s, b)), b"\0")),
        )  # type: ignore[misc]
        yield Forgery(
            f"tail-{kept}",
            "partial",
            "must",
            f"the last {kept} bytes right, the rest zeros",
            _digest(lambda s, b, kept=kept: _right(s, b)[-kept:].rjust(len(_right(s, b)), b"\0")),
        )  # type: ignore[misc]
    yield Forgery(
        "reversed", "partial", "must", "the right bytes in reverse order", _digest(lambda s, b: _right(s, b)[::-1])
    )
    yield Forgery(
        "sorted-characters",
        "partial",
        "must",
        "the right characters in another order",
        _value(lambda s, b: "".join(sorted(s.right_text(b)))),
    )
    yield Forgery(
        "swapped-case",
        "partial",
        "must",
        "base64 with the case of its letters swapped: another digest",
        _base64_only(str.swapcase),
    )
    yield Forgery("lower-case", "partial", "must", "base64 in lower case: another digest", _base64_only(str.lower))


def _hex_only(change: Callable[[str], str]) -> Callable[[Signer, bytes], Headers | None]:
    return _value(lambda s, b: change(s.right_text(b)) if s.authentication.digest in ("hex", "HEX") else None)


def _base64_only(change: Callable[[str], str]) -> Callable[[Signer, bytes], Headers | None]:
    return _value(lambda s, b: change(s.right_text(b)) if s.authentication.digest.startswith("base64") else None)


def _garbage() -> Iterator[Forgery]:
    def zeros(signer: Signer, body: bytes) -> bytes:
        return bytes(len(_right(signer, body)))

    yield Forgery("zeros", "malformed", "must", "zeros of the right length", _digest(zeros))
    yield Forgery(
        "ones", "malformed", "must", "ones of the right length", _digest(lambda s, b: b"\xff" * len(_right(s, b)))
    )
    yield Forgery(
        "prefix-only",
        "malformed",
        "must",
        "the prefix without a digest",
        lambda s, b: s.headers("") if s.prefix else None,
    )
    yield Forgery(
        "algorithm-only",
        "malformed",
        "must",
        "the algorithm's name without an equals sign",
        _whole(lambda s, b: s.authentication.algorithm),
    )
    yield Forgery("equals-sign", "malformed", "must", "an equals sign alone", _whole(lambda s, b: "="))
    yield Forgery("one-character", "malformed", "must", "one character", _value(lambda s, b: "a"))
    yield Forgery("odd-length", "malformed", "must", "an odd number of digits", _value(lambda s, b: "abc"))
    yield Forgery(
        "not-the-alphabet",
        "malformed",
        "must",
        "characters that no digest has, in the right length",
        _value(lambda s, b: "!" * len(s.right_text(b))),
    )
    yield Forgery(
        "not-hex",
        "malformed",
        "must",
        "letters that are no hex digits, in the right length",
        _value(lambda s, b: "z" * len(s.right_text(b))),
    )
    yield Forgery(
        "not-ascii",
        "malformed",
        "must",
        "bytes beyond ASCII in the right length",
        _value(lambda s, b: "\xe9" * len(s.right_text(b))),
    )
    yield Forgery(
        "not-ascii-once",
        "malformed",
        "must",
        "the right digest with one byte beyond ASCII",
        _value(lambda s, b: "\xe9" + s.right_text(b)[1:]),
    )
    yield Forgery(
        "not-ascii-short",
        "malformed",
        "must",
        "a short value with bytes beyond ASCII",
        _value(lambda s, b: "\xc3\xa9\xff"),
    )
    yield Forgery(
        "unknown-algorithm", "malformed", "must", "an algorithm that nobody knows", _whole(lambda s, b: "bogus=aa")
    )
    yield Forgery(
        "constructor-name",
        "malformed",
        "must",
        "the name of a constructor where an algorithm's stands",
        _whole(lambda s, b: "new=aa"),
    )
    yield Forgery(
        "keyless-algorithm",
        "malformed",
        "must",
        "an algorithm that needs another argument",
        _whole(lambda s, b: "shake_128=aa"),
    )
    yield Forgery(
        "two-equals-signs",
        "malformed",
        "must",
        "more equals signs than one",
        _whole(lambda s, b: f"{s.prefix or 'sha256='}a=b=c"),
    )
    yield Forgery("percent", "malformed", "must", "percent signs that escape nothing", _value(lambda s, b: "%zz%"))
    yield Forgery("json", "malformed", "must", "a JSON object without the digest", _whole(lambda s, b: '{"$ne":""}'))
    yield Forgery("word-null", "malformed", "must", "the word null", _whole(lambda s, b: "null"))
    yield Forgery("word-undefined", "malformed", "must", "the word undefined", _whole(lambda s, b: "undefined"))
    yield Forgery("word-true", "malformed", "must", "the word true", _whole(lambda s, b: "true"))
    yield Forgery("blanks", "malformed", "must", "blanks inside quotes", _whole(lambda s, b: '"   "'))
    yield Forgery("4-kB", "malformed", "must", "4 000 characters", _value(lambda s, b: "a" * 4000))
    yield Forgery("70-kB", "malformed", "must", "70 000 characters", _value(lambda s, b: "a" * 70_000))


def _writings() -> Iterator[Forgery]:
    right = "the right digest "
    yield Forgery("hex", "other-writing", "should", right + "in hex", _base64_only_digest("hex"))
    yield Forgery("base64", "other-writing", "should", right + "in base64", _hex_only_digest("base64"))
    yield Forgery("upper-case-hex", "other-writing", "may", right + "in capitals", _hex_only(str.upper))
    yield Forgery(
        "base64-of-hex",
        "other-writing",
        "should",
        right + "as base64 of its hex text",
        _value(lambda s, b: base64.b64encode(_right(s, b).hex().encode()).decode()),
    )
    yield Forgery(
        "hex-of-hex",
        "other-writing",
        "should",
        right + "as hex of its hex text",
        _value(lambda s, b: _right(s, b).hex().encode().hex()),
    )
    yield Forgery(
        "no-prefix",
        "other-writing",
        "may",
        right + "without its prefix",
        lambda s, b: _whole(lambda s, b: s.right_text(b))(s, b) if s.prefix else None,
    )
    yield Forgery(
        "prefixed",
        "other-writing",
        "should",
        right + "behind a prefix",
        lambda s, b: None if s.prefix else _whole(lambda s, b: f"{s.authentication.algorithm}={s.right_text(b)}")(s, b),
    )
    yield Forgery(
        "upper-case-prefix",
        "other-writing",
        "may",
        right + "behind a prefix in capitals",
        lambda s, b: _whole(lambda s, b: s.prefix.upper() + s.right_text(b))(s, b) if s.prefix else None,
    )
    yield Forgery(
        "other-name-in-prefix",
        "other-writing",
        "may",
        right + "under the name of another algorithm",
        lambda s, b: _whole(lambda s, b: f"sha1={s.right_text(b)}")(s, b) if s.prefix else None,
    )
    yield Forgery(
        "blank-after-prefix",
        "other-writing",
        "may",
        right + "after a blank",
        lambda s, b: _whole(lambda s, b: f"{s.prefix} {s.right_text(b)}")(s, b) if s.prefix else None,
    )
    yield Forgery(
        "quoted", "other-writing", "may", right + "in quotes", _whole(lambda s, b: f'"{s.prefix}{s.right_text(b)}"')
    )
    yield Forgery(
        "as-json",
        "other-writing",
        "may",
        right + "inside JSON",
        _whole(lambda s, b: f'{{"{s.authentication.algorithm}":"{s.right_text(b)}"}}'),
    )
    yield Forgery(
        "form-array",
        "other-writing",
        "may",
        right + "under the name of a form's array",
        lambda s, b: (
            _whole(lambda s, b: f"{s.authentication.algorithm}[]={s.right_text(b)}")(s, b) if s.prefix else None
        ),
    )
    yield Forgery(
        "one-character-more",
        "other-writing",
        "should",
        right + "and one digit more",
        _hex_only(lambda text: text + "0"),
    )
    yield Forgery(
        "list-wrong-first",
        "other-writing",
        "should",
        "a list whose second entry is right",
        _whole(lambda s, b: f"{s.prefix}{s.write(bytes(len(_right(s, b))))},{s.prefix}{s.right_text(b)}"),
    )
    yield Forgery(
        "list-right-first",
        "other-writing",
        "should",
        "a list whose first entry is right",
        _whole(lambda s, b: f"{s.prefix}{s.right_text(b)},{s.prefix}{s.write(bytes(len(_right(s, b))))}"),
    )
    yield Forgery(
        "url-safe",
        "other-writing",
        "should",
        right + "in the url-safe alphabet, unpadded",
        _value(
            lambda s, b: encode(_right(s, b), "base64url").rstrip("=") if s.authentication.digest == "base64" else None
        ),
    )
    yield Forgery(
        "unpadded", "other-writing", "should", right + "without padding", _base64_only(lambda text: text.rstrip("="))
    )
    yield Forgery(
        "sibling",
        "other-writing",
        "should",
        right + "with unused bits set (the same bytes after decoding)",
        _base64_only(_sibling),
    )
    yield Forgery(
        "blank-inside",
        "other-writing",
        "should",
        right + "with a blank inside",
        _base64_only(lambda text: f"{text[:40]} {text[40:]}"),
    )
    yield Forgery(
        "url-encoded",
        "other-writing",
        "should",
        right + "percent-encoded",
        _base64_only(lambda text: urllib.parse.quote(text, safe="")),
    )
    yield Forgery(
        "sibling-name",
        "other-writing",
        "should",
        "the right value, but under the name of a sibling header",
        lambda s, b: tuple((f"{name}-256", value) for name, value in s.sign(b)),
    )


def _base64_only_digest(encoding: str) -> Callable[[Signer, bytes], Headers | None]:
    return _value(lambda s, b: encode(_right(s, b), encoding) if s.authentication.digest.startswith("base64") else None)


def _hex_only_digest(encoding: str) -> Callable[[Signer, bytes], Headers | None]:
    return _value(lambda s, b: encode(_right(s, b), encoding) if s.authentication.digest in ("hex", "HEX") else None)


def _sibling(text: str) -> str:
    """Another base64 text of the same bytes: the bits that padding leaves unused are set (GBM section 3.1)."""
    body = text.rstrip("=")
    padding = len(text) - len(body)
    if not padding:
        return text
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return body[:-1] + alphabet[alphabet.index(body[-1]) | 1] + "=" * padding


def _twice() -> Iterator[Forgery]:
    def pair(signer: Signer, body: bytes, right_first: bool) -> Headers:
        right = signer.sign(body)
        wrong = signer.headers(signer.write(bytes(len(_right(signer, body)))))
        return right + wrong if right_first else wrong + right

    yield Forgery(
        "wrong-first", "twice", "should", "the header twice, the wrong one first", lambda s, b: pair(s, b, False)
    )
    yield Forgery(
        "right-first", "twice", "should", "the header twice, the right one first", lambda s, b: pair(s, b, True)
    )


FORGERIES: tuple[Forgery, ...] = tuple(_forgeries())
"""The catalogue. Names are unique within their check and never change once released."""


def by_check(check: str) -> tuple[Forgery, ...]:
    return tuple(forgery for forgery in FORGERIES if forgery.check == check)
