"""Signed with another key, with a key that anybody guesses, or with no key at all."""

from __future__ import annotations

import base64
from collections.abc import Callable

from hookassay.mockserver.emission.authentication import Signer, plain_hash
from hookassay.mockserver.emission.mutation.signature.forgery import Forgery, Make, digest, of_check

GUESSES = (
    "undefined", "null", "None", "nil", "false", "NaN", "[object Object]", "secret", "changeme", "test", "your-secret",
    "your_webhook_secret", "YOUR_PARTNER_KEY", "YOUR_SECRET", "password", "123456", "dev", "default", "key", "token",
)  # fmt: skip
"""Keys that stand in the secret's place when nobody has set one (field evidence FE-06, FE-07, CA-K9, CA-K10)."""


def _key(key: Callable[[Signer], bytes | None]) -> Make:
    """Signed with another key; None where it is the right one."""

    def wrong(signer: Signer, body: bytes) -> bytes | None:
        other = key(signer)
        return None if other is None or other == signer.key else signer.digest(signer.message(body), other)

    return digest(wrong)


def _text(change: Callable[[str], str | None]) -> Make:
    """Signed with another text as the key, made of the secret's."""

    def key(signer: Signer) -> bytes | None:
        text = change(signer.secret)
        return None if text is None else text.encode()

    return _key(key)


def _last_changed(text: str) -> str:
    return text[:-1] + ("2" if text[-1:] != "2" else "3")


def _decoded(signer: Signer) -> bytes | None:
    try:
        return base64.b64decode(signer.secret + "=" * (-len(signer.secret) % 4), validate=True) or None
    except ValueError:
        return None


def _slug(guess: str) -> str:
    return guess.replace("[", "").replace("]", "").replace(" ", "-")


def _guessed(guess: str) -> Make:
    return _key(lambda signer: guess.encode())


def _hash(order: Callable[[bytes, bytes], bytes]) -> Make:
    """A plain hash of key and message, put together in some order."""
    return digest(lambda s, b: plain_hash(s.authentication.algorithm, order(s.key, s.message(b))))


def _swapped(signer: Signer, body: bytes) -> bytes | None:
    message = signer.message(body)
    return signer.digest(signer.key, key=message) if message != signer.key else None


FORGERIES: tuple[Forgery, ...] = (
    *of_check(
        "wrong-key",
        "must",
        {
            "other-key": ("signed with another key", _key(lambda s: b"not-the-configured-key-7f3a")),
            "near-key": ("signed with a key that differs in its last character", _text(_last_changed)),
            "longer-key": ("signed with the key and one character more", _text(lambda k: k + "2")),
            "shorter-key": (
                "signed with the key but its last character",
                _text(lambda k: k[:-1] if len(k) > 1 else None),
            ),
            "half-key": (
                "signed with the first half of the key",
                _text(lambda k: k[: len(k) // 2] if len(k) > 3 else None),
            ),
            "lower-case-key": ("signed with the key in lower case", _text(str.lower)),
            "upper-case-key": ("signed with the key in upper case", _text(str.upper)),
            "newline-key": ("signed with the key and a line feed", _text(lambda k: k + "\n")),
            "decoded-key": ("signed with the key decoded from base64", _key(_decoded)),
        },
    ),
    *of_check(
        "guessable-key",
        "must",
        {
            "empty-key": (
                "signed with the empty key: what a receiver without a configured secret computes",
                _key(lambda s: b""),
            ),
            **{_slug(guess): (f"signed with the key {guess!r}", _guessed(guess)) for guess in GUESSES},
        },
    ),
    *of_check(
        "unkeyed",
        "must",
        {
            "plain-hash": (
                "a hash of the body without a key: anybody can make it",
                _hash(lambda key, message: message),
            ),
            "key-then-body": (
                "a hash of key and body instead of an HMAC",
                _hash(lambda key, message: key + message),
            ),
            "body-then-key": (
                "a hash of body and key instead of an HMAC",
                _hash(lambda key, message: message + key),
            ),
            "swapped": ("key and message exchanged", digest(_swapped)),
        },
    ),
)
