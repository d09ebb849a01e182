"""No secret is ever shown: not by printing what holds it, not as JSON, not in what people read."""

from __future__ import annotations

import base64
import copy
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.mutation.notjson import HOSTILE, NOT_JSON
from hookassay.mockserver.emission.mutation.token import TOKENS, WrongToken
from hookassay.mockserver.emission.secret import MASK, SecretText, Span, mask
from hookassay.mockserver.emission.serialisers import SPELLINGS
from hookassay.mockserver.emission.spelling import Body, write
from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.emission.vendor import Secrets, Vendor
from hookassay.schemas.contract import Provider

from .strategies import few

SECRET = "s3cr3t-Xq9-tok3n"
PLACEHOLDER = "{{livechat.secret}}"


def _printed(value: object) -> str:
    return f"{value}{value!r}{value!s}{value:}{[value]}{ {'x': value} }"


@pytest.mark.parametrize(
    "holder",
    [
        pytest.param(Secrets(SECRET, {"e": SECRET}, {"r": SECRET}), id="secrets"),
        pytest.param(Target.parse(f"http://user:{SECRET}@127.0.0.1/", (("X-Key", SECRET),)), id="target"),
    ],
)
def test_printed_holder_hides_its_secret(holder: object) -> None:
    """Whatever holds a secret prints without it, also inside of other things."""
    assert SECRET not in _printed(holder)


def test_printed_vendor_signer_and_delivery_hide_their_secret(gitple: Provider, livechat: Provider) -> None:
    """A vendor, a signer and a delivery that carries its token print without the secret."""
    vendor = Vendor(livechat, Secrets(SECRET))
    event = livechat.events["chat_started"]
    made = vendor.deliver(event, vendor.document(event))
    assert SECRET.encode() in made.body
    for holder in (vendor, Signer(gitple.authentication, SECRET), made):
        assert SECRET not in _printed(holder)


def test_secret_text_is_a_text_that_prints_masked() -> None:
    """In a document it is the text; in a traceback it is masked, however deep, and a copy is no weaker."""
    text = SecretText(SECRET)
    document = {"a": [text, {"b": text}]}
    assert json.loads(write(document).data) == {"a": [SECRET, {"b": SECRET}]}
    assert json.loads(json.dumps(document)) == {"a": [SECRET, {"b": SECRET}]}
    for shown in (repr(text), f"{text!r}", repr(document), repr(copy.deepcopy(document))):
        assert SECRET not in shown


@pytest.mark.parametrize(("text", "masked"), [("", "…"), ("1234567", "…"), ("12345678", "12…78"), (SECRET, "s3…3n")])
def test_masked_secret(text: str, masked: str) -> None:
    """Of a secret of eight characters or more both ends are told, of a shorter one nothing."""
    assert mask(text) == masked


def _livechat(livechat: Provider, token: object = None, body: Body | None = None, secret: str = SECRET) -> Delivery:
    vendor = Vendor(livechat, Secrets(secret))
    event = livechat.events["chat_started"]
    return vendor.deliver(event, vendor.document(event) if body is None else {}, token=token, body=body)


@pytest.mark.parametrize("name", SPELLINGS)
def test_token_is_masked_in_every_spelling(livechat: Provider, name: str) -> None:
    """Wherever the spelling puts the token, exactly its bytes are masked."""
    vendor = Vendor(livechat, Secrets(SECRET))
    event = livechat.events["chat_started"]
    made = vendor.deliver(event, vendor.document(event), SPELLINGS[name])
    assert made.shown_body() == made.body.replace(SECRET.encode(), MASK.encode())
    assert made.shown_body(reveal=True) == made.body


@pytest.mark.parametrize("wrong", TOKENS, ids=lambda token: f"{token.check}-{token.name}")
def test_near_miss_is_masked_too(livechat: Provider, wrong: WrongToken) -> None:
    """A wrong token that is made of the right one is masked; no run of eight of its characters is left."""
    value = wrong.make(SECRET)
    if value is None:
        pytest.skip("no such token of this secret")
    made = _livechat(livechat, value)
    shown = made.shown_body() + json.dumps(made.as_json("/", PLACEHOLDER)).encode()
    for part in (SECRET, SECRET[::-1], SECRET.swapcase()):
        assert not any(part[i : i + 8].encode() in shown for i in range(len(part) - 7))


