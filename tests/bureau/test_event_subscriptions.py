"""Supervisors let other systems listen, through the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bureau.schemas.event_subscriptions import PublishedEvent
from routeur.subscriptions.published import KINDS
from tests.bureau.office import Desktop, Office, json_of
from tests.event_listener import EventListener, event_listener


@pytest.fixture
def listener() -> Iterator[EventListener]:
    with event_listener() as listening:
        yield listening


@pytest.fixture
def supervisor(office: Office) -> Desktop:
    return office.desktop("anne")


def subscribe(supervisor: Desktop, url: str, **more: Any) -> Any:
    answer = supervisor.post("/event-subscriptions", {"name": "GRU", "url": url, **more})
    assert answer.status_code == 201, answer.text
    return json_of(answer)


def tell(office: Office) -> None:
    """What the dispatcher's process does beside its rounds."""
    office.hall.step()
    office.event_webhooks.fan_out.step()
    for one in office.event_webhooks.deliveries.waiting():
        office.event_webhooks.deliveries.tell(one)


def test_a_listener_is_made_told_listed_and_ended(office: Office, supervisor: Desktop, listener: EventListener) -> None:
    made = subscribe(supervisor, listener.url, kinds=["contact.arrived"])
    assert made["secret"].startswith("whsec_")
    contact = office.walk_in()
    tell(office)
    (heard,) = listener.heard
    assert heard.event["data"]["contact"]["id"] == contact
    (listed,) = json_of(supervisor.get("/event-subscriptions"))["items"]
    assert "secret" not in listed
    log = json_of(supervisor.get(f"/event-subscriptions/{made['id']}/deliveries"))["items"]
    assert [(one["kind"], one["state"], one["answer"]) for one in log] == [("contact.arrived", "done", "204")]
    assert json.loads(log[0]["body"]) == heard.event
    assert supervisor.delete(f"/event-subscriptions/{made['id']}").status_code == 204
    assert supervisor.get(f"/event-subscriptions/{made['id']}").status_code == 404


def test_what_was_told_can_be_told_again(office: Office, supervisor: Desktop, listener: EventListener) -> None:
    made = subscribe(supervisor, listener.url, kinds=["contact.arrived"])
    since = office.hall.clock().isoformat()
    office.walk_in()
    tell(office)
    log = json_of(supervisor.get(f"/event-subscriptions/{made['id']}/deliveries"))["items"]
    path = f"/event-subscriptions/{made['id']}"
    assert supervisor.post(f"{path}/deliveries/{log[0]['id']}/replay").status_code == 204
    tell(office)
    assert json_of(supervisor.post(f"{path}/replay", {"since": since})) == {"count": 1}
    tell(office)
    assert listener.kinds == ["contact.arrived"] * 3


def test_a_subscription_is_stopped_and_goes_on(office: Office, supervisor: Desktop, listener: EventListener) -> None:
    made = subscribe(supervisor, listener.url, kinds=["contact.arrived"])
    wanted = {"name": "GRU", "url": listener.url, "kinds": ["contact.arrived"]}
    path = f"/event-subscriptions/{made['id']}"
    assert json_of(supervisor.put(path, {**wanted, "stopped": True}))["stopped"] == "by_hand"
    office.walk_in()
    tell(office)
    assert listener.heard == []
    assert json_of(supervisor.put(path, wanted))["stopped"] is None
    tell(office)
    assert listener.kinds == ["contact.arrived"]


def test_a_new_secret_is_shown_once(supervisor: Desktop, listener: EventListener) -> None:
    made = subscribe(supervisor, listener.url)
    renewed = json_of(supervisor.post(f"/event-subscriptions/{made['id']}/secret"))
    assert renewed["secret"] != made["secret"]
    assert renewed["former_secret_until"] is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://example.org/"},
        {"url": "https://10.0.0.1/"},
        {"url": "https://localhost.invalid/"},
        {"url": "ftp://127.0.0.1/"},
        {"kinds": ["contact.eaten"]},
        {"topics": ["astrologie"]},
        {"services": ["magie"]},
        {"channels": ["smoke"]},
        {"name": ""},
        {"secret": "mine"},
    ],
)
def test_what_cannot_be_told_is_refused(supervisor: Desktop, listener: EventListener, wrong: dict[str, Any]) -> None:
    body = {"name": "GRU", "url": listener.url, **wrong}
    assert supervisor.post("/event-subscriptions", body).status_code == 422


def test_only_supervisors_let_others_listen(office: Office, listener: EventListener) -> None:
    for desktop in (office.desktop("bruno"), office.other_system()):
        assert desktop.get("/event-subscriptions").status_code == 403
        body = {"name": "GRU", "url": listener.url}
        assert desktop.post("/event-subscriptions", body).status_code == 403


def test_the_description_says_what_is_sent(office: Office) -> None:
    document = json_of(office.anonymous().get("/api/openapi.json"))
    sent = document["webhooks"]["event"]["post"]
    name = sent["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
    assert set(document["components"]["schemas"][name]["properties"]["type"]["enum"]) == set(KINDS)
    assert {header["name"] for header in sent["parameters"]} >= {"webhook-id", "webhook-signature"}


def test_what_is_sent_is_as_described(office: Office, supervisor: Desktop, listener: EventListener) -> None:
    subscribe(supervisor, listener.url)
    office.hall.available("bruno")
    contact = office.walk_in()
    office.desktop("bruno").post(f"/contacts/{contact}/accept")
    office.desktop("bruno").post(f"/contacts/{contact}/finish", {"outcome": "answered"})
    tell(office)
    assert len(listener.heard) > 4
    for heard in listener.heard:
        PublishedEvent.model_validate(heard.event)
