"""The fields that requests are made of: texts, numbers and times, each with its bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from competences.channels import CHANNELS
from competences.phone_numbers import e164
from routeur.contact.ways_out import ByHand, Way

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")

FULL_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

EMAIL = re.compile(r"[^@\s\x00-\x1F\x7F]+@[^@\s\x00-\x1F\x7F]+")
PHONE = re.compile(r"[+0-9 ().-]+", re.ASCII)

NO_CONTROLS = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]*$"
"""The pattern of a text without control characters: PostgreSQL stores no NUL, and nobody types the others."""

ONE_LINE = r"^[^\x00-\x1F\x7F]*$"
"""The same in one line."""

_BLANK = r"\x09\x0A\x0D\x20\x85\xA0\u00AD\u1680\u180E\u2000-\u200F\u2028-\u202F\u205F-\u2064\u3000\uFEFF"
_CONTROLS = r"\x00-\x08\x0B\x0C\x0E-\x1F\x7F"
WRITTEN = rf"^[{_BLANK}]*[^{_BLANK}{_CONTROLS}][^{_CONTROLS}]*$"
"""The pattern of a text without control characters in which something can be seen."""


def _not_blank(text: str) -> str:
    if not re.match(WRITTEN, text):
        raise PydanticKnownError("string_too_short", {"min_length": 1})
    return text


LongText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=10_000, pattern=NO_CONTROLS),
    AfterValidator(_not_blank),
    Field(json_schema_extra={"pattern": WRITTEN}),
]
Note = Annotated[str, StringConstraints(max_length=2_000, pattern=NO_CONTROLS)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=ONE_LINE)]
Email = Annotated[str, StringConstraints(max_length=254, pattern=f"^{EMAIL.pattern}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Key = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z][a-z0-9._:-]*$")]
"""A topic, service, skill or login of the plan."""
ClientId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]


def _written_out(value: Any) -> Any:
    if not isinstance(value, str) or not RFC_3339.fullmatch(value):
        raise PydanticCustomError("instant", "not an RFC 3339 date and time")
    return value


def _day_written_out(value: Any) -> Any:
    if not isinstance(value, str) or not FULL_DATE.fullmatch(value):
        raise PydanticCustomError("day", "not a date")
    return value


def _within_reason(value: datetime) -> datetime:
    if not EARLIEST <= value <= LATEST:
        raise PydanticCustomError("instant", "not an RFC 3339 date and time")
    return value.astimezone(UTC)


def _e164(value: str) -> str:
    number = e164(value)
    if number is None:
        raise PydanticCustomError("phone", "not a phone number")
    return number


Phone = Annotated[
    str, StringConstraints(min_length=3, max_length=32, pattern=f"^{PHONE.pattern}$"), AfterValidator(_e164)
]
"""A phone number written in any usual way, kept as E.164."""


def _address(value: str) -> str:
    written = value.strip()
    found = written if EMAIL.fullmatch(written) else e164(written) if PHONE.fullmatch(written) else None
    if found is None:
        raise PydanticCustomError("address", "neither an e-mail address nor a phone number")
    return found


def _way(value: Any) -> Any:
    found = WAYS.get(value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("enum", "not a way", {"expected": ", ".join(WAYS)})
    return found


ReachedAt = Annotated[str, StringConstraints(min_length=3, max_length=254), AfterValidator(_address)]
"""An e-mail address, or a phone number written in any usual way, kept as E.164."""

WAYS: Mapping[str, Way] = {
    **{channel.value: channel for channel, traits in CHANNELS.items() if traits.written},
    **{way.value: way for way in ByHand},
}
"""The ways that an answer may be told to take."""

NamedWay = Annotated[Way, BeforeValidator(_way), WithJsonSchema({"type": "string", "enum": [*WAYS]})]
"""One of them."""

Instant = Annotated[AwareDatetime, Strict(False), BeforeValidator(_written_out), AfterValidator(_within_reason)]
"""An instant with its offset, in a year that can be computed with."""

Day = Annotated[date, Strict(False), BeforeValidator(_day_written_out)]
"""A day, as `2026-03-16`."""


class Request(BaseModel):
    """A body or a query. It refuses unknown fields and converts no value silently."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Answer(BaseModel):
    """An answer of the API, built from one of the router's views."""

    model_config = ConfigDict(frozen=True, from_attributes=True)
