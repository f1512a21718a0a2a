"""What becomes of a text message, and what is answered at once, whichever network brought it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from canaux.enquiries.enquiries import Enquiries
from canaux.messaging.answers import answer_to, thanks
from canaux.messaging.reading import TextMessage, Wish, read_text, wish_in
from canaux.provider_interfaces import About
from competences.plan.plan import Plan
from competences.recognition.language import recognised_language
from routeur.contact.opt_outs import OptOuts
from routeur.contact.words import ContactState, Outcome
from routeur.ports.inbound import Inbound
from routeur.reception.reception import Reception

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Answer:
    """The words to answer with at once. `about` is the contact that is told of if they do not arrive.

    None where nothing is owed any more: thanks for a closed contact that did not arrive are nobody's work.
    """

    words: str
    about: About | None


class TextConversation:
    """Receives text messages."""

    def __init__(
        self, reception: Reception, plans: Callable[[], Plan], enquiries: Enquiries, opt_outs: OptOuts
    ) -> None:
        self._reception = reception
        self._plans = plans
        self._enquiries = enquiries
        self._opt_outs = opt_outs

    def receive(self, message: TextMessage) -> Answer | None:
        """Record the message. Returns what to answer at once, None for silence."""
        inbound = read_text(message)
        if inbound is None:
            log.info("message_not_answered")
            return None
        wish = wish_in(message)
        if wish is Wish.STOP:
            self._reception.wishes.stop(inbound)
            return None
        if wish is Wish.START and self._reception.wishes.start(inbound):
            return None
        plan = self._plans()
        inbound = replace(inbound, language=recognised_language(plan, inbound.text, inbound.language))
        ready = self._enquiries.answer(inbound.text, [inbound.address], inbound.address, inbound.language)
        if ready is not None and self._must_be_silent(inbound):
            ready = None
        receipt = self._reception.receive(replace(inbound, answer=ready))
        standing = receipt.standing
        words = answer_to(plan, receipt, ready, self._reception.closed_until(standing.contact))
        if inbound.settles and receipt.position != 1:  # a word that begins a conversation has nothing to settle
            standing = self._reception.settle(standing.contact.id)
            if standing.contact.outcome is Outcome.SELF_SERVED:
                words = thanks(plan, standing)
        if words is None or self._must_be_silent(inbound):
            return None
        owed = standing.contact.state is not ContactState.CLOSED
        return Answer(words, About(standing.contact.id) if owed else None)

    def _must_be_silent(self, inbound: Inbound) -> bool:
        """Whether its writer has asked us to write to them no more; that they write again says nothing else."""
        return inbound.service_address is not None and self._opt_outs.is_opted_out(
            inbound.address, inbound.service_address
        )
