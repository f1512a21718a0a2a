"""The return of a contact that an agent had to its place in the queue."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Unpack

from routeur.contact import contacts, journal
from routeur.contact.row import Changes, ContactRow
from routeur.contact.words import ContactState
from routeur.followups.legal_requests import follow_topic
from routeur.foundation import Foundation
from routeur.index import sync
from routeur.ports.news import Returned
from routeur.queue.linked import companion, join
from routeur.queue.queue import Queue


class Returns:
    """Returns contacts to their place by arrival; the agent who had one is passed over for a while."""

    def __init__(self, foundation: Foundation, queue: Queue) -> None:
        self._foundation = foundation
        self._queue = queue

    def put_back(
        self,
        row: ContactRow,
        reason: str,
        by: str | None,
        *,
        detail: dict[str, Any] | None = None,
        unanswered: bool = False,
        **changes: Unpack[Changes],
    ) -> None:
        """Return an active contact, with its companions, to the queue.

        `changes` apply to the contact too (topic, ladder); a new wait begins now. `unanswered`: the agent never spoke
        to its usager, who goes on waiting as before, accepted or not as before. `reason`, `by` (a login) and `detail`
        go in the journal. Raises Conflict when the contact has changed since `row` was read.
        """
        now = self._foundation.clock()
        joined = None
        with self._foundation.record.write() as connection:
            companions = []
            for other in contacts.linked(connection, row.id):
                if other.state is ContactState.WRAP_UP:  # its usager is gone: it waits for nobody
                    contacts.change(connection, other, now, linked_to=None)
                else:
                    companions.append(contacts.change(connection, other, now, **_again(other, now, unanswered)))
                    journal.write(connection, now, reason, other.id, by, together_with=row.id)
            returned = contacts.change(
                connection, row, now, **Changes(**changes, **_again(row, now, unanswered), linked_to=None)
            )
            journal.write(connection, now, reason, row.id, by, **(detail or {}))
            if returned.topic != row.topic:
                follow_topic(self._foundation, connection, returned, by, now)
                together = companion(
                    connection,
                    self._foundation.in_force,
                    row.usager_id,
                    returned.topic,
                    row.channel,
                    now,
                    other_than=row.id,
                )
                if together is not None:
                    joined = join(connection, returned, together, now)
                    returned = joined.contact
            attempt = contacts.times_accepted(connection, row.id)
            self._foundation.publisher.publish(connection, Returned(row, reason, attempt), now)
        if joined is not None:
            sync.remove(self._foundation.index, joined.displaced, self._foundation.clock)
        if returned.linked_to is None:
            self._queue.move(returned, avoid=row.agent)
            self._queue.link(returned.id, companions)
        if joined is not None:
            self._queue.link(joined.lead, joined.followers)
        for other in (row, *companions):
            self._foundation.announcer.tell("returned", now, other.id, row.agent)


def _again(row: ContactRow, now: datetime, unanswered: bool) -> Changes:
    """The changes of a contact that waits again: it has a new wait, unless nobody spoke to its usager meanwhile."""
    if not unanswered:
        return Changes(state=ContactState.WAITING, agent=None, waiting_since=now)
    accepted_before = row.accepted_at if row.accepted_at != row.taken_at else None
    return Changes(state=ContactState.WAITING, agent=None, accepted_at=accepted_before)
