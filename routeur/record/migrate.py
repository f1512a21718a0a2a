"""Bring the record's tables up to date: in one transaction, by one process at a time."""

from __future__ import annotations

from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, String, text
from sqlalchemy.types import TypeEngine

from routeur.record.engine import Record
from routeur.record.tables import Base

_ADVISORY_LOCK = 0x67756963686574


def upgrade(record: Record) -> None:
    """Apply the missing migrations, if there are any."""
    with record.write() as connection:
        if connection.dialect.name == "postgresql":  # on SQLite, which has one writer, a write is lock enough
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        command.upgrade(alembic_config(connection), "head")


def is_current(record: Record) -> bool:
    """Whether every migration has been applied."""
    with record.read() as connection:
        heads = ScriptDirectory.from_config(alembic_config(connection)).get_heads()
        return set(MigrationContext.configure(connection).get_current_heads()) == set(heads)


def differences(record: Record) -> list[object]:
    """The changes that Alembic would still generate; empty while migrations and tables agree."""
    with record.write() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": _type_differs})
        return list(compare_metadata(context, Base.metadata))


def _type_differs(
    context: MigrationContext, _inspected: object, _column: object, found: TypeEngine[Any], wanted: TypeEngine[Any]
) -> bool | None:
    """Whether a column's type differs; None lets Alembic decide. SQLite ignores the length of a text."""
    texts = isinstance(found, String) and isinstance(wanted, String)
    return False if texts and context.dialect.name == "sqlite" else None


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for work on this connection."""
    config = Config()
    config.set_main_option("script_location", "routeur.record:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
