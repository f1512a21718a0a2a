"""The agent's own desk: what they do, what is proposed to them, what they hold."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, request

from bureau.access.principal import STAFF, Principal
from bureau.http.operation import Operation
from bureau.http.problems import Problem
from bureau.http.stream import AgentStream
from bureau.schemas.answers import Agent, Contact, ContactPage, Me, Offer, Offers
from bureau.schemas.requests import ActivityChange
from canaux.stream_places import NoPlace, StreamPlaces
from canaux.throttle import subscriber
from competences.translation import N_
from routeur.desk.desk import Desk
from routeur.reading.views import Views

TAG = "me"
STREAMS_PER_LOGIN = 12
"""Open pages of one person."""

STREAM_AGAIN_SECONDS = 30


class MeApi:
    """Everything under `/me`."""

    def __init__(self, desk: Desk, views: Views, stream: AgentStream, places: StreamPlaces) -> None:
        self._desk = desk
        self._views = views
        self._stream = stream
        self._places = places

    def operations(self) -> list[Operation]:
        stream = ("text/event-stream",)
        too_many = frozenset({HTTPStatus.TOO_MANY_REQUESTS})
        return [
            Operation("GET", "/me", self.get_me, TAG, STAFF, Me),
            Operation("PUT", "/me/activity", self.set_activity, TAG, STAFF, Agent, body=ActivityChange),
            Operation("GET", "/me/offers", self.list_my_offers, TAG, STAFF, Offers),
            Operation("GET", "/me/contacts", self.list_my_contacts, TAG, STAFF, ContactPage),
            Operation("GET", "/me/events", self.stream_my_events, TAG, STAFF, media_types=stream, refusals=too_many),
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

    def stream_my_events(self, who: Principal) -> Response:
        """What happens to me, as it happens (server-sent events).

        Begins with a `snapshot` of my activity, offers and contacts. With `Last-Event-ID`, the missed events come
        instead, or a `reset` (the same as a snapshot) if that is too long ago. While it is open I stay on shift.
        """
        last_seen = request.headers.get("Last-Event-ID")
        try:
            placed = self._places.keep(
                who.login,
                STREAMS_PER_LOGIN,
                subscriber(request.remote_addr),
                lambda: self._stream.open(who, last_seen),
            )
        except NoPlace:
            raise Problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                N_("Please try again in {seconds} seconds."),
                facts={"seconds": STREAM_AGAIN_SECONDS},
                headers={"Retry-After": str(STREAM_AGAIN_SECONDS)},
            ) from None
        response = Response(placed, direct_passthrough=True)
        response.headers["Content-Type"] = "text/event-stream"
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Accel-Buffering"] = "no"
        return response
