"""The steps from each older form of the database to today's (Alembic)."""
