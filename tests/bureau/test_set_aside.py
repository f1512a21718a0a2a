"""What was set aside is a list that somebody reviews, and from which what a person wrote finds its way back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from competences.channels import Channel
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound
from tests.bureau.office import Office, json_of

SUPERVISOR = "anne"
SUNDAY = datetime(2026, 3, 8, 10, 0, tzinfo=UTC)


def notice(office: Office, number: int = 1, **more: Any) -> str:
    """An absence notice; its contact's id."""
    return office.hall.reception.receive(
        Inbound(
            Channel.EMAIL,
            AddressKind.EMAIL,
            f"lea{number}@example.org",
            text=f"Je suis absente {number}",
            provider_id=f"<{number}@example.org>",
            subject="Absence",
            automatic=True,
            **more,
        )
    ).standing.contact.id


def listed(office: Office, **query: Any) -> list[Any]:
    answer = office.desktop(SUPERVISOR).get("/set-aside", **query)
    assert answer.status_code == 200, answer.text
    items: list[Any] = json_of(answer)["items"]
    return items


def decide(office: Office, item: Any, decision: str) -> int:
    return office.desktop(SUPERVISOR).post(f"/set-aside/{item['message']['id']}/{decision}").status_code


def test_it_lists_notices_newest_first_with_their_contacts_a_page_at_a_time(office: Office) -> None:
    ids = []
    for number in range(3):
        ids.append(notice(office, number))
        office.hall.clock.advance(60)
    office.hall.mail("Bonjour")
    items = listed(office)
    assert [item["contact"]["id"] for item in items] == ids[::-1]
    assert {item["contact"]["outcome"] for item in items} == {"spam"}
    assert items[0]["message"]["set_aside"] == "open"
    first = json_of(office.desktop(SUPERVISOR).get("/set-aside", limit=2))
    rest = json_of(office.desktop(SUPERVISOR).get("/set-aside", limit=2, cursor=first["next"]))
    assert [item["contact"]["id"] for item in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next"] is None


def test_what_a_message_says_is_read_in_its_contact_which_leaves_a_trace(office: Office) -> None:
    contact = notice(office)
    (item,) = listed(office)
    assert item["message"].keys() == {"id", "position", "at", "set_aside"}
    anne = office.desktop(SUPERVISOR)
    assert json_of(anne.get(f"/contacts/{contact}/readers"))["items"] == []
    shown = json_of(anne.get(f"/contacts/{contact}"))["messages"][item["message"]["position"] - 1]
    assert (shown["id"], shown["text"]) == (item["message"]["id"], "Je suis absente 1")
    assert [one["login"] for one in json_of(anne.get(f"/contacts/{contact}/readers"))["items"]] == [SUPERVISOR]


def test_a_notice_in_an_open_contact_is_listed_too_and_changes_nothing_of_it(office: Office) -> None:
    contact = office.hall.mail("Bonjour").standing.contact
    office.hall.reception.receive(
        Inbound(
            Channel.EMAIL,
            AddressKind.EMAIL,
            contact.address,
            text="Absente",
            provider_id="<absent@example.org>",
            contact_hint=contact.id,
            automatic=True,
        )
    )
    (item,) = listed(office)
    assert (item["contact"]["id"], item["contact"]["outcome"]) == (contact.id, None)
    assert decide(office, item, "queue") == 204
    assert listed(office)[0]["message"]["set_aside"] == "queued"
    assert office.hall.story(contact.id).count("reopened") == 0


def test_reviewed_is_no_longer_to_be_reviewed(office: Office) -> None:
    contact = notice(office)
    (item,) = listed(office, reviewed="false")
    assert [decide(office, item, "reviewed") for _ in range(2)] == [204, 204]
    assert listed(office, reviewed="false") == []
    (reviewed,) = listed(office, reviewed="true")
    assert reviewed["message"]["set_aside"] == "reviewed"
    assert office.hall.story(contact).count("set_aside_reviewed") == 1
    (entry,) = office.hall.views.contacts.timeline(contact)[-1:]
    assert entry.agent == SUPERVISOR


def test_what_a_person_wrote_is_queued_with_the_place_of_its_arrival(office: Office) -> None:
    hall = office.hall
    hall.available("anne")
    contact = notice(office)
    hall.clock.advance(600)
    (item,) = listed(office)
    assert [decide(office, item, "queue") for _ in range(2)] == [204, 204]
    shown = json_of(office.desktop(SUPERVISOR).get(f"/contacts/{contact}"))
    assert (shown["state"], shown["outcome"]) == ("offered", None)
    assert [entry["kind"] for entry in shown["timeline"]].count("set_aside_queued") == 1
    row = hall.reception.standing(contact).contact
    assert row.queued_at == row.arrived_at
    assert hall.offered_to(contact) == "anne"


def test_what_a_person_wrote_is_acknowledged_once_when_it_is_queued(office: Office) -> None:
    office.hall.available("anne")
    contact = notice(office)
    assert office.hall.told(contact) == []
    (item,) = listed(office)
    for _ in range(2):
        decide(office, item, "queue")
    assert office.hall.told(contact) == ["Received"]


def test_what_was_queued_and_answered_is_not_opened_again(office: Office) -> None:
    contact = notice(office)
    (item,) = listed(office)
    office.hall.available("anne")
    decide(office, item, "queue")
    login = office.hall.serve(contact)
    office.desktop(login).post(f"/contacts/{contact}/finish", {"outcome": "answered"})
    assert decide(office, item, "queue") == 204
    assert decide(office, item, "reviewed") == 204
    assert json_of(office.desktop(SUPERVISOR).get(f"/contacts/{contact}"))["state"] != "waiting"
    assert listed(office)[0]["message"]["set_aside"] == "queued"


def test_what_is_queued_on_a_sunday_waits_until_monday(office: Office) -> None:
    contact = notice(office)
    (item,) = listed(office)
    office.hall.clock.set(SUNDAY)
    assert decide(office, item, "queue") == 204
    assert json_of(office.desktop(SUPERVISOR).get(f"/contacts/{contact}"))["state"] == "waiting"


def test_an_agent_neither_lists_nor_decides(office: Office) -> None:
    notice(office)
    (item,) = listed(office)
    agent = office.desktop("bruno")
    assert agent.get("/set-aside").status_code == 403
    for decision in ("queue", "reviewed"):
        assert agent.post(f"/set-aside/{item['message']['id']}/{decision}").status_code == 403


@pytest.mark.parametrize("decision", ["queue", "reviewed"])
def test_what_was_not_set_aside_is_not_to_be_reviewed(office: Office, decision: str) -> None:
    office.hall.mail("Bonjour")
    (message,) = office.hall.reception.messages_after(office.hall.mail("Encore").standing.contact.id, 0)
    for unknown in (message.id, "0" * 32):
        assert office.desktop(SUPERVISOR).post(f"/set-aside/{unknown}/{decision}").status_code == 404


def test_contacts_are_listed_by_how_they_ended(office: Office) -> None:
    contact = notice(office)
    office.hall.mail("Bonjour")
    found = json_of(office.desktop(SUPERVISOR).get("/contacts", outcome="spam"))["items"]
    assert [one["id"] for one in found] == [contact]
