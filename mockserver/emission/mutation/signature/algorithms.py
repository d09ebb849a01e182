"""Signed with the right key over the right bytes, but with another algorithm."""

from __future__ import annotations

from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.mutation.signature.forgery import Forgery, Make, digest, of_check, right, whole

_ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


def _other(algorithm: str, *, named: bool) -> Make:
    """Another algorithm's HMAC, behind the provider's own prefix or behind its own name."""

    def text(signer: Signer, body: bytes) -> str | None:
        if algorithm == signer.authentication.algorithm:
            return None
        written = signer.write(signer.digest(signer.message(body), algorithm=algorithm))
        return f"{algorithm}={written}" if named else signer.prefix + written

    return whole(text)


def _cut(signer: Signer, body: bytes) -> bytes:
    return signer.digest(signer.message(body), algorithm="sha512")[: len(right(signer, body))]


def _both(algorithm: str) -> dict[str, tuple[str, Make]]:
    why = f"HMAC-{algorithm.upper()} with the right key"
    return {
        algorithm: (why, _other(algorithm, named=False)),
        f"{algorithm}-named": (f"{why}, under its own name", _other(algorithm, named=True)),
    }


FORGERIES: tuple[Forgery, ...] = of_check(
    "other-algorithm",
    "must",
    {
        **{name: made for algorithm in _ALGORITHMS for name, made in _both(algorithm).items()},
        "sha512-cut": ("HMAC-SHA512 with the right key, cut to the right length", digest(_cut)),
    },
)
