"""Whether a text is a plan that can be put in force."""

from __future__ import annotations

from competences.plan.errors import PlanError
from competences.plan.examine import examine
from competences.plan.plan import Plan
from competences.translation import DEFAULT_LANGUAGE


def check(text: str, language: str = DEFAULT_LANGUAGE) -> list[PlanError]:
    """Everything that is wrong with it, from top to bottom, in words for whoever edits it; nothing if it is sound."""
    return examine(text, Plan, language)[1]
