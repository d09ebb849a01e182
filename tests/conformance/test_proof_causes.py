"""The cause of a refused right delivery: receivers with one bug each, and the bug named as proven."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from hookassay.mockserver.emission.causes.rewriting import rewritten
from hookassay.mockserver.emission.serialisers import SERIALISERS
from hookassay.mockserver.emission.spelling import read, write
from tests.conformance.conftest import battery
from tests.conformance.receivers import SECRET, Receiver, Reply, Request, right

Serve = Callable[[Receiver], str]

CHECKS = ("*/payload/full", "*/signature/raw-bytes")


@dataclass(frozen=True)
class Verifier:
    """How a receiver verifies a signature in a header; each bug differs from the vendor in one of these."""

    header: str = "X-Hub-Signature"
    form: str = "sha256={}"
    secret: str = SECRET
    key: Callable[[str], bytes] = str.encode
    message: Callable[[bytes], bytes] = bytes
    algorithm: str = "sha256"
    write: Callable[[bytes], str] = bytes.hex

    def __call__(self, request: Request) -> Reply:
        """Taken if the signature is what this receiver makes of the body."""
        try:
            digest = hmac.new(self.key(self.secret), self.message(request.body), self.algorithm).digest()
        except (ValueError, RecursionError):
            return 400
        return 200 if request.values(self.header) == [self.form.format(self.write(digest))] else 401


def base64_text(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def python_json(body: bytes) -> bytes:
    return json.dumps(json.loads(body)).encode()


def python_json_in_utf_8(body: bytes) -> bytes:
    return json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


BUGS: dict[str, tuple[Verifier, str]] = {
    "Python's json.dumps": (Verifier(message=python_json), "CA-M4"),
    "Python's json.dumps, compact and in UTF-8": (Verifier(message=python_json_in_utf_8), "CA-M5"),
    "read as Latin-1": (Verifier(message=lambda body: body.decode("latin-1").encode()), "CA-M19"),
    "read as ASCII": (Verifier(message=lambda body: body.decode("ascii", "replace").encode()), "CA-M20"),
    "written as ASCII": (Verifier(message=lambda body: body.decode().encode("ascii", "replace")), "CA-M20"),
    "UTF-16": (Verifier(message=lambda body: body.decode().encode("utf-16-le")), "CA-M22"),
    "a line feed more": (Verifier(message=lambda body: body + b"\n"), "CA-M17"),
    "no bytes at all": (Verifier(message=lambda body: b""), "CA-M1"),
    "the first kilobyte": (Verifier(message=lambda body: body[:1024]), "CA-M36"),
    "a line feed at the secret's end": (Verifier(key=lambda secret: secret.encode() + b"\n"), "CA-K1"),
    "quotes around the secret": (Verifier(key=lambda secret: f'"{secret}"'.encode()), "CA-K3"),
    "the secret trimmed": (Verifier(secret=" blank-key ", key=lambda secret: secret.strip().encode()), "CA-K2"),
    "the secret decoded from base64": (Verifier(secret="c2VjcmV0LWtleS0x", key=base64.b64decode), "CA-K4"),
    "the secret decoded from hex": (Verifier(secret="6b6579206f6620686578", key=bytes.fromhex), "CA-K5"),
    "the secret encoded to base64": (Verifier(key=lambda secret: base64.b64encode(secret.encode())), "CA-K6"),
    "the secret in capitals": (Verifier(key=lambda secret: secret.upper().encode()), "CA-K11"),
    "the secret in lower case": (Verifier(secret="Mixed-Case-1", key=lambda s: s.lower().encode()), "CA-K11"),
    "the empty key": (Verifier(key=lambda secret: b""), "CA-K8"),
    "an unset variable": (Verifier(key=lambda secret: b"undefined"), "CA-K9"),
    "base64 for hex": (Verifier(write=base64_text), "CA-E1"),
    "hex in capitals": (Verifier(write=lambda digest: digest.hex().upper()), "CA-E2"),
    "no prefix": (Verifier(form="{}"), "CA-H3"),
    "the prefix of another vendor": (Verifier(form="v1={}"), "CA-H5"),
    "another vendor's header": (Verifier(header="X-Hub-Signature-256"), "CA-H1"),
    "some other header": (Verifier(header="X-Signature"), "CA-H7"),
    "SHA-1": (Verifier(algorithm="sha1"), "CA-A1"),
    "SHA-1, and its prefix": (Verifier(algorithm="sha1", form="sha1={}"), "CA-A1"),
    "SHA-512": (Verifier(algorithm="sha512"), "CA-A1"),
    "two at once": (Verifier(message=python_json, header="X-Hub-Signature-256"), "CA-M4+CA-H1"),
}
"""The bug → a Gitple receiver that has it, and the cause by which it is to be named."""

GBM = Verifier(header="X-Goog-Signature", form="{}", algorithm="sha512", write=base64_text)

GBM_BUGS: dict[str, tuple[Verifier, str]] = {
    "hex for base64": (Verifier(header=GBM.header, form="{}", algorithm="sha512"), "CA-E1"),
    "hex as base64": (
        Verifier(header=GBM.header, form="{}", algorithm="sha512", write=lambda d: base64_text(d.hex().encode())),
        "CA-E4",
    ),
    "a prefix": (Verifier(header=GBM.header, form="sha512={}", algorithm="sha512", write=base64_text), "CA-H4"),
    "SHA-256": (Verifier(header=GBM.header, form="{}", write=base64_text), "CA-A1"),
}


def proven(serve: Serve, receiver: Verifier, provider: str = "gitple") -> tuple[set[str], list[str]]:
    """The causes that are called proven, and the titles of the findings that fail, of one receiver's battery."""
    checks = CHECKS if receiver.message is not bytes else CHECKS[:1]  # a wrong key or header shows in any body
    verdicts, found = battery(serve(receiver), checks, receiver.secret, provider)
    failing = [verdict for verdict in verdicts if verdict.verdict == "failed"]
    assert failing, "the bug has to be found at all"
    assert all(verdict.message.count("cause:    proven: your receiver ") == 1 for verdict in failing if verdict.proven)
    return {verdict.cause for verdict in failing if verdict.proven}, [
        one.title for one in found if one.level == "failed"
    ]


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_is_named_and_no_other(serve: Serve, bug: str) -> None:
    """One receiver, one bug: its name is the one proven cause, and the one finding."""
    receiver, cause = BUGS[bug]
    causes, titles = proven(serve, receiver)
    assert causes == {f"gitple:{cause}"}
    assert len(titles) == 1, titles


