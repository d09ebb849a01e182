"""Header axis: the digest is looked for under another name, or in another form of the value."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Iterator

from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.causes.hypothesis import Header, Hypothesis, Text
from hookassay.mockserver.emission.vendor import Headers

_NAMES = (
    "X-Hub-Signature", "X-Hub-Signature-256", "X-Signature", "X-Signature-256", "X-Signature-SHA256",
    "X-Webhook-Signature", "X-Goog-Signature", "X-Gitple-Signature", "X-LiveChat-Signature", "X-Line-Signature",
    "X-Hmac-Signature", "Webhook-Signature", "Signature", "Authorization",
)  # fmt: skip
_GITHUB = "X-Hub-Signature-256"
_FORMS = (
    "SHA256={digest}", "{alg}:{digest}", "{alg}= {digest}", "hmac-{alg}={digest}", "HMAC-SHA256 {digest}",
    "v1={digest}", "v1,{digest}", "v0={digest}", "sha1={digest}", "sha512={digest}", "Bearer {digest}",
    "Signature {digest}",
)  # fmt: skip


def named(name: str) -> Header:
    """The header's usual value under another name."""
    return lambda signer, text: ((name, dict(signer.headers(text))[signer.header_name]),)


def formed(template: str) -> Header:
    """The digest in another form of the same header; `{alg}` is the algorithm's name."""

    def header(signer: Signer, text: str) -> Headers:
        value = template.replace("{alg}", signer.authentication.algorithm).replace("{digest}", text)
        return tuple((name, value if name == signer.header_name else other) for name, other in signer.headers(text))

    return header


def _quoted(signer: Signer, text: str) -> Headers:
    """The header's usual value, prefix and all, in quotes."""
    return tuple((name, f'"{value}"' if name == signer.header_name else value) for name, value in signer.headers(text))


def _base64_text(change: Callable[[str], str]) -> Text:
    """The digest's text changed, where the provider writes base64."""
    return lambda s, digest: change(s.write(digest)) if "base64" in s.authentication.digest else None


def _plus_lost(signer: Signer, digest: bytes) -> str | None:
    text = signer.write(digest)
    return text.replace("+", " ") if "+" in text else None


BARE = Hypothesis(
    "CA-H3",
    "compares the bare digest: the prefix of the header is not expected (or not cut off)",
    header=formed("{digest}"),
)
GITHUB = Hypothesis(
    "CA-H1",
    f"reads the signature from the header {_GITHUB} (GitHub's name), which the vendor does not send",
    header=named(_GITHUB),
)


def hypotheses() -> Iterator[Hypothesis]:
    """Other names, then other forms of the value."""
    for name in _NAMES:
        text = f"reads the signature from the header {name}, which the vendor does not send"
        yield GITHUB if name == _GITHUB else Hypothesis("CA-H7", text, header=named(name))
    yield BARE
    yield Hypothesis(
        "CA-H4",
        "expects the algorithm's name as a prefix, which the vendor does not send",
        header=formed("{alg}={digest}"),
    )
    for form in _FORMS:
        shown = form.replace("{alg}", "<algorithm>").replace("{digest}", "<digest>")
        yield Hypothesis("CA-H5", f"expects the header in the form {shown!r}", header=formed(form))
    yield Hypothesis("CA-H9", "expects the header's value in quotes", header=_quoted)
    yield Hypothesis(
        "CA-H9",
        "loses the padding of the base64 (a header split at its equals signs)",
        write=_base64_text(lambda text: text.rstrip("=")),
    )
    yield Hypothesis(
        "CA-H9",
        "URL-decodes the header before it compares",
        write=_base64_text(lambda text: urllib.parse.quote(text, safe="")),
    )
    yield Hypothesis("CA-H10", "turns + into a blank (URL-decoding of the header)", write=_plus_lost)
