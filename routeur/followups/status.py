"""The status of a demand, for a person who gives its reference and shows, or knows, an address it was made with."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from competences.channels import CHANNELS, ConversationKey
from competences.legal_clock import LegalRequest
from competences.plan.plan import Plan
from routeur.clock import Clock
from routeur.contact.identifiers import clean_reference
from routeur.contact.legal_requests import request_of
from routeur.contact.row import COLUMNS, ContactRow, read
from routeur.contact.words import AddressKind, ContactState, Direction, FollowUpState, Outcome
from routeur.record.engine import Record
from routeur.record.tables import Address, Contact, FollowUp, Message, OutboxEntry

_NOBODY = "\0"
"""The address compared when there is none, to take the same time; no proof equals it."""


class Stage(StrEnum):
    """How far a demand is, as the public is told."""

    RECORDED = "recorded"
    TAKEN = "taken"
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(frozen=True)
class FollowUpStatus:
    """The status of a demand: neither its words nor its usager.

    `answered_by` is the way that the answer took (a channel, `telephone` or `letter`), None where nobody wrote it down;
    `leaving`: that is written, and has yet to leave. `due_at` is None unless an answer was promised that has not come
    yet, be it in a follow-up or in one that went back to the queue; `late` if that date has passed. `request` is None
    for a question, and once the request is answered, also where it was opened again: that answer may be the decision.
    """

    reference: str
    stage: Stage
    service: str
    due_at: datetime | None = None
    late: bool = False
    answered_at: datetime | None = None
    answered_by: str | None = None
    leaving: bool = False
    request: LegalRequest | None = None


class Statuses:
    """Reads statuses; takes the same time for an unknown reference as for another person's."""

    def __init__(self, record: Record, plans: Callable[[], Plan], clock: Clock) -> None:
        self._record = record
        self._plans = plans
        self._clock = clock

    def find(self, reference: str, proofs: Sequence[str], claims: Sequence[str] = ()) -> FollowUpStatus | None:
        """The status of the contact, for whom it may be told; else None.

        `proofs` are (normal) addresses that the asker has shown to be theirs: one that was left with the contact is
        enough. `claims` are those that they only name: what somebody once typed with the contact is not enough then, it
        must be its usager's by proof.
        A merged contact has the status of the contact of the same usager that it was merged into.
        """
        with self._record.read() as connection:
            demand = _find(connection, Contact.reference == clean_reference(reference))
            left, proved = (demand.left, demand.proved) if demand is not None else ({_NOBODY}, {_NOBODY})
            theirs = [*_same(left, proofs), *_same(proved, claims)]
            if demand is None or not any(theirs):
                return None
            asked = demand.contact
            if asked.outcome is Outcome.MERGED and asked.linked_to is not None:
                into = _find(connection, Contact.id == asked.linked_to)
                demand = into if into is not None and into.contact.usager_id == asked.usager_id else demand
        return self._status(asked.reference, demand)

    def _status(self, reference: str, demand: _Demand) -> FollowUpStatus:
        contact, follow_up = demand.contact, demand.follow_up
        stage = _stage(contact, follow_up, written=demand.written)
        pending = stage in (Stage.RECORDED, Stage.TAKEN)
        answered = follow_up is not None and stage is Stage.ANSWERED and follow_up.answered_at is not None
        promised = follow_up.due_at if follow_up and contact.state is ContactState.FOLLOW_UP else contact.promised_at
        due_at = promised if pending else None
        return FollowUpStatus(
            reference=reference,
            stage=stage,
            service=follow_up.service if follow_up else self._plans().service_of(contact.topic),
            due_at=due_at,
            late=due_at is not None and due_at < self._clock(),
            answered_at=_answered_at(contact, follow_up) if stage is Stage.ANSWERED else None,
            answered_by=follow_up.answered_by if follow_up and answered else None,
            leaving=answered and demand.leaving,
            request=_still_open(contact) if pending else None,
        )


