"""The waits that began in a period: what the service level and the statistics count."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Subquery, literal, select, union_all

from routeur.contact.words import ContactState
from routeur.record.tables import Contact, EarlierWait


def waits_begun(start: datetime, end: datetime) -> Subquery:
    """The waits that began from `start` on and before `end`; each with its contact's channel, topic and state.

    `outcome` is how the contact ended that time, null while it has not. Where nobody waited (we wrote first) there is
    no wait.
    """
    columns = ("wait_began", "wait_ended", "wait_end", "waited_seconds", "first_agent", "handled_seconds", "handovers")
    present = select(
        Contact.channel, Contact.topic, Contact.state, Contact.outcome, *(getattr(Contact, name) for name in columns)
    ).where(Contact.wait_began >= start, Contact.wait_began < end)
    over = literal(ContactState.CLOSED.value).label("state")
    earlier = (
        select(
            *(Contact.channel, Contact.topic, over, EarlierWait.outcome),
            *(getattr(EarlierWait, name) for name in columns),
        )
        .join(Contact, Contact.id == EarlierWait.contact_id)
        .where(EarlierWait.wait_began >= start, EarlierWait.wait_began < end)
    )
    return union_all(present, earlier).subquery("waits")
