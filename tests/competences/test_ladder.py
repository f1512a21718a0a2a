"""Ladders: each rung later and wider, and every rung reaches somebody new."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competences.ladder import Rung, ladder, menu_ladder
from competences.plan.plan import Plan
from competences.skills import Requirement
from tests.competences.documents import mairie, plan_with

TOPICS = sorted(mairie().topics)
AGENTS = sorted(mairie().agents)
LANGUAGES = ["fr", "en", "es", "ar", "pt", "zh"]


def able(plan: Plan, requirement: Requirement) -> set[str]:
    return {
        login
        for login, agent in plan.agents.items()
        if requirement.agent == login or requirement.satisfied_by(agent.skills)
    }


def in_words(rungs: tuple[Rung, ...]) -> list[tuple[int, str]]:
    return [(rung.after_seconds, str(rung.requirement)) for rung in rungs]


@given(
    topic=st.none() | st.sampled_from(TOPICS) | st.just("gone"),
    language=st.sampled_from(LANGUAGES),
    preferred=st.none() | st.sampled_from(AGENTS) | st.just("gone"),
    agent=st.none() | st.sampled_from(AGENTS) | st.just("gone"),
)
def test_every_ladder_begins_at_once_widens_and_rises_after_the_rung_of_one_agent(
    topic: str | None, language: str, preferred: str | None, agent: str | None
) -> None:
    plan = mairie()
    rungs = ladder(plan, topic, language, preferred_agent=preferred, agent=agent)
    assert rungs[0].after_seconds == 0
    for lower, upper in itertools.pairwise(rungs):
        assert lower.requirement.is_widened_by(upper.requirement)
        if lower.requirement.agent is None:
            assert able(plan, lower.requirement) < able(plan, upper.requirement)
    assert able(plan, rungs[0].requirement)
    own = ladder(plan, topic, language)
    for lower, upper in itertools.pairwise(own):
        assert lower.after_seconds < upper.after_seconds
    if rungs != own:
        assert rungs[2:] == own[1:]
        assert rungs[1].requirement == own[0].requirement


levels = st.integers(1, 5)
skill_lists = st.dictionaries(
    st.sampled_from(["accueil", "famille", "social", "finances", "lang:en", "lang:ar"]), levels
)


@given(
    staff=st.lists(skill_lists, min_size=1, max_size=6),
    first=st.dictionaries(st.sampled_from(["accueil", "famille", "social"]), levels, min_size=1),
    drops=st.lists(st.tuples(st.integers(1, 300), st.sampled_from(["accueil", "famille", "social"])), max_size=4),
    language=st.sampled_from(["fr", "en", "ar", "zh"]),
    preferred_seconds=st.integers(1, 600),
)
def test_the_same_holds_for_any_staff_and_any_steps(
    staff: list[dict[str, int]],
    first: dict[str, int],
    drops: list[tuple[int, str]],
    language: str,
    preferred_seconds: int,
) -> None:
    plan = mairie()
    skills, after, steps = dict(first), 0, []
    for seconds, lowered in drops:
        if lowered in skills:
            after += seconds
            skills = {
                skill: level - (skill == lowered) for skill, level in skills.items() if level > (skill == lowered)
            }
            steps.append({"after_seconds": after, "skills": skills})
    topic = plan.topics["cantine"].model_validate(
        {**plan.topics["cantine"].model_dump(), "skills": first, "steps": steps}
    )
    agent = next(iter(plan.agents.values()))
    plan = plan.model_copy(
        update={
            "topics": {"cantine": topic},
            "agents": {f"agent{n}": agent.model_copy(update={"skills": held}) for n, held in enumerate(staff)},
            "preferred_agent_seconds": preferred_seconds,
        }
    )
    rungs = ladder(plan, "cantine", language)
    assert rungs[0].after_seconds == 0
    widest = Requirement.of(skills)
    assert able(plan, rungs[-1].requirement) == able(plan, widest)
    for lower, upper in itertools.pairwise(rungs):
        assert lower.after_seconds < upper.after_seconds
        assert lower.requirement.is_widened_by(upper.requirement)
        assert able(plan, lower.requirement) < able(plan, upper.requirement)
    with_preferred = ladder(plan, "cantine", language, preferred_agent="agent0")
    assert with_preferred[0] == Rung(0, Requirement.for_agent("agent0"))
    assert with_preferred[1].after_seconds == preferred_seconds
    assert with_preferred[1].requirement == rungs[0].requirement
    assert with_preferred[2:] == rungs[1:]


def test_a_topic_follows_its_steps() -> None:
    assert in_words(ladder(mairie(), "cantine", "fr")) == [
        (0, "accueil>=1+famille>=2"),
        (60, "accueil>=1+famille>=1"),
        (150, "accueil>=1"),
    ]


@pytest.mark.parametrize("topic", [None, "a-topic-of-last-year"])
def test_without_a_topic_that_the_plan_has_it_is_a_general_question(topic: str | None) -> None:
    assert in_words(ladder(mairie(), topic, "fr")) == [(0, "accueil>=1")]


def test_another_language_is_kept_on_every_rung_then_given_up_for_somebody_rather_than_nobody() -> None:
    assert in_words(ladder(mairie(), "mariage", "en")) == [
        (0, "etat-civil>=4+lang:en>=1"),
        (240, "etat-civil>=3+lang:en>=1"),
        (360, "etat-civil>=3"),
    ]


def test_rungs_that_would_reach_nobody_new_are_left_out() -> None:
    """Two agents serve families in Arabic from the first rung; the next rung that reaches more is the generalists'."""
    assert in_words(ladder(mairie(), "cantine", "ar")) == [
        (0, "accueil>=1+famille>=2+lang:ar>=1"),
        (150, "accueil>=1+lang:ar>=1"),
        (270, "accueil>=1"),
    ]


