"""Releasing the contacts of an agent who is gone: none may stay with a desk where nobody sits."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from competences.channels import CHANNELS
from routeur.contact import contacts
from routeur.contact.row import COLUMNS, HELD, ContactRow
from routeur.contact.words import Activity, ContactState
from routeur.desk.activity import record_activity
from routeur.desk.unattended import Unattended
from routeur.errors import Conflict
from routeur.foundation import Foundation
from routeur.queue.returns import Returns
from routeur.record.tables import AgentPresence, Contact

log = structlog.get_logger(__name__)

LONGEST_CONVERSATION = timedelta(hours=4)
"""The telephone network ends calls by then: an older one is over even if its end was never reported."""


class Departures:
    """Releases what agents who are gone held."""

    def __init__(self, foundation: Foundation, returns: Returns, unattended: Unattended) -> None:
        self._foundation = foundation
        self._unattended = unattended
        self._returns = returns

    def log_out_former_staff(self) -> None:
        """Record as offline every agent who is no longer in the plan."""
        staff, now = self._foundation.plan.agents, self._foundation.clock()
        on_duty = select(AgentPresence.login).where(AgentPresence.activity != Activity.OFFLINE.value)
        with self._foundation.record.read() as connection:
            former = [login for login in connection.scalars(on_duty) if login not in staff]
        for login in former:
            with self._foundation.record.write() as connection:
                record_activity(connection, login, Activity.OFFLINE, "not_on_staff", now)
            self._foundation.announcer.tell(
                "activity", now, agent=login, activity=Activity.OFFLINE.value, reason="not_on_staff"
            )

    def release_all(self, gone_for: timedelta) -> None:
        """Release the contacts of every agent who has been offline for `gone_for` or longer.

        Going offline releases at once; this catches the rest: a process that died meanwhile, an acceptance under way,
        a call that ended later or whose end was never reported.
        """
        with self._foundation.record.read() as connection:
            logins = connection.scalars(
                select(Contact.agent)
                .join(AgentPresence, AgentPresence.login == Contact.agent)
                .where(
                    Contact.state.in_(HELD),
                    Contact.linked_to.is_(None),
                    AgentPresence.activity == Activity.OFFLINE.value,
                    AgentPresence.since <= self._foundation.clock() - gone_for,
                )
                .distinct()
            ).all()
        for login in logins:
            if login is not None:
                self.release(login)

    def release(self, login: str) -> None:
        """Release what an agent who is offline holds: written conversations return, wrap-up is ended.

        A call and a talk at the counter go on without the desk, but not what came along with them. Does nothing for an
        agent who is not offline.
        """
        with self._foundation.record.read() as connection:
            activity = connection.scalar(select(AgentPresence.activity).where(AgentPresence.login == login))
            rows = contacts.matching(
                connection,
                select(*COLUMNS).where(Contact.agent == login, Contact.state.in_(HELD), Contact.linked_to.is_(None)),
            )
        if activity != Activity.OFFLINE:
            return
        for row in rows:
            self._release(row, login)

    def _release(self, row: ContactRow, login: str) -> None:
        try:
            if row.state is ContactState.WRAP_UP or _is_surely_over(row, self._foundation.clock()):
                left = self._unattended.end(row, "agent_gone")[:1]
            elif CHANNELS[row.channel].in_person:
                with self._foundation.record.read() as connection:
                    left = contacts.linked(connection, row.id)
            else:
                self._returns.put_back(row, "agent_lost", login)
                left = []
        except Conflict:
            log.info("release_overtaken", contact=row.id)
            return
        for companion in left:
            self._release(companion, login)


def _is_surely_over(row: ContactRow, now: datetime) -> bool:
    in_person = CHANNELS[row.channel].in_person
    return in_person and row.accepted_at is not None and now - row.accepted_at > LONGEST_CONVERSATION
