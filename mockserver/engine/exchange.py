"""Logs out and in: NDJSON, HAR, curl, pytest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from hookassay.mockserver.engine import details, exports, imports, incoming, search
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.exports import Entry
from hookassay.mockserver.engine.intake import Intake
from hookassay.mockserver.engine.log import Log
from hookassay.mockserver.engine.model import Imported
from hookassay.mockserver.engine.store import tables

ExportFormat = Literal["ndjson", "har", "curl", "pytest"]
ImportFormat = Literal["ndjson", "har", "curl"]
Brought = Literal["import", "send"]

MEDIA_TYPES: dict[ExportFormat, str] = {
    "ndjson": "application/x-ndjson",
    "har": "application/json",
    "curl": "text/x-shellscript",
    "pytest": "text/x-python",
}

_d, _o = tables.delivery.c, tables.occurrence.c


@dataclass
class LogExchange:
    """The log in the formats of others."""

    context: Context
    intake: Intake
    log: Log

    def export(self, q: str = "", form: ExportFormat = "ndjson", reveal: bool = False) -> Iterator[str]:
        """The deliveries that a search finds, oldest first, as pieces of a text; secrets masked unless revealed."""
        if form not in exports.WRITERS:
            raise Refused("invalid", f"as is one of {', '.join(exports.WRITERS)}", "/as")
        wanted = (
            select(_d.id)
            .join(tables.occurrence, _o.id == _d.occurrence)
            .where(_d.gone_at.is_(None), search.parse(q).delivery)
            .order_by(_d.id)
        )
        with self.context.database.reading() as connection:
            found = list(connection.execute(wanted).scalars())
        return exports.WRITERS[form](self._entries(found), reveal)

    def _entries(self, found: list[int]) -> Iterator[Entry]:
        for ident in found:
            try:
                detail = self.log.delivery(ident, reveal=True)
            except Refused:  # taken away meanwhile
                continue
            with self.context.database.reading() as connection:
                row = details.row_of(connection, ident)
            provider = self.context.providers.all.get(row.provider)
            secrets = details.secrets_of(self.context, row.endpoint)
            yield Entry(provider, detail, details.restored(self.context, row), secrets)

    def bring_in(self, data: bytes, form: ImportFormat, origin: Brought = "import") -> Imported:
        """Deliveries of a file into the log, with the attempts that were made of them; nothing is sent: replays
        do that. Masked secrets are the endpoint's again. `origin` says who brings them: a person, or `send`.

        Raises Refused(invalid) where the file as a whole cannot be read, with the line.
        """
        if form not in incoming.READERS:
            raise Refused("invalid", f"as is one of {', '.join(incoming.READERS)}", "/as")
        refused: dict[int, str] = {}
        kept: list[int] = []
        with self.context.database.writing() as connection:
            for number, found in incoming.READERS[form](data):
                try:
                    if isinstance(found, str):
                        raise Refused("invalid", found)
                    kept.append(imports.keep(self.context, connection, self.intake, found, origin))
                except Refused as error:
                    refused[number] = error.detail
        self.context.changes.tell()
        return Imported(len(kept), refused, tuple(kept))
