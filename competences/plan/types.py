"""The values that a plan is made of, each with its rule. `fault_words` has the words for each error type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

from competences.phone_numbers import e164
from competences.skills import LOGIN, SKILL_NAME
from competences.translation import DEFAULT_LANGUAGE

MENU_SKILL = "menu"
"""The skill that a caller requires who is still in the phone menu. No plan may give it to an agent."""

KEY = re.compile(r"[a-z][a-z0-9-]*")
LANGUAGE = re.compile(r"[a-z]{2}")
LOCALE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+")

CORRESPONDENT = re.compile(rf"(?:{EMAIL.pattern})|@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+")


class Part(BaseModel):
    """A part of a plan: it never changes and has no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _matching(pattern: re.Pattern[str], error_type: str) -> Callable[[str], str]:
    def validate(value: str) -> str:
        if not pattern.fullmatch(value):
            raise PydanticCustomError(error_type, "does not match")
        return value

    return validate


def _skill_name(value: str) -> str:
    if value == MENU_SKILL:
        raise PydanticCustomError("plan_reserved_skill", "reserved")
    if not SKILL_NAME.fullmatch(value):
        raise PydanticCustomError("plan_skill_name", "not a skill's name")
    return value


def _phone(value: str) -> str:
    number = e164(value)
    if number is None:
        raise PydanticCustomError("plan_phone", "not a phone number")
    return number


def _timezone(value: str) -> str:
    if value not in available_timezones():
        raise PydanticCustomError("plan_timezone", "not a time zone")
    return value


def _label(value: dict[str, str]) -> dict[str, str]:
    if not value.get(DEFAULT_LANGUAGE, "").strip():
        raise PydanticCustomError("plan_label", "no French")
    return value


Key = Annotated[str, AfterValidator(_matching(KEY, "plan_key"))]
Language = Annotated[str, AfterValidator(_matching(LANGUAGE, "plan_language"))]
Locale = Annotated[str, AfterValidator(_matching(LOCALE, "plan_locale"))]
Login = Annotated[str, AfterValidator(_matching(LOGIN, "plan_login"))]
SkillName = Annotated[str, AfterValidator(_skill_name)]
Level = Annotated[int, Strict(), Field(ge=1, le=5)]
SkillLevels = dict[SkillName, Level]
Seconds = Annotated[int, Strict(), Field(ge=1)]
Count = Annotated[int, Strict(), Field(ge=0)]
AtMostAnHourSeconds = Annotated[int, Strict(), Field(ge=0, le=3600)]
AtMostADayMinutes = Annotated[int, Strict(), Field(ge=0, le=1440)]
Flag = Annotated[bool, Strict()]
Text = Annotated[str, Strict(), Field(min_length=1, pattern=r"\S")]
Phone = Annotated[str, AfterValidator(_phone)]
Email = Annotated[str, AfterValidator(_matching(EMAIL, "plan_email"))]
Correspondent = Annotated[str, AfterValidator(_matching(CORRESPONDENT, "plan_correspondent"))]
"""An e-mail address, or a domain as `@notaires.example`: all its addresses."""
Timezone = Annotated[str, AfterValidator(_timezone)]
Label = Annotated[dict[Language, Text], AfterValidator(_label)]
"""The same words in several languages; French is always there."""


def wording(label: Mapping[str, str], language: str) -> str:
    """The words in this language, or in French if there are none."""
    return label.get(language) or label[DEFAULT_LANGUAGE]
