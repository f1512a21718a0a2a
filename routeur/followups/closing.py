"""The end of follow-ups that were answered: nobody has written since, and nothing more is to be done."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from routeur.contact import contacts, journal, legal_requests
from routeur.contact.words import ContactState, FollowUpState, Outcome
from routeur.errors import Conflict
from routeur.followups.latest import change, latest_of_contact
from routeur.foundation import Foundation
from routeur.record.tables import FollowUp

log = structlog.get_logger(__name__)

ANSWERED_FOR = timedelta(days=14)
"""How long an answered follow-up stays with the one who answered, for what its usager may write back."""
MOST_AT_ONCE = 100
"""How many follow-ups one round closes; the next round goes on."""


def close_long_answered(foundation: Foundation) -> None:
    """Close the follow-ups that were answered so long ago, but requests of which pieces are still awaited.

    Whoever writes after that opens the contact again, and it may be reopened at the desk.
    """
    now = foundation.clock()
    long_ago = (FollowUp.state == FollowUpState.ANSWERED.value, FollowUp.answered_at <= now - ANSWERED_FOR)
    with foundation.record.read() as connection:
        found = connection.scalars(select(FollowUp.contact_id).where(*long_ago).order_by(FollowUp.answered_at)).all()
    closed = 0
    for contact_id in found:
        try:
            closed += _close(foundation, contact_id, now)
        except Conflict:
            log.info("closing_overtaken", contact=contact_id)
        if closed == MOST_AT_ONCE:
            return


def _close(foundation: Foundation, contact_id: str, now: datetime) -> bool:
    with foundation.record.write() as connection:
        latest = latest_of_contact(connection, contact_id)
        if latest is None or latest.state is not FollowUpState.ANSWERED:
            return False
        request = legal_requests.request_of(latest.contact)
        if request is not None and request.awaited is not None:
            return False
        change(connection, latest, {FollowUpState.ANSWERED}, state=FollowUpState.CLOSED.value, closed_at=now)
        if latest.contact.state is ContactState.FOLLOW_UP:
            contacts.close(connection, latest.contact, Outcome.FOLLOWED_UP, now)
        journal.write(connection, now, "follow_up_closed", contact_id, reason="answered_long_ago")
    foundation.announcer.tell("closed", now, contact_id, latest.taken_by)
    return True
