"""The end of contacts of which their agent does not say how they ended: the time for it is over, or they are gone."""

from __future__ import annotations

from collections.abc import Sequence

from routeur.contact import journal
from routeur.contact.messages import usager_spoke_last
from routeur.contact.row import ContactRow
from routeur.contact.words import FollowUpReason, Outcome
from routeur.desk.closing import close_alone, part
from routeur.followups.making import FollowUpMaker
from routeur.foundation import Foundation
from routeur.index import sync
from routeur.ports.news import Ended


class Unattended:
    """Ends contacts for their agents."""

    def __init__(self, foundation: Foundation, follow_ups: FollowUpMaker) -> None:
        self._foundation = foundation
        self._follow_ups = follow_ups

    def end(self, row: ContactRow, reason: str) -> Sequence[ContactRow]:
        """Close the contact as answered; or make it a follow-up, if its usager had the last word or it is a request.

        Returns its companions, of whom nobody has said that they are served: they stay with their agent, a new lead
        first. `reason` goes in the journal. Raises Conflict when the contact has changed since `row` was read.
        """
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            if row.request is not None or usager_spoke_last(connection, row.id):
                parted = part(connection, row, now, because=reason)
                journal.write(connection, now, "left_unanswered", row.id, row.agent, reason=reason)
                self._follow_ups.make(connection, row, FollowUpReason.USAGER_LEFT, now)
                became = "followed_up"
            else:
                closing = close_alone(connection, row, Outcome.ANSWERED, row.agent, now, reason=reason)
                for contact in closing.closed:
                    self._foundation.publisher.publish(connection, Ended(contact), now)
                parted, became = closing.parted, "closed"
        sync.remove(self._foundation.index, row.id, self._foundation.clock)
        self._foundation.announcer.tell(became, now, row.id, row.agent)
        for companion in parted:
            self._foundation.announcer.tell("parted", now, companion.id, row.agent)
        return parted
