"""Where a contact stands and what an agent can take, at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from competences.channels import Channel
from competences.skills import Requirement
from routeur.clock import from_milliseconds
from routeur.contact.words import Activity
from routeur.index.entries import CHANNEL_BY_LETTER, LETTERS


@dataclass(frozen=True)
class ContactSnapshot:
    """Where a contact stands. The times of an offer and its reasons are there while it is offered.

    `lead`: the contact in whose place it waits, if it does; `came`: those that its agent took together with it.
    """

    state: str
    channel: Channel
    requirement: Requirement
    agent: str | None
    queued_at: datetime
    revision: int
    edition: int
    changed_at: datetime
    expires_at: datetime | None
    offered_at: datetime | None
    avoid: str | None
    avoid_until: datetime | None
    why: str | None
    considered: str
    lead: str | None = None
    came: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AgentSnapshot:
    """What an agent is doing, holds and is offered; `room`: the channels of which they could be offered one now."""

    pool: str
    activity: Activity
    load: Mapping[Channel, int]
    room: frozenset[Channel]
    offer: str | None
    idle_since: datetime
    missed: int
    revision: int


def _optional_instant(ms: str | None) -> datetime | None:
    return from_milliseconds(float(ms)) if ms and float(ms) > 0 else None


def read_contact(row: Mapping[str, str]) -> ContactSnapshot:
    offered = row["state"] == "offered"
    return ContactSnapshot(
        state=row["state"],
        channel=CHANNEL_BY_LETTER[row["class"][0]],
        requirement=Requirement.parse(row["class"][1:]),
        agent=row.get("agent") or None,
        queued_at=from_milliseconds(float(row["queued"])),
        revision=int(row["revision"]),
        edition=int(row["edition"]),
        changed_at=from_milliseconds(float(row["changed"])),
        expires_at=_optional_instant(row.get("expires")) if offered else None,
        offered_at=_optional_instant(row.get("offered")) if offered else None,
        avoid=row.get("avoid") or None,
        avoid_until=_optional_instant(row.get("avoid_until")),
        why=row.get("why") if offered else None,
        considered=row.get("considered", "") if offered else "",
        lead=row["lead"] if row["state"] == "linked" else None,
        came=frozenset(row.get("came", "").split()),
    )


def read_agent(row: Mapping[str, str]) -> AgentSnapshot:
    return AgentSnapshot(
        pool=row["pool"],
        activity=Activity(row["activity"]),
        load={channel: int(n) for channel, n in zip(LETTERS, row["load"], strict=True)},
        room=frozenset(channel for channel, free in zip(LETTERS, row["free"], strict=True) if free != "0"),
        offer=row["offer"] or None,
        idle_since=from_milliseconds(float(row["idle_since"])),
        missed=int(row["missed"]),
        revision=int(row["revision"]),
    )
