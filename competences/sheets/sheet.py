"""A procedure sheet, as its authors wrote it: placeholders are not filled in yet."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from competences.plan.hours import Date
from competences.plan.types import Key, Part, Text
from competences.translation import DEFAULT_LANGUAGE


class Section(StrEnum):
    """The parts of a sheet's body, in their order; the value is their name for programs."""

    SAY_FIRST = "say_first"
    ASK = "ask"
    STEPS = "steps"
    SPECIAL_CASES = "special_cases"
    TO_EXPERT = "to_expert"
    FOLLOW_UP = "follow_up"
    ENGLISH = "english"

    @property
    def heading(self) -> str:
        """The heading that the author writes after `## `."""
        return HEADINGS[self]

    @property
    def language(self) -> str:
        """The language that the section is written in."""
        return "en" if self is Section.ENGLISH else DEFAULT_LANGUAGE


HEADINGS: Mapping[Section, str] = {
    Section.SAY_FIRST: "À dire d'abord",
    Section.ASK: "À demander",
    Section.STEPS: "Étapes",
    Section.SPECIAL_CASES: "Cas particuliers",
    Section.TO_EXPERT: "Passer à l'expert",
    Section.FOLLOW_UP: "Ouvrir un suivi",
    Section.ENGLISH: "In English",
}


class LegalSource(Part):
    """A text of law, and what follows from it."""

    source: Text
    says: Text


class FrontMatter(Part):
    """The fields at the head of a sheet; all are written, even empty ones.

    `to_confirm`: what the service must confirm before anybody relies on the sheet.
    """

    topic: Key
    service: Key
    keywords: Annotated[tuple[Text, ...], Field(min_length=1)]
    online: Text | None
    documents: tuple[Text, ...]
    cost: Text
    delay: Text
    legal: Annotated[tuple[LegalSource, ...], Field(min_length=1)]
    reviewed_on: Date
    next_review: Date
    to_confirm: tuple[Text, ...]


class Sheet(FrontMatter):
    """A whole sheet: its fields, its title, and the Markdown of each section."""

    title: Text
    sections: Mapping[Section, Text]
