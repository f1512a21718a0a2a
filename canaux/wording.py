"""Phrases, dates, references and services as a person is told them, spoken or written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time

from competences.plan.plan import Plan
from competences.plan.types import wording
from competences.time_of_day import time_in_words
from competences.translation import CATALOGUED, N_, translator
from routeur.contact.proof_codes import GOOD_FOR_MINUTES
from routeur.ports.inbound import FollowUpFacts
from routeur.queue.patience import ClosedUntil


def known_language(language: str) -> str:
    """The language of our catalogues in which to answer a person who asked for this one."""
    return language if language in CATALOGUED else "en"


Said = str | Callable[[str], str]
"""A value that is filled into a phrase: a text, or what gives one for the language of the phrase."""


class Phrases:
    """What we say to a person who asked for a language: in the plan's words where it has some, else in our catalogues'.

    A phrase that the plan does not have is said whole in another language, `otherwise`: by default the one of our
    catalogues in which such a person is answered.
    """

    def __init__(self, plan: Plan | None, language: str, otherwise: str | None = None) -> None:
        named = plan.languages.get(language) if plan is not None else None
        self._own = named.by_message if named is not None else {}
        self._asked = language
        self._other = language if language in CATALOGUED else otherwise or known_language(language)

    def language_of(self, message: str) -> str:
        """The language in which the phrase is said that our catalogues know by this message."""
        return self._asked if message in self._own else self._other

    def say(self, message: str, **values: Said) -> str:
        """The phrase that our catalogues know by this message, with its values filled in."""
        language = self.language_of(message)
        words = self._own.get(message) or translator("canaux", self._other).gettext(message)
        return words.format(**{name: one if isinstance(one, str) else one(language) for name, one in values.items()})


def local_day(instant: datetime, plan: Plan) -> date:
    """The day it is in the commune at this instant."""
    return instant.astimezone(ZoneInfo(plan.commune.timezone)).date()


def day_in_words(day: date, language: str, *, year: bool = False) -> str:
    """« lundi 1er mars », "Monday 1 March"."""
    words = format_date(day, "EEEE d MMMM y" if year else "EEEE d MMMM", locale=known_language(language))
    if known_language(language) == "fr" and day.day == 1:
        words = words.replace(" 1 ", " 1er ", 1)
    return words


def day_said(day: date, *, year: bool = False) -> Said:
    """A day as it is said in the language of a phrase; in one that our catalogues do not have, always with its year."""

    def said(language: str) -> str:
        try:
            locale = Locale.parse(language)
        except (UnknownLocaleError, ValueError):
            locale = None
        if locale is None or language in CATALOGUED:
            return day_in_words(day, language, year=year)
        return format_date(day, "full", locale=locale)

    return said


def time_said(at: time) -> Said:
    """A time of day as it is said in the language of a phrase."""

    def said(language: str) -> str:
        try:
            locale = Locale.parse(language)
        except (UnknownLocaleError, ValueError):
            locale = None
        if locale is None or language in CATALOGUED:
            return time_in_words(at, known_language(language))
        return format_time(at, "short", locale=locale)

    return said


def spelled(reference: str) -> str:
    """A reference spelled for speech: one character at a time, with a pause between its groups."""
    return ". ".join(", ".join(group) for group in reference.split("-"))


def service_label(plan: Plan, service: str, language: str) -> str:
    """The service's name for a reader; its key where the plan no longer has it."""
    found = plan.services.get(service)
    return wording(found.label, language) if found else service


def service_said(plan: Plan, service: str) -> Said:
    """The service's name in the language of a phrase."""
    return lambda language: service_label(plan, service, language)


def follow_up_in_words(plan: Plan, follow_up: FollowUpFacts, language: str) -> str:
    """What a usager is told of a follow-up, written, in two short sentences."""
    words = N_(
        "Your message is recorded under the reference {reference}. "
        "The service in charge, {service}, will answer you by {day} at the latest."
    )
    return Phrases(plan, language).say(
        words,
        reference=follow_up.reference,
        service=service_said(plan, follow_up.service),
        day=day_said(local_day(follow_up.due_at, plan)),
    )


def closed_said(plan: Plan, closed: ClosedUntil) -> tuple[str, Mapping[str, Said]]:
    """The phrase that we are closed and when we open, and the values that are filled in."""
    message = (
        N_("This service is closed at the moment. It opens on {day} at {time}.")
        if closed.in_part
        else N_("The town hall is closed at the moment. It opens on {day} at {time}.")
    )
    opens_at = closed.opens_at.astimezone(ZoneInfo(plan.commune.timezone))
    return message, {"day": day_said(opens_at.date()), "time": time_said(opens_at.time())}


def closed_in_words(plan: Plan, closed: ClosedUntil, language: str) -> str:
    """That we are closed, and when we open."""
    message, values = closed_said(plan, closed)
    return Phrases(plan, language).say(message, **values)


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
