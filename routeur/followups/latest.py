"""A contact's latest follow-up, as the back office and its usager change it; all within the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal, select, update

from competences.due_dates import commitment
from routeur.contact import journal
from routeur.contact.identifiers import clean_reference
from routeur.contact.row import COLUMNS, ContactRow, read
from routeur.contact.ways_out import ByHand
from routeur.contact.words import UNANSWERED, ContactState, FollowUpReason, FollowUpState
from routeur.errors import Conflict, NotFound, TakenByAnother
from routeur.foundation import Foundation
from routeur.record.tables import Contact, FollowUp

KEPT = frozenset({*UNANSWERED, FollowUpState.ANSWERED})
"""The states of a follow-up that somebody still keeps: a contact has at most one such."""


@dataclass(frozen=True)
class Latest:
    """The latest follow-up of a contact.

    `taken_by` owns it or, once it is answered, answered it; `answered_by` is the way that the answer took.
    """

    contact: ContactRow
    id: str
    state: FollowUpState
    reason: FollowUpReason
    service: str
    taken_by: str | None
    answered_by: str | None
    created_at: datetime
    due_at: datetime

    @property
    def owner(self) -> str | None:
        """The login of the agent whose it is at this moment."""
        return self.taken_by if self.state is FollowUpState.TAKEN else None


def latest_of_reference(connection: Connection, reference: str) -> Latest:
    """The latest follow-up of the contact with this reference, however it is typed. Raises NotFound."""
    found = _latest(connection, Contact.reference == clean_reference(reference))
    if found is None:
        raise NotFound(reference)
    return found


def latest_of_contact(connection: Connection, contact_id: str) -> Latest | None:
    """The latest follow-up of the contact, if it ever was one."""
    return _latest(connection, Contact.id == contact_id)


def open_ones(connection: Connection, which: Sequence[ColumnElement[bool]], most: int) -> list[Latest]:
    """So many of the follow-ups that nobody has taken and that fulfil all of `which`, first arrived first."""
    untouched = (Contact.state == ContactState.FOLLOW_UP.value, FollowUp.state == FollowUpState.OPEN.value)
    rows = connection.execute(
        _QUERY.where(*untouched, *which).order_by(Contact.queued_at, Contact.id).limit(most)
    ).all()
    return [_read(row) for row in rows]


_QUERY = select(
    *COLUMNS,
    *(FollowUp.id, FollowUp.state, FollowUp.reason, FollowUp.service, FollowUp.taken_by, FollowUp.answered_by),
    *(FollowUp.created_at, FollowUp.due_at),
).join(FollowUp, FollowUp.contact_id == Contact.id)


def _latest(connection: Connection, which: ColumnElement[bool]) -> Latest | None:
    newest_first = _QUERY.where(which).order_by(FollowUp.created_at.desc(), FollowUp.id)
    row = connection.execute(newest_first.limit(1)).one_or_none()
    return _read(row) if row is not None else None


def _read(row: Sequence[Any]) -> Latest:
    follow_up_id, state, reason, *others = row[len(COLUMNS) :]
    return Latest(read(row), follow_up_id, FollowUpState(state), FollowUpReason(reason), *others)


def change(connection: Connection, latest: Latest, states: Collection[FollowUpState], **values: Any) -> None:
    """Change the follow-up, if it is in one of these states and its owner's still. Raises Conflict."""
    same_owner = FollowUp.taken_by.is_not_distinct_from(latest.taken_by)
    done = connection.execute(
        update(FollowUp)
        .where(FollowUp.id == latest.id, FollowUp.state.in_(states), FollowUp.state == latest.state.value, same_owner)
        .values(**values)
    )
    if done.rowcount != 1:
        raise Conflict(latest.id, state=latest.state.value, holder=latest.owner)


def check_owner(latest: Latest, login: str, anyone: bool) -> None:
    """Check that no other agent owns the follow-up, unless `anyone` may act. Raises TakenByAnother."""
    if latest.owner not in (None, login) and not anyone:
        raise TakenByAnother(latest.owner or "")


def check_not_another_s(connection: Connection, contact_id: str, login: str, anyone: bool) -> None:
    """Check that no other agent owns the contact's follow-up, unless `anyone` may act. Raises TakenByAnother."""
    if anyone:
        return
    holder = connection.scalar(
        select(FollowUp.taken_by).where(
            FollowUp.contact_id == contact_id, FollowUp.state == FollowUpState.TAKEN.value, FollowUp.taken_by != login
        )
    )
    if holder is not None:
        raise TakenByAnother(holder)


def written_again(foundation: Foundation, connection: Connection, row: ContactRow, now: datetime) -> str | None:
    """Note on the contact's follow-up that its usager has written since; returns the login of its owner, if any.

    It wakes from a snooze. An answered one is put back before the one who answered.
    """
    since = func.coalesce(FollowUp.unanswered_since, literal(now, FollowUp.__table__.c.unanswered_since.type))
    noted = connection.execute(
        update(FollowUp)
        .where(FollowUp.contact_id == row.id, FollowUp.state.in_(KEPT))
        .values(unanswered_since=since, snoozed_until=None)
        .returning(FollowUp.state, FollowUp.taken_by)
    ).one_or_none()
    if noted is None:
        return None
    if noted.state == FollowUpState.ANSWERED:
        return not_answered_after_all(foundation, connection, row, now)
    return noted.taken_by if noted.state == FollowUpState.TAKEN else None


def answered(connection: Connection, row: ContactRow) -> None:
    """Note on the contact's follow-up that what its usager wrote since has had an answer."""
    connection.execute(
        update(FollowUp).where(FollowUp.contact_id == row.id, FollowUp.state.in_(KEPT)).values(unanswered_since=None)
    )


def not_answered_after_all(
    foundation: Foundation, connection: Connection, row: ContactRow, now: datetime, *, told_by_hand: bool = True
) -> str | None:
    """Put the contact's follow-up, if it is answered, back before the one who answered; returns its owner's login.

    Of one that is taken, only its owner is returned. `told_by_hand` False: what somebody has told counts as answered.
    """
    latest = latest_of_contact(connection, row.id)
    if latest is None or latest.state is not FollowUpState.ANSWERED:
        return latest.owner if latest is not None else None
    if not told_by_hand and latest.answered_by in set(ByHand):
        return None
    return put_back(foundation, connection, latest, now)


def put_back(
    foundation: Foundation,
    connection: Connection,
    latest: Latest,
    now: datetime,
    *,
    by: str | None = None,
    note: str | None = None,
) -> str | None:
    """Have a follow-up that is answered, closed, or was served from the queue answered once more, by a new date.

    Returns the login of its owner: the one who had it, or nobody where they are no longer on the staff. `by` is the
    agent who does it.
    Raises Conflict when somebody else has changed it meanwhile.
    """
    in_force = foundation.in_force
    due_at = commitment(in_force.plan, in_force.calendar, latest.contact.topic, now, now).due_at
    owner = latest.taken_by if latest.taken_by in in_force.plan.agents else None
    change(
        connection,
        latest,
        {FollowUpState.ANSWERED, FollowUpState.CLOSED, FollowUpState.QUEUED},
        state=(FollowUpState.TAKEN if owner is not None else FollowUpState.OPEN).value,
        taken_by=owner,
        answered_at=None,
        answered_by=None,
        closed_at=None,
        due_at=due_at,
        snoozed_until=None,
        reminded=None,
    )
    detail = {"owner": owner, "due_at": due_at.isoformat(), "note": note}
    journal.write(connection, now, "follow_up_reopened", latest.contact.id, by, **detail)
    return owner
