"""Where the mock keeps what it knows: one SQLite file."""
