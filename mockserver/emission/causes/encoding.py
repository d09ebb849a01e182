"""Encoding axis: the right digest, compared in another writing."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

from hookassay.mockserver.emission.authentication import encode
from hookassay.mockserver.emission.causes.hypothesis import Hypothesis, Text

HEX = Hypothesis("CA-E1", "compares hex", write=lambda signer, digest: digest.hex())
BASE64 = Hypothesis("CA-E1", "compares base64", write=lambda signer, digest: encode(digest, "base64"))
CAPITALS = Hypothesis("CA-E2", "compares the hex digits in capitals", write=lambda signer, digest: digest.hex().upper())
"""What the likely pairs are made of."""


def _base64(digest: bytes) -> str:
    return encode(digest, "base64")


def _base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _without_leading_zeros(digest: bytes) -> str | None:
    return digest.hex().lstrip("0") if digest.hex().startswith("0") else None


def _signed_bytes(digest: bytes) -> str:
    return "".join(f"{byte:x}" if byte < 128 else f"ffffff{byte:x}" for byte in digest)


_WRITINGS: tuple[tuple[str, str, Callable[[bytes], str | None]], ...] = (
    ("CA-E1", "compares hex where the vendor sends base64", bytes.hex),
    ("CA-E1", "compares base64 where the vendor sends hex", _base64),
    ("CA-E2", "compares the hex digits in capitals", lambda d: d.hex().upper()),
    ("CA-E3", "compares hex with dashes (BitConverter.ToString)", lambda d: d.hex("-").upper()),
    ("CA-E3", "compares hex with dashes in lower case", lambda d: d.hex("-")),
    (
        "CA-E4",
        "compares base64 of the hex text (PHP's hash_hmac without its binary flag)",
        lambda d: _base64_of(d.hex()),
    ),
    ("CA-E4", "compares base64 of the hex text in capitals", lambda d: _base64_of(d.hex().upper())),
    ("CA-E5", "compares url-safe base64", lambda d: encode(d, "base64url")),
    ("CA-E5", "compares url-safe base64 without padding", lambda d: encode(d, "base64url").rstrip("=")),
    ("CA-E5", "compares base64 without padding", lambda d: _base64(d).rstrip("=")),
    ("CA-E6", "compares hex of the base64 text", lambda d: _base64(d).encode().hex()),
    ("CA-E7", "lower-cases the base64 before it compares", lambda d: _base64(d).lower()),
    ("CA-E7", "upper-cases the base64 before it compares", lambda d: _base64(d).upper()),
)
_MORE: tuple[tuple[str, str, Callable[[bytes], str | None]], ...] = (
    ("CA-E9", "expects 0x before the hex digits", lambda d: "0x" + d.hex()),
    ("CA-E9", "loses leading zeros of the hex digits (the digest was made a number)", _without_leading_zeros),
    ("CA-E10", "writes bytes below 16 as one hex digit", lambda d: "".join(f"{byte:x}" for byte in d)),
    ("CA-E11", "writes bytes as signed numbers in hex (Integer.toHexString of a byte)", _signed_bytes),
)


def _written(change: Callable[[bytes], str | None]) -> Text:
    return lambda signer, digest: change(digest)


def _first(length: int) -> Text:
    return lambda signer, digest: signer.write(digest)[:length]


def hypotheses() -> Iterator[Hypothesis]:
    """The vendor's other encodings first, then what languages make of bytes."""
    for name, text, change in _WRITINGS:
        yield Hypothesis(name, text, write=_written(change))
    for length in (8, 16, 20, 32, 40):
        yield Hypothesis("CA-E8", f"compares only {length} characters of the digest", write=_first(length))
    for name, text, change in _MORE:
        yield Hypothesis(name, text, write=_written(change))
    yield Hypothesis(
        "CA-E12",
        "compares the digest as a JSON string, in quotes",
        write=lambda signer, digest: f'"{signer.write(digest)}"',
    )
