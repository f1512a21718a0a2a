"""The letter that reminds a service, or an agent, of follow-ups: what is owed until when; no personal data."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from canaux.email.outgoing.html_letter import SIGNATURE
from canaux.wording import day_in_words, local_day, service_label
from competences.plan.plan import Plan
from competences.translation import DEFAULT_LANGUAGE, translator
from routeur.contact.words import Reminder
from routeur.ports.news import DueFollowUp, FollowUpsDue


def reminder_letter(plan: Plan, news: FollowUpsDue) -> tuple[str, str]:
    """The subject and the words of a reminder. Its readers work here: they read French."""
    _ = translator("canaux", DEFAULT_LANGUAGE).gettext
    subject = _("Follow-ups that wait for an answer: {count}").format(count=len(news.follow_ups))
    parts = [_("Hello,")]
    headings = {
        Reminder.OVERDUE: _("The date that these persons were told has passed:"),
        Reminder.DUE_SOON: _("These persons were told that they would be answered soon:"),
        Reminder.HANDED_OVER: _("Another service has handed over to yours:"),
    }
    for reminder, heading in headings.items():
        lines = [_line(plan, one) for one in news.follow_ups if one.reminder is reminder]
        if lines:
            parts.append("\n".join([heading, *lines]))
    parts.append(_("Each is found at the desk by its reference."))
    return subject, "\n\n".join([*parts, "\n".join([SIGNATURE, plan.commune.name])])


def _line(plan: Plan, one: DueFollowUp) -> str:
    _ = translator("canaux", DEFAULT_LANGUAGE).gettext
    words = _("- {reference}: {topic}; {service}, by {day}, {time}; {owner}.")
    agent = plan.agents.get(one.owner) if one.owner is not None else None
    return words.format(
        reference=one.reference,
        topic=plan.topic_label(one.topic) or _("general question"),
        service=service_label(plan, one.service, DEFAULT_LANGUAGE),
        day=day_in_words(local_day(one.due_at, plan), DEFAULT_LANGUAGE),
        time=f"{one.due_at.astimezone(ZoneInfo(plan.commune.timezone)):%H:%M}",
        owner=_("taken by {name}").format(name=agent.name) if agent is not None else _("taken by nobody yet"),
    )
