"""The hours that a plan states: weekly slots, public holidays, local closures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from typing import Annotated, Any, Literal, NamedTuple, get_args

import holidays
from pydantic import BeforeValidator, Field, PlainSerializer, model_validator
from pydantic_core import PydanticCustomError

from competences.channels import Channel
from competences.plan.types import Key, Label, Part

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[Day, ...] = get_args(Day)

SLOT = re.compile(r"\s*([01]?[0-9]|2[0-3])[:h]([0-5][0-9])\s*-\s*([01]?[0-9]|2[0-3])[:h]([0-5][0-9])\s*")


class Slot(NamedTuple):
    """A slot of opening, from one time to another of the same day."""

    start: time
    end: time

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def _slot(value: Any) -> Any:
    match = SLOT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        if isinstance(value, Slot):
            return value
        raise PydanticCustomError("plan_slot", "not a slot")
    hour, minute, end_hour, end_minute = map(int, match.groups())
    return Slot(time(hour, minute), time(end_hour, end_minute))


def _day(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    elif isinstance(value, date):
        return value
    raise PydanticCustomError("plan_date", "not a date")


SlotText = Annotated[Slot, BeforeValidator(_slot), PlainSerializer(str, return_type=str)]
Date = Annotated[date, BeforeValidator(_day)]


class Closure(Part):
    """Days on which the town hall is closed for a reason of its own; `until` included.

    With `hours`, only between those times of each of the days, which go on counting as worked. With a `service`, a
    `channel` or a `site`, only what is asked of that one: with two of them, what concerns both.
    """

    start: Date = Field(alias="from")
    until: Date | None = None
    hours: SlotText | None = None
    label: Label
    service: Key | None = None
    channel: Channel | None = None
    site: Key | None = None

    @property
    def of_everything(self) -> bool:
        """Whether the whole town hall is closed, not a part of it."""
        return self.service is None and self.channel is None and self.site is None

    @property
    def last(self) -> date:
        """The last closed day."""
        return self.until or self.start

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.last


class PublicHolidays(Part):
    """The country, and the part of it, whose public holidays apply (names of the library `holidays`)."""

    country: str = "FR"
    subdivision: Annotated[str, Field(coerce_numbers_to_str=True)] | None = None

    @model_validator(mode="after")
    def _known(self) -> PublicHolidays:
        # Asking the one country, because asking which are supported loads the calendars of them all.
        try:
            holidays.country_holidays(self.country)
        except NotImplementedError as error:
            raise PydanticCustomError("plan_country", "unknown country") from error
        try:
            holidays.country_holidays(self.country, subdiv=self.subdivision)
        except NotImplementedError as error:
            raise PydanticCustomError("plan_subdivision", "unknown subdivision") from error
        return self

    def days(self, year: int) -> frozenset[date]:
        """The public holidays of a year."""
        return frozenset(holidays.country_holidays(self.country, subdiv=self.subdivision, years=year))


class Hours(Part):
    """When the town hall is open. Every day of the week is named, so that none is forgotten."""

    week: dict[Day, tuple[SlotText, ...]]
    holidays: PublicHolidays = PublicHolidays()
    closures: tuple[Closure, ...] = ()

    @model_validator(mode="after")
    def _whole_week(self) -> Hours:
        missing = [day for day in DAYS if day not in self.week]
        if missing:
            raise PydanticCustomError("plan_week", "missing days", {"days": ", ".join(missing)})
        return self

    def slots(self, day: date) -> tuple[Slot, ...]:
        """The slots of this day of the week, closures and holidays left aside."""
        return self.week[DAYS[day.weekday()]]


def slot_faults(slots: tuple[Slot, ...]) -> Iterator[tuple[int, str]]:
    """The index and the fault (`backwards`, `overlap`) of each slot that is not possible."""
    for index, slot in enumerate(slots):
        if slot.end <= slot.start:
            yield index, "backwards"
        elif any(slot.start < other.end and other.start < slot.end for other in slots[:index]):
            yield index, "overlap"
