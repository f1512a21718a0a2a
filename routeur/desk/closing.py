"""Closing a contact that an agent has, together with its companions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from routeur.contact import contacts, journal
from routeur.contact.row import ContactRow
from routeur.contact.words import Outcome


def close_together(
    connection: Connection, row: ContactRow, outcome: Outcome, by: str | None, now: datetime, **detail: str
) -> list[ContactRow]:
    """Close the contact with this outcome and its companions as merged; returns all of them as closed."""
    closed = []
    for contact in (row, *contacts.linked(connection, row.id)):
        ended = contacts.close(connection, contact, outcome if contact is row else Outcome.MERGED, now)
        journal.write(connection, now, "finished", contact.id, by, outcome=(ended.outcome or outcome).value, **detail)
        closed.append(ended)
    return closed
