"""What becomes of a text message, and what is answered at once, whichever network brought it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import structlog

from canaux.enquiries.enquiries import Enquiries
from canaux.messaging.answers import answer_to, thanks
from canaux.messaging.reading import TextMessage, read_text
from competences.plan.plan import Plan
from routeur.contact.words import Outcome
from routeur.reception.reception import Reception

log = structlog.get_logger(__name__)


class TextConversation:
    """Receives text messages."""

    def __init__(self, reception: Reception, plans: Callable[[], Plan], enquiries: Enquiries) -> None:
        self._reception = reception
        self._plans = plans
        self._enquiries = enquiries

    def receive(self, message: TextMessage) -> str | None:
        """Record the message. Returns the words to answer with, None for silence."""
        inbound = read_text(message)
        if inbound is None:
            log.info("message_not_answered")
            return None
        ready = self._enquiries.answer(inbound.text, [inbound.address], inbound.address, inbound.language)
        receipt = self._reception.receive(replace(inbound, answer=ready))
        if inbound.settles and receipt.position != 1:  # a word that begins a conversation has nothing to settle
            standing = self._reception.settle(receipt.standing.contact.id)
            if standing.contact.outcome is Outcome.SELF_SERVED:
                return thanks(self._plans(), standing)
        return answer_to(self._plans(), receipt, ready)
