"""Alembic's entry: runs the steps on the connection that `database` has opened."""

from __future__ import annotations

from alembic import context

from hookassay.mockserver.engine.store.tables import metadata

# Batch mode: SQLite cannot alter or drop most columns in place.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