def test_a_language_that_nobody_who_could_help_speaks_is_not_waited_for() -> None:
    plan = mairie()
    assert ladder(plan, "permis-construire", "ar") == ladder(plan, "permis-construire", "fr")
    assert ladder(plan, "cantine", "zh") == ladder(plan, "cantine", "fr")


def test_giving_up_the_language_is_no_rung_where_everybody_speaks_it() -> None:
    plan = mairie()
    polyglots = {
        login: agent.model_copy(update={"skills": {**agent.skills, "lang:en": 5}})
        for login, agent in plan.agents.items()
    }
    plan = plan.model_copy(update={"agents": polyglots})
    assert in_words(ladder(plan, None, "en")) == [(0, "accueil>=1+lang:en>=1")]


def test_the_agent_who_knows_the_usager_comes_first_and_the_steps_still_count_from_arrival() -> None:
    assert in_words(ladder(mairie(), "cantine", "fr", preferred_agent="camille.martin")) == [
        (0, "@camille.martin"),
        (30, "accueil>=1+famille>=2"),
        (60, "accueil>=1+famille>=1"),
        (150, "accueil>=1"),
    ]


def test_steps_that_fall_into_the_first_agent_s_time_keep_theirs_in_case_that_agent_says_no() -> None:
    assert in_words(ladder(mairie(), "cantine", "fr", agent="camille.martin", preferred_agent="theo.marchand")) == [
        (0, "@camille.martin"),
        (120, "accueil>=1+famille>=2"),
        (60, "accueil>=1+famille>=1"),
        (150, "accueil>=1"),
    ]


def test_an_agent_who_left_the_staff_is_not_waited_for() -> None:
    plan = mairie()
    assert ladder(plan, "cantine", "fr", preferred_agent="left.us", agent="left.us") == ladder(plan, "cantine", "fr")


def test_a_caller_in_the_menu_is_for_nobody_then_for_whoever_takes_general_questions() -> None:
    plan = mairie()
    first, second = menu_ladder(plan)
    assert able(plan, first.requirement) == set()
    assert (first.after_seconds, second.after_seconds) == (0, 90)
    assert second.requirement == Requirement.of({"accueil": 1})
    assert menu_ladder(plan_with((("menu", "patience_seconds"), 45)))[1].after_seconds == 45
