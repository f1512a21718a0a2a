"""Versatility: what others lose while an agent is busy. Contacts go to the least versatile, so experts stay free."""

from __future__ import annotations

from collections.abc import Sequence

from competences.plan.plan import Plan
from competences.skills import Skills, pool_of


def versatility(plan: Plan) -> dict[str, float]:
    """For each pool of the staff, the sum over its skills of 1 / (agents who have at least that level).

    A skill that everybody has weighs little, one that a single person has weighs 1. So a general question goes to a
    generalist, however high their level at the front desk, before it goes to the only expert of something else.
    """
    staff = [agent.skills for agent in plan.agents.values()]
    return {pool_of(skills): round(_scarcity(skills, staff), 6) for skills in staff}


def _scarcity(skills: Skills, staff: Sequence[Skills]) -> float:
    return sum(
        1 / sum(colleague.get(skill, 0) >= level for colleague in staff) for skill, level in sorted(skills.items())
    )
