"""Carries out a morning: people arrive at their time, and the agents stay until the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from application.play.agents_at_work import AgentAtWork
from application.play.chat_visitors import visit
from application.play.emails import send_email
from application.play.morning.events import Arrival, Call, Email, Text, Visit, WalkIn
from application.play.morning.scenario import Scenario
from application.play.phone_calls import LiveCalls
from application.play.service import Service
from application.play.stage import ApiSession, Stage
from application.play.text_messages import send_text
from application.play.walk_ins import welcome_at_counter
from application.play.watch import Figures
from canaux.twilio.urls import VoiceUrls

SETTLE_SECONDS = 45.0
"""The longest time that the agents go on after the last arrival, while somebody still waits."""

LOOK_SECONDS = 0.2
READY_SECONDS = 20.0
LEAVE_SECONDS = 30.0
OPEN = ("waiting", "offered", "active", "wrap_up")


class Director:
    """Directs a scenario on a stage. `figures` gives the town hall's figures of the moment."""

    def __init__(
        self,
        stage: Stage,
        scenario: Scenario,
        *,
        door: ApiSession,
        password: str,
        public_url: str,
        figures: Callable[[], Figures],
    ) -> None:
        self._stage = stage
        self._scenario = scenario
        self._door = door
        self._figures = figures
        self._calls = LiveCalls()
        service = Service(stage, self._calls, VoiceUrls(public_url))
        self.agents = [AgentAtWork(stage, shift, password, service.serve) for shift in scenario.shifts]
        self._guests: list[threading.Thread] = []
        self.arrived = 0

    def play(self, seconds: float) -> None:
        """Play the first `seconds` of the morning, then serve those who are still there. Raises Stopped."""
        at_work = [self._stage.start(agent.login, agent.play) for agent in self.agents]
        for agent in self.agents:
            agent.ready.wait(READY_SECONDS)
        self._stage.pace.start()
        for arrival in self._scenario.arrivals:
            if arrival.at > seconds:
                break
            self._stage.pace.until(arrival.at)
            self._stage.topics.learn(arrival)
            self._guests.append(self._stage.start(type(arrival).__name__, partial(self._receive, arrival)))
            self.arrived += 1
        self._stage.pace.until(seconds)
        self._settle()
        self._close([*at_work, *self._guests])

    def _close(self, threads: list[threading.Thread]) -> None:
        for agent in self.agents:
            agent.close()
        deadline = time.monotonic() + LEAVE_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                self._stage.tally.error(f"{thread.name} did not come to an end")

    def _settle(self) -> None:
        """Wait until everybody is served, but no longer than SETTLE_SECONDS."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            self._stage.pace.pause_real(LOOK_SECONDS)
            waiting = sum(self._figures().open.get(state, 0) for state in OPEN)
            if not waiting and not any(thread.is_alive() for thread in self._guests):
                return

    def _receive(self, arrival: Arrival) -> None:
        match arrival:
            case Call():
                self._calls.play(self._stage, arrival)
            case Email():
                send_email(self._stage, arrival)
            case Text():
                send_text(self._stage, arrival)
            case Visit():
                visit(self._stage, arrival)
            case WalkIn():
                welcome_at_counter(self._stage, self._door, arrival)
