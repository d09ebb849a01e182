"""Signing, verified by others: Python's hmac on plain bytes, and openssl."""

from __future__ import annotations

import base64
import hashlib
import hmac
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookassay.mockserver.emission.authentication import BadSecret, Signer, Stamp, encode
from hookassay.mockserver.emission.vendor import build
from hookassay.schemas.contract import Authentication, Provider

from .strategies import quick


def _authentication(**more: Any) -> Authentication:
    given_: dict[str, Any] = {"algorithm": "sha256", "headers": {"X-Signature": "{digest}"}, **more}
    return Authentication("hmac-header", "a test", **given_)


@quick
@given(
    body=st.binary(max_size=300), secret=st.text(max_size=30), algorithm=st.sampled_from(["sha1", "sha256", "sha512"])
)
def test_digest_is_the_hmac_of_the_bytes(body: bytes, secret: str, algorithm: str) -> None:
    """Any body and any secret: the header is the HMAC of the bytes with the secret's UTF-8."""
    signer = Signer(_authentication(algorithm=algorithm), secret)
    expected = hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()
    assert signer.sign(body) == (("X-Signature", expected),)


@pytest.mark.parametrize(
    ("name", "algorithm", "form"),
    [
        ("gitple", "sha256", lambda digest: "sha256=" + digest.hex()),
        ("gbm", "sha512", lambda digest: base64.b64encode(digest).decode()),
    ],
)
def test_shipped_providers_sign_as_openssl_does(
    providers: dict[str, Provider], tmp_path: Path, name: str, algorithm: str, form: Any
) -> None:
    """openssl, given the body as a file, comes to the same signature."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    provider = providers[name]
    event = next(iter(provider.deliverable))
    made = build(provider, event)
    (tmp_path / "body").write_bytes(made.body)
    command = ["openssl", "dgst", f"-{algorithm}", "-hmac", provider.test_secret, "-binary", str(tmp_path / "body")]
    digest = subprocess.run(command, capture_output=True, check=True).stdout
    assert made.header(next(iter(provider.authentication.headers))) == form(digest)


def test_what_is_signed_and_what_is_said_are_templates() -> None:
    """Vendors that sign a time, an id or the address are data: their templates are filled in everywhere."""
    authentication = _authentication(
        signed="{id}.{timestamp}.{url}.{body}",
        headers={"webhook-id": "{id}", "webhook-timestamp": "{timestamp}", "webhook-signature": "v1,{digest}"},
        digest="base64",
    )
    signer = Signer(authentication, "k", Stamp("1700000000", "msg_1", "https://receiver.example/"))
    digest = hmac.new(b"k", b'msg_1.1700000000.https://receiver.example/.{"a":"{id}"}', hashlib.sha256).digest()
    assert signer.sign(b'{"a":"{id}"}') == (
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", "1700000000"),
        ("webhook-signature", f"v1,{base64.b64encode(digest).decode()}"),
    )
    assert (signer.header_name, signer.prefix) == ("webhook-signature", "v1,")


@quick
@given(body=st.sampled_from([b"{body}", b"{timestamp}{id}{url}", b"{digest}", b"{}", b""]))
def test_body_is_never_taken_for_a_template(body: bytes) -> None:
    """A body that looks like a placeholder is signed as it is."""
    signer = Signer(_authentication(signed="{timestamp}.{body}"), "k", Stamp("1"))
    assert signer.message(body) == b"1." + body


@pytest.mark.parametrize(
    ("form", "secret", "key"),
    [
        ("utf-8", "비밀", "비밀".encode()),
        ("hex", "00ff", b"\x00\xff"),
        ("base64", "AP8=", b"\x00\xff"),
        ("whsec_+base64", "whsec_AP8=", b"\x00\xff"),
    ],
)
def test_key_is_read_as_the_data_says(form: str, secret: str, key: bytes) -> None:
    """A secret is text, hex or base64, behind a prefix or not."""
    assert Signer(_authentication(key=form), secret).key == key


@pytest.mark.parametrize(
    ("form", "secret", "told"),
    [
        ("hex", "xyz", "is not hex"),
        ("hex", "abc", "is not hex"),
        ("base64", "AP8", "is not base64"),
        ("base64", "A!P8=", "is not base64"),
        ("whsec_+base64", "AP8=", "begin with 'whsec_'"),
        ("utf-8", "\udcff", "is not utf-8"),
    ],
)
def test_secret_that_makes_no_key_is_refused(form: str, secret: str, told: str) -> None:
    """One line says what a secret has to be, and does not repeat it."""
    with pytest.raises(BadSecret, match=told) as refused:
        _ = Signer(_authentication(key=form), secret).key
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("hex", "fbff"), ("HEX", "FBFF"), ("base64", "+/8="), ("base64url", "-_8=")],
)
def test_encodings(encoding: str, text: str) -> None:
    """A digest is written in hex of either case, or base64 of either alphabet, padded."""
    assert encode(b"\xfb\xff", encoding) == text
    assert Signer(_authentication(digest=encoding), "k").write(b"\xfb\xff") == text


def test_other_secret_signs_otherwise() -> None:
    """The same signer with another secret differs in nothing else."""
    signer = Signer(_authentication(), "one", Stamp("5"))
    assert signer.with_secret("two").sign(b"x") == Signer(_authentication(), "two", Stamp("5")).sign(b"x")
    assert signer.with_secret("two").sign(b"x") != signer.sign(b"x")
