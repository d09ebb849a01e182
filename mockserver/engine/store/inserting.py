"""Inserting one row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, insert


def insert_one(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert a row; its id."""
    key = connection.execute(insert(table).values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])
