"""A `curl` command that repeats a delivery byte for byte, for any POSIX shell.

Secrets are read from environment variables, inside of JSON too; bytes that a shell argument cannot
hold go through printf, long runs of one character are counted.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hookassay.mockserver.emission.addressed import addressed
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.secret import Span
from hookassay.mockserver.emission.target import Target

VARIABLE = "HOOKASSAY_SECRET"
_LONGEST = 4_000
_LONGEST_ARGUMENT = 100_000
_RUN = re.compile(rb"([A-Za-z0-9])\1{99,}")
_NOTHING_ADDED = ("Accept", "User-Agent", "Expect", "Content-Type")
_NO_BODY, _NO_BODY_TO_HEAD = "--data-binary ''", "-H 'Content-Length: 0'"
_HEAD_PATIENCE = 5


def variable(provider: str) -> str:
    """The environment variable that holds a provider's secret."""
    return f"{VARIABLE}_{re.sub('[^A-Z0-9]', '_', provider.upper())}"


def derived_variable(provider: str) -> str:
    """The variable for a text that is made of the secret, as it is sent: a near miss, its escaped form."""
    return f"{variable(provider)}_AS_SENT"


def command(delivery: Delivery, target: Target, reveal: bool = False, whole: bool = False) -> str:
    """The command; what is framed as curl cannot is described instead of repeated, and so is what is longer
    than 4 kB, unless the `whole` is wanted."""
    delivery = addressed(delivery, target)
    framing = delivery.framing
    spans = {} if reveal else delivery.secrets
    parts = ["curl --http1.0" if framing.version == "1.0" else "curl --http1.1", "-i -sS", *_method(delivery)]
    parts += _address(delivery, target, spans.get("query", ()))
    for name, value in _headers(delivery):
        word = _Text.of_header(name, value, spans.get(name, ()), delivery.provider)
        if word.length > _LONGEST and not whole:
            return f"# the header {name} has {len(value or '')} characters: see the report"
        parts += ["-H", word.quoted]
    if only_ours := framing.in_words(len(delivery.body)):
        return f"{' '.join(parts)}  # not its body, which curl cannot send so: {only_ours}"
    body = _Text(delivery.body, tuple(spans.get("body", ())), delivery.provider)
    if not delivery.body:
        return f"{' '.join(parts)} {_NO_BODY_TO_HEAD if delivery.method == 'HEAD' else _NO_BODY}"
    if body.length > _LONGEST and not whole:
        return f"{' '.join(parts)} --data-binary @body.json  # {len(delivery.body)} bytes, see the report"
    if body.is_printable and len(delivery.body) <= _LONGEST_ARGUMENT:
        option = "--data-raw" if delivery.body[:1] == b"@" else "--data-binary"
        return f"{' '.join(parts)} {option} {body.quoted}"
    return f"{body.piped} | {' '.join(parts)} --data-binary @-"


def _method(delivery: Delivery) -> list[str]:
    if delivery.method == "HEAD" and not delivery.body:
        return ["-I"]
    if delivery.method == "HEAD":  # curl waits for the body that its answer does not have
        return ["-m", str(_HEAD_PATIENCE), "-X", "HEAD"]
    return ["-X", shlex.quote(delivery.method)]


def _address(delivery: Delivery, target: Target, spans: Iterable[Span]) -> list[str]:
    before = f"{target.base}{delivery.path}{'?' if delivery.query else ''}"
    moved = tuple(replace(span, start=span.start + len(before), end=span.end + len(before)) for span in spans)
    whole = before + delivery.query
    options = []
    if re.search(r"[\[\]{}]", whole.partition("://")[2].partition("/")[2]):
        options.append("-g")  # they are ranges and lists to curl
    if re.search(r"/\.\.?(/|\?|$)", whole):
        options.append("--path-as-is")
    return [*options, _Text(whole.encode(), moved, delivery.provider).quoted]


def _headers(delivery: Delivery) -> Iterator[tuple[str, str | None]]:
    """The delivery's own, those of its framing, and those that curl would add (None: not to be sent)."""
    yield from delivery.headers
    framing = delivery.framing
    given = {name.lower() for name, _ in delivery.headers}
    if framing.chunked:
        yield "Transfer-Encoding", "chunked"
    if framing.expect:
        yield "Expect", "100-continue"
        given.add("expect")
    if framing.version == "1.0":
        yield "Connection", "close"
    yield from ((name, None) for name in _NOTHING_ADDED if name.lower() not in given)


