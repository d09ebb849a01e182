"""What developers get wrong: records by family (`FAMILY.toml`), and the code that takes the right step's place."""
