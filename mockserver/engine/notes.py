"""Single facts in the database."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from hookassay.mockserver.engine.store.tables import note
from hookassay.schemas.contract import Json


def read(connection: Connection, name: str, default: Json) -> Json:
    row = connection.execute(select(note.c.value).where(note.c.name == name)).first()
    return default if row is None else row.value


def write(connection: Connection, name: str, value: Json) -> None:
    statement = insert(note).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
