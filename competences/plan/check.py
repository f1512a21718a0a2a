"""Checks whether a text is a plan that can be put in force."""

from __future__ import annotations

from competences.plan.errors import PlanError
from competences.plan.examine import examine
from competences.plan.plan import Plan
from competences.translation import DEFAULT_LANGUAGE


def check(text: str, language: str = DEFAULT_LANGUAGE) -> list[PlanError]:
    """Every fault of a plan's text, from top to bottom, in the editor's language; empty for a sound plan."""
    return examine(text, Plan, language)[1]
