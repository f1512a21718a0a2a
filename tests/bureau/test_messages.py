"""What was said in a contact: read from a position on, in order of time too, and noted for colleagues alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bureau.office import Desktop, Office, json_of


@pytest.fixture
def bruno(office: Office) -> Desktop:
    desktop = office.desktop("bruno")
    desktop.put("/me/activity", {"activity": "available"})
    return desktop


@pytest.fixture
def letter(office: Office, bruno: Desktop) -> str:
    """A letter that Bruno has."""
    contact = office.hall.mail("Ma carte est perdue", topic="carte-identite").standing.contact.id
    assert bruno.post(f"/contacts/{contact}/accept").status_code == 200
    return contact


def listed(desk: Desktop, contact: str, **query: int) -> Any:
    answer = desk.get(f"/contacts/{contact}/messages", **query)
    assert answer.status_code == 200, answer.text
    return json_of(answer)


def test_messages_are_listed_from_a_position_on_page_by_page(bruno: Desktop, letter: str) -> None:
    for number in range(2, 6):
        bruno.post(f"/contacts/{letter}/notes", {"text": f"note {number}"})
    first = listed(bruno, letter, after=1, limit=2)
    assert [message["text"] for message in first["items"]] == ["note 2", "note 3"]
    last = listed(bruno, letter, after=first["next"], limit=2)
    assert [message["text"] for message in last["items"]] == ["note 4", "note 5"]
    assert last["next"] is None
    assert listed(bruno, letter, after=5) == {"items": [], "next": None}


def test_messages_are_for_who_may_read_the_contact(office: Office, letter: str) -> None:
    assert office.desktop("david").get(f"/contacts/{letter}/messages").status_code == 403
    assert office.desktop("anne").get("/contacts/nothing/messages").status_code == 404
    assert office.desktop("david").post(f"/contacts/{letter}/notes", {"text": "x"}).status_code == 403
    assert office.other_system().post(f"/contacts/{letter}/notes", {"text": "x"}).status_code == 403


def test_a_note_is_seen_by_colleagues_and_sent_to_nobody(office: Office, bruno: Desktop, letter: str) -> None:
    told = office.hall.told(letter)
    noted = bruno.post(f"/contacts/{letter}/notes", {"text": "Rappeler Nadia."})
    assert noted.status_code == 201
    assert (json_of(noted)["direction"], json_of(noted)["author"]) == ("note", "bruno")
    assert [message["text"] for message in listed(office.desktop("anne"), letter)["items"]][1:] == ["Rappeler Nadia."]
    assert office.hall.told(letter) == told


def test_a_note_can_be_written_once_it_is_closed(bruno: Desktop, letter: str) -> None:
    bruno.post(f"/contacts/{letter}/finish")
    assert bruno.post(f"/contacts/{letter}/notes", {"text": "Elle est revenue."}).status_code == 201


def test_the_same_note_twice_is_one(bruno: Desktop, letter: str) -> None:
    note = {"text": "Rappeler Nadia.", "client_id": "n1"}
    first, again = (bruno.post(f"/contacts/{letter}/notes", note) for _ in range(2))
    assert json_of(first) == json_of(again)
    assert bruno.post(f"/contacts/{letter}/notes", {**note, "text": "Autre"}).status_code == 409
    assert bruno.post(f"/contacts/{letter}/messages", {"text": "Bonjour", "client_id": "n1"}).status_code == 201
    assert len(listed(bruno, letter)["items"]) == 3


def test_times_of_messages_follow_their_positions(office: Office, bruno: Desktop, letter: str) -> None:
    """A message that waited for the record while others were written has a time from before theirs."""
    office.hall.clock.advance(60)
    bruno.post(f"/contacts/{letter}/messages", {"text": "Bonjour Léa"})
    office.hall.clock.advance(-30)
    bruno.post(f"/contacts/{letter}/messages", {"text": "Avez-vous déclaré la perte ?"})
    office.hall.clock.advance(60)
    bruno.post(f"/contacts/{letter}/notes", {"text": "Attend"})
    times = [message["at"] for message in listed(bruno, letter)["items"]]
    assert times == [
        "2026-03-02T09:00:00Z",
        "2026-03-02T09:01:00Z",
        "2026-03-02T09:01:00Z",
        "2026-03-02T09:01:30Z",
    ]


@pytest.mark.parametrize("blank", ["", " ", "\n\t\r\n", "\u00a0\u2003", "\u200b\ufeff", "\u00ad"])
def test_an_answer_in_which_nothing_can_be_seen_is_refused(bruno: Desktop, letter: str, blank: str) -> None:
    for path in ("messages", "notes"):
        refused = bruno.post(f"/contacts/{letter}/{path}", {"text": blank})
        assert refused.status_code == 422
        assert json_of(refused)["errors"][0]["pointer"] == "#/text"
    assert bruno.post(f"/contacts/{letter}/messages", {"text": "\n  Oui.\n"}).status_code == 201
