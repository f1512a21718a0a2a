"""What people may look at: contacts, offers, follow-ups, agents; the record, overlaid with where the index has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from redis.exceptions import RedisError
from sqlalchemy import Select, and_, or_, select

from competences.channels import Channel
from routeur.clock import Clock
from routeur.contact import contacts as record_contacts
from routeur.contact.identifiers import clean_reference
from routeur.contact.messages import MessageView, StoredFile, messages_after, stored_file
from routeur.contact.words import Activity, ContactState, FollowUpState
from routeur.errors import Invalid, NotFound
from routeur.index import ContactSnapshot, Index
from routeur.plans import Plans
from routeur.reading.explanation import explain_offer, explain_waiting
from routeur.record.engine import Record
from routeur.record.tables import (
    Address,
    AgentPresence,
    Contact,
    FollowUp,
    JournalEntry,
    Usager,
)
from routeur.topics.understanding import RECOGNISED

Item = TypeVar("Item")


@dataclass(frozen=True)
class UsagerView:
    id: str
    name: str | None
    phone: str | None
    email: str | None


@dataclass(frozen=True)
class ContactView:
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
    id: int
    at: datetime
    kind: str
    agent: str | None
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class LegalClock:
    acknowledge_by: date
    silence_means: str
    silence_on: date


@dataclass(frozen=True)
class FollowUpView:
    reference: str
    reason: str
    topic: str | None
    service: str
    state: str
    created_at: datetime
    due_at: datetime
    overdue: bool
    legal: LegalClock | None
    taken_by: str | None
    contact: str


@dataclass(frozen=True)
class FullContactView:
    contact: ContactView
    messages: Sequence[MessageView]
    timeline: Sequence[TimelineEntry]
    explanation: Mapping[str, Any]
    follow_up: FollowUpView | None


@dataclass(frozen=True)
class OfferView:
    contact: ContactView
    expires_at: datetime
    why: Mapping[str, Any]


@dataclass(frozen=True)
class AgentView:
    login: str
    name: str
    skills: Mapping[str, int]
    activity: str
    reason: str | None
    since: datetime | None
    load: Mapping[str, int]
    offer: str | None


@dataclass(frozen=True)
class Page(Generic[Item]):
    items: Sequence[Item]
    next: str | None


class Views:
    """Reads only. Where the index does not answer, what the record alone knows is shown."""

    def __init__(self, record: Record, index: Index, plans: Plans, clock: Clock) -> None:
        self._record = record
        self._index = index
        self._plans = plans
        self._clock = clock

    def contact(self, contact_id: str) -> FullContactView:
        """Raises NotFound."""
        with self._record.read() as connection:
            row = record_contacts.get(connection, contact_id)
            newest = connection.execute(
                _follow_up_query()
                .where(FollowUp.contact_id == contact_id)
                .order_by(FollowUp.created_at.desc())
                .limit(1)
            ).one_or_none()
        return FullContactView(
            contact=self._contact_views([row])[0],
            messages=messages_after(self._record, contact_id, 0),
            timeline=self.timeline(contact_id),
            explanation=self.explanation(contact_id),
            follow_up=self._follow_up_view(newest) if newest is not None else None,
        )

    def contact_summary(self, contact_id: str) -> ContactView:
        """Raises NotFound."""
        with self._record.read() as connection:
            row = record_contacts.get(connection, contact_id)
        return self._contact_views([row])[0]

    def contacts(
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
        """Newest arrival first. Raises Invalid for a cursor that is none of ours."""
        query = select(*Contact.__table__.c)
        offered = {login.offer for login in self._agent_snapshots().values() if login.offer}
        if state is ContactState.OFFERED:
            query = query.where(Contact.state.in_(record_contacts.WAITS), Contact.id.in_(offered))
        elif state is ContactState.WAITING:
            query = query.where(Contact.state.in_(record_contacts.WAITS), Contact.id.not_in(offered))
        elif state is not None:
            query = query.where(Contact.state == state.value)
        filters = {Contact.topic: topic, Contact.agent: agent, Contact.usager_id: usager}
        for column, value in filters.items():
            if value is not None:
                query = query.where(column == value)
        if channel is not None:
            query = query.where(Contact.channel == channel.value)
        if cursor is not None:
            at, last = _read_cursor(cursor)
            query = query.where(or_(Contact.arrived_at < at, and_(Contact.arrived_at == at, Contact.id > last)))
        query = query.order_by(Contact.arrived_at.desc(), Contact.id).limit(limit + 1)
        with self._record.read() as connection:
            rows = connection.execute(query).all()
        return Page(
            self._contact_views(rows[:limit]),
            _cursor(rows[limit - 1].arrived_at, rows[limit - 1].id) if len(rows) > limit else None,
        )

    def my_contacts(self, login: str) -> list[ContactView]:
        """What the agent has in hand, first accepted first."""
        with self._record.read() as connection:
            rows = connection.execute(
                select(*Contact.__table__.c)
                .where(Contact.agent == login, Contact.state.in_(record_contacts.HELD))
                .order_by(Contact.accepted_at, Contact.id)
            ).all()
        return self._contact_views(rows)

    def offers(self, login: str) -> list[OfferView]:
        """What is proposed to the agent at this moment."""
        agent = self._agent_snapshots([login]).get(login)
        if agent is None or agent.offer is None:
            return []
        snapshot = self._snapshots([agent.offer]).get(agent.offer)
        if snapshot is None or snapshot.agent != login or snapshot.expires_at is None:
            return []
        with self._record.read() as connection:
            row = record_contacts.find(connection, agent.offer)
        if row is None:
            return []
        why = explain_offer(snapshot, self._plans.current().plan)
        return [OfferView(self._contact_views([row])[0], snapshot.expires_at, why)]

    def stored_file(self, contact_id: str, attachment_id: str) -> StoredFile:
        """A file that came with one of the contact's messages. Raises NotFound."""
        return stored_file(self._record, contact_id, attachment_id)

    def timeline(self, contact_id: str) -> list[TimelineEntry]:
        """What happened to the contact, in order."""
        with self._record.read() as connection:
            rows = connection.execute(
                select(*JournalEntry.__table__.c)
                .where(JournalEntry.contact_id == contact_id)
                .order_by(JournalEntry.at, JournalEntry.id)
            ).all()
        return [TimelineEntry(row.id, row.at, row.kind, row.agent, row.detail) for row in rows]

    def explanation(self, contact_id: str) -> Mapping[str, Any]:
        """Why the contact is where it is: who could serve it and what they do, or why this agent was chosen."""
        with self._record.read() as connection:
            row = record_contacts.get(connection, contact_id)
            chosen = connection.execute(
                select(JournalEntry.at, JournalEntry.agent, JournalEntry.detail)
                .where(JournalEntry.contact_id == contact_id, JournalEntry.kind == "offered")
                .order_by(JournalEntry.id.desc())
                .limit(1)
            ).one_or_none()
            recognised = connection.scalars(
                select(JournalEntry.detail)
                .where(JournalEntry.contact_id == contact_id, JournalEntry.kind.in_(("arrived", "recognised")))
                .order_by(JournalEntry.id.desc())
            ).all()
        explained: dict[str, Any] = {"state": row.state, "at": self._clock()}
        recognition = next((detail[RECOGNISED] for detail in recognised if RECOGNISED in detail), None)
        if recognition is not None:
            explained["recognition"] = recognition
        place = row.linked_to or contact_id  # who waits together with another waits where that one does
        snapshot = self._snapshots([place]).get(place)
        plan = self._plans.current().plan
        if snapshot is not None and row.state in record_contacts.WAITS:
            explained["state"] = snapshot.state
            explained["ahead"] = self._ahead(place)
            explained["waiting"] = explain_waiting(snapshot, plan, self._agent_snapshots(plan.agents), self._clock())
        if snapshot is not None and snapshot.expires_at is not None:
            explained["offer"] = {"agent": snapshot.agent, **explain_offer(snapshot, plan)}
        elif chosen is not None:
            explained["last_offer"] = {"agent": chosen.agent, "at": chosen.at, **chosen.detail}
        return explained

    def follow_ups(
        self,
        *,
        service: str | None = None,
        state: FollowUpState | None = None,
        due_before: datetime | None = None,
        overdue: bool = False,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[FollowUpView]:
        """Soonest due first. `overdue`: past due and neither answered nor closed."""
        query = _follow_up_query()
        if service is not None:
            query = query.where(FollowUp.service == service)
        if state is not None:
            query = query.where(FollowUp.state == state.value)
        if due_before is not None:
            query = query.where(FollowUp.due_at < due_before)
        if overdue:
            query = query.where(FollowUp.due_at < self._clock(), FollowUp.state.in_(_UNANSWERED))
        if cursor is not None:
            at, last = _read_cursor(cursor)
            query = query.where(or_(FollowUp.due_at > at, and_(FollowUp.due_at == at, FollowUp.id > last)))
        query = query.order_by(FollowUp.due_at, FollowUp.id).limit(limit + 1)
        with self._record.read() as connection:
            rows = connection.execute(query).all()
        return Page(
            [self._follow_up_view(row) for row in rows[:limit]],
            _cursor(rows[limit - 1].due_at, rows[limit - 1].id) if len(rows) > limit else None,
        )

    def follow_up(self, reference: str) -> FollowUpView:
        """Raises NotFound."""
        with self._record.read() as connection:
            row = connection.execute(
                _follow_up_query()
                .where(Contact.reference == clean_reference(reference))
                .order_by(FollowUp.created_at.desc())
                .limit(1)
            ).one_or_none()
        if row is None:
            raise NotFound(reference)
        return self._follow_up_view(row)

    def agents(self) -> list[AgentView]:
        """Everybody on the plan's staff and what they do."""
        plan = self._plans.current().plan
        with self._record.read() as connection:
            presences = {row.login: row for row in connection.execute(select(*AgentPresence.__table__.c))}
        snapshots = self._agent_snapshots(plan.agents)
        views = []
        for login, agent in plan.agents.items():
            presence, snapshot = presences.get(login), snapshots.get(login)
            views.append(
                AgentView(
                    login=login,
                    name=agent.name,
                    skills=dict(agent.skills),
                    activity=presence.activity if presence is not None else Activity.OFFLINE.value,
                    reason=presence.reason if presence is not None else None,
                    since=presence.since if presence is not None else None,
                    load={channel.value: n for channel, n in snapshot.load.items()} if snapshot is not None else {},
                    offer=snapshot.offer if snapshot is not None else None,
                )
            )
        return views

    def agent(self, login: str) -> AgentView:
        """Raises NotFound."""
        for view in self.agents():
            if view.login == login:
                return view
        raise NotFound(login)

    def _contact_views(self, rows: Sequence[Any]) -> list[ContactView]:
        owners = {row.usager_id for row in rows}
        with self._record.read() as connection:
            named = connection.execute(select(Usager.id, Usager.name).where(Usager.id.in_(owners))).all()
            addresses = connection.execute(
                select(Address.usager_id, Address.kind, Address.value).where(Address.usager_id.in_(owners))
            ).all()
        names = {row.id: row.name for row in named}
        reach: dict[tuple[str, str], str] = {}
        for address in addresses:
            reach.setdefault((address.usager_id, address.kind), address.value)
        snapshots = self._snapshots([row.id for row in rows if row.state in record_contacts.WAITS])
        views = []
        for row in rows:
            state, agent = row.state, row.agent
            snapshot = snapshots.get(row.id)
            if snapshot is not None and snapshot.state == ContactState.OFFERED:
                state, agent = ContactState.OFFERED.value, snapshot.agent
            views.append(
                ContactView(
                    id=row.id,
                    reference=row.reference,
                    channel=row.channel,
                    state=state,
                    outcome=row.outcome,
                    topic=row.topic,
                    language=row.language,
                    subject=row.subject,
                    usager=UsagerView(
                        row.usager_id,
                        names.get(row.usager_id),
                        reach.get((row.usager_id, "phone")),
                        reach.get((row.usager_id, "email")),
                    ),
                    arrived_at=row.arrived_at,
                    accepted_at=row.accepted_at,
                    closed_at=row.closed_at,
                    agent=agent,
                    linked_to=row.linked_to,
                    revision=row.revision,
                )
            )
        return views

    def _follow_up_view(self, row: Any) -> FollowUpView:
        legal = None
        if row.acknowledge_by is not None and row.silence_means is not None and row.silence_on is not None:
            legal = LegalClock(row.acknowledge_by, row.silence_means, row.silence_on)
        return FollowUpView(
            reference=row.reference,
            reason=row.reason,
            topic=row.topic,
            service=row.service,
            state=row.state,
            created_at=row.created_at,
            due_at=row.due_at,
            overdue=row.state in _UNANSWERED and row.due_at < self._clock(),
            legal=legal,
            taken_by=row.taken_by,
            contact=row.contact_id,
        )

    def _ahead(self, contact_id: str) -> int | None:
        try:
            return self._index.position(contact_id)
        except RedisError:
            return None

    def _snapshots(self, contact_ids: Sequence[str]) -> dict[str, ContactSnapshot]:
        try:
            return self._index.snapshots(contact_ids) if contact_ids else {}
        except RedisError:
            return {}

    def _agent_snapshots(self, logins: Any = None) -> dict[str, Any]:
        try:
            return self._index.agent_snapshots(self._index.agents() if logins is None else logins)
        except RedisError:
            return {}


_UNANSWERED = (FollowUpState.OPEN.value, FollowUpState.TAKEN.value)


def _follow_up_query() -> Select[Any]:
    return select(*FollowUp.__table__.c, Contact.reference).join(Contact, Contact.id == FollowUp.contact_id)


def _cursor(at: datetime, last: str) -> str:
    return f"{at.isoformat()}|{last}"


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    at, _, last = cursor.partition("|")
    try:
        instant = datetime.fromisoformat(at)
    except ValueError as error:
        raise Invalid(cursor) from error
    if instant.tzinfo is None or not last:
        raise Invalid(cursor)
    return instant, last
