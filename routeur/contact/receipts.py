"""How far what left has come: out of order, more than once, before or after we noted that it left."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Subquery, and_, case, func, or_, select

from routeur.clock import Clock
from routeur.contact.words import Delivery
from routeur.record.engine import Record
from routeur.record.tables import OutboxEntry, Receipt
from routeur.record.upsert import insert_or


def note(
    connection: Connection,
    provider_id: str,
    contact_id: str,
    message_id: str | None,
    progress: Delivery,
    now: datetime | None,
) -> bool:
    """Write down that what the network calls `provider_id` has come this far, unless it is further already.

    `message_id` is None where nobody knows which message it carries; what is known of that stays known. `now` is None
    where the network gives no instant. False if nothing of this is new.
    """
    said = insert_or(connection, Receipt).values(
        provider_id=provider_id, contact_id=contact_id, message_id=message_id, progress=progress.value, at=now
    )
    further = Receipt.progress < said.excluded.progress
    told = and_(Receipt.message_id.is_(None), said.excluded.message_id.is_not(None))
    noted = connection.execute(
        said.on_conflict_do_update(
            index_elements=["provider_id"],
            set_={
                "progress": case((further, said.excluded.progress), else_=Receipt.progress),
                "at": case((further, said.excluded.at), else_=Receipt.at),
                "message_id": func.coalesce(Receipt.message_id, said.excluded.message_id),
            },
            where=or_(further, told),
        )
    )
    return bool(noted.rowcount)


def received(contact_id: str) -> Subquery:
    """How far the parts of each message of the contact have come, at `least` and at `most`, and when (`since`)."""
    return (
        select(
            Receipt.message_id,
            func.min(Receipt.progress).label("least"),
            func.max(Receipt.progress).label("most"),
            func.max(Receipt.at).label("since"),
        )
        .where(Receipt.contact_id == contact_id)
        .group_by(Receipt.message_id)
        .subquery()
    )


def leaving(contact_id: str) -> Subquery:
    """The contact's messages of which something has yet to leave, by `leaving_id`."""
    return (
        select(OutboxEntry.message_id.label("leaving_id"))
        .where(OutboxEntry.contact_id == contact_id, OutboxEntry.message_id.is_not(None), OutboxEntry.done_at.is_(None))
        .distinct()
        .subquery()
    )


def delivery(least: int | None, most: int | None, *, leaves: bool) -> Delivery | None:
    """How far a message has come, from what its parts have; `leaves`: one of them has yet to. None: nobody says."""
    if most == Delivery.FAILED:
        return Delivery.FAILED
    if leaves:
        return Delivery.PENDING
    return Delivery(least) if least is not None else None


class Receipts:
    """Writes down how far each thing has come. It only ever goes forward."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    def note(self, provider_id: str, contact_id: str, message_id: str | None, progress: Delivery) -> bool:
        """Write down that what the network calls `provider_id` has come this far; False if it was as far already."""
        with self._record.write() as connection:
            return note(connection, provider_id, contact_id, message_id, progress, self._clock())

    def told_at(self, provider_id: str) -> datetime | None:
        """When we were told last how far this has come; None for what we have not noted."""
        with self._record.read() as connection:
            return connection.scalar(select(Receipt.at).where(Receipt.provider_id == provider_id))

    def subject(self, provider_id: str) -> tuple[str, str | None] | None:
        """The contact, and the message where there is one, that this is about; None for what we have not noted."""
        with self._record.read() as connection:
            found = connection.execute(
                select(Receipt.contact_id, Receipt.message_id).where(Receipt.provider_id == provider_id)
            ).one_or_none()
        return (found.contact_id, found.message_id) if found is not None else None
