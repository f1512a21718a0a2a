"""Further messages of a conversation: recorded, and a closed contact is opened again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, update

from competences.channels import CHANNELS, ConversationKey
from routeur.contact import contacts, journal
from routeur.contact.legal_requests import answered_so_far
from routeur.contact.row import ContactRow, Ladder
from routeur.contact.words import ContactState, FollowUpReason
from routeur.followups.latest import written_again
from routeur.followups.making import FollowUpMaker, standing_of
from routeur.foundation import Foundation
from routeur.ports.inbound import Inbound, Standing
from routeur.queue.patience import calendar_of
from routeur.reception.arrival import Arrival, record_message
from routeur.record.tables import Contact


class Continuations:
    """Records messages that go on with a contact."""

    def __init__(self, foundation: Foundation, follow_ups: FollowUpMaker) -> None:
        self._foundation = foundation
        self._follow_ups = follow_ups

    def go_on(self, connection: Connection, row: ContactRow, inbound: Inbound, now: datetime) -> Arrival:
        """Record one more message, and see to it that somebody has it before them.

        A follow-up's owner is told. What was merged into a contact that is still open is looked after there: a
        letter or a text is recorded in that one; what is said in a conversation that its usager looks at, in its own.
        Any other closed contact is opened again. What a machine wrote or answered is only kept.
        """
        if row.held:  # the agent answers
            inbound = replace(inbound, answer=None)
        if inbound.automatic or inbound.answered_whole:
            message_id, position = record_message(connection, row, inbound, now)
            return Arrival(standing_of(connection, row), message_id, position)
        into = contacts.absorbed_by(connection, row) or row
        followed = CHANNELS[row.channel].conversation is ConversationKey.PROVIDER_REFERENCE
        message_id, position = record_message(connection, row if followed else into, inbound, now)
        if into.id != row.id:
            journal.write(connection, now, "written_to", into.id, contact=row.id, reference=row.reference)
        into = _answered_where_asked(connection, into, inbound, now)
        if into.state is ContactState.CLOSED:
            standing = self.reopen(connection, into, now)
            return Arrival(standing, message_id, position, queue=standing.contact.waits)
        into, owner = self.note(connection, into, now)
        return Arrival(standing_of(connection, into), message_id, position, owner=owner)

    def note(self, connection: Connection, row: ContactRow, now: datetime) -> tuple[ContactRow, str | None]:
        """Note that an usager has written in an open contact; returns it, and the owner of the follow-up that it is.

        Who comes back before their written conversation is wrapped up is with their agent again.
        """
        if row.state is ContactState.WRAP_UP and CHANNELS[row.channel].written:
            journal.write(connection, now, "usager_back", row.id, row.agent)
            return contacts.change(connection, row, now, state=ContactState.ACTIVE, wrap_up_until=None), None
        if row.state is not ContactState.FOLLOW_UP:
            return row, None
        return row, written_again(self._foundation, connection, row, now)

    def reopen(
        self, connection: Connection, row: ContactRow, now: datetime, *, queued_at: datetime | None = None
    ) -> Standing:
        """Open a closed contact again, within the caller's transaction; who puts it in the queue is the caller.

        Its place is that of `queued_at`, by default now. It is a follow-up at once if the town hall is closed, unless
        its channel waits overnight.
        A request stays one until somebody unsays it: an answer need not be the decision.
        """
        asked_at = queued_at or now
        reopened = contacts.change(
            connection,
            row,
            now,
            counted_from=calendar_of(self._foundation.in_force, row).next_opening(asked_at),
            state=ContactState.WAITING,
            outcome=None,
            closed_at=None,
            agent=None,
            linked_to=None,
            queued_at=asked_at,
            waiting_since=now,
            ladder=Ladder(preferred=row.agent) if row.agent else None,
            promised_at=None,
            request=answered_so_far(row, self._foundation.in_force.calendar),
        )
        journal.write(connection, now, "reopened", row.id)
        if CHANNELS[row.channel].holds_line:  # a recording: nobody is on the line any more
            return self._follow_ups.make(connection, reopened, FollowUpReason.USAGER_ASKED, now)
        waits = CHANNELS[row.channel].waits_overnight
        if not waits and not calendar_of(self._foundation.in_force, row).is_open(now):
            return self._follow_ups.make(connection, reopened, FollowUpReason.CLOSED, now)
        return Standing(reopened, None)


def _answered_where_asked(connection: Connection, row: ContactRow, inbound: Inbound, now: datetime) -> ContactRow:
    """The contact, answered from now on where its usager's own letter says; nobody else's says that.

    A list's Reply-To is the list's, not theirs.
    """
    asked = inbound.reply_to
    if asked in (None, row.reply_to) or inbound.writer != row.written_from or not inbound.acknowledge:
        return row
    connection.execute(update(Contact).where(Contact.id == row.id).values(reply_to=asked))
    journal.write(connection, now, "reply_to_changed", row.id)
    return replace(row, reply_to=asked)
