"""What the plan in force says to every desk: opening, channels, and what its words are called."""

from __future__ import annotations

from datetime import datetime, timedelta

from bureau.schemas.answers import Topic
from bureau.schemas.desk import ChannelRules, Labelled, Opening, Town
from competences.calendar import Calendar, NeverOpen
from competences.plan.plan import Plan
from competences.plan.types import wording
from competences.skills import LANGUAGE_SKILL_PREFIX
from routeur.plans import PlanInForce

A_MOMENT = timedelta(microseconds=1)


def town(in_force: PlanInForce, now: datetime, language: str) -> Town:
    """The town hall as its desks show it at this instant, labelled in this language."""
    plan = in_force.plan
    return Town(
        plan_version=in_force.version,
        opening=_opening(in_force.calendar, now),
        channels={channel: ChannelRules.model_validate(rules) for channel, rules in plan.channels.items()},
        services=[Labelled(key=key, label=wording(one.label, language)) for key, one in plan.services.items()],
        topics=[
            Topic(key=key, label=wording(one.label, language), service=one.service) for key, one in plan.topics.items()
        ],
        skills=[Labelled(key=skill, label=_skill_label(plan, skill, language)) for skill in sorted(plan.known_skills)],
    )


def _opening(calendar: Calendar, now: datetime) -> Opening:
    closes = next((end for start, end in calendar.openings(calendar.local_date(now)) if start <= now < end), None)
    if closes is not None:
        return Opening(is_open=True, until=closes)
    try:
        opens = calendar.add_opening_time(now, A_MOMENT) - A_MOMENT
    except NeverOpen:
        return Opening(is_open=False, until=None)
    return Opening(is_open=False, until=opens)


def _skill_label(plan: Plan, skill: str, language: str) -> str:
    named = plan.skills.get(skill) or plan.languages[skill.removeprefix(LANGUAGE_SKILL_PREFIX)]
    return wording(named.label, language)
