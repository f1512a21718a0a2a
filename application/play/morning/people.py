"""The people who ask, and the words that they use."""

from __future__ import annotations

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
from competences.words import plain

FIRST_NUMBER = 1000
LAST_NUMBER = 9999
"""The regulator keeps ten thousand mobile numbers for fiction; the plan's agents have the first ones."""


@dataclass(frozen=True)
class Person:
    """An usager of the demonstration."""

    name: str
    phone: str
    email: str
    language: str = DEFAULT_LANGUAGE


@dataclass(frozen=True)
class Words:
    """The words of people, from words.yaml."""

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
        """The weight of a topic among the others: how often people ask about it."""
        return self.weights.get(topic, 1.0)

    def demand(self, random: Random, plan: Plan, topic: str, language: str = DEFAULT_LANGUAGE) -> str:
        """A question about this topic, in a person's words."""
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
        """A new person."""
        names = words()
        first, last = self._random.choice(names.first_names), self._random.choice(names.last_names)
        number = self._numbers.pop()
        return Person(
            f"{first} {last}",
            f"+33639{980000 + number}",
            f"{_joined(first)}.{_joined(last)}.{number}@courriel.example",
            language,
        )


def _joined(name: str) -> str:
    """The letters of a name, as they stand in an e-mail address."""
    return plain(name).replace(" ", "")
