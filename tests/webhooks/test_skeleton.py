"""Every webhook does the same things in the same order."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask, Response, abort

from canaux.malformed import MalformedMessage
from tests.webhooks.mounted_street import Street
from webhooks.skeleton import Arriving, Incoming, Route, Webhook, no_content, webhooks_blueprint

ROUTES = [
    ("POST", "/webhooks/voice"),
    ("POST", "/webhooks/voice/menu"),
    ("POST", "/webhooks/voice/wait"),
    ("POST", "/webhooks/voice/after"),
    ("POST", "/webhooks/voice/recording"),
    ("POST", "/webhooks/voice/recording/status"),
    ("POST", "/webhooks/voice/status"),
    ("POST", "/webhooks/voice/conference/x"),
    ("POST", "/webhooks/voice/agent/x"),
    ("POST", "/webhooks/voice/agent/x/status"),
    ("POST", "/webhooks/messaging"),
    ("POST", "/webhooks/messaging/status"),
    ("POST", "/webhooks/email/mime"),
    ("POST", "/webhooks/email/sendgrid"),
    ("POST", "/webhooks/chat/conversations"),
    ("POST", "/webhooks/chat/conversations/x/messages"),
    ("GET", "/webhooks/chat/conversations/x/events"),
    ("POST", "/webhooks/chat/conversations/x/stream-tickets"),
    ("POST", "/webhooks/chat/conversations/x/typing"),
    ("POST", "/webhooks/chat/conversations/x/read"),
    ("POST", "/webhooks/chat/conversations/x/settled"),
    ("POST", "/webhooks/chat/conversations/x/verification"),
    ("POST", "/webhooks/chat/conversations/x/verification/confirm"),
    ("DELETE", "/webhooks/chat/conversations/x"),
]
OPEN_TO_ALL = ("POST", "/webhooks/chat/conversations")


def test_the_list_of_routes_is_whole(street: Street) -> None:
    rules = [rule for rule in street.app.url_map.iter_rules() if rule.rule.startswith("/webhooks")]
    mounted = {
        (method, rule.rule.replace("<contact_id>", "x"))
        for rule in rules
        for method in rule.methods or ()
        if method not in ("OPTIONS", "HEAD")
    }
    assert mounted == set(ROUTES)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_what_is_too_large_is_not_even_authenticated(street: Street, method: str, path: str) -> None:
    limit_bytes = 35 * 1024 * 1024 if "email" in path else 64 * 1024
    assert street.client.open(path, method=method, data=b"x" * (limit_bytes + 1)).status_code == 413


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route != OPEN_TO_ALL])
def test_nothing_is_read_of_what_is_not_authenticated(street: Street, method: str, path: str) -> None:
    expected = 401 if "chat" in path else 403
    assert street.client.open(path, method=method, data=b"not readable").status_code == expected
    assert street.contacts() == []


class Recorded(Webhook[str]):
    """Writes down what it does, as its request wishes it to go."""

    largest_body_bytes = 10

    def __init__(self) -> None:
        self.done: list[str] = []

    def admit(self, arriving: Arriving) -> None:
        self.done.append("admit")
        if arriving.request.headers.get("From") == "nobody":
            abort(401)

    def authenticate(self, incoming: Incoming) -> None:
        self.done.append("authenticate")
        if incoming.body == b"stranger":
            abort(403)

    def read(self, incoming: Incoming) -> str:
        self.done.append("read")
        if incoming.body == b"broken":
            raise MalformedMessage("broken indeed")
        return incoming.path["name"]

    def receive(self, facts: str) -> Response:
        self.done.append(f"receive {facts}")
        return no_content()


@pytest.fixture
def webhook() -> Recorded:
    return Recorded()


@pytest.mark.parametrize(
    ("body", "status", "done"),
    [
        (b"x" * 11, 413, []),
        (b"stranger", 403, ["admit", "authenticate"]),
        (b"broken", 400, ["admit", "authenticate", "read"]),
        (b"good", 204, ["admit", "authenticate", "read", "receive léa"]),
    ],
)
def test_each_step_waits_for_the_one_before(webhook: Recorded, body: bytes, status: int, done: list[str]) -> None:
    app = Flask("skeleton")
    app.register_blueprint(webhooks_blueprint([Route("POST", "/<name>", webhook)]))
    assert app.test_client().post("/léa", data=body).status_code == status
    assert webhook.done == done


class NeverComes(BytesIO):
    """A body that nobody may wait for."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise AssertionError(f"{size} bytes are waited for")


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route != OPEN_TO_ALL])
def test_whoever_shows_nothing_is_refused_before_their_body_comes(street: Street, method: str, path: str) -> None:
    expected = 401 if "chat" in path else 403
    refused = street.client.open(path, method=method, input_stream=NeverComes(), headers={"Content-Length": "60000"})
    assert refused.status_code == expected


def test_whoever_is_not_admitted_goes_no_further(webhook: Recorded) -> None:
    app = Flask("skeleton")
    app.register_blueprint(webhooks_blueprint([Route("POST", "/<name>", webhook)]))
    assert app.test_client().post("/léa", data=b"good", headers={"From": "nobody"}).status_code == 401
    assert webhook.done == ["admit"]


@pytest.mark.parametrize("path", ["/a%00b", "/a%1fb", f"/{'a' * 257}", "/a?leg=%00"])
def test_what_no_database_takes_is_nowhere(webhook: Recorded, path: str) -> None:
    app = Flask("skeleton")
    app.register_blueprint(webhooks_blueprint([Route("POST", "/<name>", webhook)]))
    assert app.test_client().post(path, data=b"good").status_code == 404
    assert webhook.done == []
