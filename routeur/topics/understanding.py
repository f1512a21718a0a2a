"""What a contact is taken to be about, from its words, as the plan in force has topics; and the account of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from competences.plan.plan import Plan
from competences.recognition.recognition import Recognition

Recognise = Callable[[str], Recognition | None]

RECOGNISED = "recognition"
"""Where a journal entry says what was recognised."""


def understand(recognise: Recognise, plan: Plan, *parts: str | None) -> Recognition | None:
    """What these words are about; a topic that the plan does not have is none. None where nothing can be said."""
    recognition = recognise("\n".join(part for part in parts if part))
    if recognition is None:
        return None
    guesses = tuple(guess for guess in recognition.guesses if guess.topic in plan.topics)
    words = recognition.words if guesses[:1] == recognition.guesses[:1] else ()  # they spoke for the first guess alone
    return Recognition(recognition.topic if recognition.topic in plan.topics else None, guesses, words)


def recognition_detail(recognition: Recognition | None) -> Mapping[str, Any]:
    """For the journal: what was recognised, how sure, and the words that decided."""
    if recognition is None:
        return {}
    guesses = [{"topic": guess.topic, "confidence": guess.confidence} for guess in recognition.guesses]
    return {RECOGNISED: {"topic": recognition.topic, "guesses": guesses, "words": list(recognition.words)}}
