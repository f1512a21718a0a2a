"""What happened to a contact, entry by entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from routeur.record.tables import JournalEntry

READ: Final = "read"
"""The kind of the entry that somebody has opened a contact: not a part of its story (see `readers`)."""


@dataclass(frozen=True)
class TimelineEntry:
    """An entry of the journal."""

    id: int
    at: datetime
    kind: str
    agent: str | None
    detail: Mapping[str, Any]


def timeline_of(connection: Connection, contact_id: str) -> list[TimelineEntry]:
    rows = connection.execute(
        select(*JournalEntry.__table__.c)
        .where(JournalEntry.contact_id == contact_id, JournalEntry.kind != READ)
        .order_by(JournalEntry.at, JournalEntry.id)
    )
    return [TimelineEntry(row.id, row.at, row.kind, row.agent, row.detail) for row in rows]
