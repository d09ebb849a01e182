"""The log in the formats of others, out and in."""

from __future__ import annotations

from typing import Literal

from flask import Response, stream_with_context
from pydantic import Field

from hookassay.mockserver.engine import Mock, model
from hookassay.mockserver.engine.exchange import MEDIA_TYPES, ExportFormat
from hookassay.mockserver.web.operations import Input, Operations, Output, Query

operations = Operations("logs", "The log in the formats of others: NDJSON, HAR, curl, pytest.")


class Imported(Output):
    """How many deliveries came in, the numbers they have here; refused ones by line or entry."""

    count: int
    refused: dict[int, str]
    deliveries: list[int]


_ENDINGS = {"ndjson": "ndjson", "har": "har", "curl": "sh", "pytest": "py"}


class Export(Query):
    """What is exported, as what; masked unless revealed."""

    q: str = Field("", max_length=2000, description="The search; empty: everything.")
    form: ExportFormat = Field("ndjson", alias="as")
    reveal: bool = Field(False, description="Exact bytes, secrets shown.")


class ToImport(Input):
    """A file's text, and what it is."""

    form: Literal["ndjson", "har", "curl"] = Field(alias="as")
    text: str
    origin: Literal["import", "send"] = Field("import", description="`send`: one of your own requests, to be logged.")


@operations("GET", "/export", media=tuple(dict.fromkeys(MEDIA_TYPES.values())))
def export_log(mock: Mock, query: Export) -> Response:
    """Export deliveries, oldest first."""
    pieces = mock.exchange.export(query.q, query.form, reveal=query.reveal)
    name = f"hookassay.{_ENDINGS[query.form]}"
    return Response(
        stream_with_context(piece.encode("utf-8", "backslashreplace") for piece in pieces),
        content_type=MEDIA_TYPES[query.form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@operations("POST", "/import", Imported, status=201)
def import_log(mock: Mock, body: ToImport) -> model.Imported:
    """Take deliveries into the log, with the attempts that the file tells of; nothing is sent, all can be replayed."""
    return mock.exchange.bring_in(body.text.encode(), body.form, body.origin)
