"""A right delivery, authenticated again as each likely bug would have done it.

When a receiver refuses what is right, the one of these that it takes names its bug. This module only
builds them; whoever sends them judges. The list, its ids and its order: docs/field-evidence.md, part b.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from hookassay.mockserver.emission.authentication import Signer, encode, plain_hash
from hookassay.mockserver.emission.mutation.signature import GUESSES, rewritten
from hookassay.mockserver.emission.spelling import SERIALISERS, Spelling, indented, read, sorted_keys, write
from hookassay.mockserver.emission.vendor import Headers

Message = Callable[[bytes], "bytes | None"]
Key = Callable[[Signer], "bytes | None"]
Primitive = Callable[[Signer, bytes, bytes], bytes]
Text = Callable[[Signer, bytes], "str | None"]
Header = Callable[[Signer, str], Headers]


@dataclass(frozen=True)
class Hypothesis:
    """One likely bug: how it would read the key, what it would sign, with what, written how, under which header.

    `forgeable`: who does not know the secret can make it too, so that being taken is a hole and not
    only a refusal explained.
    """

    id: str
    text: str
    key: Key = lambda signer: signer.key
    message: Message = lambda body: body
    primitive: Primitive = lambda signer, key, message: signer.digest(message, key)
    write: Text = lambda signer, digest: signer.write(digest)
    header: Header = lambda signer, text: signer.headers(text)
    forgeable: bool = False

    def headers(self, signer: Signer, body: bytes) -> Headers | None:
        """The headers that this bug would expect of a body; None where it cannot be tried on it."""
        key, message = self.key(signer), self.message(body)
        if key is None or message is None:
            return None
        text = self.write(signer, self.primitive(signer, key, signer.message(message)))
        return None if text is None else self.header(signer, text)


def hypotheses() -> Iterator[Hypothesis]:
    """All of them, one axis at a time, the most frequent of each first; then likely pairs."""
    yield from _MOST_LIKELY
    yield from _headers()
    yield from _primitives()
    yield from _encodings()
    yield from _keys()
    yield from _messages()
    yield from _pairs()


# header axis


def _named(name: str) -> Header:
    return lambda signer, text: ((name, dict(signer.headers(text))[signer.header_name]),)


def _value(template: str) -> Header:
    """The digest in another form of the same header; `{alg}` is the algorithm's name."""

    def header(signer: Signer, text: str) -> Headers:
        value = template.replace("{alg}", signer.authentication.algorithm).replace("{digest}", text)
        return tuple((name, value if name == signer.header_name else other) for name, other in signer.headers(text))

    return header


def _headers() -> Iterator[Hypothesis]:
    names = ("X-Hub-Signature", "X-Hub-Signature-256", "X-Signature", "X-Signature-256", "X-Signature-SHA256", "X-Webhook-Signature",
             "X-Goog-Signature", "X-Gitple-Signature", "X-LiveChat-Signature", "X-Line-Signature", "X-Hmac-Signature", "Webhook-Signature",
             "Signature", "Authorization")  # fmt: skip
    for name in names:
        why = " (GitHub's name)" if name == "X-Hub-Signature-256" else ""
        yield Hypothesis(
            "CA-H1" if why else "CA-H7",
            f"reads the signature from the header {name}{why}, which the vendor does not send",
            header=_named(name),
        )
    yield Hypothesis(
        "CA-H3",
        "compares the bare digest: the prefix of the header is not expected (or not cut off)",
        header=_value("{digest}"),
    )
    yield Hypothesis(
        "CA-H4",
        "expects the algorithm's name as a prefix, which the vendor does not send",
        header=_value("{alg}={digest}"),
    )
    for template in (
        "SHA256={digest}",
        "{alg}:{digest}",
        "{alg}= {digest}",
        "hmac-{alg}={digest}",
        "HMAC-SHA256 {digest}",
        "v1={digest}",
        "v1,{digest}",
        "v0={digest}",
        "sha1={digest}",
        "sha512={digest}",
        "Bearer {digest}",
        "Signature {digest}",
    ):
        yield Hypothesis(
            "CA-H5",
            f"expects the header in the form {template.replace('{alg}', '<algorithm>').replace('{digest}', '<digest>')!r}",
            header=_value(template),
        )
    yield Hypothesis("CA-H9", "expects the header's value in quotes", header=_value('"{digest}"'))
    yield Hypothesis(
        "CA-H9",
        "loses the padding of the base64 (a header split at its equals signs)",
        write=lambda s, d: s.write(d).rstrip("=") if "base64" in s.authentication.digest else None,
    )
    yield Hypothesis(
        "CA-H9",
        "URL-decodes the header before it compares",
        write=lambda s, d: urllib.parse.quote(s.write(d), safe="") if "base64" in s.authentication.digest else None,
    )
    yield Hypothesis(
        "CA-H10",
        "turns + into a blank (URL-decoding of the header)",
        write=lambda s, d: s.write(d).replace("+", " ") if "+" in s.write(d) else None,
    )


