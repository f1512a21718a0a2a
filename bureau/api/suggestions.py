"""The procedure sheets that an agent may need for a contact."""

from __future__ import annotations

from bureau.schemas.answers import SuggestedSheet
from competences.plan.types import wording
from competences.sheets.catalogue import SheetsOnHand
from routeur.reading.contacts import FullContactView

LEAST_CONFIDENCE = 0.1
MOST_SHEETS = 3


def suggested_sheets(view: FullContactView, on_hand: SheetsOnHand, language: str) -> list[SuggestedSheet]:
    """The sheet of the contact's topic, then those of the guessed topics, the surest first."""
    guesses = view.explanation.get("recognition", {}).get("guesses", ())
    likely = [guess["topic"] for guess in guesses if guess["confidence"] >= LEAST_CONFIDENCE]
    topics = [topic for topic in dict.fromkeys([view.contact.topic, *likely]) if topic in on_hand.sheets]
    labels = {topic: on_hand.plan.topics[topic].label for topic in topics[:MOST_SHEETS]}
    return [SuggestedSheet(topic=topic, title=wording(label, language)) for topic, label in labels.items()]