@dataclass(frozen=True)
class _Text:
    """Bytes for a shell, with the spans in them that are read from the environment."""

    data: bytes
    spans: tuple[Span, ...]
    provider: str

    @classmethod
    def of_header(cls, name: str, value: str | None, spans: Iterable[Span], provider: str) -> _Text:
        """A header as curl wants it: `Name: value`, `Name;` for an empty value, `Name:` for none at all."""
        if value is None or value == "":
            return cls(f"{name}{':' if value is None else ';'}".encode("latin-1"), (), provider)
        shift = len(name) + 2
        moved = tuple(replace(span, start=span.start + shift, end=span.end + shift) for span in spans)
        return cls(f"{name}: {value}".encode("latin-1"), moved, provider)

    @property
    def length(self) -> int:
        """How much there is to write, long runs not counted."""
        return len(_RUN.sub(b"", self.data))

    @property
    def is_printable(self) -> bool:
        """Whether a shell's quotes can hold all of it."""
        return all(_printable(piece) is not None for piece in self._pieces() if isinstance(piece, bytes))

    @property
    def quoted(self) -> str:
        """It as one word of a command."""
        return "".join(self._quoted(piece) for piece in self._pieces()) or "''"

    @property
    def piped(self) -> str:
        """It as a command that prints it."""
        commands: list[str] = []
        text, arguments = "", ""
        for piece in self._pieces():
            if isinstance(piece, re.Match):
                commands += [f"printf '{text}'{arguments}"] if text else []
                commands.append(_counted(piece))
                text, arguments = "", ""
            elif isinstance(piece, Span):
                text, arguments = f"{text}%s", f"{arguments} {self._variable(piece)}"
            else:
                text += _escaped(piece)
        commands += [f"printf '{text}'{arguments}"] if text else []
        return commands[0] if len(commands) == 1 else f"{{ {'; '.join(commands)}; }}"

    def _quoted(self, piece: bytes | Span | re.Match[bytes]) -> str:
        if isinstance(piece, Span):
            return self._variable(piece)
        if isinstance(piece, re.Match):
            return f'"$({_counted(piece)})"'
        text = _printable(piece)
        return shlex.quote(text) if text is not None else f"\"$(printf '{_escaped(piece)}')\""

    def _variable(self, span: Span) -> str:
        own = derived_variable(self.provider) if span.derived else variable(self.provider)
        return f'"${span.variable or own}"'

    def _pieces(self) -> Iterator[bytes | Span | re.Match[bytes]]:
        """In their order: plain bytes, secret spans, long runs of one character."""
        position = 0
        for span in sorted(self.spans, key=lambda span: span.start):
            yield from _runs(self.data[position : span.start])
            yield span
            position = span.end
        yield from _runs(self.data[position:])


def _runs(data: bytes) -> Iterator[bytes | re.Match[bytes]]:
    position = 0
    for run in _RUN.finditer(data):
        if run.start() > position:
            yield data[position : run.start()]
        yield run
        position = run.end()
    if position < len(data):
        yield data[position:]


def _counted(run: re.Match[bytes]) -> str:
    return f"printf '%{len(run[0])}s' '' | tr ' ' '{run[1].decode()}'"


def _printable(data: bytes) -> str | None:
    """Bytes as text if they are UTF-8 that can be copied from a terminal: no controls but line feed and tab."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if all(c in "\n\t" or _is_shown(ord(c)) for c in text) else None


def _is_shown(code: int) -> bool:
    return code >= 0x20 and not 0x7F <= code < 0xA0 and code & 0xFFFE != 0xFFFE


def _escaped(data: bytes) -> str:
    r"""Bytes for printf: printable ASCII as it is, the rest as octal escapes."""
    return "".join(_ESCAPES.get(byte) or (chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}") for byte in data)


_ESCAPES = {ord("%"): "%%", ord("\\"): "\\\\", ord("'"): "\\047"}
