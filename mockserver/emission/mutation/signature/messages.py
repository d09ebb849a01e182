"""Signed with the right key, but over something else than the bytes of the body."""

from __future__ import annotations

import base64
from collections.abc import Callable

from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.mutation.signature.forgery import Forgery, Make, digest, of_check
from hookassay.mockserver.emission.serialisers import SERIALISERS
from hookassay.mockserver.emission.spelling import read, write

_OVER = "signed with the right key, but over "
_REWRITERS = ("JSON.stringify", "json.dumps", "json.dumps, compact UTF-8", "json_encode", "Go map", "Gson")


def rewritten(serialiser: str) -> Callable[[bytes], bytes | None]:
    """The body parsed and written again as a serialiser would, if it is JSON."""

    def make(body: bytes) -> bytes | None:
        try:
            return write(read(body), SERIALISERS[serialiser]).data
        except (ValueError, RecursionError):
            return None

    return make


def _over(message: Callable[[bytes], bytes | None]) -> Make:
    """Signed over a message made of the body; None where it is the body."""

    def wrong(signer: Signer, body: bytes) -> bytes | None:
        other = message(body)
        return None if other is None or other == body else signer.digest(signer.message(other))

    return digest(wrong)


def _transcoded(body: bytes) -> bytes | None:
    try:
        return body.decode("utf-8").encode("utf-16-le")
    except UnicodeError:
        return None


def _slug(serialiser: str) -> str:
    return serialiser.replace(", ", "-").replace(" ", "-").lower()


_MESSAGES: dict[str, tuple[str, Make]] = {
    "other-body": ("another body", _over(lambda b: b'{"other":"body"}')),
    "empty-body": ("no bytes (a stream that was read before)", _over(lambda b: b"")),
    "empty-object": ("{}", _over(lambda b: b"{}")),
    "object-object": ("[object Object]", _over(lambda b: b"[object Object]")),
    "undefined": ("the text undefined", _over(lambda b: b"undefined")),
    "newline": ("the body and a line feed", _over(lambda b: b + b"\n")),
    "first-kilobyte": ("the first 1 024 bytes", _over(lambda b: b[:1024])),
    "utf-16": ("the text in UTF-16", _over(_transcoded)),
    "base64-body": ("the body in base64", _over(base64.b64encode)),
    **{f"rewritten-{_slug(s)}": (f"the JSON as {s} writes it again", _over(rewritten(s))) for s in _REWRITERS},
}

FORGERIES: tuple[Forgery, ...] = of_check(
    "wrong-message", "must", {name: (_OVER + what, make) for name, (what, make) in _MESSAGES.items()}
)