@pytest.mark.parametrize("change", [*NOT_JSON.items(), *HOSTILE.items()], ids=lambda change: change[0])
def test_token_stays_masked_in_broken_bodies(livechat: Provider, change: tuple[str, object]) -> None:
    """However a body is broken, the token in it is not shown, in no charset."""
    vendor = Vendor(livechat, Secrets(SECRET))
    event = livechat.events["chat_started"]
    right = write(vendor.with_token(event, vendor.document(event)))
    made = _livechat(livechat, body=change[1](right))  # type: ignore[operator]  # a function of bodies
    shown = made.shown_body()
    for encoding in ("utf-8", "utf-16-le", "utf-32-le"):
        assert SECRET[:8].encode(encoding) not in shown


@few
@given(secret=st.text(min_size=8, max_size=20).filter(lambda text: "*" not in text))
def test_any_secret_is_masked(livechat: Provider, secret: str) -> None:
    """Secrets of any characters, those that JSON escapes too."""
    made = _livechat(livechat, secret=secret)
    masked = json.loads(made.shown_body())
    assert masked == {**json.loads(made.body), "token": MASK}


def test_delivery_as_json_is_what_was_sent(gitple: Provider, livechat: Provider) -> None:
    """The form that others read holds every part of a delivery, its own path and query behind the target's."""
    made = replace(_livechat(livechat), path="/more", query="a=1")
    assert made.as_json("/hook") == {
        "provider": "livechat",
        "event": "chat_started",
        "method": "POST",
        "path": "/hook/more?a=1",
        "headers": [list(pair) for pair in made.headers],
        "body": made.body.decode(),
    }


def test_delivery_as_json_masks(livechat: Provider) -> None:
    """With a placeholder every secret is replaced by it, and the object says so."""
    made = _livechat(livechat)
    start = len("token=")
    made = replace(
        made,
        headers=(*made.headers, ("X-Token", f"Bearer {SECRET}")),
        query=f"token={SECRET}",
        secrets={**made.secrets, "X-Token": (Span(7, 7 + len(SECRET)),), "query": (Span(start, start + len(SECRET)),)},
    )
    told = made.as_json("/", PLACEHOLDER)
    assert SECRET not in json.dumps(told)
    assert told["masked"] is True
    assert told["path"] == f"/?token={PLACEHOLDER}"
    assert told["headers"][-1] == ["X-Token", f"Bearer {PLACEHOLDER}"]
    assert json.loads(told["body"])["token"] == PLACEHOLDER
    assert SECRET in json.dumps(made.as_json("/"))
    assert SECRET not in made.shown_query() + str(made.shown_headers())
    assert SECRET in made.shown_query(reveal=True) and SECRET in str(made.shown_headers(reveal=True))


def test_delivery_without_a_secret_is_not_called_masked(gitple: Provider) -> None:
    """A signature is no secret: nothing of it is masked."""
    vendor = Vendor(gitple, Secrets(SECRET))
    event = gitple.events["session_state_close"]
    made = vendor.deliver(event, vendor.document(event))
    assert made.as_json("/", PLACEHOLDER) == made.as_json("/")
    assert "masked" not in made.as_json("/", PLACEHOLDER)


def test_body_that_is_not_utf_8_as_json(livechat: Provider) -> None:
    """Bytes beyond UTF-8 are base64, the token in them masked before."""
    body = Body(b"\xff" + SECRET.encode() + b"\xfe", (Span(1, 1 + len(SECRET)),))
    told = _livechat(livechat, body=body).as_json("/", PLACEHOLDER)
    assert "body" not in told
    assert base64.b64decode(told["body_base64"]) == b"\xff" + PLACEHOLDER.encode() + b"\xfe"


@few
@given(secret=st.text(min_size=1, max_size=12), spelling=st.sampled_from(sorted(SPELLINGS)))
def test_span_says_whether_it_is_the_secret_itself(livechat: Provider, secret: str, spelling: str) -> None:
    """A span whose bytes are the secret's own is told from one whose bytes are made of it."""
    vendor = Vendor(livechat, Secrets(secret))
    event = livechat.events["chat_started"]
    for token in (None, SecretText(secret + "4")):
        made = vendor.deliver(event, {"token": "", "event": "x"}, SPELLINGS[spelling], token=token)
        (span,) = made.secrets["body"]
        assert span.derived is (made.body[span.start : span.end] != secret.encode())
