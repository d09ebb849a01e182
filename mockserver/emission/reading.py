"""Reading one answer from the bytes of a connection, without a connection: bounded whatever comes.

httptools parses; what it does not bound is bounded here: bytes of headers, number of 1xx answers,
bytes of a body. Time is bounded by whoever feeds it (`exchange`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import httptools

from hookassay.mockserver.emission.answer import Answer, Failure

HEADER_LIMIT = 262_144
INTERIM_LIMIT = 100
BODY_KEPT = 1_048_576
BODY_LIMIT = 16 * BODY_KEPT
"""Bytes after the head, framing included, at which an answer is no longer read: it counts as it stands."""

_ALIKE_SIZE = 4096
_ALIKE_COUNT = 256
"""Most answers of a long run are alike to the byte: so many of at most so many bytes are parsed once."""


class _Parsed(NamedTuple):
    """A whole answer that came in one piece and left its connection in order."""

    status: int
    version: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


_alike: dict[bytes, _Parsed] = {}


class AnswerReader:
    """One answer, fed with bytes as they come. Nothing more is needed once `done`.

    `keeps`: after it the connection may be used again, as far as HTTP goes. `overlong`: bytes came that
    are no part of it. `continues`: `100 Continue` was among the interim answers.
    """

    done = keeps = overlong = continues = False
    _status: int | None = None
    _version = "1.1"
    _body_bytes = _head_read = _body_read = _interim = 0
    _complete = _stopped = False
    _failure: Failure | None = None
    _detail = ""
    _parser: Any = None
    _known: _Parsed | None = None
    _headers: list[tuple[bytes, bytes]]
    _body: bytearray

    def __init__(self, bodiless: bool = False) -> None:
        self._bodiless = bodiless

    def feed(self, data: bytes) -> None:
        """Take bytes that came."""
        if self.done:
            self.note_late(data)
            return
        first = self._parser is None
        if first:
            self._known = None if self._bodiless else _alike.get(data)
            if self._known is not None:
                self._complete = self.done = self.keeps = True
                return
            self._begin()
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if self._complete:
                self.overlong = True
            elif self._failure is None:
                self.fail("not-http", str(error) or type(error).__name__)
        if self._complete or self._failure is not None:
            self._end()
            if first and self.keeps and not self._bodiless and not self._interim and len(data) <= _ALIKE_SIZE:
                self._remember(data)
        else:
            self._count(len(data))

    def _begin(self) -> None:
        self._headers, self._body = [], bytearray()
        self._parser = httptools.HttpResponseParser(self)
        # What vendors' clients take has to be taken here, or a right receiver would fail: a bare LF in
        # the head, blanks after a chunk's size, a Content-Length that chunks make void (RFC 9112 6.3).
        self._parser.set_dangerous_leniencies(
            lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True, lenient_chunked_length=True
        )

    def _remember(self, data: bytes) -> None:
        assert self._status is not None
        if len(_alike) >= _ALIKE_COUNT:
            _alike.clear()
        _alike[data] = _Parsed(self._status, self._version, tuple(self._headers), bytes(self._body))

    def note_late(self, data: bytes) -> None:
        """Take bytes that came after the answer's end: a line end more is customary, anything else is too much."""
        if self._complete and data.strip(b"\r\n"):
            self.overlong, self.keeps = True, False

    def end(self, error: BaseException | None = None) -> None:
        """The connection has ended, by itself or with an error."""
        if self.done:
            return
        if self._status is not None and self._ends_with_connection() and error is None:
            self._complete = True
            self._end()
        elif self._status is not None or self._head_read:
            self.fail("incomplete", _reason(error))
        elif error is not None:
            self.fail("reset", _reason(error))
        else:
            self.fail("closed", "")

    def fail(self, failure: Failure, detail: str) -> None:
        """The exchange has failed, unless it was done before."""
        if not self.done:
            self._failure, self._detail = failure, detail
            self._end()

    def answer(self, elapsed: float) -> Answer:
        """What was read, after so many seconds."""
        if self._known is not None:
            status, version, headers, body = self._known
            return Answer(status, headers, body, elapsed, version=version, overlong=self.overlong)
        if self._parser is None:
            return Answer(None, elapsed=elapsed, failure=self._failure, detail=self._detail)
        return Answer(
            status=self._status,
            raw_headers=tuple(self._headers),
            body=bytes(self._body),
            elapsed=elapsed,
            failure=self._failure,
            detail=self._detail,
            version=self._version,
            cut=self._stopped or self._body_bytes > len(self._body),
            overlong=self.overlong,
        )

    def _end(self) -> None:
        self.done = True
        self.keeps = self.keeps and self._complete and not self.overlong and self._failure is None

    def _count(self, length: int) -> None:
        """Bound what httptools does not: a head without end, a body without end (chunk extensions and trailers too)."""
        if self._status is None:
            self._head_read += length
            if self._head_read > HEADER_LIMIT:
                self.fail("not-http", f"more than {HEADER_LIMIT // 1024} kB of headers")
        else:
            self._body_read += length
            if self._body_read > BODY_LIMIT:
                self._stopped = True
                self._end()

    def _ends_with_connection(self) -> bool:
        """Whether it has neither a length nor chunks: the connection's end is its end (RFC 9112 section 6.3)."""
        names = {name.lower() for name, _ in self._headers}
        return b"content-length" not in names and b"transfer-encoding" not in names

    # called by httptools

    def on_message_begin(self) -> None:
        if self._complete:  # another answer, behind this one
            self.overlong = True

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._status is None:  # later ones are trailers, or those of another answer
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._complete or self._failure is not None:
            return
        status = self._parser.get_status_code()
        self._version = self._parser.get_http_version()
        if status == 101:
            self._failure, self._detail = "not-http", "101, a change of protocol"
        elif status < 100:
            self._failure, self._detail = "not-http", f"status {status:03d}"
        elif status >= 200:
            self._status = status
            self.keeps = self._parser.should_keep_alive()
            self._complete = self._bodiless

    def on_body(self, body: bytes) -> None:
        if self._complete:
            self.overlong = True
            return
        self._body_bytes += len(body)
        self._body += body[: BODY_KEPT - len(self._body)]

    def on_message_complete(self) -> None:
        if self._status is not None:
            self._complete = True
            return
        self.continues = self.continues or self._parser.get_status_code() == 100
        self._headers.clear()
        self._interim += 1
        if self._interim > INTERIM_LIMIT:
            self._failure, self._detail = "not-http", f"more than {INTERIM_LIMIT} interim answers"


def _reason(error: BaseException | None) -> str:
    return "" if error is None else getattr(error, "strerror", None) or str(error) or type(error).__name__
