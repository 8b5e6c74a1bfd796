"""Where an account's state lives: one interface, and memory, SQLite and PostgreSQL behind it.

- ``interface``: what a store is; ``opening`` finds the store of a place
- ``codec``, ``forms``, ``compact_json``, ``keys``: records and keys as bytes
- ``memory``: a store in memory
- ``cached``: a store over an SQL database. ``cache`` holds records in versions, ``reading`` and ``writing`` are its
  transactions, ``group`` commits writers together, ``appender`` writes what may wait
- ``database``: what that needs of a database; ``sqlite`` and ``postgresql``, each with its ``_database`` and
  ``_connection``, give it; ``migrations`` are their layouts
- ``sealing``, ``root_key``: secrets are sealed under a key that is kept elsewhere
"""
