"""The agent's own desk: what they do, what is proposed to them, what they hold."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, request

from bureau.access.principal import STAFF, Principal
from bureau.api.event_streams import EventStreams
from bureau.http.language import language_of
from bureau.http.operation import Operation
from bureau.live.desk_teller import DeskTeller
from bureau.live.desk_things import DeskThings
from bureau.schemas.answers import Agent, Contact, ContactPage, Me, Offer, Offers
from bureau.schemas.desk import Desk as DeskSnapshot
from bureau.schemas.desk import DeskEvent
from bureau.schemas.requests import ActivityChange, StreamQuery
from routeur.clock import Clock
from routeur.desk.desk import Desk
from routeur.ports.events import EventHub
from routeur.reading.views import Views

TAG = "me"
NOT_ON_STAFF = frozenset({HTTPStatus.NOT_FOUND})
"""The refusal of an account that the plan in force does not name."""


class MeApi:
    """Everything under `/me`."""

    def __init__(
        self,
        desk: Desk,
        views: Views,
        things: DeskThings,
        hub: EventHub,
        streams: EventStreams,
        clock: Clock,
    ) -> None:
        self._desk = desk
        self._views = views
        self._things = things
        self._hub = hub
        self._streams = streams
        self._clock = clock

    def operations(self) -> list[Operation]:
        too_many = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.NOT_FOUND})
        return [
            Operation("GET", "/me", self.get_me, TAG, STAFF, Me),
            Operation("PUT", "/me/activity", self.set_activity, TAG, STAFF, Agent, body=ActivityChange),
            Operation("GET", "/me/offers", self.list_my_offers, TAG, STAFF, Offers),
            Operation("GET", "/me/contacts", self.list_my_contacts, TAG, STAFF, ContactPage),
            Operation("GET", "/me/desk", self.get_my_desk, TAG, STAFF, DeskSnapshot, refusals=NOT_ON_STAFF),
            Operation(
                "GET",
                "/me/events",
                self.stream_my_events,
                TAG,
                STAFF,
                DeskEvent,
                query=StreamQuery,
                media_types=("text/event-stream",),
                refusals=too_many,
            ),
        ]

    def get_me(self, who: Principal) -> Me:
        """Who I am, and what I am doing."""
        agent = Agent.model_validate(self._views.agents.one(who.login))
        return Me(**dict(agent), role=who.role)

    def set_activity(self, who: Principal, body: ActivityChange) -> Agent:
        """Say what I am doing from now on; only `available` receives offers."""
        self._desk.set_activity(who.login, body.activity)
        return Agent.model_validate(self._views.agents.one(who.login))

    def list_my_offers(self, who: Principal) -> Offers:
        """What is proposed to me now, and why."""
        return Offers(items=[Offer.model_validate(offer) for offer in self._views.contacts.offered_to(who.login)])

    def list_my_contacts(self, who: Principal) -> ContactPage:
        """The contacts that I hold."""
        contacts = self._views.contacts.held_by(who.login)
        return ContactPage(items=[Contact.model_validate(contact) for contact in contacts], next=None)

    def get_my_desk(self, who: Principal) -> DeskSnapshot:
        """All that my desk shows at this moment, with its number in the stream of events.

        `GET /me/events?after=<number>` goes on from there: what it tells, applied to this, is the desk at any later
        moment. 404 for an account that the plan in force does not name.
        """
        number = self._hub.newest()
        return self._things.snapshot(who, language_of(request), number)

    def stream_my_events(self, who: Principal, query: StreamQuery) -> Response:
        """What happens on my desk, as it happens (server-sent events); the schema is that of each event's `data`.

        Begins with a `reset`, which has the whole desk. With `after`, or with the `Last-Event-ID` that a browser sends
        when it comes back (it goes before `after`), events bring up to date what the reader has instead, or a `reset`
        if that is from too long ago. Each event has all that there is to know: nothing need be asked besides. An event
        takes the place of what its `kind` says or removes it, so that one that comes twice changes nothing. While the
        stream is open I stay on shift. A browser's `EventSource` sends the session's cookie by itself.
        """
        self._views.agents.one(who.login)
        language = language_of(request)
        return self._streams.respond(
            who,
            query.after,
            lambda hub: hub.subscribe(agent=who.login, staff=True),
            lambda heard: DeskTeller(self._things, who, language, heard, self._clock),
        )
