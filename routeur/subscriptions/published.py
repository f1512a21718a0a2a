"""What other systems are told: events, made of entries of the journal, that name nobody but agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from routeur.record.tables import Contact, FollowUp, JournalEntry

EVENT_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "arrived": "contact.arrived",
        "offered": "contact.offered",
        "declined": "contact.offer_declined",
        "expired": "contact.offer_expired",
        "withdrawn": "contact.offer_withdrawn",
        "accepted": "contact.accepted",
        "transferred": "contact.returned",
        "agent_lost": "contact.returned",
        "phone_not_answered": "contact.returned",
        "message": "contact.message_received",
        "replied": "contact.replied",
        "topic_set": "contact.topic_set",
        "linked": "contact.linked",
        "parted": "contact.parted",
        "merged": "contact.closed",
        "finished": "contact.closed",
        "abandoned": "contact.closed",
        "failed": "contact.closed",
        "self_served": "contact.closed",
        "reopened": "contact.reopened",
        "delivery_failed": "contact.delivery_failed",
        "request_set": "contact.request_set",
        "pieces_missing": "contact.pieces_missing",
        "request_complete": "contact.request_complete",
        "follow_up": "follow_up.made",
        "follow_up_taken": "follow_up.taken",
        "follow_up_handed_over": "follow_up.handed_over",
        "follow_up_released": "follow_up.released",
        "follow_up_reopened": "follow_up.reopened",
        "follow_up_queued": "follow_up.queued",
        "follow_up_snoozed": "follow_up.snoozed",
        "follow_up_woke": "follow_up.woke",
        "follow_up_reminder": "follow_up.reminded",
        "written_to": "contact.message_received",
        "follow_up_answered": "follow_up.answered",
        "follow_up_closed": "follow_up.closed",
        "activity": "agent.activity",
    }
)
"""The kind of event for each kind of entry that is told."""

INSIDE: Final = frozenset(
    {
        "address_confirmed",
        "address_proved",
        "answered_by",
        "answered_from_another_number",
        "answers",
        "delivery_reported",
        "legal_clock_changed",
        "left_unanswered",
        "not_acknowledged",
        "opted_in",
        "opted_out",
        "read",
        "recognised",
        "reply_to_changed",
        "set_aside_queued",
        "set_aside_reviewed",
        "usager_back",
        "usager_left",
        "widened",
        "wrap_up_extended",
    }
)
"""The kinds of entry that nobody outside is told of: details of a step that another event tells, or of a person."""

KINDS: Final[Sequence[str]] = tuple(sorted(set(EVENT_KINDS.values())))


@dataclass(frozen=True)
class Published:
    """An event to tell. `data` is JSON; `channel`, `topic` and `service` are those that it is filtered by."""

    entry_id: int
    kind: str
    at: datetime
    data: Mapping[str, Any]
    channel: str | None
    topic: str | None
    service: str | None


def published(connection: Connection, entries: Sequence[Row[Any]]) -> list[Published]:
    """The events of these entries of the journal (all columns), with their contacts as they are now."""
    told = [entry for entry in entries if entry.kind in EVENT_KINDS]
    ids = {entry.contact_id for entry in told if entry.contact_id is not None}
    contacts = _contacts(connection, ids) if ids else {}
    follow_ups = _follow_ups(connection, ids) if ids else {}
    return [_event(entry, contacts.get(entry.contact_id), follow_ups.get(entry.contact_id)) for entry in told]


_FACTS: Final = (
    Contact.id,
    Contact.reference,
    Contact.channel,
    Contact.topic,
    Contact.state,
    Contact.outcome,
    Contact.arrived_at,
    Contact.revision,
)


def _contacts(connection: Connection, ids: set[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    return {row.id: row for row in connection.execute(select(*_FACTS).where(Contact.id.in_(ids)))}


def _follow_ups(connection: Connection, contact_ids: set[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    """The newest follow-up of each contact that has one."""
    columns = (FollowUp.contact_id, FollowUp.reason, FollowUp.service, FollowUp.state, FollowUp.due_at)
    query = select(*columns).where(FollowUp.contact_id.in_(contact_ids)).order_by(FollowUp.created_at, FollowUp.id)
    return {row.contact_id: row for row in connection.execute(query)}


def _event(
    entry: Row[Any], contact: Row[*tuple[Any, ...]] | None, follow_up: Row[*tuple[Any, ...]] | None
) -> Published:
    data: dict[str, Any] = {"agent": entry.agent}
    if contact is not None:
        data["contact"] = {
            "id": contact.id,
            "reference": contact.reference,
            "channel": contact.channel,
            "topic": contact.topic,
            "state": contact.state,
            "outcome": contact.outcome,
            "arrived_at": contact.arrived_at.isoformat(),
            "revision": contact.revision,
        }
    if follow_up is not None:
        data["follow_up"] = {
            "reason": follow_up.reason,
            "service": follow_up.service,
            "state": follow_up.state,
            "due_at": follow_up.due_at.isoformat(),
        }
    if entry.kind == "activity":
        data["activity"] = entry.detail.get("activity")
    return Published(
        entry_id=entry.id,
        kind=EVENT_KINDS[entry.kind],
        at=entry.at,
        data=data,
        channel=contact.channel if contact is not None else None,
        topic=contact.topic if contact is not None else None,
        service=follow_up.service if follow_up is not None else None,
    )


ENTRY_COLUMNS: Final = tuple(JournalEntry.__table__.c)
