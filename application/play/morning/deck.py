"""Draws kinds of things in fixed proportions: by chance, but none is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Generic, TypeVar

Kind = TypeVar("Kind")


class Deck(Generic[Kind]):
    """Every so many draws hold each kind as often as `proportions` says."""

    def __init__(self, random: Random, proportions: Mapping[Kind, int]) -> None:
        self._random = random
        self._all = [kind for kind, number in proportions.items() for _ in range(number)]
        self._left: list[Kind] = []

    def draw(self) -> Kind:
        if not self._left:
            self._left = self._random.sample(self._all, len(self._all))
        return self._left.pop()