# primitive axis


def _algorithm(name: str) -> Primitive:
    return lambda signer, key, message: signer.digest(message, key, name)


def _primitives() -> Iterator[Hypothesis]:
    for name in ("sha1", "sha256", "sha512", "md5", "sha384", "sha224"):
        yield Hypothesis(
            "CA-A1", f"signs with HMAC-{name.upper()} instead of the vendor's algorithm", primitive=_algorithm(name)
        )
        yield Hypothesis(
            "CA-A1",
            f"signs with HMAC-{name.upper()} instead of the vendor's algorithm, under the prefix {name}=",
            primitive=_algorithm(name),
            header=_value(f"{name}={{digest}}"),
        )
    for name in ("sha3_256", "sha3_512", "blake2b", "blake2s"):
        yield Hypothesis(
            "CA-A2", f"signs with HMAC-{name.upper()} instead of the vendor's algorithm", primitive=_algorithm(name)
        )
    for name in ("", "sha1", "md5", "sha256", "sha512"):
        label = name.upper() or "a plain hash"
        yield Hypothesis(
            "CA-A3",
            f"hashes secret and body ({label}) instead of an HMAC",
            primitive=lambda s, k, m, n=name: plain_hash(n or s.authentication.algorithm, k + m),
        )
        yield Hypothesis(
            "CA-A3",
            f"hashes body and secret ({label}) instead of an HMAC",
            primitive=lambda s, k, m, n=name: plain_hash(n or s.authentication.algorithm, m + k),
        )
    yield Hypothesis(
        "CA-A4",
        "hashes the body without any key: anybody can forge that",
        primitive=lambda s, k, m: plain_hash(s.authentication.algorithm, m),
        forgeable=True,
    )
    yield Hypothesis("CA-A5", "exchanges key and message of the HMAC", primitive=lambda s, k, m: s.digest(k, key=m))
    yield Hypothesis(
        "CA-A6",
        "signs the hex digest of the body instead of the body",
        primitive=lambda s, k, m: s.digest(plain_hash(s.authentication.algorithm, m).hex().encode(), k),
    )
    yield Hypothesis(
        "CA-A6",
        "signs the digest of the body instead of the body",
        primitive=lambda s, k, m: s.digest(plain_hash(s.authentication.algorithm, m), k),
    )
    yield Hypothesis(
        "CA-A7", "applies the HMAC twice", primitive=lambda s, k, m: s.digest(s.digest(m, k).hex().encode(), k)
    )
    for name in ("sha256", "md5", "sha1"):
        yield Hypothesis(
            "CA-A8",
            f"uses the {name.upper()} hex digest of the secret as the key",
            key=lambda s, n=name: plain_hash(n, s.key).hex().encode(),
        )
    yield Hypothesis(
        "CA-A8", "uses the SHA256 digest of the secret as the key", key=lambda s: plain_hash("sha256", s.key)
    )


# encoding axis


