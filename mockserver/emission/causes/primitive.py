"""Primitive axis: another algorithm, a plain hash instead of an HMAC, an HMAC of something hashed before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hookassay.mockserver.emission.authentication import Signer, plain_hash
from hookassay.mockserver.emission.causes.header import formed
from hookassay.mockserver.emission.causes.hypothesis import Hypothesis, Key, Primitive

_USUAL = ("sha1", "sha256", "sha512", "md5", "sha384", "sha224")
_UNUSUAL = ("sha3_256", "sha3_512", "blake2b", "blake2s")


def hmac_with(algorithm: str) -> Primitive:
    """An HMAC with another algorithm."""
    return lambda signer, key, message: signer.digest(message, key, algorithm)


def _hash_of(order: Callable[[bytes, bytes], bytes], algorithm: str = "") -> Primitive:
    """A plain hash of key and message in some order, with the vendor's algorithm unless another is named."""
    return lambda signer, key, message: plain_hash(algorithm or signer.authentication.algorithm, order(key, message))


def _of_digest(write: Callable[[bytes], bytes]) -> Primitive:
    """The HMAC of a hash of the message."""
    return lambda signer, key, message: signer.digest(write(plain_hash(signer.authentication.algorithm, message)), key)


def _hex(digest: bytes) -> bytes:
    return digest.hex().encode()


def _twice(signer: Signer, key: bytes, message: bytes) -> bytes:
    return signer.digest(_hex(signer.digest(message, key)), key)


def _hex_key(algorithm: str) -> Key:
    return lambda signer: _hex(plain_hash(algorithm, signer.key))


def hypotheses() -> Iterator[Hypothesis]:
    """Other algorithms, hashes without an HMAC, hashes before the HMAC."""
    for name in _USUAL:
        text = f"signs with HMAC-{name.upper()} instead of the vendor's algorithm"
        yield Hypothesis("CA-A1", text, primitive=hmac_with(name))
        form = formed(f"{name}={{digest}}")
        yield Hypothesis("CA-A1", f"{text}, under the prefix {name}=", primitive=hmac_with(name), header=form)
    for name in _UNUSUAL:
        text = f"signs with HMAC-{name.upper()} instead of the vendor's algorithm"
        yield Hypothesis("CA-A2", text, primitive=hmac_with(name))
    for name in ("", "sha1", "md5", "sha256", "sha512"):
        label = name.upper() or "a plain hash"
        yield Hypothesis(
            "CA-A3",
            f"hashes secret and body ({label}) instead of an HMAC",
            primitive=_hash_of(lambda key, message: key + message, name),
        )
        yield Hypothesis(
            "CA-A3",
            f"hashes body and secret ({label}) instead of an HMAC",
            primitive=_hash_of(lambda key, message: message + key, name),
        )
    yield Hypothesis(
        "CA-A4",
        "hashes the body without any key: anybody can forge that",
        primitive=_hash_of(lambda key, message: message),
        forgeable=True,
    )
    yield Hypothesis("CA-A5", "exchanges key and message of the HMAC", primitive=lambda s, k, m: s.digest(k, key=m))
    yield Hypothesis("CA-A6", "signs the hex digest of the body instead of the body", primitive=_of_digest(_hex))
    yield Hypothesis("CA-A6", "signs the digest of the body instead of the body", primitive=_of_digest(bytes))
    yield Hypothesis("CA-A7", "applies the HMAC twice", primitive=_twice)
    for name in ("sha256", "md5", "sha1"):
        text = f"uses the {name.upper()} hex digest of the secret as the key"
        yield Hypothesis("CA-A8", text, key=_hex_key(name))
    yield Hypothesis(
        "CA-A8", "uses the SHA256 digest of the secret as the key", key=lambda signer: plain_hash("sha256", signer.key)
    )
