"""Draws kinds of things by chance, but in fixed proportions."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Generic, TypeVar

Kind = TypeVar("Kind")


class Deck(Generic[Kind]):
    """A deck of cards, shuffled again when it is used up: each kind is in it as often as `proportions` says."""

    def __init__(self, random: Random, proportions: Mapping[Kind, int]) -> None:
        self._random = random
        self._all = [kind for kind, number in proportions.items() for _ in range(number)]
        self._left: list[Kind] = []

    def draw(self) -> Kind:
        """The next card."""
        if not self._left:
            self._left = self._random.sample(self._all, len(self._all))
        return self._left.pop()
