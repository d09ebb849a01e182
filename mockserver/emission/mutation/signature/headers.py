"""The signature's header as a whole: not there, without a value, sent twice."""

from __future__ import annotations

from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.mutation.signature.forgery import Forgery, of_check, right, whole
from hookassay.mockserver.emission.vendor import Headers

MISSING: tuple[Forgery, ...] = of_check(
    "absent",
    "must",
    {
        "no-header": ("no signature header at all", lambda signer, body: ()),
        "empty-value": ("the header is there, its value is empty", whole(lambda signer, body: "")),
    },
)


def _zeros(signer: Signer, body: bytes) -> Headers:
    return signer.headers(signer.write(bytes(len(right(signer, body)))))


TWICE: tuple[Forgery, ...] = of_check(
    "twice",
    "should",
    {
        "wrong-first": (
            "the header twice, the wrong one first",
            lambda signer, body: _zeros(signer, body) + signer.sign(body),
        ),
        "right-first": (
            "the header twice, the right one first",
            lambda signer, body: signer.sign(body) + _zeros(signer, body),
        ),
    },
)
