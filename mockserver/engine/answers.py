"""Answers in the database: kept to a size, and made records again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hookassay.mockserver.emission.answer import Answer, duration
from hookassay.mockserver.engine.conversations import folded
from hookassay.mockserver.engine.texts import Told, packed, unpacked

BODY_KEPT = 256_000
HEADERS_KEPT = 64_000
"""Bytes of an answer that are kept."""

_SEARCHED = 4_000


def as_columns(answer: Answer | None) -> tuple[dict[str, Any] | None, bytes | None]:
    """An answer as JSON without its body, and the body."""
    if answer is None:
        return None, None
    headers, size = [], 0
    for name, value in answer.headers:
        size += len(name) + len(value)
        if size > HEADERS_KEPT:
            break
        headers.append([name, value])
    return {
        "status": answer.status,
        "headers": headers,
        "elapsed": round(answer.elapsed, 6),
        "failure": answer.failure,
        "detail": packed(answer.detail),
        "version": answer.version,
        "cut": answer.cut or len(answer.body) > BODY_KEPT,
    }, answer.body[:BODY_KEPT]


def words(body: bytes | None) -> str | None:
    """What an answer can be found by: the beginning of its body, folded."""
    return folded(body[:_SEARCHED].decode("utf-8", "replace")) if body else None


def in_words(answer: Answer) -> Told:
    """The same as the answer's own words, for a page to say in another language."""
    elapsed = duration(answer.elapsed)
    if answer.failure is None:
        return Told("answered", status=answer.status, elapsed=elapsed)
    failure = Told(answer.failure)
    if answer.detail:
        return Told("failed-with", failure=failure, detail=answer.detail, elapsed=elapsed)
    return Told("failed", failure=failure, elapsed=elapsed)


def as_answer(columns: Mapping[str, Any] | None, body: bytes | None) -> Answer | None:
    """The record of an answer that was kept."""
    if columns is None:
        return None
    return Answer(
        status=columns["status"],
        raw_headers=tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in columns["headers"]),
        body=body or b"",
        elapsed=columns["elapsed"],
        failure=columns["failure"],
        detail=unpacked(columns["detail"]),
        version=columns["version"],
        cut=columns["cut"],
    )
