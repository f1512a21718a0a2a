"""The people inside: agents at their desks, through the JSON API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from tests.e2e.event_stream import EventStream
from tests.e2e.town_hall import TownHall
from tests.e2e.waiting import PATIENCE_SECONDS, eventually

Json = dict[str, Any]


@dataclass
class Agent:
    """Somebody logged in with a bearer token."""

    town: TownHall
    login: str
    token: str

    @classmethod
    def logs_in(cls, town: TownHall, login: str) -> Agent:
        credentials = {"login": login, "password": "demo"}
        answer = requests.post(f"{town.url}/api/v1/tokens", json=credentials, timeout=PATIENCE_SECONDS)
        assert answer.status_code == 201, ("/tokens", answer.status_code, answer.text)
        return cls(town, login, answer.json()["token"])

    def request(
        self, method: str, path: str, body: Json | None = None, query: Mapping[str, str] | None = None
    ) -> requests.Response:
        return requests.request(
            method,
            f"{self.town.url}/api/v1{path}",
            json=body,
            params=query,
            headers=self._headers(),
            timeout=PATIENCE_SECONDS,
        )

    def get(self, path: str, **query: str) -> Json:
        answer = self.request("GET", path, query=query)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return dict(answer.json())

    def does(self, path: str, body: Json | None = None, method: str = "POST") -> Json:
        """An action that must succeed."""
        answer = self.request(method, path, body)
        assert answer.status_code in (200, 201, 204), (path, answer.status_code, answer.text)
        return dict(answer.json()) if answer.content else {}

    def is_now(self, activity: str) -> None:
        self.does("/me/activity", {"activity": activity}, "PUT")

    def stream(self, last_event_id: str | None = None) -> EventStream:
        return EventStream(f"{self.town.url}/api/v1/me/events", self._headers(), last_event_id)

    def offers(self) -> list[Json]:
        return list(self.get("/me/offers")["items"])

    def offered(self) -> Json:
        """Wait for an offer."""
        return eventually(self.offers, f"an offer to {self.login}")[0]

    def accept(self, contact_id: str) -> Json:
        return self.does(f"/contacts/{contact_id}/accept")

    def finish(self, contact_id: str, outcome: str = "answered", note: str | None = None) -> Json:
        return self.does(f"/contacts/{contact_id}/finish", {"outcome": outcome, "note": note})

    def contacts(self, state: str) -> list[Json]:
        return list(self.get("/contacts", state=state, limit="200")["items"])

    def contact(self, contact_id: str) -> Json:
        return self.get(f"/contacts/{contact_id}")

    def story(self, contact_id: str) -> list[str]:
        """The kinds of what happened to a contact, in order."""
        return [entry["kind"] for entry in self.contact(contact_id)["timeline"]]

    def story_so_far(self, contact_id: str, *kinds: str) -> list[str]:
        """Wait until all of these have happened (decisions of the index reach the journal a little later)."""
        return eventually(
            lambda: story if set(kinds) <= set(story := self.story(contact_id)) else [],
            f"{kinds} in the timeline, which is {self.story(contact_id)}",
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


Arrive = Callable[..., Agent]
"""The type of the fixture `arrive`, which logs an agent in and sets their activity."""
