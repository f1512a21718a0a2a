"""What an agent's desk shows of their own: who they are, what is offered to them, what they hold and owe."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from routeur.clock import Clock
from routeur.contact.drafts import drafts_of
from routeur.contact.messages import MessageView, newest_messages, newest_of_each
from routeur.ports.signals import ContactSignals, Signals
from routeur.reading.agents import AgentReader, AgentView
from routeur.reading.contact_views import ContactView
from routeur.reading.contacts import ContactReader, OfferView
from routeur.reading.follow_ups import FollowUpReader, FollowUpView
from routeur.record.engine import Record


@dataclass(frozen=True)
class OwnedFollowUpView:
    """A follow-up that an agent has taken, its contact, and what was said in it last."""

    follow_up: FollowUpView
    contact: ContactView
    last_message: MessageView | None


@dataclass(frozen=True, kw_only=True)
class InHand:
    """What an agent holds and owes; `drafts` and `signals` by contact."""

    contacts: Sequence[ContactView]
    follow_ups: Sequence[OwnedFollowUpView]
    drafts: Mapping[str, str]
    signals: Mapping[str, ContactSignals]


@dataclass(frozen=True, kw_only=True)
class OwnDesk(InHand):
    """What is an agent's own at one moment."""

    me: AgentView
    offers: Sequence[OfferView]


class DeskReader:
    """Reads desks."""

    def __init__(
        self,
        record: Record,
        agents: AgentReader,
        contacts: ContactReader,
        follow_ups: FollowUpReader,
        signals: Signals,
        clock: Clock,
    ) -> None:
        self._record = record
        self._agents = agents
        self._contacts = contacts
        self._follow_ups = follow_ups
        self._signals = signals
        self._clock = clock

    def own(self, login: str, owed_among: Collection[str] | None = None) -> OwnDesk:
        """What is this agent's own; with `owed_among`, of their follow-ups only those of these contacts.

        Raises NotFound for somebody who is not in the plan.
        """
        in_hand = self._in_hand(login, self._contacts.held_by(login), owed_among)
        return OwnDesk(me=self._agents.one(login), offers=self._contacts.offered_to(login), **vars(in_hand))

    def in_hand(self, login: str, contact_ids: Collection[str]) -> InHand:
        """Those of these contacts that this agent holds or owes."""
        held = [contact for contact in self._contacts.held_by(login) if contact.id in contact_ids]
        return self._in_hand(login, held, contact_ids)

    def _in_hand(self, login: str, held: Sequence[ContactView], owed_among: Collection[str] | None) -> InHand:
        owed = self._owned(login, owed_among)
        written_in = [*(contact.id for contact in held), *(one.contact.id for one in owed)]
        return InHand(
            contacts=held,
            follow_ups=owed,
            drafts=self._drafts(login, written_in),
            signals=self._signals.of([contact.id for contact in held], self._clock()),
        )

    def newest_messages(self, contact_ids: Collection[str], most: int) -> Mapping[str, Sequence[MessageView]]:
        """The newest messages of each of these contacts, in order."""
        if not contact_ids:
            return {}
        with self._record.read() as connection:
            return {contact_id: newest_messages(connection, contact_id, most) for contact_id in contact_ids}

    def _drafts(self, login: str, contact_ids: Collection[str]) -> Mapping[str, str]:
        if not contact_ids:
            return {}
        with self._record.read() as connection:
            return drafts_of(connection, login, contact_ids)

    def _owned(self, login: str, among: Collection[str] | None) -> Sequence[OwnedFollowUpView]:
        owned = self._follow_ups.owned_by(login, among)
        if not owned:
            return ()
        ids = [follow_up.contact for follow_up in owned]
        views = self._contacts.summaries(ids)
        with self._record.read() as connection:
            last = newest_of_each(connection, ids)
        return [OwnedFollowUpView(one, views[one.contact], last.get(one.contact)) for one in owned]
