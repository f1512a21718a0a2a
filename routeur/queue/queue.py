"""Giving a contact its place in the queue after what was committed to the record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from routeur.contact import contacts
from routeur.contact.row import ContactRow
from routeur.followups.making import FollowUpMaker, standing_of
from routeur.foundation import Foundation
from routeur.index import Unserved, sync
from routeur.ports.inbound import Standing
from routeur.queue.entry import entry, rungs
from routeur.queue.patience import why_given_up


class Queue:
    """Gives contacts their places; one that may not wait (see `patience`) becomes a follow-up at once."""

    def __init__(self, foundation: Foundation, follow_ups: FollowUpMaker) -> None:
        self._foundation = foundation
        self._follow_ups = follow_ups

    def enter(self, row: ContactRow, *, announce: bool = True) -> Standing | None:
        """Put a waiting contact in the queue; changes nothing if the index already has this revision of it.

        Returns its standing as a follow-up if it may not wait, else None. `announce` False: the caller tells the usager
        of the follow-up.
        """
        now = self._foundation.clock()
        place = entry(self._foundation.in_force, row, now)
        if place.max_wait_at <= now:
            return self._give_up(row, announce=announce)
        with sync.index_may_be_down():
            try:
                self._foundation.index.enqueue(place, now)
            except Unserved:
                return self._give_up(row, announce=announce)
        return None

    def give_up(self, contact_id: str, *, lapsed: bool) -> None:
        """Make a contact that waits a follow-up, and tell its usager, as the index asks.

        `lapsed`: because its wait has come to its end; if it has not, by the hours that now hold, the contact goes on
        waiting. Otherwise because nobody on shift could serve it.
        """
        in_force, now = self._foundation.in_force, self._foundation.clock()
        with self._foundation.record.read() as connection:
            row = contacts.find(connection, contact_id)
        if row is None or not row.waits or lapsed and entry(in_force, row, now).max_wait_at > now:
            self.restore(contact_id)
        else:
            self._give_up(row, announce=True)

    def move(self, row: ContactRow, *, avoid: str | None = None, record_wins: bool = False) -> None:
        """Put a waiting contact in the queue, from whatever place the index has it in.

        The agent `avoid` is passed over for a while. `record_wins`: replace even a later revision of the index, which
        was never recorded.
        """
        now = self._foundation.clock()
        with sync.index_may_be_down():
            try:
                self._foundation.index.requeue(
                    entry(self._foundation.in_force, row, now), now, avoid, record_wins=record_wins
                )
            except Unserved:
                self._give_up(row, announce=True)

    def link(self, lead_id: str, others: Iterable[ContactRow]) -> None:
        """Let waiting contacts wait in the place of the one to which they are linked."""
        now = self._foundation.clock()
        with sync.index_may_be_down():
            for row in others:
                self._foundation.index.link(lead_id, entry(self._foundation.in_force, row, now), now)

    def enter_together(self, group: Sequence[ContactRow]) -> None:
        """Put waiting contacts in the queue in one place, that of the first, to which the others are linked."""
        if group:
            lead, *others = group
            self.enter(lead)
            self.link(lead.id, others)

    def restore(self, contact_id: str) -> None:
        """Bring the index in line with the record after a change that the record refused."""
        with self._foundation.record.read() as connection:
            row = contacts.find(connection, contact_id)
        if row is not None and row.held:
            sync.hold(self._foundation.index, row, self._foundation.clock)
        elif row is not None and row.waits and row.linked_to is not None:
            self.link(row.linked_to, [row])
        elif row is not None and row.waits:
            self.move(row)
        else:
            sync.remove(self._foundation.index, contact_id, self._foundation.clock)

    def _give_up(self, row: ContactRow, *, announce: bool) -> Standing:
        in_force, now = self._foundation.in_force, self._foundation.clock()
        ladder = rungs(in_force, row.topic, row.language, row.ladder)
        reason = why_given_up(in_force, row, ladder, now)
        standing = self._follow_ups.give_up_waiting(row.id, reason, announce=announce)
        if standing is not None:
            return standing
        with self._foundation.record.read() as connection:  # another process was faster
            return standing_of(connection, contacts.get(connection, row.id))
