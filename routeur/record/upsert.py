"""An INSERT that may meet a row with the same key, in the words of the database at hand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite


def insert_or(connection: Connection, table: type[Any]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT into the table that takes `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
