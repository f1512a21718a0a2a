"""The desk is told by which ways a person can be reached, before it answers; what would reach nobody is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bureau.office import Desktop, Office, json_of

LEA = "lea@example.org"


@pytest.fixture
def bruno(office: Office) -> Desktop:
    return office.desktop("bruno")


def promised(office: Office, bruno: Desktop, **given: Any) -> dict[str, Any]:
    """A visit that nobody could serve."""
    shown: dict[str, Any] = json_of(bruno.get(f"/contacts/{office.walk_in(**given)}"))
    return shown


def test_contact_and_follow_up_say_the_ways_out(office: Office, bruno: Desktop) -> None:
    contact = promised(office, bruno, email=LEA, phone="06 39 98 00 11")
    assert contact["ways_out"] == [
        {"by": "email", "address": LEA, "sure": False},
        {"by": "telephone", "address": "+33639980011", "sure": False},
    ]
    assert contact["follow_up"]["ways_out"] == contact["ways_out"]
    (listed,) = json_of(bruno.get("/follow-ups"))["items"]
    assert listed["ways_out"] == contact["ways_out"]
    assert (listed["answered_at"], listed["answered_by"]) == (None, None)


def test_an_answer_into_nothing_is_refused_with_what_to_do(office: Office, bruno: Desktop) -> None:
    path = f"/follow-ups/{promised(office, bruno)['reference']}/answer"
    refused = bruno.post(path, {"text": "C'est prêt."})
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert "Appelez-la" in json_of(refused)["detail"]
    assert json_of(bruno.get("/follow-ups"))["items"][0]["state"] == "open"
    told = json_of(bruno.post(path, {"text": "Prévenue de vive voix.", "by": "telephone"}))
    assert (told["state"], told["answered_by"], told["taken_by"]) == ("answered", "telephone", "bruno")
    assert told["answered_at"] == "2026-03-02T09:00:00Z"


def test_a_typed_address_is_confirmed_by_naming_it(office: Office, bruno: Desktop) -> None:
    contact = promised(office, bruno, email=LEA)
    path = f"/follow-ups/{contact['reference']}/answer"
    for body in ({"text": "C'est prêt."}, {"text": "C'est prêt.", "by": "email"}):
        refused = bruno.post(path, body)
        assert refused.status_code == 409
        assert "confirmez-la" in json_of(refused)["detail"]
    answered = json_of(bruno.post(path, {"text": "C'est prêt.", "by": "email", "address": LEA}))
    assert (answered["answered_by"], answered["ways_out"][0]["sure"]) == ("email", True)
    (sent,) = [one for one in json_of(bruno.get(f"/contacts/{contact['id']}"))["messages"] if one["direction"] == "out"]
    assert sent["to"] == [LEA]
    shown = json_of(bruno.get(f"/contacts/{contact['id']}"))
    assert shown["usager"]["verified"] == []


@pytest.mark.parametrize("address", ["pas une adresse", "lea@", "12", ""])
def test_what_is_no_address_is_refused(office: Office, bruno: Desktop, address: str) -> None:
    path = f"/follow-ups/{promised(office, bruno)['reference']}/answer"
    refused = bruno.post(path, {"text": "C'est prêt.", "address": address})
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in json_of(refused)["errors"]] == ["#/address"]


@pytest.mark.parametrize("by", ["chat", "messaging", "email"])
def test_a_way_that_there_is_not_is_refused(office: Office, bruno: Desktop, by: str) -> None:
    path = f"/follow-ups/{promised(office, bruno)['reference']}/answer"
    assert bruno.post(path, {"text": "C'est prêt.", "by": by}).status_code == 409
    for no_way in ("pigeon", "voice", "walkin"):
        refused = bruno.post(path, {"text": "C'est prêt.", "by": no_way})
        assert refused.status_code == 422
        (fault,) = json_of(refused)["errors"]
        assert fault["pointer"] == "#/by"
        assert "telephone" in fault["message"]


def test_a_message_of_a_follow_up_takes_the_same_ways(office: Office, bruno: Desktop) -> None:
    path = f"/contacts/{promised(office, bruno)['id']}/messages"
    assert bruno.post(path, {"text": "Il manque une pièce."}).status_code == 409
    sent = bruno.post(path, {"text": "Il manque une pièce.", "address": LEA})
    assert (sent.status_code, json_of(sent)["to"]) == (201, [LEA])


def test_what_is_handed_over_with_a_confirmed_address_is_told_there(office: Office, bruno: Desktop) -> None:
    bruno.put("/me/activity", {"activity": "available"})
    contact = office.walk_in()
    bruno.post(f"/contacts/{contact}/accept")
    before = office.hall.told(contact)
    handed = json_of(bruno.post(f"/contacts/{contact}/follow-up", {"address": "LEA@example.org"}))
    assert handed["ways_out"] == [{"by": "email", "address": LEA, "sure": True}]
    assert office.hall.told(contact)[len(before) :].count("FollowedUp") == 2  # where they are, and by e-mail
    assert "address_confirmed" in [entry["kind"] for entry in handed["timeline"]]


def test_the_counter_takes_the_languages_of_the_plan_alone(office: Office, bruno: Desktop) -> None:
    refused = office.other_system().post("/contacts", {"language": "xx"})
    assert refused.status_code == 422
    (fault,) = json_of(refused)["errors"]
    assert (fault["pointer"], "fr, en" in fault["message"]) == ("#/language", True)
    assert office.other_system().post("/contacts", {"language": "en"}).status_code == 201
