"""What networks report of the delivery of a letter that has not failed."""

from __future__ import annotations

from hashlib import sha256

from routeur.contact import contacts, journal, receipts
from routeur.contact.row import ContactRow
from routeur.contact.words import Delivery
from routeur.foundation import Foundation


def note_delivery(
    foundation: Foundation, contact_id: str, letter: str, progress: Delivery, reason: str
) -> ContactRow | None:
    """Note in a contact, and on the message that the letter carries, how far it has come; returns the contact.

    None, and nothing is noted, where that was reported before or nobody knows the contact.
    """
    now = foundation.clock()
    event = f"reported:{progress.value}:{sha256(letter.encode()).hexdigest()[:52]}"
    with foundation.record.write() as connection:
        row = contacts.find(connection, contact_id)
        if row is None or journal.has_event(connection, event):
            return None
        receipts.note(connection, letter, contact_id, None, progress, now)
        journal.write(
            connection,
            now,
            "delivery_reported",
            contact_id,
            event_id=event,
            delivery=progress.name.lower(),
            reason=reason,
        )
    return row
