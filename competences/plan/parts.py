"""The parts of a plan: channels, topics, agents... Each is sound by itself; `rules` judges them together."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, HttpUrl, Strict

from competences.plan.types import (
    LANGUAGE_SKILL_PREFIX,
    Count,
    Email,
    Flag,
    Key,
    Label,
    Part,
    Phone,
    Seconds,
    SkillLevels,
    Text,
    Timezone,
)

Silence = Literal["none", "acceptance", "rejection"]
Role = Literal["agent", "supervisor", "admin"]


class Commune(Part):
    name: Text
    address: Text
    phone: Phone
    email: Email
    website: HttpUrl
    timezone: Timezone = "Europe/Paris"


class ChannelRules(Part):
    """How contacts of one channel are treated.

    `exclusive`: who holds one is offered nothing else, and it is offered only to who holds nothing but
    interruptible contacts. `capacity`: how many one agent may hold at a time.
    """

    target_seconds: Seconds
    max_wait_seconds: Seconds
    max_wait_in_opening_hours: Flag = False
    weight: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = 1.0
    capacity: Annotated[int, Strict(), Field(ge=1, le=9)] = 1
    exclusive: Flag = False
    interruptible: Flag = False


class Skill(Part):
    label: Label


class Service(Part):
    """A back-office service: who answers follow-ups."""

    label: Label
    email: Email
    phone: Phone


class Step(Part):
    """From so many seconds after arrival on, the skills that suffice."""

    after_seconds: Seconds
    skills: SkillLevels


class Topic(Part):
    """What a contact can be about.

    `silence` and `silence_months`: what the administration's silence means by law, and after how many months.
    `keywords`: what people say when they mean it.
    """

    label: Label
    service: Key
    skills: SkillLevels
    steps: tuple[Step, ...] = ()
    commitment_days: Count
    silence: Silence = "none"
    silence_months: Annotated[int, Strict(), Field(ge=1, le=24)] = 2
    front_desk: Flag
    online: HttpUrl | None = None
    keywords: tuple[Text, ...] = ()


class Agent(Part):
    """Somebody on the staff. Languages are among the skills (`lang:en`); everybody speaks French."""

    name: Text
    skills: SkillLevels
    role: Role = "agent"
    phone: Phone | None = None
    email: Email | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """The foreign languages that they speak."""
        found = (
            skill.removeprefix(LANGUAGE_SKILL_PREFIX)
            for skill in self.skills
            if skill.startswith(LANGUAGE_SKILL_PREFIX)
        )
        return tuple(sorted(found))


class NamedLanguage(Part):
    """A language that people can ask for."""

    label: Label
