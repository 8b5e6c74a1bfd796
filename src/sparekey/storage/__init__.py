"""Where an account's state lives: one interface, and memory, SQLite and PostgreSQL behind it."""
