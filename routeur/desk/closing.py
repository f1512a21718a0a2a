"""Closing a contact that an agent has, together with its companions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from routeur.contact import contacts, journal
from routeur.contact.row import ContactRow
from routeur.contact.words import FollowUpReason, Outcome
from routeur.followups.making import FollowUpMaker


def close_together(
    connection: Connection,
    follow_ups: FollowUpMaker,
    row: ContactRow,
    outcome: Outcome,
    by: str | None,
    now: datetime,
    **detail: str,
) -> list[ContactRow]:
    """Close the contact with this outcome and its companions as merged; returns all that are closed.

    A companion that is a request of its own becomes a follow-up instead: merged, nobody would see its clock.
    """
    closed = []
    for contact in (row, *contacts.linked(connection, row.id)):
        if contact is not row and contact.request is not None:
            follow_ups.make(connection, contact, FollowUpReason.AGENT_ASKED, now, agent=by)
            continue
        ended = contacts.close(connection, contact, outcome if contact is row else Outcome.MERGED, now)
        journal.write(connection, now, "finished", contact.id, by, outcome=(ended.outcome or outcome).value, **detail)
        closed.append(ended)
    return closed
