"""Closing a contact that an agent has, and what becomes of its companions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from routeur.contact import contacts, journal
from routeur.contact.row import ContactRow
from routeur.contact.words import FollowUpReason, Outcome
from routeur.followups.making import FollowUpMaker
from routeur.queue.linked import leave_companions

SERVES_ALL: Final = frozenset({Outcome.ANSWERED, Outcome.SELF_SERVED})
"""The outcomes of a contact that are those of its companions too: one person asked one thing, and has it."""


@dataclass(frozen=True)
class Closing:
    """What is closed now, what became a follow-up, and the companions that their agent still has, each on its own."""

    closed: Sequence[ContactRow]
    followed_up: Sequence[ContactRow]
    parted: Sequence[ContactRow]


def close_together(
    connection: Connection, follow_ups: FollowUpMaker, row: ContactRow, outcome: Outcome, by: str | None, now: datetime
) -> Closing:
    """Close the contact with this outcome. Where it was served, its companions were too, and are closed as merged.

    A companion that is a request of its own becomes a follow-up instead: merged, nobody would see its clock. What is
    spam, has failed or was given up says nothing of the companions: they are parted, each to have its own outcome.
    """
    if outcome not in SERVES_ALL:
        return close_alone(connection, row, outcome, by, now)
    companions = contacts.linked(connection, row.id)
    closed, followed_up = [_end(connection, row, outcome, by, now)], []
    for companion in companions:
        if companion.request is not None:
            made = follow_ups.make(connection, companion, FollowUpReason.AGENT_ASKED, now, agent=by)
            followed_up.append(made.contact)
        else:
            closed.append(_end(connection, companion, Outcome.MERGED, by, now))
    return Closing(closed, followed_up, [])


def close_alone(
    connection: Connection, row: ContactRow, outcome: Outcome, by: str | None, now: datetime, **detail: str
) -> Closing:
    """Close the contact with this outcome, and part its companions, which go on together."""
    parted = part(connection, row, now, outcome=outcome.value)
    return Closing([_end(connection, row, outcome, by, now, **detail)], [], parted)


def part(connection: Connection, row: ContactRow, now: datetime, **detail: str) -> Sequence[ContactRow]:
    """Part the contact from its companions, which go on together; returns them, their new lead first."""
    parted = leave_companions(connection, row, now)
    for companion in parted:
        journal.write(connection, now, "parted", companion.id, was_with=row.id, **detail)
    return parted


def _end(
    connection: Connection, row: ContactRow, outcome: Outcome, by: str | None, now: datetime, **detail: str
) -> ContactRow:
    ended = contacts.close(connection, row, outcome, now)
    journal.write(connection, now, "finished", row.id, by, outcome=outcome.value, **detail)
    return ended
