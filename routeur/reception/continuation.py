"""Further messages of a conversation: recorded, and a closed contact is opened again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from competences.channels import CHANNELS
from routeur.contact import contacts, journal
from routeur.contact.legal_requests import request_of, stored
from routeur.contact.row import ContactRow, Ladder
from routeur.contact.words import ContactState, FollowUpReason, Outcome
from routeur.followups.making import FollowUpMaker, standing_of
from routeur.foundation import Foundation
from routeur.ports.inbound import Inbound, Standing
from routeur.reception.arrival import Arrival, record_message


class Continuations:
    """Records messages that go on with a contact."""

    def __init__(self, foundation: Foundation, follow_ups: FollowUpMaker) -> None:
        self._foundation = foundation
        self._follow_ups = follow_ups

    def go_on(self, connection: Connection, row: ContactRow, inbound: Inbound, now: datetime) -> Arrival:
        """Record one more message; a closed contact is opened again, unless a machine wrote it or answered it."""
        if row.held:  # the agent answers
            inbound = replace(inbound, answer=None)
        message_id, position = record_message(connection, row, inbound, now)
        if row.state is not ContactState.CLOSED or inbound.automatic or inbound.answered_whole:
            return Arrival(standing_of(connection, row), message_id, position)
        standing = self.reopen(connection, row, now)
        return Arrival(standing, message_id, position, queue=standing.contact.waits)

    def reopen(
        self, connection: Connection, row: ContactRow, now: datetime, *, queued_at: datetime | None = None
    ) -> Standing:
        """Open a closed contact again, within the caller's transaction; who puts it in the queue is the caller.

        Its place is that of `queued_at`, by default now. It is a follow-up at once if the town hall is closed.
        A request stays one until somebody unsays it: an answer need not be the decision.
        """
        asked_at = queued_at or now
        reopened = contacts.change(
            connection,
            row,
            now,
            counted_from=self._foundation.in_force.calendar.next_opening(asked_at),
            state=ContactState.WAITING,
            outcome=None,
            closed_at=None,
            agent=None,
            linked_to=None,
            queued_at=asked_at,
            waiting_since=now,
            ladder=Ladder(preferred=row.agent) if row.agent else None,
            request=self._answered_so_far(row),
        )
        journal.write(connection, now, "reopened", row.id)
        if CHANNELS[row.channel].holds_line:  # a recording: nobody is on the line any more
            return self._follow_ups.make(connection, reopened, FollowUpReason.USAGER_ASKED, now)
        if not self._foundation.in_force.calendar.is_open(now):
            return self._follow_ups.make(connection, reopened, FollowUpReason.CLOSED, now)
        return Standing(reopened, None)

    def _answered_so_far(self, row: ContactRow) -> dict[str, Any] | None:
        """The request of a closed contact, with the day on which it was first closed as answered."""
        request = request_of(row)
        if request is None or request.answered_on is not None:
            return row.request
        if row.closed_at is None or row.outcome not in (Outcome.ANSWERED, Outcome.FOLLOWED_UP):
            return row.request
        return stored(replace(request, answered_on=self._foundation.in_force.calendar.local_date(row.closed_at)))
