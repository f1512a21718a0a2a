"""The parts of a plan: channels, topics, agents. Each is sound by itself; `rules` judges them together."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, HttpUrl, Strict, model_validator

from competences.channels import CHANNELS, Channel
from competences.plan.phrases import PHRASES
from competences.plan.types import (
    Count,
    Email,
    Flag,
    Key,
    Label,
    Locale,
    Part,
    Phone,
    Seconds,
    SkillLevels,
    Text,
    Timezone,
)
from competences.skills import LANGUAGE_SKILL_PREFIX

Silence = Literal["none", "acceptance", "rejection"]
Role = Literal["agent", "supervisor", "admin"]


class Commune(Part):
    """The town hall. `administrative_court` hears appeals against it (« tribunal administratif de Dijon »)."""

    name: Text
    address: Text
    phone: Phone
    email: Email
    website: HttpUrl
    timezone: Timezone = "Europe/Paris"
    administrative_court: Text | None = None


class ChannelRules(Part):
    """How contacts of one channel are treated.

    `capacity` is how many of them one agent may hold at a time. An agent who holds an `exclusive` contact is offered
    nothing else, and it is offered only to an agent who holds nothing but `interruptible` ones. Both waits count by
    the clock, or only while the town hall is open (`..._in_opening_hours`): always so on a channel that waits
    overnight, whatever the plan says.
    """

    target_seconds: Seconds
    max_wait_seconds: Seconds
    target_in_opening_hours: Flag = False
    max_wait_in_opening_hours: Flag = False
    weight: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = 1.0
    capacity: Annotated[int, Strict(), Field(ge=1, le=9)] = 1
    exclusive: Flag = False
    interruptible: Flag = False

    @property
    def shared(self) -> bool:
        """Whether several of them, and nothing exclusive besides, occupy an agent at a time: a chat."""
        return not self.exclusive and not self.interruptible


def default_rules(channel: Channel) -> ChannelRules:
    """The rules of a channel that the plan does not name."""
    return _counting_hours(channel, ChannelRules(**asdict(CHANNELS[channel].default_rules)))


def _counting_hours(channel: Channel, rules: ChannelRules) -> ChannelRules:
    if not CHANNELS[channel].waits_overnight:
        return rules
    return rules.model_copy(update={"target_in_opening_hours": True, "max_wait_in_opening_hours": True})


def _of_every_channel(rules: dict[Channel, ChannelRules]) -> dict[Channel, ChannelRules]:
    return {
        channel: _counting_hours(channel, rules[channel]) if channel in rules else default_rules(channel)
        for channel in CHANNELS
    }


RulesByChannel = Annotated[dict[Channel, ChannelRules], AfterValidator(_of_every_channel)]
"""The rules of every channel, by default where the plan does not name it; in the order of the table of channels."""


class Skill(Part):
    label: Label


class Site(Part):
    """A building where services are."""

    label: Label


class Service(Part):
    """A back-office service: who answers follow-ups. `site`: the building where it is, if the plan names buildings."""

    label: Label
    email: Email
    phone: Phone
    site: Key | None = None


class Step(Part):
    """The skills required once the contact has waited `after_seconds`, counted from the beginning of this wait."""

    after_seconds: Seconds
    skills: SkillLevels


class Topic(Part):
    """What a contact can be about.

    Its service answers on one of the next `commitment_days` working days or, in their place, before
    `commitment_before_days` calendar days from reception are over. `silence` and `silence_months` say what the
    administration's silence means by law, and after how many months. `keywords` are words that people use for it.
    """

    label: Label
    service: Key
    skills: SkillLevels
    steps: tuple[Step, ...] = ()
    commitment_days: Count | None = None
    commitment_before_days: Annotated[int, Strict(), Field(ge=1, le=366)] | None = None
    silence: Silence = "none"
    silence_months: Annotated[int, Strict(), Field(ge=1, le=24)] = 2
    online: HttpUrl | None = None
    keywords: tuple[Text, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _without_front_desk(cls, values: Any) -> Any:
        """Leave out a line that had no effect, and that plans in a record may still have."""
        if isinstance(values, dict):
            return {name: value for name, value in values.items() if name != "front_desk"}
        return values


class Agent(Part):
    """A member of the staff. Languages are among the skills (`lang:en`); everybody speaks French."""

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
    """A language that people can ask for.

    `words` are what we say in it, by the names of `phrases.PHRASES`, instead of our catalogues' words; what is not
    there is said in another language. `spoken` is the locale in which the telephone reads them (`es-ES`), `heard` that
    in which it listens, if another. `common_words` are such as nearly every message in this language has, by which it
    is recognised where nobody has chosen one.
    """

    label: Label
    spoken: Locale | None = None
    heard: Locale | None = None
    common_words: tuple[Text, ...] = ()
    words: dict[Key, Text] = {}

    @property
    def by_message(self) -> dict[str, str]:
        """The `words` by the English text under which the catalogues know them."""
        return {PHRASES[name]: text for name, text in self.words.items()}


class FormFields(Part):
    """The labels before what a person typed into a form, as the form's letters have them: `Label : what they typed`."""

    name: Text | None = None
    email: Text | None = None
    phone: Text | None = None


class WebForm(Part):
    """A form of a web site, by the address that it writes from. An address alone is a form without `fields`."""

    address: Email
    fields: FormFields = FormFields()

    @model_validator(mode="before")
    @classmethod
    def _address_alone(cls, value: Any) -> Any:
        return {"address": value} if isinstance(value, str) else value
