"""The form in which a search compares words."""

from __future__ import annotations

from competences.words import plain

SHORTEST_PLURAL_LETTERS = 4


def terms(text: str) -> list[str]:
    """The words of a text without case, accents and the mark of the plural (French or English)."""
    return [_singular(word) for word in plain(text).split()]


def _singular(word: str) -> str:
    return word[:-1] if len(word) >= SHORTEST_PLURAL_LETTERS and word[-1] in "sx" else word
