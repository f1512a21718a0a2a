"""What a text message is answered with at once."""

from __future__ import annotations

from collections.abc import Sequence

from canaux.legal_words import reception_in_short
from canaux.online_services import written_offer
from canaux.wording import Phrases, closed_in_words, follow_up_in_words, known_language
from competences.plan.plan import Plan
from competences.translation import N_, translator
from routeur.contact.words import ContactState
from routeur.ports.inbound import ReadyAnswer, Receipt, Standing
from routeur.queue.patience import ClosedUntil


def answer_to(plan: Plan, receipt: Receipt, ready: ReadyAnswer | None, closed: ClosedUntil | None = None) -> str | None:
    """What a message is answered with at once: its ready answer, and an acknowledgement where it begins a
    conversation, or what can be done online where it is the message that told the topic.

    `closed`: until when what it asks for is closed.
    """
    standing = receipt.standing
    parts = [ready.text] if ready is not None and receipt.answered else []
    # The first message's, also when the network says it twice: it cannot have heard the answer then.
    if receipt.position == 1 and standing.contact.state is not ContactState.CLOSED:
        opening = [closed_in_words(plan, closed, standing.contact.language)] if closed is not None else []
        parts += [acknowledgement(plan, standing), *opening, *_online(plan, standing)]
    elif receipt.topic_found:
        parts += _online(plan, standing)
    return _signed(plan, *parts) if parts else None


def acknowledgement(plan: Plan, standing: Standing) -> str:
    """What a new conversation is answered with."""
    contact, follow_up = standing.contact, standing.follow_up
    if follow_up is not None:
        words = follow_up_in_words(plan, follow_up, contact.language)
    else:
        received = N_("We have received your message. An agent will answer you here. Your reference: {reference}.")
        words = Phrases(plan, contact.language).say(received, reference=contact.reference)
    return f"{words} {reception_in_short(plan, contact, follow_up.service if follow_up else None)}"


def _online(plan: Plan, standing: Standing) -> Sequence[str]:
    """What can be done online, and the word to send if that was all."""
    offer = written_offer(plan, standing.contact.topic, standing.contact.language)
    if offer is None:
        return ()
    _ = translator("canaux", known_language(standing.contact.language)).gettext
    return offer, _("If that answers your question, send us the word {word}.").format(word=_("SOLVED"))


def thanks(plan: Plan, standing: Standing) -> str:
    """The answer to a usager who says that they have what they asked for."""
    contact = standing.contact
    _ = translator("canaux", known_language(contact.language)).gettext
    return _signed(plan, _("Thank you. Your message {reference} is closed.").format(reference=contact.reference))


def _signed(plan: Plan, *parts: str) -> str:
    return f"{plan.commune.name} : " + "\n".join(parts)