@pytest.mark.parametrize("bug", GBM_BUGS)
def test_a_bug_of_another_vendor_is_named_too(serve: Serve, bug: str) -> None:
    """The vendor that writes base64 of SHA-512 without a prefix."""
    receiver, cause = GBM_BUGS[bug]
    causes, titles = proven(serve, receiver, "gbm")
    assert causes == {f"gbm:{cause}"}
    assert len(titles) == 1, titles


@pytest.mark.parametrize("serialiser", SERIALISERS)
def test_each_serialiser_is_told_from_all_others(serve: Serve, serialiser: str) -> None:
    """A receiver that verifies what this serialiser makes of the parsed body is named with just that serialiser.

    That ours write as the real ones do is proven in tests/emission/test_serialisers.py.
    """

    def again(body: bytes) -> bytes:
        return write(read(body), SERIALISERS[serialiser]).data

    causes, titles = proven(serve, Verifier(message=again))
    expected = rewritten(serialiser)
    assert causes == {f"gitple:{expected.id}"}
    assert titles == [f"gitple: your receiver {expected.text}"]


UNKNOWN: dict[str, Verifier] = {
    "the body backwards": Verifier(message=lambda body: body[::-1]),
    "a key that nobody knows": Verifier(key=lambda secret: b"the key of the staging system"),
    "nothing is right": Verifier(form="never {}!"),
}


@pytest.mark.parametrize("bug", UNKNOWN)
def test_a_bug_that_is_not_known_is_never_called_proven(serve: Serve, bug: str) -> None:
    """It says what was tried, and "likely" at most."""
    verdicts, _ = battery(serve(UNKNOWN[bug]), CHECKS[:1])
    assert not any(verdict.proven for verdict in verdicts)
    told = next(verdict.message for verdict in verdicts if "ways of signing tried" in verdict.message)
    (cause,) = [line for line in told.splitlines() if line.startswith("cause: ")]
    assert "likely: " in cause or "not proven" in cause


def test_a_text_that_a_receiver_dislikes_is_named(serve: Serve) -> None:
    """It verifies nothing and refuses one emoji: no signature is its reason, and Korean is not either."""

    def receiver(request: Request) -> Reply:
        return 422 if "👍".encode() in request.body else 200

    verdicts, found = battery(serve(receiver), ("*/payload/text", "*/payload/full"))
    causes = {verdict.cause for verdict in verdicts if verdict.proven}
    assert causes == {"gitple:CA-D1"}
    (finding,) = [one for one in found if one.level == "failed"]
    assert "beyond U+FFFF (emoji)" in finding.title
    assert len(finding.verdicts) > 1, "the proof explains the later refusals too"


def test_a_receiver_that_takes_one_forgery_by_chance_is_not_explained_by_it(serve: Serve) -> None:
    """Once taken is not proven: the way of signing has to be taken again, with a second event, and not with any key."""
    taken: list[bytes] = []

    def receiver(request: Request) -> Reply:
        if len(taken) < 1 and request.values("X-Hub-Signature-256"):
            taken.append(request.body)
            return 200
        return 401

    verdicts, _ = battery(serve(receiver), CHECKS[:1])
    assert taken
    assert not any(verdict.proven for verdict in verdicts)


# What needs no secret: a token read wrongly, and documents that a receiver dislikes.


