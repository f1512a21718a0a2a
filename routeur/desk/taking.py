"""Accepting and declining offers: the index decides who gets a contact, the record makes it a fact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from redis.exceptions import RedisError
from sqlalchemy import Connection

from routeur.contact import contacts, journal
from routeur.contact.row import ContactRow
from routeur.contact.waits import by_hours, counted_among
from routeur.contact.words import ContactState, WaitEnd
from routeur.errors import Conflict, IndexUnavailable
from routeur.foundation import Foundation
from routeur.index import IndexLost, Taken
from routeur.ports.news import Accepted
from routeur.queue.linked import go_on_together
from routeur.queue.queue import Queue
from routeur.queue.returns import Returns


class Taking:
    """Accepts and declines offers, and returns the caller when an agent's telephone was not answered."""

    def __init__(self, foundation: Foundation, queue: Queue, returns: Returns) -> None:
        self._foundation = foundation
        self._queue = queue
        self._returns = returns

    def accept(self, login: str, contact_id: str) -> None:
        """Accept an offer; does nothing when this agent has the contact already.

        Of two requests for one offer (a double click) either may be the first to write it down, and both have it.
        Raises NotFound; Conflict when the contact is not offered to this agent; IndexUnavailable.
        """
        now = self._foundation.clock()
        try:
            taken = self._foundation.index.accept(contact_id, login, now)
            if taken is None:
                if self._has(login, contact_id):
                    return
                taken = self._taken_before(login, contact_id)
        except (RedisError, IndexLost) as error:
            raise IndexUnavailable from error
        try:
            with self._foundation.record.write() as connection:
                row = contacts.get(connection, contact_id)
                if row.held and row.agent == login:
                    return
                # The topic or the leading contact has changed: the offer no longer holds.
                if not row.waits or row.revision + 1 != taken.revision:
                    raise Conflict(contact_id)
                linked = contacts.linked(connection, contact_id)
                together = [row, *(other for other in linked if other.id in taken.companions)]
                counted = counted_among(together)
                for contact in together:
                    end = WaitEnd.ACCEPTED if contact is counted else WaitEnd.TOGETHER
                    self._take(connection, contact, end, login, now)
                staying = self._leave_behind(connection, [other for other in linked if other not in together], now)
        except Conflict:
            for changed in (contact_id, *taken.companions):
                self._queue.restore(changed)
            if self._has(login, contact_id):
                return
            raise
        for contact in together:
            self._foundation.announcer.tell("accepted", now, contact.id, login)
        for overtaken in taken.companions - {contact.id for contact in together}:
            self._queue.restore(overtaken)
        self._queue.enter_together(staying)

    def _leave_behind(self, connection: Connection, rows: Sequence[ContactRow], now: datetime) -> list[ContactRow]:
        """Let linked contacts that the agent has no room for go on waiting, in a place of their own."""
        for row in rows:
            journal.write(connection, now, "parted", row.id, was_with=row.linked_to, reason="no_room")
        return go_on_together(connection, rows, now)

    def _has(self, login: str, contact_id: str) -> bool:
        """Whether the record says that the agent has the contact. Raises NotFound."""
        with self._foundation.record.read() as connection:
            row = contacts.get(connection, contact_id)
        return row.held and row.agent == login

    def _taken_before(self, login: str, contact_id: str) -> Taken:
        """An acceptance of theirs that the index has and the record not yet. Raises Conflict where there is none."""
        snapshot = self._foundation.index.snapshot(contact_id)
        if snapshot is None or snapshot.state != ContactState.ACTIVE or snapshot.agent != login:
            raise Conflict(contact_id)
        return Taken(snapshot.revision, snapshot.came)

    def decline(self, login: str, contact_id: str) -> None:
        """Decline an offer. Where the contact waited for this agent by name, it waits for them no longer.

        Raises NotFound; Conflict when the contact is not offered to this agent; IndexUnavailable.
        """
        now = self._foundation.clock()
        try:
            declined = self._foundation.index.decline(contact_id, login, now)
        except (RedisError, IndexLost) as error:
            raise IndexUnavailable from error
        if declined is None:
            with self._foundation.record.read() as connection:
                contacts.get(connection, contact_id)
            raise Conflict(contact_id)
        if declined.ended_their_rung:
            self._name_no_more(login, contact_id)

    def _name_no_more(self, login: str, contact_id: str) -> None:
        """Record that a waiting contact stands on its topic's ladder, no longer on a rung that names this agent.

        The index has it there already: its revision stays, so that the repair finds no difference.
        """
        with self._foundation.record.write() as connection:
            row = contacts.get(connection, contact_id)
            if row.waits and row.ladder is not None and login in (row.ladder.get("agent"), row.ladder.get("preferred")):
                contacts.leave_ladder(connection, row)

    def phone_not_answered(self, contact_id: str, attempt: int) -> None:
        """Return a caller whose agent's telephone was not answered to their place; the agent is passed over.

        `attempt` is the number of the acceptance that made it ring; does nothing if that acceptance is over.
        Raises NotFound.
        """
        while True:
            with self._foundation.record.read() as connection:
                row = contacts.get(connection, contact_id)
                current = contacts.times_accepted(connection, contact_id)
            if row.state is not ContactState.ACTIVE or current != attempt:
                return
            try:
                self._returns.put_back(row, "phone_not_answered", row.agent, unanswered=True)
            except Conflict:  # the telephone network reports once: look where the contact is now
                continue
            return

    def _take(self, connection: Connection, row: ContactRow, end: WaitEnd, login: str, now: datetime) -> None:
        taken = contacts.change(
            connection,
            by_hours(row, self._foundation.in_force.calendar_for(row.channel, row.topic)),
            now,
            end=end,
            state=ContactState.ACTIVE,
            agent=login,
            accepted_at=row.accepted_at or now,
        )
        journal.write(connection, now, "accepted", row.id, login)
        attempt = contacts.times_accepted(connection, row.id)
        self._foundation.publisher.publish(connection, Accepted(taken, login, attempt), now)
