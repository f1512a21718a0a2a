"""Reads what an agent's desk shows, thing by thing, and puts it together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from pydantic import BaseModel

from bureau.access.principal import Principal
from bureau.live.shown import Key, Things
from bureau.live.town import town
from bureau.schemas.answers import Agent, Contact, FollowUp, Me, Message, Offer
from bureau.schemas.desk import (
    MESSAGES_SHOWN,
    Colleague,
    Desk,
    DeskContact,
    HeldContact,
    LastMessage,
    OwnedFollowUp,
    Town,
)
from competences.channels import Channel
from routeur.clock import Clock
from routeur.contact.messages import MessageView
from routeur.plans import PlanInForce
from routeur.reading.contact_views import ContactView
from routeur.reading.desk import InHand, OwnDesk, OwnedFollowUpView
from routeur.reading.views import Views

ME: Key = ("me",)
TOWN: Key = ("town",)
OFFER, CONTACT, MESSAGE, FOLLOW_UP, COLLEAGUE = "offer", "contact", "message", "follow_up", "colleague"
OWN = frozenset({"me", OFFER, CONTACT, FOLLOW_UP})
"""The kinds of things that are an agent's own."""


class DeskThings:
    """Reads the things that desks show. A key names each of them: its kind, then its contact, position or login."""

    def __init__(self, views: Views, plans: Callable[[], PlanInForce], clock: Clock) -> None:
        self._views = views
        self._plans = plans
        self._clock = clock

    def snapshot(self, who: Principal, language: str, number: str) -> Desk:
        """The whole desk. `number` is a place in the stream that is not after this reading. Raises NotFound."""
        return put_together(number, self.everything(who, language))

    def everything(self, who: Principal, language: str) -> Things:
        """All things on the desk. Raises NotFound for somebody who is not in the plan."""
        own = self.own(who)
        held = [key[1] for key in own if key[0] == CONTACT]
        return {**own, **self.messages(held), **self.colleagues(who), **self.town(language)}

    def own(self, who: Principal, owed_among: Collection[str] | None = None) -> Things:
        """What is the agent's own: what they do, are offered, hold and owe. Raises NotFound.

        With `owed_among`, of what they owe only the follow-ups of these contacts.
        """
        own = self._views.desks.own(who.login, owed_among)
        things: dict[Key, BaseModel] = {ME: _me(own, who)}
        things |= {(OFFER, offer.contact.id): Offer.model_validate(offer) for offer in own.offers}
        return things | _in_hand(own)

    def in_hand(self, who: Principal, contact_ids: Collection[str]) -> Things:
        """Those of these contacts that the agent holds or owes."""
        return _in_hand(self._views.desks.in_hand(who.login, contact_ids))

    def messages(self, contact_ids: Collection[str]) -> Things:
        """The newest messages of these contacts."""
        return {
            (MESSAGE, contact_id, str(message.position)): Message.model_validate(message)
            for contact_id, messages in self._views.desks.newest_messages(contact_ids, MESSAGES_SHOWN).items()
            for message in messages
        }

    def colleagues(self, who: Principal) -> Things:
        """Everybody else on the staff."""
        return {
            (COLLEAGUE, agent.login): Colleague.model_validate(agent)
            for agent in self._views.agents.all()
            if agent.login != who.login
        }

    def colleagues_named(self, logins: Collection[str]) -> Things:
        """Those of these colleagues who are on the staff."""
        return {(COLLEAGUE, agent.login): Colleague.model_validate(agent) for agent in self._views.agents.some(logins)}

    def town(self, language: str) -> Mapping[Key, Town]:
        """What the plan in force says."""
        return {TOWN: town(self._plans(), self._clock(), language)}


def put_together(number: str, things: Things) -> Desk:
    """The snapshot of these things."""
    messages: dict[str, list[BaseModel]] = {}
    for key, thing in things.items():
        if key[0] == MESSAGE:
            messages.setdefault(key[1], []).append(thing)
    contacts = [
        DeskContact.model_validate({**dict(thing), "messages": messages.get(key[1], [])})
        for key, thing in things.items()
        if key[0] == CONTACT
    ]
    return Desk.model_validate(
        {
            "number": number,
            "me": things[ME],
            "offers": _of_kind(things, OFFER),
            "contacts": contacts,
            "follow_ups": _of_kind(things, FOLLOW_UP),
            "colleagues": _of_kind(things, COLLEAGUE),
            "town": things[TOWN],
        }
    )


def _of_kind(things: Things, kind: str) -> Sequence[BaseModel]:
    return [thing for key, thing in things.items() if key[0] == kind]


def _me(own: OwnDesk, who: Principal) -> Me:
    return Me(**dict(Agent.model_validate(own.me)), role=who.role)


def _in_hand(own: InHand) -> dict[Key, BaseModel]:
    things: dict[Key, BaseModel] = {(CONTACT, one.id): _held(one, own) for one in own.contacts}
    things |= {(FOLLOW_UP, one.contact.id): _owed(one, own.drafts.get(one.contact.id)) for one in own.follow_ups}
    return things


def _held(contact: ContactView, own: InHand) -> HeldContact:
    signals = own.signals[contact.id]
    beside = {
        "draft": own.drafts.get(contact.id),
        "usager_present": signals.usager_present if contact.channel == Channel.CHAT else None,
        "read_by_usager": signals.read_by_usager,
    }
    return HeldContact.model_validate({**dict(Contact.model_validate(contact)), **beside})


def _owed(owed: OwnedFollowUpView, draft: str | None) -> OwnedFollowUp:
    contact = Contact.model_validate(owed.contact)
    beside = {
        "channel": contact.channel,
        "subject": contact.subject,
        "usager": contact.usager,
        "draft": draft,
        "last_message": _last_message(owed.last_message),
    }
    return OwnedFollowUp.model_validate({**dict(FollowUp.model_validate(owed.follow_up)), **beside})


def _last_message(message: MessageView | None) -> LastMessage | None:
    return LastMessage.model_validate(message) if message is not None else None
