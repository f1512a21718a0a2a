"""The journal: what happened to each contact, and why. Entries are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from routeur.record.tables import JournalEntry


def write(
    connection: Connection,
    at: datetime,
    kind: str,
    contact_id: str | None = None,
    agent: str | None = None,
    **detail: Any,
) -> None:
    """Add an entry; `kind` says what happened, `detail` why and with what values (JSON)."""
    connection.execute(insert(JournalEntry).values(at=at, kind=kind, contact_id=contact_id, agent=agent, detail=detail))
