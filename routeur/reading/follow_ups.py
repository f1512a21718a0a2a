"""Follow-ups as the back office reads them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, select

from competences.legal_clock import LegalRequest
from routeur.clock import Clock
from routeur.contact import contacts
from routeur.contact.identifiers import clean_reference
from routeur.contact.legal_requests import read_request
from routeur.contact.row import COLUMNS
from routeur.contact.ways_out import WayOut
from routeur.contact.words import FollowUpState
from routeur.errors import NotFound
from routeur.followups.owed import still_owed
from routeur.reading.contact_views import BesideReader
from routeur.reading.paging import Page, after, cursor_after
from routeur.record.engine import Record
from routeur.record.tables import Contact, FollowUp

MOST_OWNED = 200
"""A desk shows no more follow-ups of its agent than these: what they owe first, the soonest due."""


@dataclass(frozen=True)
class FollowUpView:
    """A follow-up as the back office reads it; `contact` is the contact's id, `legal` None for a question.

    `taken_by` owns it or, once it is answered, answered it. `unanswered_since` is when its usager first wrote since, if
    that has had no answer yet. `answered_by` is the way that the answer took; `ways_out` are those to the usager.
    """

    reference: str
    reason: str
    topic: str | None
    service: str
    state: str
    created_at: datetime
    due_at: datetime
    overdue: bool
    legal: LegalRequest | None
    taken_by: str | None
    answered_at: datetime | None
    answered_by: str | None
    ways_out: Sequence[WayOut]
    unanswered_since: datetime | None
    snoozed_until: datetime | None
    contact: str


@dataclass(frozen=True)
class FollowUpPlace:
    """Whose a follow-up is: the service that owes it, and who has taken it."""

    service: str
    taken_by: str | None
    state: FollowUpState


class FollowUpReader:
    """Reads follow-ups."""

    def __init__(self, record: Record, clock: Clock, beside: BesideReader) -> None:
        self._record = record
        self._clock = clock
        self._beside = beside

    def page(
        self,
        *,
        service: str | None = None,
        state: FollowUpState | None = None,
        due_before: datetime | None = None,
        overdue: bool = False,
        owner: str | None = None,
        written_again: bool = False,
        snoozed: bool | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[FollowUpView]:
        """A page of follow-ups, soonest due first. Raises UnknownPlace for a cursor that no page gave.

        `overdue`: only those past their due date whose usager still waits. `owner`: only those that this agent has
        taken. `written_again`: only those whose usager waits for an answer to what they wrote since. `snoozed`: only
        those that sleep, or (False) that do not.
        """
        query = _query()
        if service is not None:
            query = query.where(FollowUp.service == service)
        if state is not None:
            query = query.where(FollowUp.state == state.value)
        if due_before is not None:
            query = query.where(FollowUp.due_at < due_before)
        if overdue:
            query = query.where(FollowUp.due_at < self._clock(), still_owed())
        if owner is not None:
            query = query.where(FollowUp.taken_by == owner, FollowUp.state == FollowUpState.TAKEN.value)
        if written_again:
            query = query.where(FollowUp.unanswered_since.is_not(None))
        if snoozed is not None:
            asleep = FollowUp.snoozed_until.is_not(None)
            query = query.where(asleep if snoozed else ~asleep)
        if cursor is not None:
            query = query.where(after(cursor, FollowUp.due_at, FollowUp.id))
        query = query.order_by(FollowUp.due_at, FollowUp.id).limit(limit + 1)
        with self._record.read() as connection:
            rows = connection.execute(query).all()
            views = self._views(connection, rows[:limit])
        return Page(
            views,
            cursor_after(rows[limit - 1].due_at, rows[limit - 1].id) if len(rows) > limit else None,
        )

    def by_reference(self, reference: str) -> FollowUpView:
        """The latest follow-up of the contact with this reference. Raises NotFound."""
        with self._record.read() as connection:
            row = connection.execute(
                _query()
                .where(Contact.reference == clean_reference(reference))
                .order_by(FollowUp.created_at.desc())
                .limit(1)
            ).one_or_none()
            if row is None:
                raise NotFound(reference)
            return self._views(connection, [row])[0]

    def places(self, contact_ids: Collection[str]) -> Mapping[str, FollowUpPlace]:
        """Where the latest follow-up of each of these contacts is; nothing of those that never were one."""
        columns = (FollowUp.contact_id, FollowUp.service, FollowUp.taken_by, FollowUp.state)
        query = select(*columns).where(FollowUp.contact_id.in_(contact_ids)).order_by(FollowUp.created_at)
        if not contact_ids:
            return {}
        with self._record.read() as connection:
            rows = connection.execute(query).all()
        return {row.contact_id: FollowUpPlace(row.service, row.taken_by, FollowUpState(row.state)) for row in rows}

    def owned_by(self, login: str, among: Collection[str] | None = None) -> list[FollowUpView]:
        """The follow-ups that this agent has taken, soonest due first, then those they answered, the last one first.

        `among`: only those of these contacts.
        """
        if among is not None and not among:
            return []
        mine = _query().where(
            FollowUp.taken_by == login, FollowUp.state.in_((FollowUpState.TAKEN.value, FollowUpState.ANSWERED.value))
        )
        if among is not None:
            mine = mine.where(FollowUp.contact_id.in_(among))
        with self._record.read() as connection:
            owed_first = case((FollowUp.state == FollowUpState.TAKEN.value, 0), else_=1)
            owed_by = case((FollowUp.state == FollowUpState.TAKEN.value, FollowUp.due_at))
            in_order = mine.order_by(owed_first, owed_by, FollowUp.answered_at.desc(), FollowUp.id)
            rows = connection.execute(in_order.limit(MOST_OWNED)).all()
            return self._views(connection, rows)

    def of_contact(self, connection: Connection, contact_id: str) -> FollowUpView | None:
        """The latest follow-up of the contact, read over an open connection."""
        row = connection.execute(
            _query().where(FollowUp.contact_id == contact_id).order_by(FollowUp.created_at.desc()).limit(1)
        ).one_or_none()
        return self._views(connection, [row])[0] if row is not None else None

    def _views(self, connection: Connection, rows: Sequence[Any]) -> list[FollowUpView]:
        if not rows:
            return []
        ids = {row.contact_id for row in rows}
        found = contacts.matching(connection, select(*COLUMNS).where(Contact.id.in_(ids)))
        facts = self._beside.facts(connection, found)
        ways = {row.id: facts.ways_out(row) for row in found}
        late = _late(connection, rows, self._clock())
        return [self._view(row, ways[row.contact_id], overdue=row.id in late) for row in rows]

    def _view(self, follow_up: Any, ways: Sequence[WayOut], *, overdue: bool) -> FollowUpView:
        return FollowUpView(
            reference=follow_up.reference,
            reason=follow_up.reason,
            topic=follow_up.topic,
            service=follow_up.service,
            state=follow_up.state,
            created_at=follow_up.created_at,
            due_at=follow_up.due_at,
            overdue=overdue,
            legal=read_request(follow_up.request),
            taken_by=follow_up.taken_by,
            answered_at=follow_up.answered_at,
            answered_by=follow_up.answered_by,
            ways_out=ways,
            unanswered_since=follow_up.unanswered_since,
            snoozed_until=follow_up.snoozed_until,
            contact=follow_up.contact_id,
        )


def _late(connection: Connection, rows: Sequence[Any], now: datetime) -> Collection[str]:
    """The ids of those of the follow-ups whose date has passed while their usager still waits for the answer."""
    past = [row.id for row in rows if row.due_at < now]
    return set(connection.scalars(select(FollowUp.id).where(FollowUp.id.in_(past), still_owed()))) if past else set()


def _query() -> Select[Any]:
    return select(*FollowUp.__table__.c, Contact.reference, Contact.request).join(
        Contact, Contact.id == FollowUp.contact_id
    )
