"""Bring the record's tables up to date: all of it or nothing, however many processes try at once."""

from __future__ import annotations

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from routeur.record.engine import Record
from routeur.record.tables import Base

_ADVISORY_LOCK = 0x67756963686574


def upgrade(record: Record) -> None:
    """Apply the migrations that are missing; does nothing on a record that is up to date."""
    with record.write() as connection:
        if connection.dialect.name == "postgresql":  # SQLite's one writer needs no other lock
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        command.upgrade(alembic_config(connection), "head")


def is_current(record: Record) -> bool:
    """Whether every migration has been applied."""
    with record.read() as connection:
        heads = ScriptDirectory.from_config(alembic_config(connection)).get_heads()
        return set(MigrationContext.configure(connection).get_current_heads()) == set(heads)


def differences(record: Record) -> list[object]:
    """What autogeneration would still change: empty while the migrations and the tables agree."""
    with record.write() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for work on this connection."""
    config = Config()
    config.set_main_option("script_location", "routeur.record:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