def document_of(request: Request) -> dict[str, object]:
    try:
        found = json.loads(request.body.decode())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


TOKEN = "Token-of-31aae354"
TOKEN_BUGS: dict[str, tuple[Receiver, str]] = {
    "in lower case": (lambda r: 200 if document_of(r).get("token") == TOKEN.lower() else 403, "CA-K11"),
    "looks in a header": (lambda r: 200 if r.values("X-Token") == [TOKEN] else 403, "CA-D11"),
    "looks in the query": (lambda r: 200 if r.path.endswith(f"?token={TOKEN}") else 403, "CA-D11"),
}


@pytest.mark.parametrize("bug", TOKEN_BUGS)
def test_a_token_that_is_read_wrongly_is_named(serve: Serve, bug: str) -> None:
    """The token as the bug would have read it, or where it would look for it."""
    receiver, cause = TOKEN_BUGS[bug]
    verdicts, _ = battery(serve(receiver), ("*/payload/full",), TOKEN, "livechat")
    assert {verdict.cause for verdict in verdicts if verdict.proven} == {f"livechat:{cause}"}


def test_hashes_without_a_key_are_named_as_the_hole_they_are(serve: Serve) -> None:
    """SHA-256 of the body: refuses what is right, and anybody can make what it takes."""

    def receiver(request: Request) -> Reply:
        unkeyed = "sha256=" + hashlib.sha256(request.body).hexdigest()
        return 200 if request.values("X-Hub-Signature") == [unkeyed] else 401

    verdicts, found = battery(serve(receiver), CHECKS[:1])
    assert {verdict.cause for verdict in verdicts if verdict.proven} == {"gitple:CA-A4"}
    assert "anybody can forge" in found[0].title


def lacks_length(request: Request) -> Reply:
    return 411 if request.values("Transfer-Encoding") else right(request)


def closes(request: Request) -> Reply:
    return 400 if request.values("Connection") == ["close"] else right(request)


def one_type_only(request: Request) -> Reply:
    return right(request) if request.values("Content-Type") == ["application/json"] else 415


def needs_charset(request: Request) -> Reply:
    return right(request) if "charset" in request.values("Content-Type")[0] else 415


def slash_at_the_end(request: Request) -> Reply:
    return right(request) if request.path.endswith("/") else 404


def browsers_only(request: Request) -> Reply:
    return right(request) if request.values("User-Agent")[:1] == ["Mozilla/5.0"] else 403


def wants_an_agent(request: Request) -> Reply:
    return right(request) if request.values("User-Agent") else 403


def by_letter(request: Request) -> Reply:
    return right(request) if "X-Hub-Signature" in dict(request.headers) else 401


WRAPPING: dict[str, tuple[Receiver, str, str]] = {
    "chunks": (lacks_length, "*/delivery/chunked", "CA-D6"),
    "HTTP/1.0": (closes, "*/delivery/http-10", "CA-D15"),
    "a header's name in other cases": (by_letter, "*/signature/header-name", "CA-H8"),
    "another Content-Type": (one_type_only, "*/errors/charset", "CA-D4"),
    "a Content-Type without charset": (needs_charset, "*/payload/full", "CA-D4"),
    "an address without a slash": (slash_at_the_end, "*/payload/full", "CA-D7"),
    "what is no browser": (browsers_only, "*/payload/full", "CA-D8"),
    "no User-Agent": (wants_an_agent, "*/delivery/user-agent", "CA-D8"),
}
"""What a receiver refuses although the body is right → the receiver, the check that shows it, the cause."""


@pytest.mark.parametrize("refused", WRAPPING)
def test_a_wrapping_that_is_refused_is_named(serve: Serve, refused: str) -> None:
    """The body is as it should be, so neither signature nor ids nor members are blamed."""
    receiver, check, cause = WRAPPING[refused]
    verdicts, _ = battery(serve(receiver), (check,))
    assert {verdict.cause for verdict in verdicts if verdict.proven} == {f"gitple:{cause}"}


def test_a_handshake_that_has_to_be_signed_is_named(serve: Serve) -> None:
    """The vendor does not sign it, so neither its ids nor its members are blamed."""

    def receiver(request: Request) -> Reply:
        return (200, str(document_of(request).get("secret")).encode()) if request.values(GBM.header) else 401

    verdicts, _ = battery(serve(receiver), ("*/handshake/answer",), provider="gbm")
    assert {verdict.cause for verdict in verdicts if verdict.proven} == {"gbm:CA-D13"}


def test_one_cause_does_not_hide_another(serve: Serve) -> None:
    """A receiver with two bugs, each shown by cases of its own: both are named."""

    def receiver(request: Request) -> Reply:
        return 422 if "👍".encode() in request.body else lacks_length(request)

    verdicts, _ = battery(serve(receiver), ("*/payload/text", "*/delivery/chunked"))
    assert {verdict.cause for verdict in verdicts if verdict.proven} == {"gitple:CA-D1", "gitple:CA-D6"}
