"""The right digest in another writing: only who has the key can make these, so taking one is loose, not open."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Mapping

from hookassay.mockserver.emission.authentication import Signer, encode
from hookassay.mockserver.emission.mutation.signature.forgery import (
    Forgery,
    Make,
    base64_only,
    hex_only,
    if_prefixed,
    is_base64,
    is_hex,
    right,
    value,
    whole,
)
from hookassay.schemas.contract import Level

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def _zeros(signer: Signer, body: bytes) -> str:
    return signer.write(bytes(len(right(signer, body))))


def _prefixed(signer: Signer, body: bytes) -> str | None:
    return None if signer.prefix else f"{signer.authentication.algorithm}={signer.right_text(body)}"


def _url_safe(signer: Signer, body: bytes) -> str | None:
    if signer.authentication.digest != "base64":
        return None
    return encode(right(signer, body), "base64url").rstrip("=")


def _sibling(text: str) -> str:
    """Another base64 text of the same bytes: the bits that padding leaves unused are set (GBM section 3.1)."""
    digits = text.rstrip("=")
    padding = len(text) - len(digits)
    if not padding:
        return text
    return digits[:-1] + _ALPHABET[_ALPHABET.index(digits[-1]) | 1] + "=" * padding


_WRITINGS: Mapping[str, tuple[Level, str, Make]] = {
    "hex": ("should", "in hex", value(lambda s, b: right(s, b).hex() if is_base64(s) else None)),
    "base64": ("should", "in base64", value(lambda s, b: encode(right(s, b), "base64") if is_hex(s) else None)),
    "upper-case-hex": ("may", "in capitals", hex_only(str.upper)),
    "base64-of-hex": (
        "should",
        "as base64 of its hex text",
        value(lambda s, b: base64.b64encode(right(s, b).hex().encode()).decode()),
    ),
    "hex-of-hex": ("should", "as hex of its hex text", value(lambda s, b: right(s, b).hex().encode().hex())),
    "no-prefix": ("may", "without its prefix", if_prefixed(lambda s, b: s.right_text(b))),
    "prefixed": ("should", "behind a prefix", whole(_prefixed)),
    "upper-case-prefix": (
        "may",
        "behind a prefix in capitals",
        if_prefixed(lambda s, b: s.prefix.upper() + s.right_text(b)),
    ),
    "other-name-in-prefix": (
        "may",
        "under the name of another algorithm",
        if_prefixed(lambda s, b: f"sha1={s.right_text(b)}"),
    ),
    "blank-after-prefix": ("may", "after a blank", if_prefixed(lambda s, b: f"{s.prefix} {s.right_text(b)}")),
    "quoted": ("may", "in quotes", whole(lambda s, b: f'"{s.prefix}{s.right_text(b)}"')),
    "as-json": (
        "may",
        "inside JSON",
        whole(lambda s, b: f'{{"{s.authentication.algorithm}":"{s.right_text(b)}"}}'),
    ),
    "form-array": (
        "may",
        "under the name of a form's array",
        if_prefixed(lambda s, b: f"{s.authentication.algorithm}[]={s.right_text(b)}"),
    ),
    "one-character-more": ("should", "and one digit more", hex_only(lambda text: text + "0")),
}
"""Name → level, how the right digest is written, make."""

_LISTS: Mapping[str, tuple[Level, str, Make]] = {
    "list-wrong-first": (
        "should",
        "a list whose second entry is right",
        whole(lambda s, b: f"{s.prefix}{_zeros(s, b)},{s.prefix}{s.right_text(b)}"),
    ),
    "list-right-first": (
        "should",
        "a list whose first entry is right",
        whole(lambda s, b: f"{s.prefix}{s.right_text(b)},{s.prefix}{_zeros(s, b)}"),
    ),
}

_BASE64_WRITINGS: Mapping[str, tuple[Level, str, Make]] = {
    "url-safe": ("should", "in the url-safe alphabet, unpadded", value(_url_safe)),
    "unpadded": ("should", "without padding", base64_only(lambda text: text.rstrip("="))),
    "sibling": ("should", "with unused bits set (the same bytes after decoding)", base64_only(_sibling)),
    "blank-inside": ("should", "with a blank inside", base64_only(lambda text: f"{text[:40]} {text[40:]}")),
    "url-encoded": ("should", "percent-encoded", base64_only(lambda text: urllib.parse.quote(text, safe=""))),
}


def _forgeries(made: Mapping[str, tuple[Level, str, Make]], before: str = "the right digest ") -> tuple[Forgery, ...]:
    return tuple(Forgery(name, "other-writing", level, before + how, make) for name, (level, how, make) in made.items())


FORGERIES: tuple[Forgery, ...] = (
    *_forgeries(_WRITINGS),
    *_forgeries(_LISTS, before=""),
    *_forgeries(_BASE64_WRITINGS),
    Forgery(
        "sibling-name",
        "other-writing",
        "should",
        "the right value, but under the name of a sibling header",
        lambda signer, body: tuple((f"{name}-256", text) for name, text in signer.sign(body)),
    ),
)
