"""Whether each topic's ladder leads anywhere: its steps in order, each wider, and somebody at each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from competences.plan.draft import Draft
from competences.plan.errors import Finding
from competences.plan.parts import Topic
from competences.plan.rules_names import known_skills
from competences.skills import Requirement, Skills, language_skill
from competences.translation import DEFAULT_LANGUAGE, N_


def ladder_findings(draft: Draft) -> Iterator[Finding]:
    """Faults of the ladders as such."""
    longest = max((rules.max_wait_seconds for rules in draft.channels.values()), default=None)
    for key, topic in draft.topics.items():
        before, required = 0, Requirement.of(topic.skills)
        for index, step in enumerate(topic.steps):
            at = ("topics", key, "steps", index)
            wider = Requirement.of(step.skills)
            if step.after_seconds <= before:
                yield Finding(
                    (*at, "after_seconds"),
                    N_("This step never applies: it does not come after the one before ({before} s)."),
                    {"before": before},
                )
            elif longest is not None and step.after_seconds >= longest:
                yield Finding(
                    (*at, "after_seconds"),
                    N_("This step never applies: the longest maximum wait of all channels is {longest} s."),
                    {"longest": longest},
                )
            if wider == required:
                yield Finding((*at, "skills"), N_("This step changes nothing: it requires the same skills as before."))
            elif _judgeable(draft, {**topic.skills, **step.skills}) and not required.is_widened_by(wider):
                yield Finding(
                    (*at, "skills"),
                    N_(
                        "This step narrows: it requires {wider}, before it was {required}. "
                        "A step may only drop skills or lower levels."
                    ),
                    {"wider": said(wider), "required": said(required)},
                )
            before, required = step.after_seconds, wider


def said(requirement: Requirement) -> str:
    """The requirement as it is written in the file."""
    return "{" + ", ".join(f"{skill}: {level}" for skill, level in requirement.levels) + "}"


def staff_findings(draft: Draft) -> Iterator[Finding]:
    """Requirements that nobody on the staff satisfies, or that reach nobody more than the one before."""
    staff = [agent.skills for agent in draft.agents.values()]
    if _judgeable(draft, draft.general_skills) and not _able(staff, draft.general_skills):
        yield Finding(("general_skills",), N_("Nobody on the staff has these skills."))
    for language in draft.languages:
        if language != DEFAULT_LANGUAGE and not _able(staff, {language_skill(language): 1}):
            yield Finding(("languages", language), N_("Nobody on the staff speaks this language."))
    for key, topic in draft.topics.items():
        if all(_judgeable(draft, skills) for skills in (topic.skills, *(step.skills for step in topic.steps))):
            yield from _topic(staff, key, topic)


def _topic(staff: Sequence[Skills], key: str, topic: Topic) -> Iterator[Finding]:
    able = _able(staff, topic.skills)
    if not able:
        message = (
            N_("Nobody on the staff has these skills: people would wait for nothing until the first step.")
            if any(_able(staff, step.skills) for step in topic.steps)
            else N_("Nobody on the staff can serve this topic.")
        )
        yield Finding(("topics", key, "skills"), message)
    required = Requirement.of(topic.skills)
    for index, step in enumerate(topic.steps):
        wider = Requirement.of(step.skills)
        reached = _able(staff, step.skills)
        if able and reached == able and wider != required and required.is_widened_by(wider):
            yield Finding(
                ("topics", key, "steps", index, "skills"),
                N_("This step adds nobody: the same {count} people of the staff have these skills."),
                {"count": able},
            )
        able, required = reached, wider


def _able(staff: Sequence[Skills], skills: Skills) -> int:
    required = Requirement.of(skills)
    return sum(required.satisfied_by(held) for held in staff)


def _judgeable(draft: Draft, skills: Skills) -> bool:
    """A requirement with an unknown skill is faulty enough: that nobody has it goes without saying."""
    return known_skills(draft).issuperset(skills)
