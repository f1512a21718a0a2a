"""The opening hours of a week in words: « lundi et mardi de 8 h 30 à 12 h ; samedi de 9 h à 12 h »."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from babel.dates import get_day_names
from babel.lists import format_list

from competences.plan.hours import DAYS, Hours, Slot
from competences.time_of_day import time_in_words
from competences.translation import N_, translator

FROM_TO = N_("from {start} to {end}")
BETWEEN_DAYS = N_("; ")


def hours_in_words(hours: Hours, language: str) -> str:
    """The opening hours: days with the same hours together, days on which the town hall is closed left out."""
    say = translator("competences", language).gettext
    names = get_day_names("wide", locale=language)
    days: dict[Sequence[Slot], list[str]] = {}
    for number, day in enumerate(DAYS):
        if hours.week[day]:
            days.setdefault(hours.week[day], []).append(names[number])
    return say(BETWEEN_DAYS).join(
        f"{format_list(same, locale=language)} {_slots(slots, say, language)}" for slots, same in days.items()
    )


def _slots(slots: Sequence[Slot], say: Callable[[str], str], language: str) -> str:
    spans = [
        say(FROM_TO).format(start=time_in_words(slot.start, language), end=time_in_words(slot.end, language))
        for slot in slots
    ]
    return format_list(spans, locale=language)
