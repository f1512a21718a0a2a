"""How a demand stands, for whoever gives its reference and the phone number or e-mail address it was made with."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select

from competences.channels import channels_where
from competences.plan.plan import Plan
from routeur.clock import Clock
from routeur.contact.identifiers import clean_reference
from routeur.contact.row import HELD, WAITS
from routeur.contact.words import AddressKind, ContactState, FollowUpState, Outcome
from routeur.record.engine import Record
from routeur.record.tables import Address, Contact, FollowUp

_REACHES = (AddressKind.PHONE.value, AddressKind.EMAIL.value)
_IN_PASSING = [channel.value for channel in channels_where(lambda traits: traits.address_beside)]
"""Channels whose contacts are opened with an address beside their own."""

_NOBODY = "\0"
"""What is compared where there is nothing to compare with; nobody can prove it."""


class Stage(StrEnum):
    """How far a demand is, as citizens are told."""

    RECORDED = "recorded"
    TAKEN = "taken"
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(frozen=True)
class FollowUpStatus:
    """What may be said of a demand: neither what it says nor of whom.

    `due_at` is None where no date was promised (it waits for an agent, or is over), `late` once it is past;
    `silence_on` is None where silence means nothing (any more).
    """

    reference: str
    stage: Stage
    service: str
    due_at: datetime | None = None
    late: bool = False
    answered_at: datetime | None = None
    silence_means: str | None = None
    silence_on: date | None = None


class Statuses:
    """Reads only. Does the same work for a reference that does not exist as for one that is another's."""

    def __init__(self, record: Record, plans: Callable[[], Plan], clock: Clock) -> None:
        self._record = record
        self._plans = plans
        self._clock = clock

    def find(self, reference: str, proofs: Sequence[str]) -> FollowUpStatus | None:
        """The status, where one of the (normal) addresses in `proofs` is one that the contact was opened with.

        What was merged stands as the contact of the same usager stands that it was merged into.
        """
        with self._record.read() as connection:
            rows = _rows(connection, Contact.reference == clean_reference(reference))
            known = {one for row in rows for one in (row.address, row.reach) if one} or {_NOBODY}
            proved = [hmac.compare_digest(one.encode(), proof.encode()) for one in known for proof in proofs]
            if not rows or not any(proved):
                return None
            asked = rows[0]
            if asked.outcome == Outcome.MERGED and asked.linked_to is not None:
                rows = _rows(connection, Contact.id == asked.linked_to) or rows
        return self._status(asked.reference, rows[0])

    def _status(self, reference: str, row: Any) -> FollowUpStatus:
        stage = _stage(row)
        pending = stage in (Stage.RECORDED, Stage.TAKEN)
        promised = pending and row.state == ContactState.FOLLOW_UP
        silent = pending and row.progress in (FollowUpState.OPEN, FollowUpState.TAKEN)
        plan = self._plans()
        topic = plan.topics.get(row.topic or "")
        return FollowUpStatus(
            reference=reference,
            stage=stage,
            service=row.service or (topic.service if topic else plan.default_service),
            due_at=row.due_at if promised else None,
            late=promised and row.due_at < self._clock(),
            answered_at=_answered_at(row) if stage is Stage.ANSWERED else None,
            silence_means=row.silence_means if silent else None,
            silence_on=row.silence_on if silent else None,
        )


def _rows(connection: Connection, which: ColumnElement[bool]) -> Sequence[Any]:
    """The contact with each of its promises, newest first, and each address that its usager left."""
    given_beside = and_(
        Address.usager_id == Contact.usager_id, Address.kind.in_(_REACHES), Contact.channel.in_(_IN_PASSING)
    )
    query = (
        select(
            Contact.reference,
            Contact.address,
            Contact.state,
            Contact.outcome,
            Contact.topic,
            Contact.linked_to,
            Contact.closed_at,
            Address.value.label("reach"),
            FollowUp.state.label("progress"),
            FollowUp.service,
            FollowUp.due_at,
            FollowUp.answered_at,
            FollowUp.silence_means,
            FollowUp.silence_on,
        )
        .outerjoin(FollowUp, FollowUp.contact_id == Contact.id)
        .outerjoin(Address, given_beside)
        .where(which)
        .order_by(FollowUp.created_at.desc(), FollowUp.id)
    )
    return connection.execute(query).all()


def _answered_at(row: Any) -> datetime | None:
    answered: datetime | None = row.answered_at if row.state == ContactState.FOLLOW_UP else row.closed_at
    return answered


def _stage(row: Any) -> Stage:
    if row.state in WAITS:
        return Stage.RECORDED
    if row.state in HELD:
        return Stage.TAKEN
    if row.state == ContactState.FOLLOW_UP:
        return Stage.RECORDED if row.progress == FollowUpState.OPEN else Stage(row.progress)
    return Stage.ANSWERED if row.outcome == Outcome.ANSWERED else Stage.CLOSED