def _encodings() -> Iterator[Hypothesis]:
    yield Hypothesis("CA-E1", "compares hex where the vendor sends base64", write=lambda s, d: d.hex())
    yield Hypothesis("CA-E1", "compares base64 where the vendor sends hex", write=lambda s, d: encode(d, "base64"))
    yield Hypothesis("CA-E2", "compares the hex digits in capitals", write=lambda s, d: d.hex().upper())
    yield Hypothesis("CA-E3", "compares hex with dashes (BitConverter.ToString)", write=lambda s, d: d.hex("-").upper())
    yield Hypothesis("CA-E3", "compares hex with dashes in lower case", write=lambda s, d: d.hex("-"))
    yield Hypothesis(
        "CA-E4",
        "compares base64 of the hex text (PHP's hash_hmac without its binary flag)",
        write=lambda s, d: base64.b64encode(d.hex().encode()).decode(),
    )
    yield Hypothesis(
        "CA-E4",
        "compares base64 of the hex text in capitals",
        write=lambda s, d: base64.b64encode(d.hex().upper().encode()).decode(),
    )
    yield Hypothesis("CA-E5", "compares url-safe base64", write=lambda s, d: encode(d, "base64url"))
    yield Hypothesis(
        "CA-E5", "compares url-safe base64 without padding", write=lambda s, d: encode(d, "base64url").rstrip("=")
    )
    yield Hypothesis("CA-E5", "compares base64 without padding", write=lambda s, d: encode(d, "base64").rstrip("="))
    yield Hypothesis("CA-E6", "compares hex of the base64 text", write=lambda s, d: encode(d, "base64").encode().hex())
    yield Hypothesis(
        "CA-E7", "lower-cases the base64 before it compares", write=lambda s, d: encode(d, "base64").lower()
    )
    yield Hypothesis(
        "CA-E7", "upper-cases the base64 before it compares", write=lambda s, d: encode(d, "base64").upper()
    )
    for length in (8, 16, 20, 32, 40):
        yield Hypothesis(
            "CA-E8", f"compares only {length} characters of the digest", write=lambda s, d, n=length: s.write(d)[:n]
        )
    yield Hypothesis("CA-E9", "expects 0x before the hex digits", write=lambda s, d: "0x" + d.hex())
    yield Hypothesis(
        "CA-E9",
        "loses leading zeros of the hex digits (the digest was made a number)",
        write=lambda s, d: d.hex().lstrip("0") if d.hex().startswith("0") else None,
    )
    yield Hypothesis(
        "CA-E10", "writes bytes below 16 as one hex digit", write=lambda s, d: "".join(f"{b:x}" for b in d)
    )
    yield Hypothesis(
        "CA-E11",
        "writes bytes as signed numbers in hex (Integer.toHexString of a byte)",
        write=lambda s, d: "".join(f"{b:x}" if b < 128 else f"ffffff{b:x}" for b in d),
    )
    yield Hypothesis("CA-E12", "compares the digest as a JSON string, in quotes", write=lambda s, d: f'"{s.write(d)}"')


# key axis


def _text_key(change: Callable[[str], str | None]) -> Key:
    def key(signer: Signer) -> bytes | None:
        changed = change(signer.secret)
        return None if changed is None else changed.encode("utf-8", "surrogatepass")

    return key


def _decoded_key(decode: Callable[[str], bytes]) -> Key:
    def key(signer: Signer) -> bytes | None:
        try:
            return decode(signer.secret) or None
        except (ValueError, binascii.Error):
            return None

    return key


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)


