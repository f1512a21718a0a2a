"""The ladder of a contact: the requirement it has at first, and how it widens while it waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from competences.plan.plan import Plan
from competences.plan.types import MENU_SKILL
from competences.skills import Requirement, language_skill
from competences.translation import DEFAULT_LANGUAGE


@dataclass(frozen=True)
class Rung:
    """The requirement of a contact that has waited `after_seconds`, counted from the beginning of this wait.

    It holds until the time of the next rung has come; of several whose time has come, the last holds.
    """

    after_seconds: int
    requirement: Requirement


Ladder = tuple[Rung, ...]


def ladder(
    plan: Plan, topic: str | None, language: str, *, preferred_agent: str | None = None, agent: str | None = None
) -> Ladder:
    """The rungs of a contact: the first at 0, each next one wider, and later where no rung names an agent.

    `agent` is the agent to whom a colleague handed the contact, `preferred_agent` the one who last served this usager
    on this topic. The contact is offered to that agent alone for as long as the plan says, or until they say no; then
    it stands on the topic's own ladder, whole, where its wait has brought it: the steps count from the beginning of
    the wait. A topic that the plan does not have is a general question.
    """
    rungs = _reaching_somebody_new(plan, _with_language(plan, _own(plan, topic), language))
    if agent is not None and agent in plan.agents:
        return _after(plan.transferred_agent_seconds, agent, rungs)
    if preferred_agent is not None and preferred_agent in plan.agents:
        return _after(plan.preferred_agent_seconds, preferred_agent, rungs)
    return rungs


def menu_ladder(plan: Plan) -> Ladder:
    """The rungs of a caller who is still in the phone menu: nobody can serve the first; general skills the second."""
    return (
        Rung(0, Requirement.of({MENU_SKILL: 1})),
        Rung(plan.menu.patience_seconds, Requirement.of(plan.general_skills)),
    )


def _own(plan: Plan, topic: str | None) -> Ladder:
    first = Rung(0, Requirement.of(plan.requirement_levels(topic)))
    found = plan.topics.get(topic) if topic is not None else None
    steps = found.steps if found else ()
    return (first, *(Rung(step.after_seconds, Requirement.of(step.skills)) for step in steps))


def _with_language(plan: Plan, rungs: Ladder, language: str) -> Ladder:
    """The rungs for an usager who speaks this language: each requires it, and a last one no longer does.

    Where nobody on the staff has both the language and the skills, no rung requires the language.
    """
    if language == DEFAULT_LANGUAGE:
        return rungs
    speaking = {language_skill(language): 1}
    spoken = tuple(
        Rung(rung.after_seconds, Requirement.of({**dict(rung.requirement.levels), **speaking})) for rung in rungs
    )
    last = rungs[-1]
    if not _able(plan, spoken[-1].requirement):
        return rungs
    return (*spoken, Rung(last.after_seconds + plan.language_patience_seconds, last.requirement))


def _able(plan: Plan, requirement: Requirement) -> int:
    return sum(requirement.satisfied_by(agent.skills) for agent in plan.agents.values())


def _reaching_somebody_new(plan: Plan, rungs: Ladder) -> Ladder:
    """The rungs that more of the staff can serve than the rung before.

    So nobody waits on the first rung for an Arabic-speaking town planner whom the town does not have.
    """
    kept: list[Rung] = []
    reached = 0
    for rung in rungs:
        able = _able(plan, rung.requirement)
        if able > reached:
            kept.append(rung if kept else Rung(0, rung.requirement))
            reached = able
    return tuple(kept) or rungs[:1]


def _after(seconds: int, agent: str, rungs: Iterable[Rung]) -> Ladder:
    """A rung for one agent alone, which holds for `seconds`, then the others, some of whose time may have come by then.

    None is left out, so that one who says no within their time leaves the contact to those who know its topic best.
    """
    first, *later = rungs
    return (Rung(0, Requirement.for_agent(agent)), Rung(seconds, first.requirement), *later)
