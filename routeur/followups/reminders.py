"""The deadlines of follow-ups: who owes them is reminded, in opening hours, before and after they are due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, update

from competences.plan.plan import Plan
from routeur.contact import journal
from routeur.contact.identifiers import new_id
from routeur.contact.words import FollowUpState, Reminder
from routeur.followups.closing import close_long_answered
from routeur.followups.owed import still_owed
from routeur.foundation import Foundation
from routeur.ports.news import DueFollowUp, FollowUpsDue
from routeur.record.tables import Contact, FollowUp

MOST_AT_ONCE = 100
"""How many follow-ups one round reminds of; the next round goes on."""

_REMINDED_BEFORE: Mapping[Reminder, Collection[str]] = {
    Reminder.DUE_SOON: (Reminder.DUE_SOON.value, Reminder.OVERDUE.value),
    Reminder.OVERDUE: (Reminder.OVERDUE.value,),
}
"""What a follow-up has been reminded of that needs no such reminder any more."""


class Reminders:
    """Reminds of follow-ups, once of each deadline; any number of dispatchers may do so at once."""

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation

    def remind(self) -> None:
        """Look after what is due, has slept long enough, was answered long ago, or belongs to who has left the staff.

        A follow-up's service is reminded at its address and its owner at theirs and at the desk, while the town hall is
        open. One letter to an address names all that it is reminded of at this moment.
        """
        self._release_former_owners()
        self._wake()
        close_long_answered(self._foundation)
        now = self._foundation.clock()
        if self._foundation.in_force.calendar.is_open(now):
            self._remind_of_due(now)

    def _remind_of_due(self, now: datetime) -> None:
        in_force = self._foundation.in_force
        soon = in_force.calendar.add_opening_time(now, timedelta(seconds=in_force.plan.due_soon_seconds))
        with self._foundation.record.read() as connection:
            due = connection.execute(_due(now, soon).limit(MOST_AT_ONCE)).all()
        if not due:
            return
        told: list[tuple[Reminder, Row[Any]]] = []
        with self._foundation.record.write() as connection:
            letters: dict[str, list[DueFollowUp]] = defaultdict(list)
            for row in due:
                reminder = Reminder.OVERDUE if row.due_at <= now else Reminder.DUE_SOON
                if not _claim(connection, row, reminder):
                    continue
                told.append((reminder, row))
                detail = {"reminder": reminder.value, "service": row.service, "due_at": row.due_at.isoformat()}
                journal.write(connection, now, "follow_up_reminder", row.contact_id, row.taken_by, **detail)
                owed = DueFollowUp(row.reference, row.topic, row.service, row.due_at, row.taken_by, reminder)
                for address in _addresses(in_force.plan, row.service, row.taken_by):
                    letters[address].append(owed)
            for address, follow_ups in letters.items():
                self._foundation.publisher.tell_staff(connection, FollowUpsDue(new_id(), address, follow_ups), now)
        for reminder, row in told:
            self._foundation.announcer.tell(
                "follow_up_reminder", now, row.contact_id, row.taken_by, reminder=reminder.value
            )

    def _wake(self) -> None:
        """Bring what has been snoozed until now back before its owner."""
        now = self._foundation.clock()
        slept = and_(FollowUp.snoozed_until <= now, FollowUp.state == FollowUpState.TAKEN.value)
        with self._foundation.record.read() as connection:
            if connection.scalar(select(FollowUp.id).where(slept).limit(1)) is None:
                return
        with self._foundation.record.write() as connection:
            woken = connection.execute(
                update(FollowUp)
                .where(slept)
                .values(snoozed_until=None)
                .returning(FollowUp.contact_id, FollowUp.taken_by)
            ).all()
            for row in woken:
                journal.write(connection, now, "follow_up_woke", row.contact_id, row.taken_by)
        for row in woken:
            self._foundation.announcer.tell("follow_up_woke", now, row.contact_id, row.taken_by)

    def _release_former_owners(self) -> None:
        """Give what belongs to somebody who is no longer on the staff back to its service."""
        now, staff = self._foundation.clock(), self._foundation.plan.agents
        taken = select(FollowUp.taken_by).where(FollowUp.state == FollowUpState.TAKEN.value).distinct()
        with self._foundation.record.read() as connection:
            former = [login for login in connection.scalars(taken) if login not in staff]
        for login in former:
            with self._foundation.record.write() as connection:
                released = connection.scalars(
                    update(FollowUp)
                    .where(FollowUp.state == FollowUpState.TAKEN.value, FollowUp.taken_by == login)
                    .values(state=FollowUpState.OPEN.value, taken_by=None, taken_at=None, snoozed_until=None)
                    .returning(FollowUp.contact_id)
                ).all()
                for contact_id in released:
                    journal.write(connection, now, "follow_up_released", contact_id, released_from=login)


def _due(now: datetime, soon: datetime) -> Any:
    """The follow-ups whose owners must be reminded of something, first due first."""
    not_yet = {
        reminder: or_(FollowUp.reminded.is_(None), FollowUp.reminded.not_in(before))
        for reminder, before in _REMINDED_BEFORE.items()
    }
    return (
        select(
            *(FollowUp.id, FollowUp.contact_id, FollowUp.service, FollowUp.taken_by, FollowUp.due_at),
            *(Contact.reference, Contact.topic),
        )
        .join(Contact, Contact.id == FollowUp.contact_id)
        .where(
            still_owed(),
            or_(
                and_(FollowUp.due_at <= now, not_yet[Reminder.OVERDUE]),
                and_(FollowUp.due_at > now, FollowUp.due_at <= soon, not_yet[Reminder.DUE_SOON]),
            ),
        )
        .order_by(FollowUp.due_at, FollowUp.id)
    )


def _claim(connection: Connection, row: Row[Any], reminder: Reminder) -> bool:
    """Note the reminder, unless another dispatcher has, or the follow-up has been answered or given another date."""
    done = connection.execute(
        update(FollowUp)
        .where(
            FollowUp.id == row.id,
            FollowUp.due_at == row.due_at,
            still_owed(),
            or_(FollowUp.reminded.is_(None), FollowUp.reminded.not_in(_REMINDED_BEFORE[reminder])),
        )
        .values(reminded=reminder.value)
    )
    return done.rowcount == 1


def _addresses(plan: Plan, service: str, owner: str | None) -> Collection[str]:
    """Where those who owe a follow-up read: its service and, where the plan has their address, its owner."""
    responsible = plan.services.get(service) or plan.services[plan.default_service]
    agent = plan.agents.get(owner) if owner is not None else None
    addresses = [responsible.email, agent.email if agent is not None else None]
    return {address.lower(): None for address in addresses if address}