KEY_READINGS: tuple[tuple[str, str, Callable[[str], str | None]], ...] = (
    (
        "CA-K1",
        "keeps a line feed at the end of the secret (read from a file, or written with echo)",
        lambda k: k + "\n",
    ),
    ("CA-K1", "keeps CR LF at the end of the secret", lambda k: k + "\r\n"),
    ("CA-K1", "keeps a blank at the end of the secret", lambda k: k + " "),
    ("CA-K1", "keeps a blank before the secret", lambda k: " " + k),
    ("CA-K1", "keeps a byte order mark before the secret (a Windows editor)", lambda k: "\ufeff" + k),
    ("CA-K2", "trims the secret, whose blanks belong to it", lambda k: k.strip()),
    ("CA-K3", "keeps double quotes around the secret (from .env or YAML)", lambda k: f'"{k}"'),
    ("CA-K3", "keeps single quotes around the secret (from .env or YAML)", lambda k: f"'{k}'"),
    ("CA-K11", "turns the secret into capitals", lambda k: k.upper()),
    ("CA-K11", "turns the secret into lower case", lambda k: k.lower()),
    ("CA-K7", "cuts the secret at its first underscore", lambda k: k.partition("_")[2] or None),
    ("CA-K7", "expects whsec_ before the secret", lambda k: "whsec_" + k),
    ("CA-K12", "URL-decodes the secret", lambda k: urllib.parse.unquote(k)),
    ("CA-K12", "URL-decodes the secret, + as a blank", lambda k: urllib.parse.unquote_plus(k)),
    ("CA-K12", "URL-encodes the secret", lambda k: urllib.parse.quote(k, safe="")),
    (
        "CA-K12",
        "cuts the secret at a # (a comment in .env)",
        lambda k: k.partition("#")[0].rstrip() if "#" in k else None,
    ),
    (
        "CA-K12",
        "cuts the secret at a $ (a variable in compose or shell)",
        lambda k: k.partition("$")[0] if "$" in k else None,
    ),
    (
        "CA-K12",
        "replaces $NAME in the secret by nothing",
        lambda k: re.sub(r"\$\{?\w+\}?", "", k) if "$" in k else None,
    ),
    ("CA-K12", "cuts the secret at an &", lambda k: k.partition("&")[0] if "&" in k else None),
    ("CA-K12", "cuts the secret at an =", lambda k: k.partition("=")[0] if "=" in k else None),
    ("CA-K12", "cuts the secret at a blank", lambda k: k.strip().partition(" ")[0] if " " in k.strip() else None),
    ("CA-K12", "HTML-escapes the secret", lambda k: html.escape(k)),
    (
        "CA-K13",
        "reads the secret as a number and prints it again",
        lambda k: str(int(k)) if k.isascii() and k.isdigit() else None,
    ),
    (
        "CA-K13",
        "reads the secret as an octal number",
        lambda k: str(int(k, 8)) if re.fullmatch(r"0[0-7]+", k) else None,
    ),
    ("CA-K13", "reads the secret as a floating-point number and prints it again", lambda k: _float_text(k)),
    *(
        ("CA-K15", f"keeps only the first {n} characters of the secret", lambda k, n=n: k[:n] if len(k) > n else None)
        for n in (8, 10, 16, 20, 24, 32, 64)
    ),
    ("CA-K14", "normalises the secret (NFC)", lambda k: unicodedata.normalize("NFC", k)),
    ("CA-K14", "normalises the secret (NFD)", lambda k: unicodedata.normalize("NFD", k)),
)
"""Ways in which a configured secret is read wrongly: id, what the receiver does, the text it then has."""


def _float_text(text: str) -> str | None:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?(e[0-9]+)?", text):
        return None
    try:
        return f"{float(text):g}" if "e" in text or "." in text else None
    except OverflowError:
        return None


def _keys() -> Iterator[Hypothesis]:
    for name, text, change in KEY_READINGS:
        yield Hypothesis(name, text, key=_text_key(change))
    yield Hypothesis(
        "CA-K4",
        "decodes the secret from base64 before it uses it",
        key=_decoded_key(lambda k: base64.b64decode(_padded(k), validate=True)),
    )
    yield Hypothesis(
        "CA-K4",
        "decodes the secret from base64, ignoring what is not in the alphabet",
        key=_decoded_key(lambda k: base64.b64decode(_padded(re.sub(r"[^A-Za-z0-9+/]", "", k)))),
    )
    yield Hypothesis(
        "CA-K4",
        "decodes the secret from url-safe base64",
        key=_decoded_key(lambda k: base64.urlsafe_b64decode(_padded(k))),
    )
    yield Hypothesis("CA-K5", "decodes the secret from hex before it uses it", key=_decoded_key(bytes.fromhex))
    yield Hypothesis("CA-K6", "encodes the secret to base64 before it uses it", key=lambda s: base64.b64encode(s.key))
    yield Hypothesis(
        "CA-K6",
        "encodes the secret and a line feed to base64 (a Kubernetes manifest)",
        key=lambda s: base64.b64encode(s.key + b"\n"),
    )
    yield Hypothesis("CA-K6", "encodes the secret to hex before it uses it", key=lambda s: s.key.hex().encode())
    yield Hypothesis(
        "CA-K7",
        "decodes what stands behind the first underscore of the secret",
        key=_decoded_key(lambda k: base64.b64decode(_padded(k.partition("_")[2]), validate=True)),
    )
    yield Hypothesis(
        "CA-K8",
        "uses an empty key: no secret is configured, and anybody can forge events",
        key=lambda s: b"",
        forgeable=True,
    )
    for guess in GUESSES:
        yield Hypothesis(
            "CA-K10" if guess not in ("undefined", "null", "None", "nil") else "CA-K9",
            f"uses {guess!r} as the key: no secret is configured, and anybody can forge events",
            key=lambda s, g=guess: g.encode(),
            forgeable=True,
        )
    for encoding, label in (
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16, big end first"),
        ("latin-1", "Latin-1"),
        ("ascii", "ASCII, with question marks"),
        ("cp949", "CP949"),
    ):
        yield Hypothesis(
            "CA-K14",
            f"takes the secret's bytes in {label}",
            key=_decoded_key(lambda k, e=encoding: k.encode(e, "replace")),
        )


