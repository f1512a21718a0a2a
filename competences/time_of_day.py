"""A time of day in words: « 8 h 30 », "8:30 AM"."""

from __future__ import annotations

from datetime import time

from babel.dates import format_time

from competences.translation import N_, translator

WITH_MINUTES = N_("h:mm a")
ON_THE_HOUR = N_("h a")


def time_in_words(at: time, language: str) -> str:
    """The time as people of this language say it; the minutes are left out on the hour."""
    say = translator("competences", language).gettext
    return format_time(at, say(WITH_MINUTES if at.minute else ON_THE_HOUR), locale=language)
