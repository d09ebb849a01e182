"""The record of a forgery, and the makers that forgeries are written with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.vendor import Headers
from hookassay.schemas.contract import Level

Make = Callable[[Signer, bytes], "Headers | None"]
"""From signer and body to the authentication headers; None where this way of being wrong does not exist."""

Text = Callable[[Signer, bytes], "str | None"]
Digest = Callable[[Signer, bytes], "bytes | None"]


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
    make: Make


def of_check(check: str, level: Level, made: Mapping[str, tuple[str, Make]]) -> tuple[Forgery, ...]:
    """The forgeries of one check and level, from name → (why, make)."""
    return tuple(Forgery(name, check, level, why, make) for name, (why, make) in made.items())


def right(signer: Signer, body: bytes) -> bytes:
    """The right digest of a body."""
    return signer.digest(signer.message(body))


def value(text: Text) -> Make:
    """Headers whose digest text is given by a function; None where it is the right one."""

    def make(signer: Signer, body: bytes) -> Headers | None:
        digest_text = text(signer, body)
        if digest_text is None or digest_text == signer.right_text(body):
            return None
        return signer.headers(digest_text)

    return make


def whole(text: Text) -> Make:
    """Headers in which the value of the signature's header is given whole, prefix included."""

    def make(signer: Signer, body: bytes) -> Headers | None:
        signed = signer.sign(body)
        given = text(signer, body)
        if given is None or given == dict(signed)[signer.header_name]:
            return None
        return tuple((name, given if name == signer.header_name else other) for name, other in signed)

    return make


def digest(wrong: Digest) -> Make:
    """Headers with a digest of raw bytes in the provider's own encoding."""

    def text(signer: Signer, body: bytes) -> str | None:
        made = wrong(signer, body)
        return None if made is None else signer.write(made)

    return value(text)


def changed(change: Callable[[bytes], bytes]) -> Make:
    """Headers with the right digest changed, in the provider's own encoding."""
    return digest(lambda signer, body: change(right(signer, body)))


def is_hex(signer: Signer) -> bool:
    """Whether the provider writes digests in hex."""
    return signer.authentication.digest in ("hex", "HEX")


def is_base64(signer: Signer) -> bool:
    """Whether the provider writes digests in base64, in either alphabet."""
    return signer.authentication.digest.startswith("base64")


def hex_only(change: Callable[[str], str]) -> Make:
    """The right text changed, where the provider writes hex."""
    return value(lambda signer, body: change(signer.right_text(body)) if is_hex(signer) else None)


def base64_only(change: Callable[[str], str]) -> Make:
    """The right text changed, where the provider writes base64."""
    return value(lambda signer, body: change(signer.right_text(body)) if is_base64(signer) else None)


def if_prefixed(text: Text) -> Make:
    """A whole header value, where the provider puts a prefix before the digest."""
    return whole(lambda signer, body: text(signer, body) if signer.prefix else None)
