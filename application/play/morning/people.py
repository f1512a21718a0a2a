"""Who asks, and the words they use."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

import yaml

from competences.plan.plan import Plan
from competences.plan.types import wording
from competences.translation import DEFAULT_LANGUAGE

FIRST_NUMBER = 1000
LAST_NUMBER = 9999
"""Of the ten thousand mobile numbers that the regulator keeps for fiction; the plan's agents have the first ones."""


@dataclass(frozen=True)
class Person:
    """An usager of the demonstration."""

    name: str
    phone: str
    email: str
    language: str = DEFAULT_LANGUAGE


@dataclass(frozen=True)
class Words:
    """What people say, from words.yaml."""

    first_names: Sequence[str]
    last_names: Sequence[str]
    weights: Mapping[str, float]
    demands: Mapping[str, Sequence[str]]
    foreign_demands: Mapping[str, Sequence[str]]
    thanks: Sequence[str]
    more: Sequence[str]
    signatures: Sequence[str]
    away: str
    answers: Sequence[str]
    notes: Sequence[str]
    handed_over: Sequence[str]
    silent_visitor: str

    def weight(self, topic: str) -> float:
        """How often this topic comes up, among the others."""
        return self.weights.get(topic, 1.0)

    def demand(self, random: Random, plan: Plan, topic: str, language: str = DEFAULT_LANGUAGE) -> str:
        """What somebody says who asks about this topic."""
        if language in self.foreign_demands:
            return random.choice(self.foreign_demands[language])
        if topic in self.demands:
            return random.choice(self.demands[topic])
        return wording(plan.topics[topic].label, DEFAULT_LANGUAGE)


@cache
def words() -> Words:
    """The words that come with the program."""
    source: dict[str, Any] = yaml.safe_load(files(__package__).joinpath("words.yaml").read_text("utf-8"))
    return Words(**source)


class Population:
    """Gives each person who turns up a name, a phone number and an address of their own."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._numbers = random.sample(range(FIRST_NUMBER, LAST_NUMBER + 1), LAST_NUMBER - FIRST_NUMBER + 1)

    def somebody(self, language: str = DEFAULT_LANGUAGE) -> Person:
        said = words()
        first, last = self._random.choice(said.first_names), self._random.choice(said.last_names)
        number = self._numbers.pop()
        return Person(
            f"{first} {last}",
            f"+33639{980000 + number}",
            f"{_plain(first)}.{_plain(last)}.{number}@courriel.example",
            language,
        )


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in decomposed if character.isascii() and character.isalpha())
