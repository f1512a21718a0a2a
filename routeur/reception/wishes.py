"""What a usager wants of us beyond their demand: that a number of ours write to them no more, or again."""

from __future__ import annotations

from routeur.contact import journal, opt_outs
from routeur.contact.row import ContactRow
from routeur.foundation import Foundation
from routeur.ports.inbound import Inbound
from routeur.reception.arrival import record_message
from routeur.reception.attempts import look_again
from routeur.reception.conversation import conversation_of


class Wishes:
    """Heeds wishes. The message that says one is kept in its usager's open contact, and makes no new one.

    It must have a `provider_id` and a `service_address`; the same message twice is one wish.
    """

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation

    def stop(self, inbound: Inbound) -> None:
        """Write to them no more from the number that they wrote to; their open contact goes on, by other ways."""
        look_again(lambda _: self._heed(inbound, out=True))

    def start(self, inbound: Inbound) -> bool:
        """Write to them again. False, and nothing is recorded, where they had never asked us to stop."""
        return look_again(lambda _: self._heed(inbound, out=False))

    def _heed(self, inbound: Inbound, *, out: bool) -> bool:
        now = self._foundation.clock()
        event_id, ours = inbound.provider_id, inbound.service_address
        if event_id is None or ours is None:
            return False
        conversation: ContactRow | None = None
        with self._foundation.record.write() as connection:
            if opt_outs.is_noted(connection, event_id):
                return True
            if not out and not opt_outs.is_opted_out(connection, inbound.address, ours):
                return False
            opt_outs.note(connection, inbound.address, ours, out=out, event_id=event_id, now=now)
            conversation = conversation_of(connection, inbound, now)
            if conversation is not None:
                record_message(connection, conversation, inbound, now)
                journal.write(connection, now, "opted_out" if out else "opted_in", conversation.id)
        if conversation is not None:
            self._foundation.announcer.tell("message", now, conversation.id, conversation.agent)
        return True
