"""The words that say how a request stands."""

from __future__ import annotations

from collections.abc import Mapping

from canaux.legal_words import silence_in_words
from canaux.wording import day_in_words, known_language, local_day, service_label
from competences.channels import Channel
from competences.plan.plan import Plan
from competences.translation import N_, translator
from routeur.contact.ways_out import ByHand
from routeur.followups.status import FollowUpStatus, Stage

ANSWERED = N_("Your message {reference} was answered on {day}. Service in charge: {service}.")
ANSWERED_BY: Mapping[str, str] = {
    Channel.EMAIL: N_("Your message {reference} was answered by e-mail on {day}. Service in charge: {service}."),
    Channel.MESSAGING: N_("Your message {reference} was answered by text on {day}. Service in charge: {service}."),
    Channel.CHAT: N_(
        "The answer to your message {reference} has been in your chat conversation since {day}. "
        "Service in charge: {service}."
    ),
    ByHand.TELEPHONE: N_("Your message {reference} was answered by telephone on {day}. Service in charge: {service}."),
    ByHand.LETTER: N_("Your message {reference} was answered by letter on {day}. Service in charge: {service}."),
}
"""The sentence for each way that an answer takes."""


def status_in_words(plan: Plan, status: FollowUpStatus, language: str) -> str:
    """How it stands, in a sentence or two."""
    _ = translator("canaux", known_language(language)).gettext
    if status.stage is Stage.ANSWERED and status.leaving:
        sentence = _("Our answer to your message {reference} is on its way to you. Service in charge: {service}.")
    elif status.stage is Stage.ANSWERED and status.answered_at is not None:
        sentence = _(ANSWERED_BY.get(status.answered_by or "", ANSWERED))
    elif status.stage in (Stage.ANSWERED, Stage.CLOSED):
        sentence = _("Your message {reference} is closed. Service in charge: {service}.")
    elif status.due_at is None and status.stage is Stage.TAKEN:
        sentence = _("An agent is looking after your message {reference}. Service in charge: {service}.")
    elif status.due_at is None:
        sentence = _("Your message {reference} is recorded and waits for an agent. Service in charge: {service}.")
    elif status.late:
        sentence = _(
            "Your message {reference} is not answered yet. The service in charge, {service}, "
            "should have answered you by {day}: we are late, and sorry."
        )
    elif status.stage is Stage.TAKEN:
        sentence = _(
            "Your message {reference} has been taken in charge. "
            "The service in charge, {service}, will answer you by {day} at the latest."
        )
    else:
        sentence = _(
            "Your message is recorded under the reference {reference}. "
            "The service in charge, {service}, will answer you by {day} at the latest."
        )
    at = status.due_at or status.answered_at
    words = sentence.format(
        reference=status.reference,
        service=service_label(plan, status.service, language),
        day=day_in_words(local_day(at, plan), language) if at is not None else "",
    )
    silence = silence_in_words(plan, status.request, language) if status.request is not None else None
    return f"{words} {silence}" if silence is not None else words


def status_refused(language: str) -> str:
    """The answer to a wrong guess, to an unknown reference and to too many questions: always the same."""
    return translator("canaux", known_language(language)).gettext(
        "We can say nothing about this reference here. Check it, and the phone number or e-mail address that the "
        "request was made with, or try again later."
    )
