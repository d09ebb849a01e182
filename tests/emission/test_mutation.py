"""Deliveries that are wrong on purpose: each is what its name says, and wrong for every secret and body."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, hmac
from hypothesis import assume, given
from hypothesis import strategies as st

from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.mutation import member, notjson, signature, tampering, text, token
from hookassay.mockserver.emission.secret import SecretText
from hookassay.mockserver.emission.spelling import write
from hookassay.schemas import catalogue, members
from hookassay.schemas.contract import Provider

from .strategies import documents, quick

SIGNERS = {name: catalogue.load(name).authentication for name in ("gitple", "gbm")}
SECRET = "Gitple-secret_1"
BODY = '{"type": "x", "text": "안녕 é / <b>", "list": [1.0, 2]}'.encode()

secrets = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


def openssl(key: bytes, message: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    """HMAC by OpenSSL."""
    signing = hmac.HMAC(key, algorithm)
    signing.update(message)
    return signing.finalize()


def right_value(name: str, secret: str, body: bytes) -> tuple[str, str]:
    """The one right header, as the vendor's documents say; not by our signer."""
    if name == "gitple":
        return "X-Hub-Signature", "sha256=" + openssl(secret.encode(), body, hashes.SHA256()).hex()
    return "X-Goog-Signature", base64.b64encode(openssl(secret.encode(), body, hashes.SHA512())).decode()


# Signatures


@quick
@given(
    secrets,
    st.binary(max_size=300) | documents().map(lambda document: write(document).data),
    st.sampled_from(["gitple", "gbm"]),
)
def test_no_forgery_is_the_right_signature(secret: str, body: bytes, name: str) -> None:
    """For any secret and body: a forgery differs from what a right receiver expects, or says that there is none."""
    signer = Signer(SIGNERS[name], secret)
    expected = right_value(name, secret, body)
    assert signer.sign(body) == (expected,)
    for forgery in signature.FORGERIES:
        headers = forgery.make(signer, body)
        if headers is not None:
            assert headers != (expected,), f"{forgery.check}/{forgery.name}"


@quick
@given(secrets, st.sampled_from(["gitple", "gbm"]))
def test_what_must_be_refused_is_refused_by_a_verifier_that_decodes(secret: str, name: str) -> None:
    """One that trims, drops the prefix and compares decoded bytes takes no forgery of level MUST."""
    signer = Signer(SIGNERS[name], secret)
    header, value = right_value(name, secret, BODY)
    for forgery in signature.FORGERIES:
        given_headers = forgery.make(signer, BODY) if forgery.level == "must" else None
        values = [text for key, text in given_headers or () if key == header]
        if len(values) == 1:
            assert decoded(name, values[0]) != decoded(name, value), f"{forgery.check}/{forgery.name}"


def decoded(name: str, value: str) -> bytes | None:
    text = value.strip().removeprefix("sha256=")
    try:
        return bytes.fromhex(text) if name == "gitple" else base64.b64decode(text, validate=True)
    except ValueError:
        return None


def hexed(key: bytes, message: bytes) -> str:
    return openssl(key, message, hashes.SHA256()).hex()


KEY = SECRET.encode()
MADE: dict[str, str | None] = {
    "absent/no-header": None,
    "wrong-key/longer-key": f"sha256={hexed(KEY + b'2', BODY)}",
    "wrong-key/half-key": f"sha256={hexed(KEY[:7], BODY)}",
    "wrong-key/upper-case-key": f"sha256={hexed(KEY.upper(), BODY)}",
    "wrong-key/newline-key": "sha256=" + hexed(KEY + b"\n", BODY),
    "guessable-key/empty-key": f"sha256={hexed(b'', BODY)}",
    "guessable-key/undefined": f"sha256={hexed(b'undefined', BODY)}",
    "wrong-message/newline": "sha256=" + hexed(KEY, BODY + b"\n"),
    "wrong-message/empty-body": f"sha256={hexed(KEY, b'')}",
    "wrong-message/utf-16": f"sha256={hexed(KEY, BODY.decode().encode('utf-16-le'))}",
    "wrong-message/base64-body": f"sha256={hexed(KEY, base64.b64encode(BODY))}",
    "wrong-message/rewritten-json.dumps": f"sha256={hexed(KEY, json.dumps(json.loads(BODY)).encode())}",
    "unkeyed/swapped": f"sha256={hexed(BODY, KEY)}",
    "partial/first-half": f"sha256={hexed(KEY, BODY)[:32]}",
    "partial/reversed": f"sha256={bytes.fromhex(hexed(KEY, BODY))[::-1].hex()}",
    "partial/doubled": f"sha256={hexed(KEY, BODY) * 2}",
    "other-writing/upper-case-hex": f"sha256={hexed(KEY, BODY).upper()}",
    "other-writing/no-prefix": hexed(KEY, BODY),
    "other-writing/base64": f"sha256={base64.b64encode(bytes.fromhex(hexed(KEY, BODY))).decode()}",
}
"""Forgery → the header's value as OpenSSL makes it; None for no header."""


@pytest.mark.parametrize("name", MADE)
def test_a_forgery_is_what_its_name_says(name: str) -> None:
    """The value in the header is the one that is told of it."""
    check, _, short = name.partition("/")
    (forgery,) = [one for one in signature.by_check(check) if one.name == short]
    headers = forgery.make(Signer(SIGNERS["gitple"], SECRET), BODY)
    expected = MADE[name]
    assert headers == (() if expected is None else (("X-Hub-Signature", expected),))


