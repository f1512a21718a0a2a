"""Dates, references and services as a person is told them, spoken or written."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from competences.plan.plan import Plan
from competences.plan.types import wording
from competences.translation import translator
from routeur.contact.proof_codes import GOOD_FOR_MINUTES
from routeur.ports.inbound import FollowUpFacts

KNOWN_LANGUAGES = ("fr", "en")


def known_language(language: str) -> str:
    """The language in which to answer a person who asked for this one."""
    return language if language in KNOWN_LANGUAGES else "en"


def local_day(instant: datetime, plan: Plan) -> date:
    """The day it is in the commune at this instant."""
    return instant.astimezone(ZoneInfo(plan.commune.timezone)).date()


def day_in_words(day: date, language: str, *, year: bool = False) -> str:
    """« lundi 1er mars », "Monday 1 March"."""
    words = format_date(day, "EEEE d MMMM y" if year else "EEEE d MMMM", locale=known_language(language))
    if known_language(language) == "fr" and day.day == 1:
        words = words.replace(" 1 ", " 1er ", 1)
    return words


def spelled(reference: str) -> str:
    """A reference spelled for speech: one character at a time, with a pause between its groups."""
    return ". ".join(", ".join(group) for group in reference.split("-"))


def service_label(plan: Plan, service: str, language: str) -> str:
    """The service's name for a reader; its key where the plan no longer has it."""
    found = plan.services.get(service)
    return wording(found.label, language) if found else service


def follow_up_in_words(plan: Plan, follow_up: FollowUpFacts, language: str) -> str:
    """What a usager is told of a follow-up, written, in two short sentences."""
    _ = translator("canaux", known_language(language)).gettext
    return _(
        "Your message is recorded under the reference {reference}. "
        "The service in charge, {service}, will answer you by {day} at the latest."
    ).format(
        reference=follow_up.reference,
        service=service_label(plan, follow_up.service, language),
        day=day_in_words(local_day(follow_up.due_at, plan), language),
    )


def code_in_words(plan: Plan, code: str, language: str) -> tuple[str, str]:
    """The subject and the text of the letter that carries a code."""
    _ = translator("canaux", known_language(language)).gettext
    words = _(
        "Your code is {code}. Type it within {minutes} minutes where you have asked for it, on the pages of "
        "{commune}.\n\n"
        "If you have asked for nothing, somebody has typed your address: ignore this letter."
    )
    return _("Your code: {code}").format(code=code), words.format(
        code=code, minutes=GOOD_FOR_MINUTES, commune=plan.commune.name
    )


def code_in_a_text(plan: Plan, code: str, language: str) -> str:
    """The text message that carries a code."""
    _ = translator("canaux", known_language(language)).gettext
    words = _(
        "{commune}: your code is {code}, good for {minutes} minutes. "
        "If you have asked for nothing, ignore this message."
    )
    return words.format(code=code, minutes=GOOD_FOR_MINUTES, commune=plan.commune.name)
