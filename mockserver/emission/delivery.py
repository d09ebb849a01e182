"""One HTTP request as the vendor would send it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from hookassay.mockserver.emission.secret import Span, hide, hide_bytes

LARGE_HEADER = 8_000
LARGE_BODY = 65_536
"""Above these (bytes) a receiver may close the connection instead of answering (docs/checks.md)."""


@dataclass(frozen=True)
class Framing:
    """How the bytes travel, where it is not the plain way (one write, right Content-Length, HTTP/1.1).

    `pieces` are offsets at which the body, or its chunks, are cut into several writes, `pause` seconds apart, and
    `head_pieces` the number of writes of the head; `declared` is a Content-Length other than the body's
    (beside chunks: one at all), `contradicted` a second one; `chunk` and `extension` are the bytes of a
    chunk and what stands behind its size; `cut` ends the body after so many bytes and half-closes,
    `half_close` does so behind a whole one; `bare_lf` parts the head's lines by LF alone; `copies` are sent one
    behind the other without waiting; `expect` waits for `100 Continue` (a second at most) before the
    body; `fresh` asks for a connection of its own.
    """

    version: str = "1.1"
    chunked: bool = False
    expect: bool = False
    pieces: tuple[int, ...] = ()
    pause: float = 0.0
    declared: int | None = None
    cut: int | None = None
    fresh: bool = False
    head_pieces: int = 1
    contradicted: int | None = None
    chunk: int = 512
    extension: str = ""
    half_close: bool = False
    bare_lf: bool = False
    copies: int = 1

    @cached_property
    def plain(self) -> bool:
        """Whether it can travel on a connection that is used again: whole, and framed in the plain way."""
        return self == Framing(pieces=self.pieces, pause=self.pause)

    @property
    def whole(self) -> bool:
        """Whether it is one whole request, in a form that every server knows."""
        cut_short = self.cut is not None or self.declared is not None
        return not (cut_short or self.contradicted is not None or self.half_close or self.bare_lf or self.copies > 1)

    def in_words(self, size: int) -> str:
        """What only this sender does with a body of so many bytes; empty where any client can send it so."""
        told = {
            f"a Content-Length of {self.declared}": self.declared is not None,
            f"a second Content-Length of {self.contradicted}": self.contradicted is not None,
            f"cut short after {self.cut} of {size} bytes": self.cut is not None,
            f"in {len(self.pieces) + 1} pieces, {self.pause:g} s apart": bool(self.pieces),
            f"its head in {self.head_pieces} pieces, {self.pause:g} s apart": self.head_pieces > 1,
            f"in chunks of {self.chunk}, {self.extension!r} behind each size": self.chunked and bool(self.extension),
            f"in chunks of {self.chunk}": self.chunked and not self.extension and self.chunk != Framing.chunk,
            "the connection half-closed behind it": self.half_close,
            "header lines that end with LF alone": self.bare_lf,
            f"{self.copies} of it one behind the other": self.copies > 1,
        }
        return ", ".join(text for text, holds in told.items() if holds)


PLAIN = Framing()


@dataclass(frozen=True, repr=False)
class Delivery:
    """Method, headers and exact body bytes, authenticated over those bytes; never changed once built.

    Header values are Latin-1 text: one character, one byte on the wire. `path` and `query` are added
    to the target's; without `credentials` the user and password of its URL are left out. `secrets`
    maps a place (`body`, `query`, or a header's name) to the spans that come from a secret.
    """

    provider: str
    event: str
    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    secrets: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    path: str = ""
    query: str = ""
    framing: Framing = PLAIN
    credentials: bool = True

    def __repr__(self) -> str:
        return f"<Delivery {self.provider} {self.event}: {self.method}, {len(self.body)} bytes>"

    def header(self, name: str) -> str | None:
        """The first value of a header, by its name in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def with_headers(self, *headers: tuple[str, str], without: tuple[str, ...] = ()) -> Delivery:
        """The same delivery with headers added, those named in `without` taken out first."""
        gone = {name.lower() for name in without}
        kept = tuple(pair for pair in self.headers if pair[0].lower() not in gone)
        return replace(self, headers=kept + headers)

    def with_framing(self, **changes: Any) -> Delivery:
        """The same delivery, framed in another way (`Framing`'s fields)."""
        return replace(self, framing=replace(self.framing, **changes))

    @property
    def may_be_cut_off(self) -> bool:
        """Whether a connection that closes without a whole answer is a right refusal: of its size, or of a second Host.

        A server has to refuse two (RFC 9112 section 3.2); those that do before they have read the body lose the end
        of their answer with it.
        """
        longest = max((len(name) + len(value) for name, value in self.headers), default=0)
        hosts = sum(name.lower() == "host" for name, _ in self.headers)
        return longest > LARGE_HEADER or len(self.body) > LARGE_BODY or hosts > 1

    @property
    def is_whole(self) -> bool:
        """Whether it is one whole HTTP request; a connection that closes upon any other is a right refusal."""
        return self.framing.whole

    def shown_headers(self, reveal: bool = False) -> list[tuple[str, str]]:
        """The headers for people, secrets masked unless they are to be shown."""
        if reveal:
            return list(self.headers)
        return [(name, hide(value, self.secrets.get(name, ()))) for name, value in self.headers]

    def shown_body(self, reveal: bool = False) -> bytes:
        """The body for people, secrets masked unless they are to be shown."""
        return self.body if reveal else hide_bytes(self.body, self.secrets.get("body", ()))

    def shown_query(self, reveal: bool = False) -> str:
        """The query for people, secrets masked unless they are to be shown."""
        return self.query if reveal else hide(self.query, self.secrets.get("query", ()))

    def as_json(self, path: str, placeholder: str = "") -> dict[str, Any]:
        """A delivery in the form that others read (docs/formats.md); `placeholder` masks what is secret.

        `path` is the target's; the delivery's own path and query are added to it.
        """
        spans = self.secrets if placeholder else {}
        query = hide(self.query, spans.get("query", ()), placeholder)
        body = hide_bytes(self.body, spans.get("body", ()), placeholder)
        try:
            content = {"body": body.decode("utf-8")}
        except UnicodeDecodeError:
            content = {"body_base64": base64.b64encode(body).decode("ascii")}
        return {
            "provider": self.provider,
            "event": self.event,
            "method": self.method,
            "path": f"{path}{self.path}{f'?{query}' if query else ''}",
            "headers": [[name, hide(value, spans.get(name, ()), placeholder)] for name, value in self.headers],
            **content,
            **({"masked": True} if any(spans.values()) else {}),
        }
