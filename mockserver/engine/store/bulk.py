"""Many rows with one statement, compiled once: SQLAlchemy would make parameters of each row anew."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import Insert, Update

from hookassay.schemas.contract import Json


class Bulk:
    """An INSERT or UPDATE whose every value is a bound parameter, given by its name in each row.

    Values go to SQLite as they are: JSON is written by the caller (`dumped`), constants stand in the statement.
    """

    def __init__(self, statement: Insert | Update) -> None:
        compiled = statement.compile(dialect=sqlite.dialect(paramstyle="qmark"))
        assert compiled.positiontup is not None
        assert all(bind.required for bind in compiled.binds.values()), "a constant has to be literal"
        self._sql = str(compiled)
        self._values = itemgetter(*compiled.positiontup)

    @classmethod
    def insert(cls, statement: Insert, *columns: str) -> Bulk:
        """An INSERT of these columns."""
        return cls(statement.values({name: bindparam(name) for name in columns}))

    def execute(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Execute it for each row; nothing happens where there is none."""
        values = list(map(self._values, rows))
        if values:
            connection.exec_driver_sql(self._sql, values)


def dumped(value: Json) -> str | None:
    """JSON for a column of that type; None is NULL."""
    return None if value is None else json.dumps(value)
