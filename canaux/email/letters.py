"""The words of the e-mails that leave on their own: acknowledgements and follow-ups."""

from __future__ import annotations

from datetime import date

from canaux.online_services import written_offer
from canaux.wording import day_in_words, follow_up_in_words, known_language, service_label, silence_notice
from competences.due_dates import commitment
from competences.plan.plan import Plan
from competences.translation import translator
from routeur.contact.row import ContactRow
from routeur.plans import PlanInForce
from routeur.ports.inbound import FollowUpFacts


def acknowledgement(in_force: PlanInForce, contact: ContactRow, follow_up: FollowUpFacts | None) -> str:
    """The answer to a new contact at once; with the words of the law where its topic has a legal regime."""
    plan = in_force.plan
    _ = translator("canaux", known_language(contact.language)).gettext
    parts = [_greeting(contact), _("We have received your message. Thank you.")]
    if follow_up is not None:
        parts.append(follow_up_in_words(plan, follow_up, contact.language))
    else:
        parts.append(
            _("Your reference is {reference}. An agent will answer you by e-mail.").format(reference=contact.reference)
        )
    online = written_offer(plan, contact.topic, contact.language)
    if online is not None:
        parts.append(online)
    topic = plan.topics.get(contact.topic or "")
    if topic is not None and topic.silence != "none":
        parts.append(_legal_notice(in_force, contact))
    parts.append(_("To add something, simply answer this message."))
    return "\n\n".join([*parts, _signature(plan)])


def announcement(plan: Plan, contact: ContactRow, follow_up: FollowUpFacts) -> str:
    """The letter that says that a contact which waited is now a follow-up."""
    _ = translator("canaux", known_language(contact.language)).gettext
    parts = [
        _greeting(contact),
        follow_up_in_words(plan, follow_up, contact.language),
        _("To add something, simply answer this message."),
    ]
    return "\n\n".join([*parts, _signature(plan)])


def _greeting(contact: ContactRow) -> str:
    return translator("canaux", known_language(contact.language)).gettext("Hello,")


def _signature(plan: Plan) -> str:
    return "\n".join(["--", plan.commune.name, plan.commune.address, plan.commune.phone])


def _legal_notice(in_force: PlanInForce, contact: ContactRow) -> str:
    """The notice of CRPA R112-5: the day of reception, the service and its address, and what silence means."""
    _ = translator("canaux", known_language(contact.language)).gettext
    plan, calendar = in_force.plan, in_force.calendar
    owed = commitment(plan, calendar, contact.topic, contact.arrived_at)
    service = plan.services[owed.service]

    def day(value: date) -> str:
        return day_in_words(value, contact.language, year=True)

    lines = [
        _("Your request was received on {day}.").format(day=day(calendar.local_date(contact.arrived_at))),
        _("Service in charge: {service}, {address}, telephone {phone}, e-mail {email}.").format(
            service=service_label(plan, owed.service, contact.language),
            address=plan.commune.address,
            phone=service.phone,
            email=service.email,
        ),
    ]
    silence = silence_notice(owed.silence_means, owed.silence_on, contact.language)
    return "\n".join([*lines, silence] if silence is not None else lines)
