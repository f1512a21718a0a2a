"""The question below the answer to it, as mail programs quote; `history` takes it away when the person answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from canaux.clean_text import one_line, shortened, without_blank_runs
from canaux.wording import known_language
from competences.translation import translator
from routeur.contact.answers import Question

MOST_QUOTED_CHARACTERS = 4_000
MOST_QUOTED_LINES = 100
_LONGEST_NAME_CHARACTERS = 100
_CUT = "[…]"


@dataclass(frozen=True)
class Quote:
    """The line that says who wrote what follows, and when; and the lines that they wrote."""

    attribution: str
    lines: tuple[str, ...]


def quote(question: Question, language: str, timezone: str) -> Quote:
    """The question with its attribution in this language, its time as in this time zone; cut if it is long."""
    known = known_language(language)
    _ = translator("canaux", known).gettext
    at = question.at.astimezone(ZoneInfo(timezone))
    words = _("On {day} at {time}, {writer} wrote:").format(
        day=_day(at, known),
        time=format_time(at, "HH:mm", locale=known),
        writer=one_line(question.writer, _LONGEST_NAME_CHARACTERS),
    )
    return Quote(words, tuple(_bounded(question.text)))


def below(text: str, quoted: Quote | None) -> str:
    """An answer with the question below it, each of its lines marked with `>`."""
    if quoted is None:
        return text
    return "\n".join([text, "", quoted.attribution, *(f"> {line}".rstrip() for line in quoted.lines)])


def _bounded(text: str) -> list[str]:
    lines = without_blank_runs(text.strip()).split("\n")
    kept: list[str] = []
    left = MOST_QUOTED_CHARACTERS
    for line in lines[:MOST_QUOTED_LINES]:
        if len(line) > left:
            kept.append(shortened(line, left))
            break
        kept.append(line)
        left -= len(line)
    return kept if kept == lines else [*kept, _CUT]


def _day(at: datetime, language: str) -> str:
    day = format_date(at, "d MMMM y", locale=language)
    return f"1er{day[1:]}" if language == "fr" and at.day == 1 else day
