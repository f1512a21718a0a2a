"""How far what left has come, as its network says: out of order, more than once, perhaps before we noted it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from routeur.contact.words import Delivery
from routeur.record.engine import Record
from routeur.record.tables import Receipt


class Receipts:
    """Writes down how far each thing has come. It only ever goes forward."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def note(self, provider_id: str, contact_id: str, message_id: str | None, progress: Delivery) -> bool:
        """Write down that what the network calls `provider_id` has come this far; False if it was as far already."""
        with self._record.write() as connection:
            dialect_insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            said = dialect_insert(Receipt).values(
                provider_id=provider_id, contact_id=contact_id, message_id=message_id, progress=progress.value
            )
            noted = connection.execute(
                said.on_conflict_do_update(
                    index_elements=["provider_id"],
                    set_={"progress": said.excluded.progress},
                    where=Receipt.progress < said.excluded.progress,
                )
            )
        return bool(noted.rowcount)

    def subject(self, provider_id: str) -> tuple[str, str | None] | None:
        """The contact, and the message where there is one, that this is about; None for what we have not noted."""
        with self._record.read() as connection:
            found = connection.execute(
                select(Receipt.contact_id, Receipt.message_id).where(Receipt.provider_id == provider_id)
            ).one_or_none()
        return (found.contact_id, found.message_id) if found is not None else None
