"""What becomes of an agent's contacts when the agent is gone: nothing may be left in a hand that is no longer there."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from competences.channels import CHANNELS
from routeur.contact import contacts
from routeur.contact.row import COLUMNS, HELD, ContactRow
from routeur.contact.words import Activity, ContactState, Outcome
from routeur.desk.ending import close_together
from routeur.desk.presence import record_activity
from routeur.errors import Conflict
from routeur.foundation import Foundation
from routeur.index import sync
from routeur.queue.returns import Returns
from routeur.record.tables import AgentPresence, Contact

log = structlog.get_logger(__name__)

LONGEST_CONVERSATION = timedelta(hours=4)
"""No telephone call lasts longer (the network ends it then): one that does is over, and nobody could tell us."""


class Departures:
    """Agents who go, and those who were gone before anybody noticed."""

    def __init__(self, foundation: Foundation, returns: Returns) -> None:
        self._foundation = foundation
        self._returns = returns

    def log_out_former_staff(self) -> None:
        """Put offline the agents who are no longer in the plan, whatever they were doing."""
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

        Going offline releases at once; this is for what that missed: a process that died over it, an acceptance under
        way, a call that ended later or whose end nobody told us.
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
        """Send what an agent who is offline was writing back to the queue, and close what they were wrapping up.

        A conversation in person goes on without the desk.
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
            try:
                if row.state is ContactState.WRAP_UP or _is_surely_over(row, self._foundation.clock()):
                    self._close(row)
                elif not CHANNELS[row.channel].in_person:
                    self._returns.send_back(row, "agent_lost", login)
            except Conflict:
                log.info("release_overtaken", contact=row.id)

    def _close(self, row: ContactRow) -> None:
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            close_together(connection, row, Outcome.ANSWERED, row.agent, now, reason="agent_gone")
        sync.leave(self._foundation.index, row.id, now)


def _is_surely_over(row: ContactRow, now: datetime) -> bool:
    in_person = CHANNELS[row.channel].in_person
    return in_person and row.accepted_at is not None and now - row.accepted_at > LONGEST_CONVERSATION
