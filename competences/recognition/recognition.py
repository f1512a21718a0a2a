"""What recognition says of a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Guess:
    """`confidence`: the share of such guesses that are right, from 0 to 1."""

    topic: str
    confidence: float


@dataclass(frozen=True)
class Recognition:
    """`topic` is None where the model abstains: a generalist decides. `guesses` are the best, the surest first.
    `words` of the text spoke for the first of them, the strongest first.
    """

    topic: str | None
    guesses: tuple[Guess, ...]
    words: tuple[str, ...]
