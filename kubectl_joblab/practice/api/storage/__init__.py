"""All objects in SQLite, an index of them in memory, what lately changed, and what is in use."""
