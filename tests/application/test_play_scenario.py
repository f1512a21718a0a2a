"""The demonstration's morning: the same for the same seed, realistic, and with everything in it that can happen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import time
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from application.play.morning.arrivals import arrivals
from application.play.morning.callers import Manner
from application.play.morning.events import Arrival, Call, CallEnd, Email, Enclosure, MenuStep, Post, Text, Visit
from application.play.morning.menu_paths import paths_to_topics, wrong_key
from application.play.morning.people import words
from application.play.morning.scenario import MORNING_SECONDS, Scenario, write_scenario
from application.play.morning.shifts import PRESENT, Conclusion, Reaction
from competences.channels import Channel
from competences.ladder import ladder
from competences.plan.menu import ChoiceKind, choose
from competences.plan.plan import Plan

SEEDS = range(12)


@cache
def mairie() -> Plan:
    return Plan.load((Path(__file__).parents[2] / "plans" / "mairie.yaml").read_text("utf-8"))


@cache
def morning(seed: int) -> Scenario:
    return write_scenario(mairie(), seed)


def everything() -> Iterator[Arrival]:
    for seed in SEEDS:
        yield from morning(seed).arrivals


def calls() -> list[Call]:
    return [one for one in everything() if isinstance(one, Call)]


def test_the_same_seed_is_the_same_morning() -> None:
    assert write_scenario(mairie(), 7) == write_scenario(mairie(), 7)
    assert write_scenario(mairie(), 7) != write_scenario(mairie(), 8)


def test_what_an_agent_decides_depends_on_nothing_but_the_seed() -> None:
    first, again = write_scenario(mairie(), 7), write_scenario(mairie(), 7)
    for one, other in zip(first.shifts, again.shifts, strict=True):
        assert [one.decision(number) for number in range(30)] == [other.decision(number) for number in range(30)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_morning_is_a_town_hall_s(seed: int) -> None:
    scenario = morning(seed)
    assert 150 <= len(scenario.arrivals) <= 250
    assert scenario.seconds == MORNING_SECONDS
    assert scenario.opens == time(8, 30)
    times = [one.at for one in scenario.arrivals]
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] <= scenario.seconds


@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_is_somebody_else(seed: int) -> None:
    plan = mairie()
    people = [one.person for one in morning(seed).arrivals]
    assert len({person.phone for person in people}) == len({person.email for person in people}) == len(people)
    assert not {person.phone for person in people} & {agent.phone for agent in plan.agents.values()}
    assert all(person.phone.startswith("+3363998") and len(person.phone) == 12 for person in people)


def test_channels_come_in_their_proportions() -> None:
    counts = Counter(one.channel for one in everything())
    total = counts.total()
    assert set(counts) == set(Channel)
    assert counts[Channel.VOICE] / total == pytest.approx(0.46, abs=0.02)
    assert counts[Channel.EMAIL] / total == pytest.approx(0.17, abs=0.02)


def test_people_crowd_at_the_opening_and_at_eleven() -> None:
    quarter = MORNING_SECONDS / 14
    by_quarter = Counter(
        int(at // quarter) for seed in range(200) for at in arrivals(Random(seed), MORNING_SECONDS, 200)
    )
    quiet = by_quarter[5]
    assert by_quarter[0] > 1.7 * quiet
    assert by_quarter[9] > 1.5 * quiet
    assert by_quarter.total() / 200 == pytest.approx(200, rel=0.02)


def test_topics_come_as_often_as_in_life() -> None:
    counts = Counter(one.topic for seed in range(60) for one in morning(seed).arrivals)
    assert set(counts) == set(mairie().topics)
    weights = {topic: words().weight(topic) for topic in mairie().topics}
    for topic in ("carte-identite", "cantine", "passeport", "voirie"):
        assert counts[topic] / counts.total() == pytest.approx(weights[topic] / sum(weights.values()), rel=0.15)


def test_every_topic_of_the_plan_has_words_and_a_weight() -> None:
    assert set(words().weights) == set(words().demands) == set(mairie().topics)


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_that_can_happen_happens_in_each_morning(seed: int) -> None:
    come = morning(seed).arrivals
    of_calls = [one for one in come if isinstance(one, Call)]
    assert {one.end for one in of_calls} == set(CallEnd)
    assert {one.caller_hangs_up for one in of_calls} == {one.leaves_message for one in of_calls} == {True, False}
    assert any(step.words for one in of_calls for step in one.menu)
    letters = [one for one in come if isinstance(one, Email)]
    assert {one.post for one in letters} == set(Post)
    assert {one.automatic for one in letters} == {True, False}
    assert {enclosure for one in letters for enclosure in one.enclosures} == set(Enclosure)
    assert any(one.then for one in letters)
    texts = [one for one in come if isinstance(one, Text)]
    assert {one.whatsapp for one in texts} == {True, False}
    assert any(one.then for one in texts)
    visits = [one for one in come if isinstance(one, Visit)]
    assert {bool(one.answers) for one in visits} == {True, False}
    assert any(one.leaves_after for one in visits)
    assert {one.channel for one in come if one.twice} >= {Channel.VOICE, Channel.EMAIL}


def test_callers_deal_with_the_menu_in_every_manner() -> None:
    plan = mairie()
    paths = paths_to_topics(plan.menu)
    seen = set()
    for call in calls():
        steps = [(step.digit, step.words) for step in call.menu]
        keys = [(key, None) for key in paths.get(call.topic, "")]
        if call.end is CallEnd.IN_MENU:
            continue
        if steps == keys:
            seen.add(Manner.KEYS)
        elif steps[0] == (wrong_key(plan.menu), None):
            seen.add(Manner.WRONG_KEY)
        elif steps[0] == (None, None):
            seen.add(Manner.SILENT_AT_FIRST)
        elif steps[0][1]:
            seen.add(Manner.SPEECH)
        else:
            kind = choose(plan.menu, digits=steps[0][0]).kind
            seen.add(
                {ChoiceKind.GENERAL: Manner.ANYBODY, ChoiceKind.FOLLOW_UP: Manner.FOLLOW_UP}.get(kind, Manner.ENGLISH)
            )
    assert seen == set(Manner)


def test_whoever_presses_on_reaches_their_topic() -> None:
    plan = mairie()
    for topic, keys in paths_to_topics(plan.menu).items():
        path = ""
        for key in keys[:-1]:
            path = choose(plan.menu, path, digits=key).path
        assert choose(plan.menu, path, digits=keys[-1]).topic == topic
    assert choose(plan.menu, digits=wrong_key(plan.menu)).kind is ChoiceKind.NOT_UNDERSTOOD
    assert choose(plan.menu, "1", digits=wrong_key(plan.menu, "1")).kind is ChoiceKind.NOT_UNDERSTOOD


def test_what_callers_say_is_understood() -> None:
    plan = mairie()
    keywords = {key: topic.keywords for key, topic in plan.topics.items()}
    spoken = [(call, step) for call in calls() for step in call.menu if step.words]
    meant = [choose(plan.menu, speech=step.words, keywords=keywords) for _, step in spoken]
    assert spoken
    assert all(choice.kind is not ChoiceKind.NOT_UNDERSTOOD for choice in meant)


def test_some_hang_up_early_and_most_wait() -> None:
    ends = Counter(call.end for call in calls())
    assert ends[CallEnd.AFTER_ANSWER] / ends.total() == pytest.approx(0.8, abs=0.03)
    assert all(call.patience <= 90 for call in calls() if call.end is CallEnd.WHILE_WAITING)
    assert all(call.patience >= 500 for call in calls() if call.end is CallEnd.AFTER_ANSWER)
    in_menu = [call for call in calls() if call.end is CallEnd.IN_MENU]
    whole = {call.topic: len(paths_to_topics(mairie().menu).get(call.topic, "x")) for call in in_menu}
    assert all(len(call.menu) <= whole[call.topic] + 1 for call in in_menu)
    assert all(isinstance(step, MenuStep) and step.after > 0 for call in in_menu for step in call.menu)


@pytest.mark.parametrize("seed", SEEDS)
def test_agents_answer_most_topics_and_one_specialty_is_missing(seed: int) -> None:
    plan, shifts = mairie(), morning(seed).shifts
    present = [shift.login for shift in shifts]
    assert len(set(present)) == len(present) == PRESENT
    unserved = [
        topic
        for topic in plan.topics
        if not any(
            rung.requirement.satisfied_by(plan.agents[login].skills)
            for rung in ladder(plan, topic, "fr")
            for login in present
        )
    ]
    assert 1 <= len(unserved) <= 8
    asked = sum(one.topic in unserved for one in morning(seed).arrivals)
    assert asked / len(morning(seed).arrivals) < 0.15


@pytest.mark.parametrize("seed", SEEDS)
def test_agents_do_all_that_agents_do(seed: int) -> None:
    shifts = morning(seed).shifts
    assert {shift.polls for shift in shifts} == {True, False}
    assert any(shift.starts for shift in shifts)
    for shift in shifts:
        assert 0 < shift.starts + 1 < shift.lunch.starts < shift.lunch.ends < MORNING_SECONDS
    first = [shift.decision(number) for shift in shifts for number in range(5)]
    assert {decision.reaction for decision in first} == set(Reaction)
    assert {decision.conclusion for decision in first} == set(Conclusion)
    assert {decision.picks_up for decision in first} == {True, False}


def test_an_agent_never_misses_two_offers_in_a_row() -> None:
    """An automatic reply would be taken off the queue."""
    for seed in SEEDS:
        for shift in morning(seed).shifts:
            reactions = [shift.decision(number).reaction for number in range(40)]
            pairs = zip(reactions, islice(reactions, 1, None), strict=False)
            assert (Reaction.LET_EXPIRE, Reaction.LET_EXPIRE) not in pairs


def test_another_plan_can_be_played_too() -> None:
    """A plan with topics that have no words of their own."""
    plan = mairie()
    known = next(iter(plan.topics.values()))
    other = plan.model_copy(update={"topics": {"autre": known}})
    assert {one.topic for one in write_scenario(other, 1).arrivals} == {"autre"}


def test_a_person_may_speak_english() -> None:
    english = [one for one in everything() if one.person.language == "en"]
    assert {one.channel for one in english} == {Channel.VOICE, Channel.CHAT}
