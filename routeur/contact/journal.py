"""The journal: what happened to each contact, and why. Entries are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from routeur.record.tables import JournalEntry


def write(
    connection: Connection,
    at: datetime,
    kind: str,
    contact_id: str | None = None,
    agent: str | None = None,
    *,
    event_id: str | None = None,
    **detail: Any,
) -> None:
    """Add an entry; `kind` says what happened, `detail` why and with what values (JSON).

    `event_id` names what happened where it may be told twice: the record takes one entry of it.
    """
    connection.execute(
        insert(JournalEntry).values(
            at=at, kind=kind, contact_id=contact_id, agent=agent, detail=detail, event_id=event_id
        )
    )


def has_event(connection: Connection, event_id: str) -> bool:
    """Whether the journal has this event."""
    return connection.scalar(select(JournalEntry.id).where(JournalEntry.event_id == event_id)) is not None


def has_happened_since(connection: Connection, contact_id: str, kind: str, since: str) -> bool:
    """Whether an entry of this kind follows the contact's last one of the kind `since`."""
    of_contact = JournalEntry.contact_id == contact_id
    last = select(func.max(JournalEntry.id)).where(of_contact, JournalEntry.kind == since).scalar_subquery()
    followed = select(JournalEntry.id).where(of_contact, JournalEntry.kind == kind, JournalEntry.id > last)
    return connection.scalar(followed.limit(1)) is not None


def has_done(connection: Connection, contact_id: str, kind: str, agent: str) -> bool:
    """Whether the journal says that this agent has done this to the contact."""
    done = (JournalEntry.contact_id == contact_id, JournalEntry.kind == kind, JournalEntry.agent == agent)
    return connection.scalar(select(JournalEntry.id).where(*done).limit(1)) is not None
