"""Answering with a stream of server-sent events, of which a person may have a bounded number open."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from http import HTTPStatus

from flask import Response, request

from bureau.access.principal import Principal
from bureau.http.problems import Problem
from bureau.live.streams import Streams, Teller
from canaux.stream_places import NoPlace, StreamPlaces
from canaux.throttle import subscriber
from competences.translation import N_
from routeur.ports.events import EventHub, Subscription

STREAMS_PER_LOGIN = 12
"""Open pages of one person."""

STREAM_AGAIN_SECONDS = 30


class EventStreams:
    """Opens streams for requests."""

    def __init__(self, streams: Streams, places: StreamPlaces) -> None:
        self._streams = streams
        self._places = places

    def respond(
        self,
        who: Principal,
        after: str | None,
        listen: Callable[[EventHub], AbstractContextManager[Subscription]],
        teller: Callable[[Subscription], Teller],
    ) -> Response:
        """The stream, after the request's Last-Event-ID or else after this number. Raises Problem for one too many."""
        last_seen = request.headers.get("Last-Event-ID", after)
        try:
            placed = self._places.keep(
                who.login,
                STREAMS_PER_LOGIN,
                subscriber(request.remote_addr),
                lambda: self._streams.open(who, last_seen, listen, teller),
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
