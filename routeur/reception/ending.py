"""The end of a contact by its usager, who leaves or has their answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from routeur.contact import contacts, journal
from routeur.contact.row import ContactRow
from routeur.contact.waits import by_hours, settles_promise_in_time
from routeur.contact.words import ContactState, FollowUpReason, Outcome, WaitEnd
from routeur.followups.keeping import close_untouched
from routeur.followups.making import FollowUpMaker, standing_of
from routeur.foundation import Foundation
from routeur.index import sync
from routeur.ports.inbound import Standing
from routeur.queue.linked import leave_companions
from routeur.queue.queue import Queue


class Endings:
    """Ends contacts for their usagers."""

    def __init__(self, foundation: Foundation, queue: Queue, follow_ups: FollowUpMaker) -> None:
        self._foundation = foundation
        self._queue = queue
        self._follow_ups = follow_ups

    def leave(self, contact_id: str) -> Standing:
        """End a contact whose usager is gone: abandoned if it waited, in wrap-up if an agent had it.

        One whose usager was promised an answer, or has a right to a decision, is owed it all the same: it becomes a
        follow-up, by the date of the promise at the latest. What waited with it keeps its place.
        Raises NotFound, and Conflict when the contact changes meanwhile.
        """
        now = self._foundation.clock()
        heirs: list[ContactRow] = []
        with self._foundation.record.write() as connection:
            row = contacts.get(connection, contact_id)
            if row.waits and row.owed:
                heirs = leave_companions(connection, row, now)
                standing = self._follow_ups.make(connection, row, FollowUpReason.USAGER_LEFT, now)
            elif row.waits:
                left, heirs = _end(
                    connection, by_hours(row, self._foundation.in_force.calendar), Outcome.ABANDONED, now
                )
                standing = standing_of(connection, left)
            elif row.state is ContactState.ACTIVE:
                until = now + timedelta(seconds=self._foundation.plan.wrap_up_seconds)
                left = contacts.change(connection, row, now, state=ContactState.WRAP_UP, wrap_up_until=until)
                journal.write(connection, now, "usager_left", contact_id, row.agent)
                standing = standing_of(connection, left)
            else:
                return standing_of(connection, row)
        if row.waits:
            sync.remove(self._foundation.index, contact_id, self._foundation.clock)
        followed_up = standing.contact.state is ContactState.FOLLOW_UP
        self._foundation.announcer.tell("followed_up" if followed_up else "usager_left", now, contact_id, row.agent)
        self._queue.enter_together(heirs)
        return standing

    def settle(self, contact_id: str) -> Standing:
        """Close as self-served a contact whose usager has their answer, unless an agent has it or its follow-up.

        What waited with it, or was merged into its follow-up, asks for more than that: it keeps its place or promise.
        Raises NotFound, and Conflict when the contact changes meanwhile.
        """
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            row = contacts.get(connection, contact_id)
            untouched = row.state is ContactState.FOLLOW_UP and close_untouched(connection, contact_id, now)
            if not row.waits and not untouched:
                return standing_of(connection, row)
            heir = self._follow_ups.hand_on(connection, row, now) if untouched else None
            in_force = self._foundation.in_force
            counted = by_hours(row, in_force.calendar_for(row.channel, row.topic))
            settled, heirs = _end(connection, counted, Outcome.SELF_SERVED, now)
            if settles_promise_in_time(row, in_force.calendar, now):
                contacts.tell_wait_end(connection, row.id, WaitEnd.SELF_SERVED)
            standing = standing_of(connection, settled)
        sync.remove(self._foundation.index, contact_id, self._foundation.clock)
        self._foundation.announcer.tell("closed", now, contact_id)
        if heir is not None:
            self._foundation.announcer.tell("followed_up", now, heir.id)
        self._queue.enter_together(heirs)
        return standing


def _end(
    connection: Connection, row: ContactRow, outcome: Outcome, now: datetime
) -> tuple[ContactRow, list[ContactRow]]:
    """Close a contact that no agent has; returns it, and its companions, of which the first leads the others now."""
    heirs = leave_companions(connection, row, now)
    ended = contacts.close(connection, row, outcome, now)
    journal.write(connection, now, outcome.value, row.id)
    return ended, heirs
