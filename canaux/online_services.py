"""What can be done online about a topic, offered while its usager keeps their place."""

from __future__ import annotations

from dataclasses import dataclass

from canaux.wording import known_language
from competences.plan.plan import Plan
from competences.plan.types import wording
from competences.translation import translator


@dataclass(frozen=True)
class SelfService:
    """Where it is done, what it is called, and the sentence that offers it (without the address)."""

    url: str
    label: str
    text: str


def self_service(plan: Plan, topic: str | None, language: str) -> SelfService | None:
    """What the plan has online for the topic."""
    found = plan.topics.get(topic or "")
    if found is None or found.online is None:
        return None
    _ = translator("canaux", known_language(language)).gettext
    label = wording(found.label, language)
    sentence = _("{topic}: you can do this online, without waiting. Your message stays recorded meanwhile.")
    return SelfService(str(found.online), label, sentence.format(topic=label))


def written_offer(plan: Plan, topic: str | None, language: str) -> str | None:
    """The same for a channel without buttons: the sentence and the address."""
    offered = self_service(plan, topic, language)
    return f"{offered.text} {offered.url}" if offered is not None else None
