"""Message axis, last part: the body's text in another charset, another normal form, with other escapes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

from hookassay.mockserver.emission.causes.hypothesis import Hypothesis, Message
from hookassay.mockserver.emission.causes.reading import as_text, units

_CHANGES: tuple[tuple[str, str, Message], ...] = (
    ("CA-M19", "reads the body as Latin-1 and signs it as UTF-8", lambda b: b.decode("latin-1").encode()),
    (
        "CA-M19",
        "reads the body as Windows-1252 and signs it as UTF-8",
        lambda b: b.decode("cp1252", "replace").encode(),
    ),
    (
        "CA-M20",
        "reads the body as ASCII: every byte beyond it becomes a question mark",
        lambda b: re.sub(rb"[\x80-\xff]", b"?", b),
    ),
    (
        "CA-M20",
        "writes the body as ASCII: every character beyond it becomes a question mark",
        as_text(lambda t: t.encode("ascii", "replace")),
    ),
    (
        "CA-M20",
        "writes the body as ASCII: every UTF-16 unit beyond it becomes a question mark",
        as_text(lambda t: re.sub(r"[\U00010000-\U0010ffff]", "??", t).encode("ascii", "replace")),
    ),
    (
        "CA-M20",
        "reads the body as ASCII: every byte beyond it becomes U+FFFD",
        lambda b: b.decode("ascii", "replace").encode(),
    ),
    ("CA-M20", "drops every character beyond ASCII", as_text(lambda t: t.encode("ascii", "ignore"))),
    (
        "CA-M20",
        "writes the body as Latin-1: what it does not have becomes a question mark",
        as_text(lambda t: t.encode("latin-1", "replace")),
    ),
    (
        "CA-M21",
        "keeps only the low byte of each UTF-16 unit (Node's binary or latin1)",
        as_text(lambda t: bytes(unit & 0xFF for unit in units(t))),
    ),
    ("CA-M21", "keeps only seven bits of each byte", lambda b: bytes(byte & 0x7F for byte in b)),
)

_CHARSETS = (
    ("CA-M22", "utf-16-le", "UTF-16, little end first"),
    ("CA-M22", "utf-16-be", "UTF-16, big end first"),
    ("CA-M22", "utf-16", "UTF-16 with a byte order mark"),
    ("CA-M23", "cp949", "CP949 (Korean Windows)"),
    ("CA-M23", "euc-kr", "EUC-KR"),
    ("CA-M23", "cp932", "CP932 (Japanese Windows)"),
)

_FORMS: tuple[Literal["NFC", "NFD", "NFKC"], ...] = ("NFC", "NFD", "NFKC")


def _encoded(encoding: str) -> Message:
    return as_text(lambda t: t.encode(encoding, "replace"))


def _normalised(form: Literal["NFC", "NFD", "NFKC"]) -> Message:
    return as_text(lambda t: unicodedata.normalize(form, t))


def _escaped(text: str) -> str:
    return "".join(c if ord(c) < 128 else "".join(f"\\u{unit:04x}" for unit in units(c)) for c in text)


def _unescaped(text: str) -> str:
    changed = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
    return changed.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_ESCAPES: tuple[tuple[str, str, Message], ...] = (
    ("CA-M25", "escapes characters beyond ASCII in the text, and leaves the rest", as_text(_escaped)),
    ("CA-M25", "turns \\uXXXX in the text into characters, and leaves the rest", as_text(_unescaped)),
    ("CA-M25", "turns \\/ in the text into /, and leaves the rest", lambda b: b.replace(b"\\/", b"/")),
    ("CA-M25", "turns / in the text into \\/, and leaves the rest", lambda b: re.sub(rb"(?<!\\)/", rb"\\/", b)),
)


def hypotheses() -> Iterator[Hypothesis]:
    """Characters damaged, the whole text in another charset, normal forms, escapes."""
    for name, text, message in _CHANGES:
        yield Hypothesis(name, text, message=message)
    for name, encoding, label in _CHARSETS:
        yield Hypothesis(name, f"signs the text in {label}", message=_encoded(encoding))
    for form in _FORMS:
        yield Hypothesis("CA-M24", f"normalises the text ({form}) before it signs", message=_normalised(form))
    for name, text, message in _ESCAPES:
        yield Hypothesis(name, text, message=message)
