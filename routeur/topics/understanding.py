"""Recognising a contact's topic among those of the plan in force, and describing the recognition in the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from competences.plan.plan import Plan
from competences.recognition.recognition import Recognition

Recognise = Callable[[str], Recognition | None]

RECOGNISED = "recognition"
"""The key, in the detail of a journal entry, of what was recognised."""


def understand(recognise: Recognise, plan: Plan, *parts: str | None) -> Recognition | None:
    """The recognition of these words, without topics that the plan does not have; None without a model."""
    recognition = recognise("\n".join(part for part in parts if part))
    if recognition is None:
        return None
    guesses = tuple(guess for guess in recognition.guesses if guess.topic in plan.topics)
    words = recognition.words if guesses[:1] == recognition.guesses[:1] else ()  # the words decided for the first guess
    return Recognition(recognition.topic if recognition.topic in plan.topics else None, guesses, words)


def recognition_detail(recognition: Recognition | None) -> Mapping[str, Any]:
    """The detail of a journal entry: the guesses, their confidence (0 to 1), and the words that decided."""
    if recognition is None:
        return {}
    guesses = [{"topic": guess.topic, "confidence": guess.confidence} for guess in recognition.guesses]
    return {RECOGNISED: {"topic": recognition.topic, "guesses": guesses, "words": list(recognition.words)}}
