"""What the API takes and answers about closures that are made on the spot."""

from __future__ import annotations

from pydantic import AwareDatetime, ConfigDict, Field

from bureau.schemas.fields import Answer, Instant, Key, Request, ShortText
from competences.channels import Channel


class NewClosure(Request):
    """What is closed, and until when. Without `service`, `channel` and `site` it is the whole town hall."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"until": "2026-03-16T14:00:00+01:00", "reason": "Alerte incendie"},
                {"from": "2026-03-16T12:00:00+01:00", "until": "2026-03-16T18:00:00+01:00", "channel": "walkin"},
                {"until": "2026-03-16T18:00:00+01:00", "service": "urbanisme", "reason": "Inventaire"},
            ]
        }
    )

    start: Instant | None = Field(default=None, alias="from", description="By default, and at the earliest, now.")
    until: Instant
    service: Key | None = None
    channel: Channel | None = None
    site: Key | None = None
    reason: ShortText | None = None


class ClosureQuery(Request):
    """Which closures to list."""

    over: bool = Field(default=False, description="True: those that have ended or were undone.")


class Closure(Answer):
    """A closure made on the spot: of the whole town hall where it names no service, channel or site."""

    id: str
    starts_at: AwareDatetime = Field(serialization_alias="from")
    ends_at: AwareDatetime = Field(serialization_alias="until")
    service: str | None
    channel: Channel | None
    site: str | None
    reason: str | None
    made_by: str
    made_at: AwareDatetime
    undone_by: str | None
    undone_at: AwareDatetime | None


class ClosureList(Answer):
    """Closures made on the spot."""

    items: list[Closure]
    next: None = None
