"""The supervisors' overview: the queue and the staff at one moment, and as they change."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response

from bureau.access.principal import OVERSIGHT, Principal
from bureau.api.event_streams import EventStreams
from bureau.http.operation import Operation
from bureau.live.overview_teller import OverviewTeller, OverviewThings
from bureau.schemas.overview import Overview, OverviewEvent
from bureau.schemas.requests import OverviewStreamQuery
from routeur.clock import Clock
from routeur.ports.events import EventHub

TAG = "oversight"


class OverviewApi:
    """`/overview` and `/events`."""

    def __init__(self, things: OverviewThings, hub: EventHub, streams: EventStreams, clock: Clock) -> None:
        self._things = things
        self._hub = hub
        self._streams = streams
        self._clock = clock

    def operations(self) -> list[Operation]:
        return [
            Operation("GET", "/overview", self.get_overview, TAG, OVERSIGHT, Overview),
            Operation(
                "GET",
                "/events",
                self.stream_events,
                TAG,
                OVERSIGHT,
                OverviewEvent,
                query=OverviewStreamQuery,
                media_types=("text/event-stream",),
                refusals=frozenset({HTTPStatus.TOO_MANY_REQUESTS}),
            ),
        ]

    def get_overview(self, who: Principal) -> Overview:
        """Every contact that waits or is with an agent, and what everybody on the staff does, without what is said.

        `GET /events?after=<number>` goes on from there.
        """
        number = self._hub.newest()
        return self._things.snapshot(number)

    def stream_events(self, who: Principal, query: OverviewStreamQuery) -> Response:
        """What happens to all contacts and to the staff, as it happens (server-sent events).

        It begins, resumes and is read as `GET /me/events` is.
        """
        return self._streams.respond(
            who,
            query.after,
            lambda hub: hub.subscribe(everything=True),
            lambda heard: OverviewTeller(self._things, heard, self._clock),
        )
