"""The stage: what all actors of the play share, and the API as one of them uses it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from application.play.http_client import Answer, HttpClient
from application.play.morning.events import Arrival
from application.play.pace import Pace, Stopped
from application.play.tally import Tally
from competences.plan.plan import Plan
from routeur.clock import Clock


@dataclass(frozen=True)
class Stage:
    """What all actors share. `run` makes this play's ids differ from another one's: providers never use an id twice."""

    http: HttpClient
    pace: Pace
    tally: Tally
    plan: Plan
    server_time: Clock
    run: str = field(default_factory=lambda: uuid4().hex[:8])
    topics: Topics = field(default_factory=lambda: Topics())

    def provider_id(self, prefix: str) -> str:
        """An id as Twilio makes them: two letters and 32 digits."""
        return f"{prefix}{self.run}{uuid4().hex[:24]}"

    def start(self, name: str, act: Callable[[], None]) -> threading.Thread:
        """Let an actor act in a thread of their own. Their failure becomes an error of the report."""

        def run() -> None:
            try:
                act()
            except Stopped:
                return
            except Exception as error:
                self.tally.error(f"{name}: {type(error).__name__}: {error}")

        thread = threading.Thread(target=run, name=name, daemon=True)
        thread.start()
        return thread

    @property
    def phone(self) -> str:
        """The number of the town hall."""
        return self.plan.commune.phone


class Topics:
    """The true topic of each person's question, which an agent finds out while serving them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, str] = {}

    def learn(self, arrival: Arrival) -> None:
        """Note what an arrival is about."""
        with self._lock:
            self._known[arrival.person.phone] = self._known[arrival.person.email] = arrival.topic

    def of(self, usager: dict[str, Any]) -> str | None:
        """The topic of an usager as the API shows them."""
        with self._lock:
            return self._known.get(usager["phone"] or "") or self._known.get(usager["email"] or "")


class ApiSession:
    """The API as used by somebody who is logged in."""

    def __init__(self, http: HttpClient, login: str, token: str) -> None:
        self._http = http
        self.login = login
        self.token = token

    @classmethod
    def log_in(cls, http: HttpClient, login: str, password: str) -> ApiSession:
        """Log in with a program."""
        answer = http.send("POST", "/api/v1/tokens", {"login": login, "password": password})
        return cls(http, login, answer.json()["token"])

    def get(self, path: str) -> Any:
        return self._send("GET", path).json()

    def post(self, path: str, body: object = None, *, allowed: tuple[int, ...] = ()) -> Answer:
        return self._send("POST", path, body, allowed=allowed)

    def put(self, path: str, body: object) -> Any:
        return self._send("PUT", path, body).json()

    def log_out(self) -> None:
        self._send("DELETE", "/tokens/current")

    def _send(self, method: str, path: str, body: object = None, *, allowed: tuple[int, ...] = ()) -> Answer:
        return self._http.send(
            method, f"/api/v1{path}", body, {"Authorization": f"Bearer {self.token}"}, allowed=allowed
        )
