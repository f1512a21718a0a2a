"""The words of the e-mails that leave on their own: acknowledgements, follow-ups and what the law wants told."""

from __future__ import annotations

from canaux.email.outgoing.html_letter import SIGNATURE
from canaux.legal_words import notice_in_words, reception_in_words, silence_in_words
from canaux.online_services import written_offer
from canaux.wording import Phrases, closed_in_words, follow_up_in_words
from competences.phone_numbers import written_for
from competences.plan.plan import Plan
from competences.translation import N_
from routeur.contact.legal_requests import request_of
from routeur.contact.row import ContactRow
from routeur.plans import PlanInForce
from routeur.ports.inbound import FollowUpFacts
from routeur.ports.news import LegalNotice
from routeur.queue.patience import closed_until

HELLO = N_("Hello,")
TO_ADD = N_("To add something, simply answer this message.")


def letter_language(plan: Plan, language: str) -> str:
    """The language of the letters to a person who asked for this one."""
    return Phrases(plan, language).language_of(HELLO)


def acknowledgement(in_force: PlanInForce, contact: ContactRow, follow_up: FollowUpFacts | None) -> str:
    """The answer to a new contact at once: when it came and where to; of a request, also what silence means."""
    plan = in_force.plan
    phrases = Phrases(plan, contact.language)
    parts = [_greeting(plan, contact), phrases.say(N_("We have received your message. Thank you."))]
    if follow_up is not None:
        parts.append(follow_up_in_words(plan, follow_up, contact.language))
    else:
        told = N_("Your reference is {reference}. An agent will answer you by e-mail.")
        parts.append(phrases.say(told, reference=contact.reference))
    closed = closed_until(in_force, contact, contact.arrived_at)
    if closed is not None:
        parts.append(closed_in_words(plan, closed, contact.language))
    online = written_offer(plan, contact.topic, contact.language)
    if online is not None:
        parts.append(online)
    parts.append(reception_in_words(plan, contact, follow_up.service if follow_up is not None else None))
    request = request_of(contact)
    silence = silence_in_words(plan, request, contact.language) if request is not None else None
    if silence is not None:
        parts.append(silence)
    parts.append(phrases.say(TO_ADD))
    return "\n\n".join([*parts, _signature(plan, contact.language)])


def announcement(plan: Plan, contact: ContactRow, follow_up: FollowUpFacts) -> str:
    """The letter that says that a contact which waited is now a follow-up."""
    parts = [
        _greeting(plan, contact),
        follow_up_in_words(plan, follow_up, contact.language),
        reception_in_words(plan, contact, follow_up.service),
        Phrases(plan, contact.language).say(TO_ADD),
    ]
    return "\n\n".join([*parts, _signature(plan, contact.language)])


def legal_letter(plan: Plan, notice: LegalNotice) -> str:
    """The letter that tells the usager of a request what the law wants them told."""
    contact = notice.contact
    parts = [
        _greeting(plan, contact),
        *notice_in_words(plan, notice),
        reception_in_words(plan, contact, notice.service),
        Phrases(plan, contact.language).say(TO_ADD),
    ]
    return "\n\n".join([*parts, _signature(plan, contact.language)])


def _greeting(plan: Plan, contact: ContactRow) -> str:
    return Phrases(plan, contact.language).say(HELLO)


def _signature(plan: Plan, language: str) -> str:
    commune = plan.commune
    return "\n".join([SIGNATURE, commune.name, commune.address, written_for(commune.phone, language)])
