"""The API in process over the small town hall, and its clients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Thread
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse, encode_multipart

from bureau.access.accounts import sync_accounts
from bureau.access.hashing import Hashing
from bureau.http.blueprint import ApiSettings, Collaborators, api_blueprint
from bureau.http.headers import secure_headers
from canaux.development import ConsoleMedia
from canaux.event_webhooks.parts import EventWebhooks, build_event_webhooks
from canaux.provider_interfaces import Media
from canaux.stream_places import StreamPlaces
from competences.sheets.catalogue import Catalogue
from competences.sheets.library import shipped_folder
from routeur.ports.events import EventHub
from tests.clock import ManualClock
from tests.routeur.hall import Hall

OUR_NUMBER = "+33199003500"
SERVICE_TOKEN = "service-token-of-another-system"
HEARTBEAT_SECONDS = 0.2

QUICK_HASHING = Hashing(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""Real hashing at a small cost."""


def json_of(answer: TestResponse) -> Any:
    """The JSON of an answer."""
    return answer.get_json()


class Desktop:
    """Somebody who is logged in: a client that shows their token, or their cookie, with every request."""

    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers

    def get(self, path: str, **query: str | int | list[int]) -> TestResponse:
        return self._client.get(f"/api/v1{path}", query_string=query, headers=self._headers)

    def post(self, path: str, body: object = None) -> TestResponse:
        return self._client.post(f"/api/v1{path}", json=body, headers=self._headers)

    def post_form(self, path: str, fields: Mapping[str, object]) -> TestResponse:
        """A form; files among its fields are `FileStorage`s."""
        boundary, form = encode_multipart(fields)
        kind = f"multipart/form-data; boundary={boundary}"
        return self._client.post(f"/api/v1{path}", data=form, headers=self._headers, content_type=kind)

    def forget_headers(self) -> None:
        """Show only the cookie from now on."""
        self._headers = {}

    def put(self, path: str, body: object) -> TestResponse:
        return self._client.put(f"/api/v1{path}", json=body, headers=self._headers)

    def delete(self, path: str) -> TestResponse:
        return self._client.delete(f"/api/v1{path}", headers=self._headers)

    def events(self, last_event_id: str | None = None, **query: str) -> TestResponse:
        headers = self._headers | ({"Last-Event-ID": last_event_id} if last_event_id is not None else {})
        return self._client.get("/api/v1/me/events", headers=headers, query_string=query)


class Office:
    """A town hall with its API."""

    def __init__(self, hall: Hall, hub: EventHub, app: Flask, event_webhooks: EventWebhooks) -> None:
        self.hall = hall
        self.event_webhooks = event_webhooks
        self.hub = hub
        self.app = app

    def anonymous(self) -> FlaskClient:
        return self.app.test_client()

    def token(self, login: str, password: str = "demo") -> str:
        answer = self.anonymous().post("/api/v1/tokens", json={"login": login, "password": password})
        assert answer.status_code == 201, answer.text
        return str(json_of(answer)["token"])

    def desktop(self, login: str) -> Desktop:
        """Somebody logged in with a bearer token."""
        return self.bearer(self.token(login))

    def bearer(self, token: str) -> Desktop:
        return Desktop(self.anonymous(), {"Authorization": f"Bearer {token}"})

    def browser(self, login: str) -> Desktop:
        """Somebody logged in with a browser."""
        client = self.anonymous()
        answer = client.post("/api/v1/session", json={"login": login, "password": "demo"})
        assert answer.status_code == 201, answer.text
        return Desktop(client, {"X-CSRF-Token": json_of(answer)["csrf"]})

    def other_system(self) -> Desktop:
        return self.bearer(SERVICE_TOKEN)

    def walk_in(self, topic: str = "carte-identite", **details: Any) -> str:
        answer = self.other_system().post("/contacts", {"channel": "walkin", "topic": topic, **details})
        assert answer.status_code == 201, answer.text
        return str(json_of(answer)["id"])


@contextmanager
def open_office(
    record_url: str,
    redis: Redis,
    redis_url: str,
    clock: ManualClock,
    *,
    demo: bool = True,
    https: bool = False,
    throttle_url: str = "memory://",
    media: Media | None = None,
    hashing: Hashing = QUICK_HASHING,
    heartbeat_seconds: float = HEARTBEAT_SECONDS,
) -> Iterator[Office]:
    """A town hall with its accounts, and nobody at their desk yet."""
    hall = Hall(record_url, redis, clock)
    sync_accounts(hall.record, hall.plans.current().plan)
    with Redis.from_url(redis_url, decode_responses=True, socket_timeout=15) as reader:
        hub = EventHub(reader, hall.index.events)
        app = Flask("office")
        secure_headers(app, https=https)
        parts = Collaborators(
            record=hall.record,
            clock=clock,
            plans=lambda: hall.plans.current().plan,
            in_force=hall.plans.current,
            sheets=Catalogue(shipped_folder(), lambda: hall.plans.current().plan),
            reception=hall.reception,
            desk=hall.desk,
            views=hall.views,
            follow_ups=hall.follow_ups,
            recall=hall.recall,
            requests=hall.requests,
            corrections=hall.corrections,
            closures=hall.closures,
            hub=hub,
            places=StreamPlaces(redis),
            own_number=OUR_NUMBER,
            media=media or ConsoleMedia(),
            event_webhooks=build_event_webhooks(
                hall.record, clock, secret="a key for tests only", trusted_hosts=["127.0.0.1"], user_agent="test"
            ),
        )
        settings = ApiSettings(
            secret_key="a key for tests only",
            https=https,
            demo=demo,
            version="0",
            service_token=SERVICE_TOKEN,
            throttle_url=throttle_url,
            heartbeat_seconds=heartbeat_seconds,
        )
        app.register_blueprint(api_blueprint(settings, parts, hashing))
        yield Office(hall, hub, app, parts.event_webhooks)
        _close(hub, hall)
    hall.close()


def _close(hub: EventHub, hall: Hall) -> None:
    """Close the hub. It waits for its reader, which waits for an event: so one is announced."""
    closing = Thread(target=hub.close)
    closing.start()
    hall.foundation.announcer.tell("closing", hall.clock())
    closing.join()