# message axis


def _respelled(spelling: Spelling) -> Message:
    def message(body: bytes) -> bytes | None:
        try:
            return write(read(body), spelling).data
        except (ValueError, RecursionError, OverflowError):
            return None

    return message


def _as_text(change: Callable[[str], bytes | str | None]) -> Message:
    def message(body: bytes) -> bytes | None:
        try:
            changed = change(body.decode("utf-8"))
        except UnicodeError:
            return None
        return changed.encode("utf-8", "surrogatepass") if isinstance(changed, str) else changed

    return message


_WHO = {
    "JSON.stringify": "as JSON.stringify writes it (usual behind express.json())",
    "json.dumps": "as Python's json.dumps writes it",
    "json.dumps, compact": "as Python's json.dumps with compact separators writes it",
    "json.dumps, UTF-8": "as Python's json.dumps with ensure_ascii=False writes it",
    "json.dumps, compact UTF-8": "compact and in UTF-8, as orjson, Starlette or Python's json.dumps with both options write it",
    "json_encode": "as PHP's json_encode writes it",
    "json_encode, assoc": "as PHP's json_encode writes what was decoded to arrays",
    "json_encode, unescaped": "as PHP's json_encode with unescaped slashes and unicode writes it",
    "json_encode, unescaped unicode": "as PHP's json_encode with unescaped unicode writes it",
    "Go map": "as Go's json.Marshal writes a map (sorted, <>& escaped)",
    "Go encoder": "as Go's json.Encoder writes a map, with its line feed",
    "Jackson": "as Jackson writes it",
    "Gson": "as Gson writes it",
    "System.Text.Json": "as System.Text.Json writes it",
    "Ruby to_json": "as Ruby's to_json writes it",
    "Rails": "as Rails' to_json writes it (<>& escaped)",
    "jsonify": "as Flask's jsonify writes it (sorted, with a line feed)",
    "jq": "as jq -c writes it",
    "jq, with newline": "as jq -c writes it, with its line feed",
}
_PARSED = "verifies JSON that it has parsed and written again, "
_IDS = {"JSON.stringify": "CA-M3", "json.dumps": "CA-M4", "jsonify": "CA-M7", "Go map": "CA-M10", "Go encoder": "CA-M10", "Jackson": "CA-M11", "Gson": "CA-M11",
        "System.Text.Json": "CA-M12", "Rails": "CA-M13", "jq": "CA-M16", "jq, with newline": "CA-M16"}  # fmt: skip


def _rewritings() -> Iterator[Hypothesis]:
    for name, spelling in SERIALISERS.items():
        ident = _IDS.get(name, "CA-M9" if "json_encode" in name else "CA-M5")
        yield Hypothesis(ident, _PARSED + _WHO[name], message=_respelled(spelling))
    for name in (
        "JSON.stringify",
        "json.dumps",
        "json.dumps, compact",
        "json.dumps, UTF-8",
        "json.dumps, compact UTF-8",
    ):
        yield Hypothesis(
            "CA-M6", f"{_PARSED}{_WHO[name]}, keys sorted", message=_respelled(sorted_keys(SERIALISERS[name]))
        )
    for name in ("JSON.stringify", "json.dumps", "json.dumps, UTF-8", "json_encode"):
        for indent in ("  ", "    ", "\t"):
            spelling = indented(SERIALISERS[name], indent)
            yield Hypothesis(
                "CA-M8", f"{_PARSED}{_WHO[name]}, {spelling.name.partition(', ')[2]}", message=_respelled(spelling)
            )
    yield Hypothesis("CA-M14", "signs Python's printed form of the parsed JSON", message=_as_text(_printed))


