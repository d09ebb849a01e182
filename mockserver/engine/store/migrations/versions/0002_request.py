"""What a delivery says gets a table of its own; the words of an answer go to its attempt; open is what is due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOVED = ("headers", "body", "spans", "text")


def upgrade() -> None:
    """Move them. Columns are dropped in place: a table made anew would take the rows that refer to it along."""
    op.create_table(
        "request",
        sa.Column("delivery", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["delivery"], ["delivery.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("delivery"),
    )
    columns = ", ".join(_MOVED)
    op.execute(f"INSERT INTO request (delivery, {columns}) SELECT id, {columns} FROM delivery")
    for column in _MOVED:
        op.execute(f"ALTER TABLE delivery DROP COLUMN {column}")
    op.execute("ALTER TABLE attempt ADD COLUMN text TEXT")
    op.drop_index("delivery_open", "delivery")
    op.create_index(
        "delivery_open", "delivery", ["endpoint", "key", "sequence"], sqlite_where=sa.text("due IS NOT NULL")
    )
