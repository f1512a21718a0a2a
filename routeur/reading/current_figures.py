"""Counting contacts, agents, follow-ups and effects in the record, as of now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from competences.channels import Channel
from routeur.contact.row import WAITS
from routeur.contact.words import UNANSWERED, Activity, ContactState
from routeur.followups.owed import still_owed
from routeur.ports.outbox import FAILED, PENDING, QUEUED, SENDING
from routeur.record.engine import Record
from routeur.record.tables import AgentPresence, Contact, FollowUp, OutboxEntry

UNSENT = (PENDING, QUEUED, SENDING, FAILED)
"""The states of an effect that has not left."""


@dataclass(frozen=True)
class QueueFigures:
    """The number of contacts that wait on one channel, and the wait of the first that came."""

    waiting: int = 0
    oldest_wait: timedelta = timedelta()


@dataclass(frozen=True)
class FollowUpFigures:
    """The number of follow-ups not answered yet, and of those among them whose due date has passed."""

    unanswered: int
    overdue: int


@dataclass(frozen=True)
class Figures:
    """Numbers by channel, state of open contacts, activity of agents, and state of unsent effects.

    Every channel and state is a key, with 0 if need be; only the activities that occur are.
    """

    queues: Mapping[Channel, QueueFigures]
    open_contacts: Mapping[ContactState, int]
    agents: Mapping[Activity, int]
    follow_ups: FollowUpFigures
    effects: Mapping[str, int]


def read_figures(record: Record, now: datetime) -> Figures:
    """All figures at one moment."""
    with record.read() as connection:
        return Figures(
            queues=_queues(connection, now),
            open_contacts=_open_contacts(connection),
            agents=_agents(connection),
            follow_ups=_follow_ups(connection, now),
            effects=_effects(connection),
        )


def _queues(connection: Connection, now: datetime) -> Mapping[Channel, QueueFigures]:
    query = (
        select(Contact.channel, func.count().label("number"), func.min(Contact.queued_at).label("first"))
        .where(Contact.state.in_(WAITS))
        .group_by(Contact.channel)
    )
    queues = {
        Channel(row.channel): QueueFigures(row.number, max(timedelta(), now - row.first))
        for row in connection.execute(query)
    }
    return {channel: queues.get(channel, QueueFigures()) for channel in Channel}


def _open_contacts(connection: Connection) -> Mapping[ContactState, int]:
    query = select(Contact.state, func.count().label("number")).where(Contact.state != ContactState.CLOSED.value)
    counts = {row.state: row.number for row in connection.execute(query.group_by(Contact.state))}
    return {state: counts.get(state.value, 0) for state in ContactState if state is not ContactState.CLOSED}


def _agents(connection: Connection) -> Mapping[Activity, int]:
    query = select(AgentPresence.activity, func.count()).group_by(AgentPresence.activity)
    return {Activity(activity): number for activity, number in connection.execute(query)}


def _follow_ups(connection: Connection, now: datetime) -> FollowUpFigures:
    unanswered = FollowUp.state.in_([state.value for state in UNANSWERED])
    query = select(func.count()).select_from(FollowUp)
    return FollowUpFigures(
        unanswered=connection.scalar(query.where(unanswered)) or 0,
        overdue=connection.scalar(query.where(FollowUp.due_at < now, still_owed())) or 0,
    )


def _effects(connection: Connection) -> Mapping[str, int]:
    query = select(OutboxEntry.state, func.count().label("number")).where(OutboxEntry.state.in_(UNSENT))
    counts = {row.state: row.number for row in connection.execute(query.group_by(OutboxEntry.state))}
    return {state: counts.get(state, 0) for state in UNSENT}
