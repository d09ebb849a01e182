"""Answers in the database: kept to a size, and made records again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hookassay.mockserver.emission.answer import Answer

BODY_KEPT = 256_000
HEADERS_KEPT = 64_000
"""Bytes of an answer that are kept."""


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
        "detail": answer.detail,
        "version": answer.version,
        "cut": answer.cut or len(answer.body) > BODY_KEPT,
    }, answer.body[:BODY_KEPT]


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
        detail=columns["detail"],
        version=columns["version"],
        cut=columns["cut"],
    )
