"""Placeholders: names in a sheet that stand for a fact of the town, and the plan's words that replace them.

`{{ commune.name }}`, `{{ hours }}`, `{{ service.phone }}`, `{{ topic.online }}`, `{{ local.tarif-repas-cantine }}`:
each is a name alone, replaced by text; nothing is ever executed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from competences.phone_numbers import written_for
from competences.plan.plan import Plan
from competences.plan.types import wording
from competences.sheets.hours_in_words import hours_in_words
from competences.translation import N_, translator

PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
LOCAL = "local."
NAMES = frozenset(
    {
        "commune.name",
        "commune.address",
        "commune.phone",
        "commune.email",
        "commune.website",
        "hours",
        "service.label",
        "service.phone",
        "service.email",
        "topic.label",
        "topic.online",
        "topic.commitment_days",
        "topic.commitment_before_days",
    }
)
GAP = N_("[to be filled in: {name}]")


@dataclass(frozen=True)
class Placeholder:
    """A placeholder in a text: the `name` between its braces, and its `position`."""

    name: str
    position: int

    @property
    def local_fact(self) -> str | None:
        """The local fact that it stands for, if any."""
        return self.name.removeprefix(LOCAL) if self.name.startswith(LOCAL) else None


def placeholders(text: str) -> Iterator[Placeholder]:
    """Every placeholder of a text, in order."""
    for match in PLACEHOLDER.finditer(text):
        yield Placeholder(match[1], match.start())


class Filler:
    """Fills the placeholders of one topic's sheet, in one language."""

    def __init__(self, plan: Plan, topic: str, language: str) -> None:
        self._say = translator("competences", language).gettext
        self.values = _values(plan, topic, language)

    def fill(self, text: str) -> str:
        """The text with the plan's words; a fact that is not in the plan is left as a gap that a reader sees."""
        return PLACEHOLDER.sub(lambda match: self.values.get(match[1]) or self._gap(match[1]), text)

    def _gap(self, name: str) -> str:
        return self._say(GAP).format(name=name)


def _values(plan: Plan, key: str, language: str) -> Mapping[str, str]:
    """Every placeholder that the plan has words for, with the words, for one of its topics."""
    commune, topic = plan.commune, plan.topics[key]
    service = plan.services[topic.service]
    values = {
        "commune.name": commune.name,
        "commune.address": commune.address,
        "commune.phone": written_for(commune.phone, language),
        "commune.email": commune.email,
        "commune.website": str(commune.website).rstrip("/"),
        "hours": hours_in_words(plan.hours, language),
        "service.label": wording(service.label, language),
        "service.phone": written_for(service.phone, language),
        "service.email": service.email,
        "topic.label": wording(topic.label, language),
    }
    for name in ("commitment_days", "commitment_before_days"):
        days: int | None = getattr(topic, name)
        if days is not None:
            values[f"topic.{name}"] = str(days)
    if topic.online is not None:
        values["topic.online"] = str(topic.online)
    return values | {f"{LOCAL}{name}": wording(fact, language) for name, fact in plan.local_facts.items()}
