"""The record of one likely bug, along the axes on which it can differ from a right receiver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.vendor import Headers

Key = Callable[[Signer], "bytes | None"]
"""How the secret is read as a key; None where this reading makes no key."""

Message = Callable[[bytes], "bytes | None"]
"""What is signed instead of the body; None where the body cannot be read so."""

Primitive = Callable[[Signer, bytes, bytes], bytes]
"""From key and message to a digest."""

Text = Callable[[Signer, bytes], "str | None"]
"""How a digest is written; None where it cannot be written so."""

Header = Callable[[Signer, str], Headers]
"""In which header, and behind what, the digest's text is expected."""


@dataclass(frozen=True)
class Hypothesis:
    """One likely bug: how it would read the key, what it would sign, with what, written how, under which header.

    `forgeable`: who does not know the secret can make it too, so that being taken is a hole and not
    only a refusal explained.
    """

    id: str
    text: str
    key: Key = lambda signer: signer.key
    message: Message = lambda body: body
    primitive: Primitive = lambda signer, key, message: signer.digest(message, key)
    write: Text = lambda signer, digest: signer.write(digest)
    header: Header = lambda signer, text: signer.headers(text)
    forgeable: bool = False

    def headers(self, signer: Signer, body: bytes) -> Headers | None:
        """The headers that this bug would expect of a body; None where it cannot be tried on it."""
        key, message = self.key(signer), self.message(body)
        if key is None or message is None:
            return None
        text = self.write(signer, self.primitive(signer, key, signer.message(message)))
        return None if text is None else self.header(signer, text)
