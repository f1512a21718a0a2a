"""Contacts as people may look at them: the record, overlaid with where the index has each of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from competences.channels import Channel
from competences.legal_clock import LegalRequest, Regime, proposed_regime
from routeur.clock import Clock
from routeur.contact import contacts
from routeur.contact.correspondents import correspondents
from routeur.contact.legal_requests import request_of
from routeur.contact.messages import MessageView, OriginalMessage, StoredFile, original_of, said_after, stored_file
from routeur.contact.row import COLUMNS, HELD, IN_INDEX, WAITS, ContactRow
from routeur.contact.words import ContactState, Outcome
from routeur.errors import NotFound
from routeur.plans import Plans
from routeur.reading.contact_views import BesideReader, ContactView, FactsBeside
from routeur.reading.explanation import explain, explain_offer
from routeur.reading.follow_ups import FollowUpReader, FollowUpView
from routeur.reading.overlay import Overlay
from routeur.reading.paging import Page, after, cursor_after
from routeur.reading.timeline import TimelineEntry, timeline_of
from routeur.record.engine import Record
from routeur.record.tables import Contact


@dataclass(frozen=True)
class FullContactView:
    """A contact with everything that was said and everything that happened.

    `legal`: the request that it is, if any; `legal_proposed`: what silence would mean of a request on its topic.
    """

    contact: ContactView
    messages: Sequence[MessageView]
    timeline: Sequence[TimelineEntry]
    explanation: Mapping[str, Any]
    follow_up: FollowUpView | None
    correspondents: Sequence[str]
    legal: LegalRequest | None
    legal_proposed: Regime | None


@dataclass(frozen=True)
class OfferView:
    """A contact proposed to an agent, until when, and why to them."""

    contact: ContactView
    expires_at: datetime
    why: Mapping[str, Any]


class ContactReader:
    """Reads only, each question over one connection, which is given back before the index is asked.

    Where the index does not answer, the record alone is shown.
    """

    def __init__(
        self,
        record: Record,
        overlay: Overlay,
        plans: Plans,
        clock: Clock,
        beside: BesideReader,
        follow_ups: FollowUpReader,
    ) -> None:
        self._record = record
        self._beside = beside
        self._overlay = overlay
        self._plans = plans
        self._clock = clock
        self._follow_ups = follow_ups

    def full(self, contact_id: str) -> FullContactView:
        """A contact with all that belongs to it. Raises NotFound."""
        with self._record.read() as connection:
            row, companions = contacts.get_with_linked(connection, contact_id)
            facts = self._beside.facts(connection, [row], companions)
            timeline = timeline_of(connection, contact_id)
            messages = said_after(connection, contact_id, 0)
            follow_up = self._follow_ups.of_contact(connection, contact_id)
        in_force = self._plans.current()
        return FullContactView(
            contact=self._overlaid([row], facts)[0],
            messages=messages,
            timeline=timeline,
            explanation=explain(row, timeline, self._overlay, in_force, self._clock()),
            follow_up=follow_up,
            correspondents=correspondents(row, messages, self._plans.own_addresses()),
            legal=request_of(row),
            legal_proposed=proposed_regime(in_force.plan, row.topic),
        )

    def summary(self, contact_id: str) -> ContactView:
        """A contact without what belongs to it. Raises NotFound."""
        with self._record.read() as connection:
            row, companions = contacts.get_with_linked(connection, contact_id)
            facts = self._beside.facts(connection, [row], companions)
        return self._overlaid([row], facts)[0]

    def summaries(self, contact_ids: Collection[str]) -> Mapping[str, ContactView]:
        """These contacts, by id, without what belongs to them; those that there are not are absent."""
        with self._record.read() as connection:
            rows = contacts.matching(connection, select(*COLUMNS).where(Contact.id.in_(contact_ids)))
            facts = self._beside.facts(connection, rows, contacts.linked_to_any(connection, contact_ids))
        return {view.id: view for view in self._overlaid(rows, facts)}

    def in_queue_or_in_hand(self) -> list[ContactView]:
        """All contacts that wait or that an agent has, first in the queue first."""
        query = select(*COLUMNS).where(Contact.state.in_(IN_INDEX)).order_by(Contact.queued_at, Contact.id)
        with self._record.read() as connection:
            rows = contacts.matching(connection, query)
            facts = self._beside.facts(connection, rows, rows)
        return self._overlaid(rows, facts)

    def page(
        self,
        *,
        state: ContactState | None = None,
        topic: str | None = None,
        channel: Channel | None = None,
        outcome: Outcome | None = None,
        agent: str | None = None,
        usager: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[ContactView]:
        """A page of contacts, newest arrival first. Raises UnknownPlace for a cursor that is not one of ours."""
        query = self._in_state(state)
        filters = {Contact.topic: topic, Contact.agent: agent, Contact.usager_id: usager}
        for column, value in filters.items():
            if value is not None:
                query = query.where(column == value)
        if channel is not None:
            query = query.where(Contact.channel == channel.value)
        if outcome is not None:
            query = query.where(Contact.outcome == outcome.value)
        if cursor is not None:
            query = query.where(after(cursor, Contact.arrived_at, Contact.id, newest_first=True))
        query = query.order_by(Contact.arrived_at.desc(), Contact.id).limit(limit + 1)
        with self._record.read() as connection:
            rows = contacts.matching(connection, query)
            companions = contacts.linked_to_any(connection, [row.id for row in rows[:limit]])
            facts = self._beside.facts(connection, rows[:limit], companions)
        views = self._overlaid(rows[:limit], facts)
        more = len(rows) > limit
        return Page(views, cursor_after(rows[limit - 1].arrived_at, rows[limit - 1].id) if more else None)

    def _in_state(self, state: ContactState | None) -> Select[Any]:
        query = select(*COLUMNS)
        if state is None:
            return query
        if state is ContactState.OFFERED:
            return query.where(Contact.state.in_(WAITS), Contact.id.in_(self._overlay.offered()))
        if state is ContactState.WAITING:
            return query.where(Contact.state.in_(WAITS), Contact.id.not_in(self._overlay.offered()))
        return query.where(Contact.state == state.value)

    def held_by(self, login: str) -> list[ContactView]:
        """What the agent has in hand, first accepted first."""
        query = (
            select(*COLUMNS)
            .where(Contact.agent == login, Contact.state.in_(HELD))
            .order_by(Contact.accepted_at, Contact.id)
        )
        with self._record.read() as connection:
            rows = contacts.matching(connection, query)
            facts = self._beside.facts(connection, rows, rows)
        return self._overlaid(rows, facts)

    def offered_to(self, login: str) -> list[OfferView]:
        """What is proposed to the agent at this moment."""
        agent = self._overlay.agents([login]).get(login)
        if agent is None or agent.offer is None:
            return []
        snapshot = self._overlay.contacts([agent.offer]).get(agent.offer)
        if snapshot is None or snapshot.agent != login or snapshot.expires_at is None:
            return []
        with self._record.read() as connection:
            try:
                row, companions = contacts.get_with_linked(connection, agent.offer)
            except NotFound:
                return []
            facts = self._beside.facts(connection, [row], companions)
        why = explain_offer(snapshot, self._plans.current())
        return [OfferView(facts.view(row, snapshot), snapshot.expires_at, why)]

    def messages(self, contact_id: str, after: int, limit: int) -> Sequence[MessageView]:
        """The contact's messages after that position, in order, at most `limit`."""
        with self._record.read() as connection:
            return said_after(connection, contact_id, after, limit)

    def stored_file(self, contact_id: str, attachment_id: str) -> StoredFile:
        """A file that came with one of the contact's messages. Raises NotFound."""
        return stored_file(self._record, contact_id, attachment_id)

    def original(self, contact_id: str, message_id: str) -> OriginalMessage:
        """One of the contact's messages as it came. Raises NotFound, also where it was not kept."""
        return original_of(self._record, contact_id, message_id)

    def timeline(self, contact_id: str) -> list[TimelineEntry]:
        """What happened to the contact, in order."""
        with self._record.read() as connection:
            return timeline_of(connection, contact_id)

    def explanation(self, contact_id: str) -> Mapping[str, Any]:
        """Why the contact is where it is. Raises NotFound."""
        with self._record.read() as connection:
            row = contacts.get(connection, contact_id)
            timeline = timeline_of(connection, contact_id)
        return explain(row, timeline, self._overlay, self._plans.current(), self._clock())

    def _overlaid(self, rows: Sequence[ContactRow], facts: FactsBeside) -> list[ContactView]:
        snapshots = self._overlay.contacts([row.id for row in rows if row.waits])
        return [facts.view(row, snapshots.get(row.id)) for row in rows]
