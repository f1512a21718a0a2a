"""Experts stay free for what only they can do."""

from __future__ import annotations

from pathlib import Path

from competences.plan.plan import Plan
from competences.skills import pool_of
from competences.versatility import versatility

MAIRIE = Plan.load(Path("plans/mairie.yaml").read_text("utf-8"))


def test_a_general_question_goes_to_every_plain_generalist_before_any_expert() -> None:
    weights = versatility(MAIRIE)
    plain = [agent for agent in MAIRIE.agents.values() if set(agent.skills) == {"accueil"}]
    experts = [agent for agent in MAIRIE.agents.values() if 5 in agent.skills.values() and agent.skills["accueil"] < 5]
    assert plain
    assert experts
    most_plain = max(weights[pool_of(agent.skills)] for agent in plain)
    assert all(weights[pool_of(agent.skills)] > most_plain for agent in experts)


def test_what_one_person_alone_can_do_weighs_more_than_what_many_can() -> None:
    weights = versatility(MAIRIE)
    assert all(weight > 0 for weight in weights.values())
    for agent in MAIRIE.agents.values():
        alone = [
            skill
            for skill, level in agent.skills.items()
            if sum(other.skills.get(skill, 0) >= level for other in MAIRIE.agents.values()) == 1
        ]
        assert weights[pool_of(agent.skills)] >= len(alone)
