"""The routing plan: one document that says who can answer what, when, and what happens otherwise."""

from __future__ import annotations

from typing import Annotated, Any, Self

import yaml
from pydantic import Field, Strict

from competences.plan.errors import PlanError, PlanErrors
from competences.plan.examine import examine
from competences.plan.hours import Hours
from competences.plan.menu import Menu
from competences.plan.parts import (
    Agent,
    ChannelRules,
    Commune,
    FormFields,
    NamedLanguage,
    RulesByChannel,
    Service,
    Site,
    Skill,
    Step,
    Topic,
    WebForm,
)
from competences.plan.types import (
    AtMostADayMinutes,
    AtMostAnHourSeconds,
    Correspondent,
    Count,
    Email,
    Flag,
    Key,
    Label,
    Language,
    Login,
    Part,
    Seconds,
    SkillLevels,
    SkillName,
    wording,
)
from competences.skills import language_skill
from competences.translation import DEFAULT_LANGUAGE

__all__ = ["Agent", "ChannelRules", "Commune", "Plan", "PlanError", "PlanErrors", "Service", "Step", "Topic", "WebForm"]


class Plan(Part):
    """A whole plan. `load` is the only way in: it judges the parts together, which the fields alone do not.

    `statistics_by_agent`: whether supervisors may see figures by agent.
    `wrap_up_seconds`: how long an agent has to note what is to be noted once the usager has left.
    `presence_grace_seconds`: how long who waits is kept waiting for agents who did not mean to leave (a desk lost by
    the network, offers missed), or after a change of the plan. `opening_grace_minutes`: how long after each opening
    nobody is told that nobody is there. `after_hours_minutes`: how long after closing those who wait are still served.
    `local_facts`: prices, places, times... that the town decides and its procedure sheets state, by name.
    `due_soon_seconds`: how long before it is due, in opening hours, a follow-up's service and owner are reminded of it.
    `web_forms`: the addresses from which the forms of web sites send: the person who filled one in is the usager.
    `request_forms`: such addresses too, of forms that nobody fills in but to make a request, each with its topic.
    `texts_to_callers`: whether a caller's mobile number is sent the reference and the date of what they are promised.
    `correspondents`: who may speak in any thread of letters, besides those that take part in it.
    """

    commune: Commune
    offer_seconds: Seconds = 20
    lease_seconds: Seconds = 60
    missed_offers: Annotated[int, Strict(), Field(ge=1, le=9)] = 2
    preferred_agent_seconds: Seconds = 30
    transferred_agent_seconds: Seconds = 120
    language_patience_seconds: Seconds = 120
    statistics_by_agent: Flag = False
    texts_to_callers: Flag = False
    wrap_up_seconds: Seconds = 180
    presence_grace_seconds: AtMostAnHourSeconds = 120
    opening_grace_minutes: AtMostADayMinutes = 5
    after_hours_minutes: AtMostADayMinutes = 30
    channels: RulesByChannel
    languages: dict[Language, NamedLanguage]
    skills: dict[SkillName, Skill]
    general_skills: SkillLevels
    general_commitment_days: Count = 2
    due_soon_seconds: Seconds = 14_400
    sites: dict[Key, Site] = {}
    services: dict[Key, Service]
    default_service: Key
    topics: dict[Key, Topic]
    agents: dict[Login, Agent]
    hours: Hours
    local_facts: dict[Key, Label] = {}
    web_forms: tuple[WebForm, ...] = ()
    request_forms: dict[Email, Key] = {}
    correspondents: tuple[Correspondent, ...] = ()
    menu: Menu

    @classmethod
    def load(cls, text: str, language: str = DEFAULT_LANGUAGE) -> Self:
        """Reads a plan. Raises PlanErrors, with everything that is wrong, in this language."""
        plan, errors = examine(text, cls, language)
        if plan is None:
            raise PlanErrors(errors)
        return plan

    def dump(self) -> str:
        """The plan as text; loading it gives an equal plan. Comments of the original are not part of a plan."""
        values: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=120)

    @property
    def known_skills(self) -> frozenset[str]:
        """Every skill that can be required: those declared, and speaking each foreign language."""
        return frozenset(self.skills) | {language_skill(code) for code in self.languages if code != DEFAULT_LANGUAGE}

    @property
    def spoken_languages(self) -> tuple[str, ...]:
        """The languages that can be asked for; French goes without saying."""
        return tuple(dict.fromkeys((DEFAULT_LANGUAGE, *self.languages)))

    @property
    def forms(self) -> dict[str, FormFields]:
        """The fields of each web form, whatever for, by the address in small letters from which it sends."""
        requests = dict.fromkeys(self.requested_topics, FormFields())
        return requests | {form.address.lower(): form.fields for form in self.web_forms}

    @property
    def requested_topics(self) -> dict[str, str]:
        """The topic of each of the `request_forms`, by the address in small letters from which it sends."""
        return {address.lower(): topic for address, topic in self.request_forms.items()}

    @property
    def own_addresses(self) -> frozenset[str]:
        """The e-mail addresses of the town hall and of its services, in small letters."""
        return frozenset({self.commune.email.lower(), *(service.email.lower() for service in self.services.values())})

    def lets_in(self, address: str) -> bool:
        """Whether this (normal) address is one of the `correspondents`, or at a domain of theirs."""
        return not {address, f"@{address.rpartition('@')[2]}"}.isdisjoint(map(str.lower, self.correspondents))

    def service_of(self, topic: str | None) -> str:
        """The service that answers this topic; an unknown topic is a general question."""
        found = self.topics.get(topic) if topic is not None else None
        return found.service if found else self.default_service

    def topic_label(self, topic: str | None, language: str = DEFAULT_LANGUAGE) -> str | None:
        """The topic's name for a reader; None for no topic, the key itself for one that the plan no longer has."""
        found = self.topics.get(topic) if topic is not None else None
        return wording(found.label, language) if found else topic

    def requirement_levels(self, topic: str | None) -> SkillLevels:
        """The skills that a contact on this topic needs at first; an unknown topic is a general question."""
        found = self.topics.get(topic) if topic is not None else None
        return found.skills if found else self.general_skills
