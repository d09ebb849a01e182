"""Signing: the one place where a digest is made.

Parameterised by a provider's `[authentication]`: algorithm, form of the key, template of what is
signed, encoding of the digest, template of each header. The same parts, used wrongly on purpose,
make forgeries (`mutation`) and the signatures of likely bugs (`causes`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field, replace
from functools import lru_cache

from hookassay.schemas.contract import Authentication

_STRANGER = "5b0c1f7e-not-the-configured-secret"


class BadSecret(Exception):
    """A secret that cannot be turned into a key as the provider's data asks: one line."""


@dataclass(frozen=True)
class Stamp:
    """What a signing template may name besides the body: Unix seconds, a delivery's id, the target's URL."""

    timestamp: str = "0"
    id: str = ""
    url: str = ""

    @property
    def values(self) -> dict[str, str]:
        """What the placeholders of a template stand for."""
        return {"timestamp": self.timestamp, "id": self.id, "url": self.url}


@dataclass(frozen=True)
class Signer:
    """A provider's authentication by header together with one secret."""

    authentication: Authentication
    secret: str = field(repr=False)
    stamp: Stamp = Stamp()

    @property
    def key(self) -> bytes:
        """The key's bytes: the secret's text as UTF-8, hex or base64, after a prefix if the data names one.

        Raises BadSecret.
        """
        return _key(self.authentication.key, self.secret)

    def message(self, body: bytes) -> bytes:
        """The bytes that are signed: the template with stamp and body filled in."""
        if self.authentication.signed == "{body}":
            return body
        template = self.authentication.signed.encode()
        filled = (
            template.replace(b"{timestamp}", self.stamp.timestamp.encode())
            .replace(b"{id}", self.stamp.id.encode())
            .replace(b"{url}", self.stamp.url.encode())
        )
        return filled.replace(b"{body}", body, 1)

    def digest(self, message: bytes, key: bytes | None = None, algorithm: str = "") -> bytes:
        """HMAC of a message, with the right key and algorithm unless others are given."""
        return mac(self.key if key is None else key, message, algorithm or self.authentication.algorithm)

    def write(self, digest: bytes, encoding: str = "") -> str:
        """A digest as text, in the provider's encoding unless another is given."""
        return encode(digest, encoding or self.authentication.digest)

    def headers(self, text: str) -> tuple[tuple[str, str], ...]:
        """The provider's headers with a digest's text in place."""
        return tuple(
            (name, _filled(template, {**self.stamp.values, "digest": text}))
            for name, template in self.authentication.headers.items()
        )

    def right_text(self, body: bytes) -> str:
        """The text of the right digest of a body."""
        return self.write(self.digest(self.message(body)))

    def sign(self, body: bytes) -> tuple[tuple[str, str], ...]:
        """The headers of a right delivery."""
        return self.headers(self.right_text(body))

    def with_secret(self, secret: str) -> Signer:
        """The same signer with another secret."""
        return replace(self, secret=secret)

    def stranger(self) -> Signer:
        """A signer whose secret nobody has configured, in the form that the key's data asks for."""
        prefix, _, form = self.authentication.key.rpartition("+")
        text = {"utf-8": _STRANGER, "hex": _STRANGER.encode().hex(), "base64": encode(_STRANGER.encode(), "base64")}
        return self.with_secret(prefix + text[form])

    @property
    def header_name(self) -> str:
        """The header that carries the digest."""
        return next(name for name, template in self.authentication.headers.items() if "{digest}" in template)

    @property
    def prefix(self) -> str:
        """What stands before the digest in its header."""
        template = self.authentication.headers[self.header_name].partition("{digest}")[0]
        return _filled(template, self.stamp.values)


@lru_cache(maxsize=64)
def _key(kind: str, secret: str) -> bytes:
    prefix, _, form = kind.rpartition("+")
    if prefix and not secret.startswith(prefix):
        raise BadSecret(f"the secret has to begin with {prefix!r}")
    text = secret.removeprefix(prefix)
    try:
        return {
            "utf-8": lambda: text.encode(),
            "hex": lambda: bytes.fromhex(text),
            "base64": lambda: base64.b64decode(text, validate=True),
        }[form]()
    except (ValueError, binascii.Error) as error:
        raise BadSecret(f"the secret is not {form}: {error}") from error


def mac(key: bytes, message: bytes, algorithm: str) -> bytes:
    """The HMAC of a message (RFC 2104). A key is prepared once: that is a fifth of what signing a delivery costs."""
    made = _prepared(key, algorithm).copy()
    made.update(message)
    return made.digest()


@lru_cache(maxsize=64)
def _prepared(key: bytes, algorithm: str) -> hmac.HMAC:
    return hmac.new(key, digestmod=algorithm)


def encode(digest: bytes, encoding: str) -> str:
    """Bytes as text: `hex`, `HEX`, `base64` (padded) or `base64url` (padded)."""
    if encoding in ("hex", "HEX"):
        return digest.hex() if encoding == "hex" else digest.hex().upper()
    alphabet = base64.b64encode if encoding == "base64" else base64.urlsafe_b64encode
    return alphabet(digest).decode("ascii")


def plain_hash(algorithm: str, data: bytes) -> bytes:
    """A hash without a key, which anybody can make."""
    return hashlib.new(algorithm, data).digest()


def _filled(template: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        template = template.replace("{" + name + "}", value)
    return template
