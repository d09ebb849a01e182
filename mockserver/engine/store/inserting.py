"""Inserting one row, or a delivery with what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, insert

from hookassay.mockserver.engine.store import tables

_SAID = frozenset(column.name for column in tables.request.c) - {"delivery"}


def insert_one(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert a row; its id."""
    key = connection.execute(insert(table).values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def insert_delivery(connection: Connection, values: Mapping[str, Any]) -> int:
    """Insert a delivery and its request; the id of both."""
    ident = insert_one(
        connection, tables.delivery, {name: value for name, value in values.items() if name not in _SAID}
    )
    insert_one(connection, tables.request, {"delivery": ident, **{name: values[name] for name in _SAID}})
    return ident