@dataclass(frozen=True)
class _FollowUp:
    """The latest follow-up of a contact."""

    state: str
    service: str
    due_at: datetime
    answered_at: datetime | None
    answered_by: str | None


@dataclass(frozen=True)
class _Demand:
    """A contact, its latest follow-up, and the addresses of this very contact.

    `left`: what its channel proved, and what was left with it. `proved`: those of them that are its usager's by proof.
    `written`: an agent has written to its usager; `leaving`: something that one wrote has yet to leave.
    """

    contact: ContactRow
    follow_up: _FollowUp | None
    left: Collection[str]
    proved: Collection[str]
    written: bool
    leaving: bool


_FOLLOW_UP_COLUMNS = [FollowUp.__table__.c[field.name] for field in fields(_FollowUp)]


def _is_proved(kind: AddressKind, address: InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
    """Whether the contact's usager has proved an address that was left with it."""
    return exists().where(Address.kind == kind.value, Address.value == address, Address.usager_id == Contact.usager_id)


_PROVED = (_is_proved(AddressKind.EMAIL, Contact.given_email), _is_proved(AddressKind.PHONE, Contact.given_phone))


_WRITTEN = exists().where(
    Message.contact_id == Contact.id, Message.direction == Direction.OUTBOUND.value, Message.author.is_not(None)
)
_LEAVING = exists().where(
    OutboxEntry.contact_id == Contact.id, OutboxEntry.message_id.is_not(None), OutboxEntry.done_at.is_(None)
)


def _find(connection: Connection, which: ColumnElement[bool]) -> _Demand | None:
    """The contact that meets a condition, with its latest follow-up and the addresses that prove its usager."""
    query = (
        select(*COLUMNS, *_FOLLOW_UP_COLUMNS, *_PROVED, _WRITTEN, _LEAVING)
        .outerjoin(FollowUp, FollowUp.contact_id == Contact.id)
        .where(which)
        .order_by(FollowUp.created_at.desc(), FollowUp.id)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    contact = read(row)
    *follow_up, email_proved, phone_proved, written, leaving = row[len(COLUMNS) :]
    left = {address for address in (contact.address, contact.given_email, contact.given_phone) if address}
    given = {contact.given_email if email_proved else None, contact.given_phone if phone_proved else None}
    proved = {address for address in (contact.address, *given) if address}
    newest = _FollowUp(*follow_up) if follow_up[0] is not None else None
    return _Demand(contact, newest, left or {_NOBODY}, proved or {_NOBODY}, written, leaving)


def _same(addresses: Collection[str], named: Sequence[str]) -> list[bool]:
    return [hmac.compare_digest(address.encode(), one.encode()) for address in addresses for one in named]


def _still_open(contact: ContactRow) -> LegalRequest | None:
    """The request that the contact is, unless it was answered and nothing is awaited for it."""
    request = request_of(contact)
    answered = request is not None and request.answered_on is not None and request.awaited is None
    return None if answered else request


def _answered_at(contact: ContactRow, follow_up: _FollowUp | None) -> datetime | None:
    if follow_up is not None and (contact.state is ContactState.FOLLOW_UP or contact.outcome is Outcome.FOLLOWED_UP):
        return follow_up.answered_at
    return contact.closed_at


def _stage(contact: ContactRow, follow_up: _FollowUp | None, *, written: bool) -> Stage:
    """How far the contact is. Where an answer must leave and nothing was `written`, nobody is told of one."""
    if contact.waits:
        return Stage.RECORDED
    if contact.held:
        return Stage.TAKEN
    if contact.state is ContactState.FOLLOW_UP and follow_up is not None:
        return Stage.RECORDED if follow_up.state == FollowUpState.OPEN else Stage(follow_up.state)
    if contact.outcome is Outcome.FOLLOWED_UP and follow_up is not None and follow_up.answered_at is not None:
        return Stage.ANSWERED
    told = written or CHANNELS[contact.channel].conversation is ConversationKey.PROVIDER_REFERENCE
    return Stage.ANSWERED if contact.outcome is Outcome.ANSWERED and told else Stage.CLOSED
