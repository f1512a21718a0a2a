"""A plan under correction: its sound parts, so that they can be judged together while others are still faulty."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, ValidationError

from competences.plan.document import Document
from competences.plan.errors import Location
from competences.plan.hours import Hours
from competences.plan.menu import Menu
from competences.plan.parts import Agent, NamedLanguage, RulesByChannel, Service, Site, Skill, Topic, WebForm
from competences.plan.types import Email, Key, Language, Login, Part, SkillLevels, SkillName


class Draft(Part):
    """The sound parts of a plan. A faulty part is absent; a list with a faulty element is absent as a whole.

    `declared` names everything that the text declares, faulty or not: a topic is not unknown because one of its
    lines is wrong. `staff_is_sound` is False while anything about agents is faulty: the rules then do not judge
    whether everybody can be served.
    """

    model_config = ConfigDict(extra="ignore")

    channels: RulesByChannel = {}
    languages: dict[Language, NamedLanguage] = {}
    skills: dict[SkillName, Skill] = {}
    general_skills: SkillLevels = {}
    sites: dict[Key, Site] = {}
    services: dict[Key, Service] = {}
    default_service: Key | None = None
    topics: dict[Key, Topic] = {}
    agents: dict[Login, Agent] = {}
    hours: Hours | None = None
    web_forms: tuple[WebForm, ...] = ()
    request_forms: dict[Email, Key] = {}
    menu: Menu | None = None
    language_patience_seconds: int = 120
    declared: dict[str, frozenset[str]] = {}
    staff_is_sound: bool = True


def draft(document: Document, faults: list[Location]) -> Draft:
    """The sound parts of a document, given its faulty locations."""
    sections = ("languages", "skills", "sites", "services", "topics", "agents")
    declared = {name: frozenset(section) for name in sections if isinstance(section := document.data.get(name), dict)}
    staff_is_sound = not any(fault[:1] == ("agents",) for fault in faults)
    data: Any = document.data
    while True:
        try:
            sound = Draft.model_validate(data)
        except ValidationError as error:
            for details in error.errors(include_url=False, include_context=False, include_input=False):
                data = _without(data, _held_by(details["loc"], missing=details["type"] == "missing"))
        else:
            return sound.model_copy(update={"declared": declared, "staff_is_sound": staff_is_sound})


def _held_by(location: Location, *, missing: bool) -> Location:
    """The location to leave out so that a fault is gone: the value, the part that lacks it, or the list around it."""
    if "[key]" in location:
        location = location[: location.index("[key]")]
    elif missing:
        location = location[:-1]
    indexes = [place for place, part in enumerate(location) if isinstance(part, int)]
    return location[: indexes[0]] if indexes else location


def _without(data: Any, location: Location) -> Any:
    """A copy of the data without the value at this location; the data itself if nothing stands there."""
    if not isinstance(data, dict) or not location or location[0] not in data:
        return data
    head, rest = location[0], location[1:]
    if rest:
        return {**data, head: _without(data[head], rest)}
    return {key: value for key, value in data.items() if key != head}