def _printed(text: str) -> str | None:
    import json

    try:
        return str(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _messages() -> Iterator[Hypothesis]:
    yield from _rewritings()
    yield Hypothesis(
        "CA-M1",
        "signs no bytes at all: the stream was read before (a parser or filter in front)",
        message=lambda b: b"",
    )
    for text in (b"{}", b"[object Object]", b"undefined", b"null", b'""', b"None"):
        yield Hypothesis("CA-M2", f"signs {text.decode()!r} instead of the body", message=lambda b, t=text: t)
    yield Hypothesis(
        "CA-M15",
        "signs the body as a JSON string literal (serialised twice, JavaScript)",
        message=_as_text(lambda t: write(t).data),
    )
    yield Hypothesis(
        "CA-M15",
        "signs the body as a JSON string literal (serialised twice, Python)",
        message=_as_text(lambda t: write(t, SERIALISERS["json.dumps"]).data),
    )
    yield Hypothesis("CA-M17", "adds a line feed to the body before it signs", message=lambda b: b + b"\n")
    yield Hypothesis("CA-M17", "adds CR LF to the body before it signs", message=lambda b: b + b"\r\n")
    yield Hypothesis(
        "CA-M17",
        "loses the body's last line feed before it signs",
        message=lambda b: b[:-1] if b.endswith(b"\n") else None,
    )
    yield Hypothesis("CA-M17", "loses the body's last line end before it signs", message=lambda b: b.rstrip(b"\r\n"))
    yield Hypothesis("CA-M17", "trims blanks around the body before it signs", message=lambda b: b.strip())
    yield Hypothesis("CA-M17", "trims blanks at the body's end before it signs", message=lambda b: b.rstrip())
    yield Hypothesis("CA-M17", "trims blanks at the body's start before it signs", message=lambda b: b.lstrip())
    yield Hypothesis(
        "CA-M17",
        "reads the body line by line and joins the lines with line feeds",
        message=_as_text(lambda t: "\n".join(t.splitlines())),
    )
    yield Hypothesis(
        "CA-M17", "turns CR LF into line feeds before it signs", message=lambda b: b.replace(b"\r\n", b"\n")
    )
    yield Hypothesis(
        "CA-M17", "turns line feeds into CR LF before it signs", message=lambda b: re.sub(rb"\r?\n", b"\r\n", b)
    )
    yield Hypothesis(
        "CA-M17", "reads the body line by line and loses the line ends", message=lambda b: re.sub(rb"\r?\n", b"", b)
    )
    yield Hypothesis("CA-M18", "adds a byte order mark", message=lambda b: b"\xef\xbb\xbf" + b)
    yield Hypothesis("CA-M18", "loses the byte order mark", message=lambda b: b.removeprefix(b"\xef\xbb\xbf"))
    yield from _charsets()
    yield Hypothesis("CA-M26", "signs the body in base64 (a gateway hands it over so)", message=base64.b64encode)
    yield Hypothesis("CA-M26", "signs the body in hex", message=lambda b: b.hex().encode())
    yield Hypothesis("CA-M27", "signs the URL-decoded body", message=_as_text(urllib.parse.unquote))
    yield Hypothesis(
        "CA-M27",
        "signs the URL-decoded body, + as a blank (a form parser)",
        message=_as_text(urllib.parse.unquote_plus),
    )
    yield Hypothesis("CA-M27", "signs the URL-encoded body", message=_as_text(lambda t: urllib.parse.quote(t, safe="")))
    yield Hypothesis(
        "CA-M27",
        "signs payload= and the URL-encoded body",
        message=_as_text(lambda t: "payload=" + urllib.parse.quote_plus(t)),
    )
    yield Hypothesis(
        "CA-M28",
        "HTML-escapes the body before it signs (htmlspecialchars)",
        message=_as_text(lambda t: html.escape(t).replace("&#x27;", "&#039;")),
    )
    yield Hypothesis("CA-M28", "HTML-escapes the body before it signs", message=_as_text(html.escape))
    yield Hypothesis(
        "CA-M28",
        "adds slashes to the body before it signs (addslashes)",
        message=_as_text(lambda t: re.sub(r"(['\"\\])", r"\\\1", t)),
    )
    yield Hypothesis(
        "CA-M28",
        "strips slashes from the body before it signs (stripslashes)",
        message=_as_text(lambda t: re.sub(r"\\(.)", r"\1", t)),
    )
    yield Hypothesis(
        "CA-M28", "strips tags from the body before it signs", message=_as_text(lambda t: re.sub(r"<[^>]*>", "", t))
    )
    yield Hypothesis(
        "CA-M29", "replaces every apostrophe in the body by a quotation mark", message=lambda b: b.replace(b"'", b'"')
    )
    yield Hypothesis(
        "CA-M30", "removes white space from the body before it signs", message=_as_text(lambda t: re.sub(r"\s", "", t))
    )
    yield Hypothesis("CA-M30", "lower-cases the body before it signs", message=_as_text(str.lower))
    for prefix in ("undefined.", "null.", "None.", ".", "v0:undefined:", "v0:None:", "v0::"):
        yield Hypothesis(
            "CA-M31",
            f"signs {prefix!r} and the body: the base string of a vendor that sends a timestamp",
            message=lambda b, p=prefix: p.encode() + b,
        )
    for size in (512, 1024, 2048, 4096, 8192, 16384, 32768, 65536):
        yield Hypothesis(
            "CA-M36",
            f"signs only the first {size} bytes of the body (one read)",
            message=lambda b, n=size: b[:n] if len(b) > n else None,
        )


def _charsets() -> Iterator[Hypothesis]:
    yield Hypothesis(
        "CA-M19", "reads the body as Latin-1 and signs it as UTF-8", message=lambda b: b.decode("latin-1").encode()
    )
    yield Hypothesis(
        "CA-M19",
        "reads the body as Windows-1252 and signs it as UTF-8",
        message=lambda b: b.decode("cp1252", "replace").encode(),
    )
    yield Hypothesis(
        "CA-M20",
        "reads the body as ASCII: every byte beyond it becomes a question mark",
        message=lambda b: re.sub(rb"[\x80-\xff]", b"?", b),
    )
    yield Hypothesis(
        "CA-M20",
        "writes the body as ASCII: every character beyond it becomes a question mark",
        message=_as_text(lambda t: t.encode("ascii", "replace")),
    )
    yield Hypothesis(
        "CA-M20",
        "writes the body as ASCII: every UTF-16 unit beyond it becomes a question mark",
        message=_as_text(lambda t: re.sub(r"[\U00010000-\U0010ffff]", "??", t).encode("ascii", "replace")),
    )
    yield Hypothesis(
        "CA-M20",
        "reads the body as ASCII: every byte beyond it becomes U+FFFD",
        message=lambda b: b.decode("ascii", "replace").encode(),
    )
    yield Hypothesis(
        "CA-M20", "drops every character beyond ASCII", message=_as_text(lambda t: t.encode("ascii", "ignore"))
    )
    yield Hypothesis(
        "CA-M20",
        "writes the body as Latin-1: what it does not have becomes a question mark",
        message=_as_text(lambda t: t.encode("latin-1", "replace")),
    )
    yield Hypothesis(
        "CA-M21",
        "keeps only the low byte of each UTF-16 unit (Node's binary or latin1)",
        message=_as_text(lambda t: bytes(u & 0xFF for u in _units(t))),
    )
    yield Hypothesis("CA-M21", "keeps only seven bits of each byte", message=lambda b: bytes(c & 0x7F for c in b))
    for encoding, label in (
        ("utf-16-le", "UTF-16, little end first"),
        ("utf-16-be", "UTF-16, big end first"),
        ("utf-16", "UTF-16 with a byte order mark"),
        ("cp949", "CP949 (Korean Windows)"),
        ("euc-kr", "EUC-KR"),
        ("cp932", "CP932 (Japanese Windows)"),
    ):
        yield Hypothesis(
            "CA-M22" if "UTF" in label else "CA-M23",
            f"signs the text in {label}",
            message=_as_text(lambda t, e=encoding: t.encode(e, "replace")),
        )
    for form in ("NFC", "NFD", "NFKC"):
        yield Hypothesis(
            "CA-M24",
            f"normalises the text ({form}) before it signs",
            message=_as_text(lambda t, f=form: unicodedata.normalize(f, t)),
        )
    yield Hypothesis(
        "CA-M25",
        "escapes characters beyond ASCII in the text, and leaves the rest",
        message=_as_text(
            lambda t: "".join(c if ord(c) < 128 else "".join(f"\\u{u:04x}" for u in _units(c)) for c in t)
        ),
    )
    yield Hypothesis(
        "CA-M25", "turns \\uXXXX in the text into characters, and leaves the rest", message=_as_text(_unescaped)
    )
    yield Hypothesis(
        "CA-M25", "turns \\/ in the text into /, and leaves the rest", message=lambda b: b.replace(b"\\/", b"/")
    )
    yield Hypothesis(
        "CA-M25",
        "turns / in the text into \\/, and leaves the rest",
        message=lambda b: re.sub(rb"(?<!\\)/", rb"\\/", b),
    )


def _units(text: str) -> list[int]:
    data = text.encode("utf-16-le", "surrogatepass")
    return [data[i] | data[i + 1] << 8 for i in range(0, len(data), 2)]


def _unescaped(text: str) -> str:
    changed = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
    return changed.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# the most frequent ones first, so that the usual bug is named within a few requests


_MOST_LIKELY = (
    Hypothesis("CA-M3", _PARSED + _WHO["JSON.stringify"], message=rewritten("JSON.stringify")),
    Hypothesis("CA-M4", _PARSED + _WHO["json.dumps"], message=rewritten("json.dumps")),
    Hypothesis("CA-K1", KEY_READINGS[0][1], key=_text_key(KEY_READINGS[0][2])),
    Hypothesis(
        "CA-H3",
        "compares the bare digest: the prefix of the header is not expected (or not cut off)",
        header=_value("{digest}"),
    ),
    Hypothesis(
        "CA-H1",
        "reads the signature from the header X-Hub-Signature-256 (GitHub's name), which the vendor does not send",
        header=_named("X-Hub-Signature-256"),
    ),
)


def _pairs() -> Iterator[Hypothesis]:
    """Two bugs at once, the likely ones."""
    rewritings = [h for h in _rewritings() if h.id in ("CA-M3", "CA-M4", "CA-M5", "CA-M7", "CA-M9", "CA-M10")]
    bare = Hypothesis("CA-H3", "compares the bare digest", header=_value("{digest}"))
    github = Hypothesis("CA-H1", "reads the header X-Hub-Signature-256", header=_named("X-Hub-Signature-256"))
    newline = Hypothesis("CA-K1", KEY_READINGS[0][1], key=_text_key(KEY_READINGS[0][2]))
    base64_text = Hypothesis("CA-E1", "compares base64", write=lambda s, d: encode(d, "base64"))
    hex_text = Hypothesis("CA-E1", "compares hex", write=lambda s, d: d.hex())
    capitals = Hypothesis("CA-E2", "compares the hex digits in capitals", write=lambda s, d: d.hex().upper())
    for first, second in [
        *((rewriting, github) for rewriting in rewritings),
        *((rewriting, bare) for rewriting in rewritings),
        *((rewriting, newline) for rewriting in rewritings[:2]),
        (newline, github), (newline, bare), (base64_text, bare), (base64_text, github), (hex_text, bare), (capitals, bare), (capitals, github),
        *((Hypothesis("CA-A1", f"signs with HMAC-{n.upper()}", primitive=_algorithm(n)), form) for n in ("sha1", "sha256", "sha512") for form in (hex_text, base64_text, capitals)),
    ]:  # fmt: skip
        yield _both(first, second)


def _both(first: Hypothesis, second: Hypothesis) -> Hypothesis:
    default = Hypothesis("", "")
    changes = {
        name: getattr(second, name)
        for name in ("key", "message", "primitive", "write", "header")
        if getattr(second, name) is not getattr(default, name)
    }
    return replace(first, id=f"{first.id}+{second.id}", text=f"{first.text}; and {second.text}", **changes)


SEPARATING = """{"b": 1.0, "a":"\\/\\u00e9\\u001B<&>'안😀\\u2028", "n":1e2, "big":12345678901234567890, "2":1, "1":[ ], "z":{}, "f":1.50}"""
"""A JSON value that every serialiser writes in another way: put into an event, it tells apart bugs that look the same on ordinary bodies."""
