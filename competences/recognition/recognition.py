"""The result of recognising a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Guess:
    """A topic that a text may be about. `confidence` is the share of such guesses that are right, from 0 to 1."""

    topic: str
    confidence: float


@dataclass(frozen=True)
class Recognition:
    """What a text is about. `topic` is None if the model abstains: a generalist decides. `guesses` are the best ones,
    the surest first; `words` are those of the text that spoke for the first guess, the strongest first.
    """

    topic: str | None
    guesses: tuple[Guess, ...]
    words: tuple[str, ...]
