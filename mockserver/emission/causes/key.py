"""Key axis: the configured secret read wrongly, decoded needlessly, or not there at all."""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Literal

from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.causes.hypothesis import Hypothesis, Key
from hookassay.mockserver.emission.mutation.signature import GUESSES

Reading = Callable[[str], "str | None"]
"""From the configured secret to the text that is taken for it; None where this reading does not apply."""


def _text_key(change: Reading) -> Key:
    def key(signer: Signer) -> bytes | None:
        changed = change(signer.secret)
        return None if changed is None else changed.encode("utf-8", "surrogatepass")

    return key


def _decoded_key(decode: Callable[[str], bytes]) -> Key:
    """A key decoded from the secret's text; None where the text is not of that kind, or nothing is left."""

    def key(signer: Signer) -> bytes | None:
        try:
            return decode(signer.secret) or None
        except (ValueError, binascii.Error):
            return None

    return key


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)


def _before(mark: str) -> Reading:
    return lambda k: k.partition(mark)[0] if mark in k else None


def _first(length: int) -> Reading:
    return lambda k: k[:length] if len(k) > length else None


def _normalised(form: Literal["NFC", "NFD"]) -> Reading:
    return lambda k: unicodedata.normalize(form, k)


def _float_text(text: str) -> str | None:
    """A secret that looks like a floating-point number, printed again as one."""
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?(e[0-9]+)?", text) or not ("e" in text or "." in text):
        return None
    return f"{float(text):g}"


KEY_READINGS: tuple[tuple[str, str, Reading], ...] = (
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
    ("CA-K12", "URL-decodes the secret", urllib.parse.unquote),
    ("CA-K12", "URL-decodes the secret, + as a blank", urllib.parse.unquote_plus),
    ("CA-K12", "URL-encodes the secret", lambda k: urllib.parse.quote(k, safe="")),
    (
        "CA-K12",
        "cuts the secret at a # (a comment in .env)",
        lambda k: k.partition("#")[0].rstrip() if "#" in k else None,
    ),
    ("CA-K12", "cuts the secret at a $ (a variable in compose or shell)", _before("$")),
    (
        "CA-K12",
        "replaces $NAME in the secret by nothing",
        lambda k: re.sub(r"\$\{?\w+\}?", "", k) if "$" in k else None,
    ),
    ("CA-K12", "cuts the secret at an &", _before("&")),
    ("CA-K12", "cuts the secret at an =", _before("=")),
    ("CA-K12", "cuts the secret at a blank", lambda k: k.strip().partition(" ")[0] if " " in k.strip() else None),
    ("CA-K12", "HTML-escapes the secret", html.escape),
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
    ("CA-K13", "reads the secret as a floating-point number and prints it again", _float_text),
    *(
        ("CA-K15", f"keeps only the first {length} characters of the secret", _first(length))
        for length in (8, 10, 16, 20, 24, 32, 64)
    ),
    ("CA-K14", "normalises the secret (NFC)", _normalised("NFC")),
    ("CA-K14", "normalises the secret (NFD)", _normalised("NFD")),
)
"""Ways in which a configured secret is read wrongly: id, what the receiver does, the text it then has."""

NEWLINE = Hypothesis(KEY_READINGS[0][0], KEY_READINGS[0][1], key=_text_key(KEY_READINGS[0][2]))
"""A line feed at the secret's end, the most frequent of them."""

_CODINGS: tuple[tuple[str, str, Key], ...] = (
    (
        "CA-K4",
        "decodes the secret from base64 before it uses it",
        _decoded_key(lambda k: base64.b64decode(_padded(k), validate=True)),
    ),
    (
        "CA-K4",
        "decodes the secret from base64, ignoring what is not in the alphabet",
        _decoded_key(lambda k: base64.b64decode(_padded(re.sub(r"[^A-Za-z0-9+/]", "", k)))),
    ),
    (
        "CA-K4",
        "decodes the secret from url-safe base64",
        _decoded_key(lambda k: base64.urlsafe_b64decode(_padded(k))),
    ),
    ("CA-K5", "decodes the secret from hex before it uses it", _decoded_key(bytes.fromhex)),
    ("CA-K6", "encodes the secret to base64 before it uses it", lambda s: base64.b64encode(s.key)),
    (
        "CA-K6",
        "encodes the secret and a line feed to base64 (a Kubernetes manifest)",
        lambda s: base64.b64encode(s.key + b"\n"),
    ),
    ("CA-K6", "encodes the secret to hex before it uses it", lambda s: s.key.hex().encode()),
    (
        "CA-K7",
        "decodes what stands behind the first underscore of the secret",
        _decoded_key(lambda k: base64.b64decode(_padded(k.partition("_")[2]), validate=True)),
    ),
)

_CHARSETS = (
    ("utf-16-le", "UTF-16"),
    ("utf-16-be", "UTF-16, big end first"),
    ("latin-1", "Latin-1"),
    ("ascii", "ASCII, with question marks"),
    ("cp949", "CP949"),
)
_UNSET = ("undefined", "null", "None", "nil")
"""The guesses that languages print for a variable that is not set (CA-K9); the rest are defaults (CA-K10)."""


def _guessed(guess: str) -> Key:
    return lambda signer: guess.encode()


def _in_charset(encoding: str) -> Key:
    return _decoded_key(lambda k: k.encode(encoding, "replace"))


def hypotheses() -> Iterator[Hypothesis]:
    """The secret read wrongly, then coded, then missing, then in other charsets."""
    for name, text, change in KEY_READINGS:
        yield Hypothesis(name, text, key=_text_key(change))
    for name, text, key in _CODINGS:
        yield Hypothesis(name, text, key=key)
    yield Hypothesis(
        "CA-K8",
        "uses an empty key: no secret is configured, and anybody can forge events",
        key=lambda signer: b"",
        forgeable=True,
    )
    for guess in GUESSES:
        yield Hypothesis(
            "CA-K9" if guess in _UNSET else "CA-K10",
            f"uses {guess!r} as the key: no secret is configured, and anybody can forge events",
            key=_guessed(guess),
            forgeable=True,
        )
    for encoding, label in _CHARSETS:
        yield Hypothesis("CA-K14", f"takes the secret's bytes in {label}", key=_in_charset(encoding))
