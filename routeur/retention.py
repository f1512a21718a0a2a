"""Forgetting personal data: an old closed contact loses its words and its usager, and still counts in the figures.

Recordings and pictures stay at their provider, and their addresses go with the attachments: to delete them there too,
do so first (`application/commands/maintenance.py` may call a provider; this module may not).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, exists, null, select, update

from routeur.contact import opt_outs
from routeur.contact.words import ContactState
from routeur.record.engine import Record
from routeur.record.tables import (
    AccessToken,
    Address,
    Attachment,
    Contact,
    Draft,
    EarlierWait,
    ExampleCandidate,
    JournalEntry,
    Message,
    OutboxEntry,
    Receipt,
    StatusProof,
    Usager,
    Verification,
)
from routeur.topics.corrections import CandidateState
from routeur.topics.understanding import RECOGNISED

BATCH_ROWS = 500

_NOBODY: Final[dict[str, Any]] = {
    **dict.fromkeys(("subject", "provider_ref", "reply_to", "given_name", "given_email", "given_phone")),
    "address": "",
    "request": null(),
    "first_agent": None,
}
"""The columns of a contact whose usager is forgotten, and the agent by whom the figures count it."""
_REPORTS: Final = ("delivery_failed", "delivery_reported")
"""The kinds of entries whose `reason` is a mail server's, and may name an address."""
_NOTHING_SAID: Final[dict[str, Any]] = {
    "text": "",
    "provider_id": None,
    "from_name": None,
    "from_address": None,
    "sent_to": null(),
    "copied_to": null(),
    "authentication": None,
    "digest": None,
    "set_aside": None,
    "original_type": None,
    "original": None,
}
"""The columns of a message of which nothing is kept."""


@dataclass(frozen=True)
class Purged:
    """The numbers of contacts and usagers that were anonymised."""

    contacts: int
    usagers: int


def purge(record: Record, before: datetime) -> Purged:
    """Anonymise the contacts closed before this instant, and the usagers all of whose contacts are then anonymous.

    Expired log-ins and old drafts are deleted too, and old words about texts that count no longer (a STOP counts until
    START). Works in short transactions beside everything else; when interrupted, the next run goes on where it stopped.
    """
    contacts = 0
    while True:
        with record.write() as connection:
            done = _anonymise_contacts(connection, before)
        contacts += done
        if done < BATCH_ROWS:
            break
    with record.write() as connection:
        connection.execute(delete(AccessToken).where(AccessToken.expires_at < before))
        connection.execute(delete(StatusProof).where(StatusProof.asked_at < before))
        connection.execute(delete(Draft).where(Draft.saved_at < before))
        opt_outs.forget(connection, before)
        return Purged(contacts, _forget_usagers(connection))


def _anonymise_contacts(connection: Connection, before: datetime) -> int:
    ids = connection.scalars(
        select(Contact.id)
        .where(Contact.state == ContactState.CLOSED.value, Contact.closed_at < before, Contact.address != "")
        .limit(BATCH_ROWS)
    ).all()
    messages = select(Message.id).where(Message.contact_id.in_(ids))
    connection.execute(delete(Attachment).where(Attachment.message_id.in_(messages)))
    connection.execute(update(Message).where(Message.contact_id.in_(ids)).values(_NOTHING_SAID))
    _forget_notes(connection, ids)
    unread = ExampleCandidate.state == CandidateState.CANDIDATE.value  # only a machine has taken the names out
    connection.execute(delete(ExampleCandidate).where(ExampleCandidate.contact_id.in_(ids), unread))
    connection.execute(update(ExampleCandidate).where(ExampleCandidate.contact_id.in_(ids)).values(contact_id=None))
    connection.execute(delete(Draft).where(Draft.contact_id.in_(ids)))
    connection.execute(delete(Verification).where(Verification.contact_id.in_(ids)))
    connection.execute(delete(OutboxEntry).where(OutboxEntry.contact_id.in_(ids)))
    connection.execute(delete(Receipt).where(Receipt.contact_id.in_(ids)))
    connection.execute(update(EarlierWait).where(EarlierWait.contact_id.in_(ids)).values(first_agent=None))
    connection.execute(update(Contact).where(Contact.id.in_(ids)).values(_NOBODY))
    return len(ids)


def _forget_notes(connection: Connection, contact_ids: Sequence[str]) -> None:
    """Delete from the journal agents' notes, missing pieces, answers of mail servers, and words that decided a topic.

    What remains names nobody but agents.
    """
    entries = select(JournalEntry.id, JournalEntry.kind, JournalEntry.detail)
    for entry in connection.execute(entries.where(JournalEntry.contact_id.in_(contact_ids))).all():
        personal = {"note", "pieces", RECOGNISED} | ({"reason"} if entry.kind in _REPORTS else set())
        kept = {name: value for name, value in entry.detail.items() if name not in personal}
        if kept != entry.detail:
            connection.execute(update(JournalEntry).where(JournalEntry.id == entry.id).values(detail=kept))


def _forget_usagers(connection: Connection) -> int:
    """Delete name and addresses of the usagers all of whose contacts are anonymous; returns how many there were."""
    still_named = exists().where(Contact.usager_id == Usager.id, Contact.address != "")
    ever = exists().where(Contact.usager_id == Usager.id)
    addressed = exists().where(Address.usager_id == Usager.id)
    forgotten = select(Usager.id).where(ever, ~still_named, addressed)
    ids = connection.scalars(forgotten).all()
    for start in range(0, len(ids), BATCH_ROWS):
        batch = ids[start : start + BATCH_ROWS]
        connection.execute(delete(Address).where(Address.usager_id.in_(batch)))
        connection.execute(update(Usager).where(Usager.id.in_(batch)).values(name=None))
    return len(ids)
