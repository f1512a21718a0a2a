"""Contacts as people read them: the record, overlaid with where the index has each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from competences.channels import Channel
from routeur.clock import Clock
from routeur.contact import contacts
from routeur.contact.messages import MessageView, StoredFile, said_after, stored_file
from routeur.contact.row import COLUMNS, HELD, WAITS, ContactRow
from routeur.contact.words import ContactState
from routeur.plans import Plans
from routeur.reading.explanation import explain_offer, explain_waiting
from routeur.reading.follow_ups import FollowUpReader, FollowUpView
from routeur.reading.overlay import Overlay
from routeur.reading.paging import Page, cursor_after, read_cursor
from routeur.record.engine import Record
from routeur.record.tables import Address, Contact, JournalEntry, Usager
from routeur.topics.understanding import RECOGNISED


@dataclass(frozen=True)
class UsagerView:
    """The usager, and how to reach them."""

    id: str
    name: str | None
    phone: str | None
    email: str | None


@dataclass(frozen=True)
class ContactView:
    """A contact in a list; `state` is `offered` while the index proposes it to `agent`."""

    id: str
    reference: str
    channel: str
    state: str
    outcome: str | None
    topic: str | None
    language: str
    subject: str | None
    usager: UsagerView
    arrived_at: datetime
    accepted_at: datetime | None
    closed_at: datetime | None
    agent: str | None
    linked_to: str | None
    revision: int


@dataclass(frozen=True)
class TimelineEntry:
    """An entry of the journal."""

    id: int
    at: datetime
    kind: str
    agent: str | None
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class FullContactView:
    """A contact with all its messages and everything that happened to it."""

    contact: ContactView
    messages: Sequence[MessageView]
    timeline: Sequence[TimelineEntry]
    explanation: Mapping[str, Any]
    follow_up: FollowUpView | None


@dataclass(frozen=True)
class OfferView:
    """A contact offered to an agent, until when, and why to them."""

    contact: ContactView
    expires_at: datetime
    why: Mapping[str, Any]


class ContactReader:
    """Reads contacts, each call in one transaction; shows the record alone when the index does not answer."""

    def __init__(
        self, record: Record, overlay: Overlay, plans: Plans, clock: Clock, follow_ups: FollowUpReader
    ) -> None:
        self._record = record
        self._overlay = overlay
        self._plans = plans
        self._clock = clock
        self._follow_ups = follow_ups

    def full(self, contact_id: str) -> FullContactView:
        """The contact with its messages, journal and explanation. Raises NotFound."""
        with self._record.read() as connection:
            row = contacts.get(connection, contact_id)
            (view,) = self._views(connection, [row])
            timeline = _timeline(connection, contact_id)
            return FullContactView(
                contact=view,
                messages=said_after(connection, contact_id, 0),
                timeline=timeline,
                explanation=self._explained(row, timeline),
                follow_up=self._follow_ups.of_contact(connection, contact_id),
            )

    def summary(self, contact_id: str) -> ContactView:
        """The contact as in a list. Raises NotFound."""
        with self._record.read() as connection:
            return self._views(connection, [contacts.get(connection, contact_id)])[0]

    def page(
        self,
        *,
        state: ContactState | None = None,
        topic: str | None = None,
        channel: Channel | None = None,
        agent: str | None = None,
        usager: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[ContactView]:
        """A page of contacts, latest arrival first. Raises Invalid for a cursor that no page gave."""
        query = select(*COLUMNS)
        if state is ContactState.OFFERED:
            query = query.where(Contact.state.in_(WAITS), Contact.id.in_(self._overlay.offered()))
        elif state is ContactState.WAITING:
            query = query.where(Contact.state.in_(WAITS), Contact.id.not_in(self._overlay.offered()))
        elif state is not None:
            query = query.where(Contact.state == state.value)
        filters = {Contact.topic: topic, Contact.agent: agent, Contact.usager_id: usager}
        for column, value in filters.items():
            if value is not None:
                query = query.where(column == value)
        if channel is not None:
            query = query.where(Contact.channel == channel.value)
        if cursor is not None:
            at, last = read_cursor(cursor)
            query = query.where(or_(Contact.arrived_at < at, and_(Contact.arrived_at == at, Contact.id > last)))
        query = query.order_by(Contact.arrived_at.desc(), Contact.id).limit(limit + 1)
        with self._record.read() as connection:
            rows = contacts.matching(connection, query)
            views = self._views(connection, rows[:limit])
        return Page(views, cursor_after(rows[limit - 1].arrived_at, rows[limit - 1].id) if len(rows) > limit else None)

    def held_by(self, login: str) -> list[ContactView]:
        """The contacts that the agent has, first accepted first."""
        query = (
            select(*COLUMNS)
            .where(Contact.agent == login, Contact.state.in_(HELD))
            .order_by(Contact.accepted_at, Contact.id)
        )
        with self._record.read() as connection:
            return self._views(connection, contacts.matching(connection, query))

    def offered_to(self, login: str) -> list[OfferView]:
        """The contact offered to the agent at this moment, as a list of one or none."""
        agent = self._overlay.agents([login]).get(login)
        if agent is None or agent.offer is None:
            return []
        snapshot = self._overlay.contacts([agent.offer]).get(agent.offer)
        if snapshot is None or snapshot.agent != login or snapshot.expires_at is None:
            return []
        with self._record.read() as connection:
            row = contacts.find(connection, agent.offer)
            if row is None:
                return []
            (view,) = self._views(connection, [row])
        why = explain_offer(snapshot, self._plans.current())
        return [OfferView(view, snapshot.expires_at, why)]

    def stored_file(self, contact_id: str, attachment_id: str) -> StoredFile:
        """A file that came with one of the contact's messages. Raises NotFound."""
        return stored_file(self._record, contact_id, attachment_id)

    def timeline(self, contact_id: str) -> list[TimelineEntry]:
        """What happened to the contact, in order; empty for an unknown contact."""
        with self._record.read() as connection:
            return _timeline(connection, contact_id)

    def explanation(self, contact_id: str) -> Mapping[str, Any]:
        """Why the contact is where it is: who could serve it and what they do, or why this agent was chosen.

        Raises NotFound.
        """
        with self._record.read() as connection:
            row = contacts.get(connection, contact_id)
            timeline = _timeline(connection, contact_id)
        return self._explained(row, timeline)

    def _explained(self, row: ContactRow, timeline: Sequence[TimelineEntry]) -> Mapping[str, Any]:
        explained: dict[str, Any] = {"state": row.state.value, "at": self._clock()}
        newest_first = sorted(timeline, key=lambda entry: entry.id, reverse=True)
        recognised = (entry.detail.get(RECOGNISED) for entry in newest_first if entry.kind in ("arrived", "recognised"))
        recognition = next((detail for detail in recognised if detail is not None), None)
        if recognition is not None:
            explained["recognition"] = recognition
        place = row.linked_to or row.id  # a linked contact waits in its companion's place
        snapshot = self._overlay.contacts([place]).get(place)
        in_force = self._plans.current()
        if snapshot is not None and row.waits:
            explained["state"] = snapshot.state
            explained["ahead"] = self._overlay.ahead_of(place)
            agents = self._overlay.agents(in_force.plan.agents)
            explained["waiting"] = explain_waiting(snapshot, in_force, agents, self._clock())
        chosen = next((entry for entry in newest_first if entry.kind == "offered"), None)
        if snapshot is not None and snapshot.expires_at is not None:
            explained["offer"] = {"agent": snapshot.agent, **explain_offer(snapshot, in_force)}
        elif chosen is not None:
            explained["last_offer"] = {"agent": chosen.agent, "at": chosen.at, **chosen.detail}
        return explained

    def _views(self, connection: Connection, rows: Sequence[ContactRow]) -> list[ContactView]:
        usagers = _usagers(connection, {row.usager_id for row in rows})
        snapshots = self._overlay.contacts([row.id for row in rows if row.waits])
        views = []
        for row in rows:
            state, agent = row.state, row.agent
            snapshot = snapshots.get(row.id)
            if snapshot is not None and snapshot.state == ContactState.OFFERED:
                state, agent = ContactState.OFFERED, snapshot.agent
            views.append(
                ContactView(
                    id=row.id,
                    reference=row.reference,
                    channel=row.channel.value,
                    state=state.value,
                    outcome=row.outcome.value if row.outcome is not None else None,
                    topic=row.topic,
                    language=row.language,
                    subject=row.subject,
                    usager=usagers[row.usager_id],
                    arrived_at=row.arrived_at,
                    accepted_at=row.accepted_at,
                    closed_at=row.closed_at,
                    agent=agent,
                    linked_to=row.linked_to,
                    revision=row.revision,
                )
            )
        return views


def _usagers(connection: Connection, ids: set[str]) -> dict[str, UsagerView]:
    """The usagers with these ids, each with one phone number and one e-mail address at most."""
    if not ids:
        return {}
    named: dict[str, str | None] = {}
    reach: dict[tuple[str, str], str] = {}
    query = (
        select(Usager.id, Usager.name, Address.kind, Address.value)
        .outerjoin(Address, Address.usager_id == Usager.id)
        .where(Usager.id.in_(ids))
    )
    for row in connection.execute(query):
        named[row.id] = row.name
        reach.setdefault((row.id, row.kind), row.value)
    return {
        usager_id: UsagerView(usager_id, name, reach.get((usager_id, "phone")), reach.get((usager_id, "email")))
        for usager_id, name in named.items()
    }


def _timeline(connection: Connection, contact_id: str) -> list[TimelineEntry]:
    rows = connection.execute(
        select(*JournalEntry.__table__.c)
        .where(JournalEntry.contact_id == contact_id)
        .order_by(JournalEntry.at, JournalEntry.id)
    )
    return [TimelineEntry(row.id, row.at, row.kind, row.agent, row.detail) for row in rows]
