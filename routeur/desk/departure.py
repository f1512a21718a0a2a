"""What becomes of the contacts of an agent who has gone."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from competences.channels import Channel
from routeur.contact import contacts, journal
from routeur.contact.contacts import ContactRow
from routeur.contact.words import Activity, ContactState, Outcome
from routeur.desk.presence import record_activity
from routeur.errors import Conflict
from routeur.queue.place import Routing
from routeur.queue.returns import send_back
from routeur.record.tables import AgentPresence, Contact

log = structlog.get_logger(__name__)

_IN_PERSON = frozenset({Channel.VOICE.value, Channel.WALKIN.value})
"""Conversations that do not need the desk: they go on by themselves."""

LONGEST_CONVERSATION = timedelta(hours=4)
"""No telephone call lasts longer (the network ends it then): one that does is over, and nobody could tell us."""


def log_out_former_staff(routing: Routing) -> None:
    """Who is no longer in the plan is offline, whatever they were doing."""
    staff, now = routing.plans.current().plan.agents, routing.clock()
    on_duty = select(AgentPresence.login).where(AgentPresence.activity != Activity.OFFLINE.value)
    with routing.record.read() as connection:
        former = [login for login in connection.scalars(on_duty) if login not in staff]
    for login in former:
        with routing.record.write() as connection:
            record_activity(connection, login, Activity.OFFLINE, "not_on_staff", now)
        routing.announcer.tell("activity", now, agent=login, activity=Activity.OFFLINE.value, reason="not_on_staff")


def release_all(routing: Routing, gone_for: timedelta) -> None:
    """Do so for everybody who has been offline for so long.

    Going offline releases at once; this is for what that missed: a process that died over it, an acceptance under
    way, a call that ended later or whose end nobody told us.
    """
    with routing.record.read() as connection:
        logins = connection.scalars(
            select(Contact.agent)
            .join(AgentPresence, AgentPresence.login == Contact.agent)
            .where(
                Contact.state.in_(contacts.HELD),
                Contact.linked_to.is_(None),
                AgentPresence.activity == Activity.OFFLINE.value,
                AgentPresence.since <= routing.clock() - gone_for,
            )
            .distinct()
        ).all()
    for login in logins:
        if login is not None:
            release_contacts(routing, login)


def release_contacts(routing: Routing, login: str) -> None:
    """Send what an agent who is offline was writing back to the queue, and close what they were wrapping up."""
    with routing.record.read() as connection:
        activity = connection.scalar(select(AgentPresence.activity).where(AgentPresence.login == login))
        rows = connection.execute(
            select(*Contact.__table__.c).where(
                Contact.agent == login, Contact.state.in_(contacts.HELD), Contact.linked_to.is_(None)
            )
        ).all()
    if activity != Activity.OFFLINE:
        return
    for row in rows:
        try:
            if row.state == ContactState.WRAP_UP or _is_surely_over(row, routing.clock()):
                _close(routing, row)
            elif row.channel not in _IN_PERSON:
                send_back(routing, row, "agent_lost", login)
        except Conflict:
            log.info("release_overtaken", contact=row.id)


def _is_surely_over(row: ContactRow, now: datetime) -> bool:
    return row.channel in _IN_PERSON and now - row.accepted_at > LONGEST_CONVERSATION


def _close(routing: Routing, row: ContactRow) -> None:
    now = routing.clock()
    with routing.record.write() as connection:
        for one in (row, *contacts.linked(connection, row.id)):
            outcome = Outcome.ANSWERED if one.id == row.id else Outcome.MERGED
            contacts.change(connection, one, now, state=ContactState.CLOSED.value, outcome=outcome.value, closed_at=now)
            journal.write(connection, now, "finished", one.id, row.agent, outcome=outcome.value, reason="agent_gone")
    routing.leave_index(row.id)
