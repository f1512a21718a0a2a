"""Who has opened which contact: noted in the journal, and listed for supervisors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from routeur.clock import Clock
from routeur.contact import contacts, journal
from routeur.reading.timeline import READ
from routeur.record.engine import Record
from routeur.record.tables import JournalEntry

ONE_READING: Final = timedelta(minutes=10)
"""A contact that the same person opens again within this time is noted once: a desk shows it again at every change."""


@dataclass(frozen=True)
class Reading:
    """Somebody has opened the contact."""

    login: str
    at: datetime


class Readers:
    """Notes readings, and tells them."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    def note(self, login: str, contact_id: str) -> None:
        """Note that this person opens the contact, unless they did so a moment ago."""
        now = self._clock()
        lately = select(JournalEntry.id).where(
            JournalEntry.contact_id == contact_id,
            JournalEntry.kind == READ,
            JournalEntry.agent == login,
            JournalEntry.at > now - ONE_READING,
        )
        with self._record.read() as connection:
            if connection.scalar(lately.limit(1)) is not None:
                return
        with self._record.write() as connection:
            journal.write(connection, now, READ, contact_id, login)

    def of_contact(self, contact_id: str) -> Sequence[Reading]:
        """Who opened the contact, in order. Raises NotFound."""
        with self._record.read() as connection:
            contacts.get(connection, contact_id)
            rows = connection.execute(
                select(JournalEntry.agent, JournalEntry.at)
                .where(JournalEntry.contact_id == contact_id, JournalEntry.kind == READ)
                .order_by(JournalEntry.at, JournalEntry.id)
            )
            return [Reading(row.agent, row.at) for row in rows]
