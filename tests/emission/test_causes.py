"""Likely bugs: what each would sign, computed by OpenSSL; and what no hypothesis may ever do."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, hmac
from hypothesis import given
from hypothesis import strategies as st

from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.causes import SEPARATING, hypotheses
from hookassay.mockserver.emission.serialisers import SERIALISERS
from hookassay.mockserver.emission.spelling import read, write
from hookassay.schemas import catalogue
from hookassay.schemas.contract import Provider

from .strategies import quick, texts

ALL = list(hypotheses())
SECRET = "Gitple-secret_1"
BODY = '{"type": "x", "price": 1.0, "text": "안녕 <b>é</b> / 😀", "list": [ ]}\n'.encode()
_ALGORITHMS = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha512": hashes.SHA512(), "md5": hashes.MD5()}


def openssl(key: bytes, message: bytes, algorithm: str = "sha256") -> bytes:
    """HMAC by OpenSSL."""
    signing = hmac.HMAC(key, _ALGORITHMS[algorithm])
    signing.update(message)
    return signing.finalize()


def expected(
    key: bytes = SECRET.encode(), message: bytes = BODY, algorithm: str = "sha256", form: str = "sha256={}",
    write: Callable[[bytes], str] = bytes.hex, header: str = "X-Hub-Signature",
) -> tuple[tuple[str, str], ...]:  # fmt: skip
    return ((header, form.format(write(openssl(key, message, algorithm)))),)


def base64_text(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


TEXT = BODY.decode()
BUGS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "CA-M4": ("json.dumps", expected(message=json.dumps(json.loads(BODY)).encode())),
    "CA-M1": ("no bytes", expected(message=b"")),
    "CA-M17": ("a line feed more", expected(message=BODY + b"\n")),
    "CA-M17 ": ("the last line feed less", expected(message=BODY[:-1])),
    "CA-M18": ("a byte order mark", expected(message=b"\xef\xbb\xbf" + BODY)),
    "CA-M19": ("Latin-1", expected(message=BODY.decode("latin-1").encode())),
    "CA-M20": ("ASCII", expected(message=TEXT.encode("ascii", "replace"))),
    "CA-M22": ("UTF-16", expected(message=TEXT.encode("utf-16-le"))),
    "CA-M23": ("CP949", expected(message=TEXT.encode("cp949", "replace"))),
    "CA-M26": ("base64 of the body", expected(message=base64.b64encode(BODY))),
    "CA-K1": ("a line feed at the secret's end", expected(key=SECRET.encode() + b"\n")),
    "CA-K3": ("quotes around the secret", expected(key=f'"{SECRET}"'.encode())),
    "CA-K6": ("the secret in base64", expected(key=base64.b64encode(SECRET.encode()))),
    "CA-K7": ("the secret from its first underscore on", expected(key=b"1")),
    "CA-K8": ("no secret", expected(key=b"")),
    "CA-K9": ("an unset variable", expected(key=b"undefined")),
    "CA-K11": ("capitals", expected(key=SECRET.upper().encode())),
    "CA-K11 ": ("lower case", expected(key=SECRET.lower().encode())),
    "CA-K15": ("eight characters", expected(key=SECRET[:8].encode())),
    "CA-A1": ("SHA-1", expected(algorithm="sha1")),
    "CA-A1 ": ("SHA-512 under its name", expected(algorithm="sha512", form="sha512={}")),
    "CA-A5": ("key and message exchanged", expected(key=BODY, message=SECRET.encode())),
    "CA-E1": ("base64 for hex", expected(write=base64_text)),
    "CA-E2": ("capitals in hex", expected(write=lambda digest: digest.hex().upper())),
    "CA-E4": ("base64 of hex", expected(write=lambda digest: base64_text(digest.hex().encode()))),
    "CA-E8": ("eight characters of the digest", expected(write=lambda digest: digest.hex()[:8])),
    "CA-H1": ("GitHub's header", expected(header="X-Hub-Signature-256")),
    "CA-H3": ("no prefix", expected(form="{}")),
    "CA-H5": ("v1=", expected(form="v1={}")),
    "CA-H7": ("another header", expected(header="X-Signature")),
    "CA-H9": ("in quotes", expected(form='"sha256={}"')),
}
"""Cause (blanks tell two of one apart) → the headers that a receiver with this bug expects of BODY."""


@pytest.mark.parametrize("cause", BUGS)
def test_a_bug_is_signed_as_the_receiver_that_has_it_would(gitple: Provider, cause: str) -> None:
    """Among the hypotheses of this name is the one whose headers OpenSSL makes of key and message."""
    signer = Signer(gitple.authentication, SECRET)
    made = {one.headers(signer, BODY) for one in ALL if one.id == cause.strip()}
    what, headers = BUGS[cause]
    assert headers in made, what


@quick
@given(
    st.text(min_size=1, max_size=40),
    st.binary(max_size=200) | texts.map(str.encode),
    st.sampled_from(["gitple", "gbm"]),
)
def test_any_secret_and_any_body_are_stood(secret: str, body: bytes, name: str) -> None:
    """No hypothesis raises; each gives headers of texts, or None where it cannot be tried."""
    try:
        secret.encode()
    except UnicodeEncodeError:
        return
    signer = Signer(_provider(name).authentication, secret)
    for one in ALL:
        headers = one.headers(signer, body)
        assert headers is None or all(isinstance(part, str) for pair in headers for part in pair), one.text


_LOADED: dict[str, Provider] = {}


def _provider(name: str) -> Provider:
    if name not in _LOADED:
        _LOADED[name] = catalogue.load(name)
    return _LOADED[name]


@pytest.mark.parametrize("name", ["gitple", "gbm"])
def test_what_needs_no_secret_is_called_forgeable_and_nothing_else(name: str) -> None:
    """The headers are the same whatever the secret is, just where the hypothesis says that anybody can make them."""
    one, other = (Signer(_provider(name).authentication, secret) for secret in ("First-secret_1", "Second-secret_2"))
    for hypothesis in ALL:
        first, second = hypothesis.headers(one, BODY), hypothesis.headers(other, BODY)
        if first is not None and second is not None:
            assert (first == second) is hypothesis.forgeable, hypothesis.text


def test_every_serialiser_writes_the_separating_value_in_a_way_of_its_own() -> None:
    """So that the proof names one of them, and not the first of several that look alike."""
    written = {name: write(read(SEPARATING.encode()), spelling).data for name, spelling in SERIALISERS.items()}
    assert len(set(written.values())) == len(written)


def test_the_usual_bug_is_tried_first() -> None:
    """The first five are those that real receivers have most often."""
    assert [one.id for one in ALL[:5]] == ["CA-M3", "CA-M4", "CA-K1", "CA-H3", "CA-H1"]


def test_texts_tell_hypotheses_apart() -> None:
    """Two of one text differ in nothing: a user who reads it knows what the receiver does."""
    signers = [
        Signer(_provider("gitple").authentication, SECRET),
        Signer(_provider("gbm").authentication, "s_" + SECRET),
    ]
    by_text: dict[str, set[object]] = {}
    for one in ALL:
        by_text.setdefault(one.text, set()).add(tuple(one.headers(signer, BODY) for signer in signers))
    assert [text for text, made in by_text.items() if len(made) > 1] == []


def test_every_cause_is_in_the_list_of_causes() -> None:
    """The ids are those of docs/field-evidence.md, part b."""
    listed = re.findall(
        r"CA-[A-Z][0-9]+", (Path(__file__).parents[2] / "docs" / "field-evidence.md").read_text("utf-8")
    )
    assert {part for one in ALL for part in one.id.split("+")} <= set(listed)