@pytest.mark.parametrize("records", [signature.FORGERIES, token.TOKENS], ids=["signatures", "tokens"])
def test_names_are_unique_within_their_check(records: tuple[Any, ...]) -> None:
    """And each says why it has to be refused, at a level that there is."""
    names = [(record.check, record.name) for record in records]
    assert len(names) == len(set(names))
    assert all(record.why and record.level in ("must", "should", "may") for record in records)


# Tokens


@quick
@given(
    secrets | st.sampled_from([made for one in token.TOKENS if isinstance(made := one.make("another"), str) and made])
)
def test_no_wrong_token_is_the_right_one(secret: str) -> None:
    """Whatever the secret is, digits and words that mean something to a language among them."""
    for wrong in token.TOKENS:
        assert wrong.make(secret) != secret, wrong.name


@pytest.mark.parametrize("secret", ["31aae354", "0e462097431906509019562988736854", "31415926"])
def test_what_is_made_of_a_token_is_masked(secret: str) -> None:
    """A near miss gives the token away as well: its bytes are a secret's, wherever they are shown."""
    holding = [value for wrong in token.TOKENS if isinstance(value := wrong.make(secret), str) and secret in value]
    assert len(holding) > 5
    for value in holding:
        assert isinstance(value, SecretText), value
        assert secret not in repr(value)


# Bodies


@quick
@given(st.dictionaries(st.text(max_size=5), documents(), min_size=2, max_size=5))
def test_a_tampered_body_differs_from_the_signed_one(document: dict[str, Any]) -> None:
    """What is sent is never what was signed, where the change can be made at all."""
    for name, (_, change) in tampering.TAMPERED.items():
        signed, sent = change(document)
        if name in ("letter", "reordered", "sorted", "solidus", "escaped", "spaced", "pretty"):
            continue  # these depend on what stands in the document: the next test has one of each
        assert signed.data != sent.data, name


def test_every_tampering_changes_an_ordinary_body() -> None:
    """Also those that need a text, a slash or two members; and those called the same JSON are the same JSON."""
    document = {"b": "a/b", "a": "가나", "n": 1}
    for name, (why, change) in tampering.TAMPERED.items():
        signed, sent = change(document)
        assert signed.data != sent.data, name
        if "the same JSON" in why:
            assert json.loads(sent.data) == json.loads(signed.data), name


def strict(data: bytes) -> object:
    """JSON as RFC 8259 has it: UTF-8 without a byte order mark, no NaN. Raises ValueError."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    return json.loads(data.decode("utf-8"), parse_constant=refuse)


@quick
@given(st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=9), min_size=2, max_size=4))
def test_no_body_that_is_not_json_is_json(document: dict[str, str]) -> None:
    """Whatever event it is made of."""
    assume(not any("'" in part for pair in document.items() for part in pair))
    for name, change in notjson.NOT_JSON.items():
        with pytest.raises((ValueError, RecursionError)):
            strict(change(write(document)).data)
            pytest.fail(name)


def test_what_is_no_event_is_json_of_another_kind() -> None:
    """All of them parse; none is an object with members."""
    for name, data in notjson.NOT_AN_OBJECT.items():
        assert strict(data) == {} or not isinstance(strict(data), dict), name


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not here, whose JSON.parse reads any depth")
def test_hostile_bodies_are_json_all_the_same() -> None:
    """Node's JSON.parse takes each but the one that is never closed: a receiver may take them, and has to live."""
    bodies = {name: change(write({"type": "x"})).data for name, change in notjson.HOSTILE.items()}
    program = (
        "const bodies = JSON.parse(require('fs').readFileSync(0, 'utf8')); const said = {};"
        "for (const [name, data] of Object.entries(bodies)) {"
        " try { JSON.parse(Buffer.from(data, 'base64').toString('utf8')); said[name] = true }"
        " catch (error) { said[name] = false } }"
        "process.stdout.write(JSON.stringify(said))"
    )
    encoded = json.dumps({name: base64.b64encode(data).decode() for name, data in bodies.items()})
    done = subprocess.run(["node", "-e", program], input=encoded, capture_output=True, text=True, timeout=60)
    said = json.loads(done.stdout)
    assert [name for name, parsed in said.items() if not parsed] == ["deep-unclosed"]


# Members and texts


@pytest.mark.parametrize("name", ["closer", "gitple", "gbm", "livechat"])
def test_a_wrong_value_is_wrong_by_the_schema(providers: dict[str, Provider], name: str) -> None:
    """Every member of every event's full example, put at its place: the document validates no more."""
    fits: Callable[[Any, Any], bool] = members.fits
    tried = 0
    for event in providers[name].deliverable.values():
        for found in members.walk(event.expanded, event.full.document):
            for kind, value in member.wrong_values(found).items():
                if kind != member.HUGE:
                    tried += 1
                    assert not fits(found.schema, value), f"{event.name} {found.pointer} {kind}"
    assert tried > 100


def test_texts_are_what_their_names_say() -> None:
    """What has to be taken is Unicode that any store can hold; what is calm is not, or is no character at all."""
    for name, value in text.TAKEN.items():
        assert value.encode("utf-8").decode() == value and "\0" not in value, name
    assert all("\0" in value or not value.isprintable() for value in text.CALM.values())
    joined = " ".join(text.JOINED.values())
    assert all(value in joined for name, value in text.TAKEN.items() if name in ("korean", "emoji", "sql", "html"))
