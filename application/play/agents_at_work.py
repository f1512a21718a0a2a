"""An agent of the demonstration at work: shifts, lunch, offers."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from application.operator_words import _
from application.play.http_client import ServerEvent, Stream
from application.play.morning.shifts import Decision, Reaction, Shift
from application.play.offer_reasons import offer_in_words
from application.play.stage import ApiSession, Stage
from application.play.tally import Count

POLL_SECONDS = 0.4
LOOK_SECONDS = 0.1
COMES_BACK_SECONDS = 60.0
EXPIRY_MARGIN_SECONDS = 1.0


class AgentAtWork:
    """Plays one shift. `serve` takes over each accepted contact, and returns when the agent is done with it."""

    def __init__(
        self, stage: Stage, shift: Shift, password: str, serve: Callable[[ApiSession, dict[str, Any], Decision], None]
    ) -> None:
        self._stage = stage
        self._shift = shift
        self._password = password
        self._serve = serve
        self._events: queue.SimpleQueue[ServerEvent] = queue.SimpleQueue()
        self._seen: set[tuple[str, str]] = set()
        self._served: list[threading.Thread] = []
        self._closing = threading.Event()
        self._idle_since = time.monotonic()
        self._number = 0
        self._lunch_taken = False
        self.activity = "offline"
        self.ready = threading.Event()
        """Set once the agent is at work, or waits for their shift to begin."""

    @property
    def login(self) -> str:
        return self._shift.login

    def close(self) -> None:
        """Let the agent finish the contacts in hand, then leave."""
        self._closing.set()

    def play(self) -> None:
        """Play the shift, from logging in before the town hall opens to logging out."""
        session = ApiSession.log_in(self._stage.http, self.login, self._password)
        if self._shift.starts:
            self.ready.set()
            self._stage.pace.until(self._shift.starts)
        if self._shift.polls:
            self._work(session, None)
        else:
            with self._stage.http.stream("/api/v1/me/events", session.token) as stream:
                listener = self._stage.start(f"{self.login}/events", partial(self._listen, stream))
                try:
                    self._work(session, stream)
                finally:
                    stream.end()
                    listener.join()
        session.log_out()
        self.activity = "offline"

    def _listen(self, stream: Stream) -> None:
        for event in stream:
            if event.kind == "offer_ended" and event.data["because"] == "expired":
                self._stage.tally.count(Count.OFFERS_EXPIRED)
            self._events.put(event)

    def _work(self, session: ApiSession, stream: Stream | None) -> None:
        self._be(session, "available")
        self.ready.set()
        while not self._closing.is_set():
            if not self._lunch_taken and self._stage.pace.now >= self._shift.lunch.starts:
                self._have_lunch(session)
            if stream is None:
                self._stage.pace.pause_real(POLL_SECONDS)
                self._look_at(session, session.get("/me/offers")["items"])
            else:
                self._react(session)
        self._be(session, "busy")
        for thread in self._served:
            thread.join()

    def _react(self, session: ApiSession) -> None:
        try:
            event = self._events.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            return
        if event.kind == "offered":
            self._look_at(session, [event.data["offer"]])
        elif event.kind == "reset":
            self._look_at(session, event.data["desk"]["offers"])
        elif event.kind == "me" and event.data["me"]["activity"] in ("away", "offline"):
            self._stage.pace.pause(COMES_BACK_SECONDS)
            self._be(session, "available")

    def _have_lunch(self, session: ApiSession) -> None:
        self._lunch_taken = True
        self._be(session, "break")
        while self._stage.pace.now < self._shift.lunch.ends and not self._closing.is_set():
            self._stage.pace.pause_real(LOOK_SECONDS)
        if not self._closing.is_set():
            self._be(session, "available")

    def _be(self, session: ApiSession, activity: str) -> None:
        session.put("/me/activity", {"activity": activity})
        self.activity = activity
        self._idle_since = time.monotonic()

    def _look_at(self, session: ApiSession, offers: list[dict[str, Any]]) -> None:
        for offer in offers:
            key = (offer["contact"]["id"], offer["expires_at"])
            if key not in self._seen:
                self._seen.add(key)
                self._decide(session, offer)

    def _decide(self, session: ApiSession, offer: dict[str, Any]) -> None:
        decision = self._shift.decision(self._number)
        self._number += 1
        self._stage.tally.tell(offer_in_words(offer, self.login, time.monotonic() - self._idle_since))
        contact_id = offer["contact"]["id"]
        match decision.reaction:
            case Reaction.ACCEPT:
                self._stage.pace.pause(decision.after)
                answer = session.post(f"/contacts/{contact_id}/accept", allowed=(409,))
                if answer.status == 409:
                    self._stage.tally.count(Count.OFFERS_TOO_LATE)
                    return
                self._stage.tally.count(Count.OFFERS_ACCEPTED)
                self._take(session, answer.json(), decision)
            case Reaction.DECLINE:
                self._stage.pace.pause(decision.after)
                answer = session.post(f"/contacts/{contact_id}/decline", allowed=(409,))
                self._stage.tally.count(Count.OFFERS_TOO_LATE if answer.status == 409 else Count.OFFERS_DECLINED)
            case Reaction.LET_EXPIRE:
                self._look_elsewhere()

    def _look_elsewhere(self) -> None:
        self._stage.tally.tell(_("{login} does not look at their screen").format(login=self.login))
        over = time.monotonic() + self._stage.plan.offer_seconds + EXPIRY_MARGIN_SECONDS
        while time.monotonic() < over and not self._closing.is_set():
            self._stage.pace.pause_real(LOOK_SECONDS)

    def _take(self, session: ApiSession, contact: dict[str, Any], decision: Decision) -> None:
        def serve() -> None:
            try:
                self._serve(session, contact, decision)
            finally:
                self._idle_since = time.monotonic()

        self._served.append(self._stage.start(f"{self.login}/{contact['reference']}", serve))
