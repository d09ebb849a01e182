"""A `curl` command that repeats a delivery byte for byte.

Secrets are read from environment variables, inside of JSON too; bytes that a shell argument cannot
hold go through printf.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.secret import Span

VARIABLE = "HOOKASSAY_SECRET"
_LONGEST = 4_000
_RUN = re.compile(r"([A-Za-z0-9])\1{99,}")
_NOTHING_ADDED = ("Accept", "User-Agent", "Expect", "Content-Type")


def variable(provider: str) -> str:
    """The environment variable that holds a provider's secret."""
    return f"{VARIABLE}_{re.sub('[^A-Z0-9]', '_', provider.upper())}"


def command(delivery: Delivery, url: str, reveal: bool = False) -> str:
    """The command; a body over 4 kB or one that is framed oddly is described instead of repeated."""
    framing = delivery.framing
    parts = [
        "curl --http1.0" if framing.version == "1.0" else "curl --http1.1",
        "-i",
        "-sS",
        "-X",
        shlex.quote(delivery.method),
    ]
    parts.append(shlex.quote(_with(url, delivery)))
    spans = {} if reveal else delivery.secrets
    for name, value in delivery.headers:
        text = f"{name}: {value}" if value else f"{name};"
        parts += [
            "-H",
            _quoted(
                text,
                tuple(Span(s.start + len(name) + 2, s.end + len(name) + 2) for s in spans.get(name, ())),
                delivery.provider,
            ),
        ]
    given = {name.lower() for name, _ in delivery.headers}
    parts += [part for name in _NOTHING_ADDED if name.lower() not in given for part in ("-H", f"'{name}:'")]
    if framing.chunked:
        parts += ["-H", "'Transfer-Encoding: chunked'"]
    if framing.cut is not None or framing.declared is not None or framing.pieces:
        return f"{' '.join(parts)}  # its framing cannot be repeated by curl: {framing}"
    body = delivery.body
    longest = max((len(_RUN.sub("", value)) for _, value in delivery.headers), default=0)
    if longest > _LONGEST:
        return f"# a header of {longest} characters: see the report"
    if not body:
        return f"{' '.join(parts)} --data-binary ''"
    if len(re.sub(rb"([A-Za-z0-9])\1{99,}", b"", body)) > _LONGEST:
        return f"{' '.join(parts)} --data-binary @body.json  # {len(body)} bytes, see the report"
    printable = _printable(body)
    if printable is not None:
        offsets = [
            Span(len(body[: s.start].decode("utf-8", "replace")), len(body[: s.end].decode("utf-8", "replace")))
            for s in spans.get("body", ())
        ]
        return f"{' '.join(parts)} --data-binary {_quoted(printable, offsets, delivery.provider)}"
    return f"printf '{_escaped(body)}' | {' '.join(parts)} --data-binary @-"


def _with(url: str, delivery: Delivery) -> str:
    base, _, query = url.partition("?")
    whole = "&".join(part for part in (query, delivery.query) if part)
    return f"{base}{delivery.path}{f'?{whole}' if whole else ''}"


def _printable(body: bytes) -> str | None:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return (
        text
        if all(c in "\n\t" or ord(c) >= 0x20 and ord(c) != 0x7F and not 0xFFFE <= ord(c) & 0xFFFF for c in text)
        and "\r" not in text
        else None
    )


def _quoted(text: str, spans: Sequence[Span], provider: str) -> str:
    """A text as one shell word, its secret spans read from the environment, long runs of one character counted."""
    run = _RUN.search(text)
    if run and not spans:
        counted = f"\"$(printf '%{len(run[0])}s' '' | tr ' ' '{run[1]}')\""
        return _part(text[: run.start()], provider) + counted + _part(text[run.end() :], provider)
    if not text.isprintable() and not spans and any(ord(c) < 0x20 and c not in "\n\t" for c in text):
        return f"$'{_escaped(text.encode('latin-1', 'replace'))}'"
    parts, position = [], 0
    for span in sorted(spans, key=lambda span: span.start):
        parts += [
            shlex.quote(text[position : span.start]) if text[position : span.start] else "",
            f'"${variable(provider)}"',
        ]
        position = span.end
    rest = text[position:]
    return "".join([*parts, shlex.quote(rest) if rest or not parts else ""])


def _part(text: str, provider: str) -> str:
    return _quoted(text, (), provider) if text else ""


def _escaped(data: bytes) -> str:
    r"""Bytes for printf or $'…': printable ASCII as it is, the rest as octal escapes."""
    return "".join(chr(b) if 0x20 <= b < 0x7F and chr(b) not in "\\'%" else f"\\{b:03o}" for b in data)
