"""What an agent has begun to write is kept for them, wherever they log in, until they write to the usager."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from routeur.record.tables import Draft
from routeur.retention import purge
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
    bruno.post(f"/contacts/{contact}/accept")
    return contact


def draft(desk: Desktop) -> str | None:
    (contact,) = json_of(desk.get("/me/desk"))["contacts"]
    return None if contact["draft"] is None else str(contact["draft"])


def save(desk: Desktop, contact: str, text: str) -> None:
    assert desk.put(f"/contacts/{contact}/draft", {"text": text}).status_code == 204


def test_the_last_one_saved_is_shown_wherever_the_agent_logs_in(office: Office, bruno: Desktop, letter: str) -> None:
    assert draft(bruno) is None
    save(bruno, letter, "Bonj")
    save(bruno, letter, "Bonjour Léa")
    assert draft(office.browser("bruno")) == "Bonjour Léa"
    save(bruno, letter, "")
    assert draft(bruno) is None


def test_it_is_over_once_the_agent_has_written(office: Office, bruno: Desktop, letter: str) -> None:
    save(bruno, letter, "Bonjour Léa")
    office.hall.clock.advance(1)
    bruno.post(f"/contacts/{letter}/messages", {"text": "Bonjour Léa, voici"})
    assert draft(bruno) is None
    office.hall.clock.advance(1)
    save(bruno, letter, "Et encore")
    assert draft(bruno) == "Et encore"


def test_it_is_nobody_else_s(office: Office, bruno: Desktop, letter: str) -> None:
    anne, david = office.desktop("anne"), office.desktop("david")
    save(anne, letter, "De la part d'Anne")
    assert draft(bruno) is None
    assert david.put(f"/contacts/{letter}/draft", {"text": "x"}).status_code == 403
    assert anne.put("/contacts/nothing/draft", {"text": "x"}).status_code == 404


def test_it_stays_with_a_follow_up(bruno: Desktop, letter: str) -> None:
    save(bruno, letter, "Bonjour Léa")
    reference = json_of(bruno.post(f"/contacts/{letter}/follow-up"))["reference"]
    bruno.post(f"/follow-ups/{reference}/take")
    (owed,) = json_of(bruno.get("/me/desk"))["follow_ups"]
    assert owed["draft"] == "Bonjour Léa"


def test_it_is_forgotten_with_its_contact(office: Office, bruno: Desktop, letter: str) -> None:
    save(bruno, letter, "Bonjour Léa")
    bruno.post(f"/contacts/{letter}/finish")
    office.hall.clock.advance(1)
    purge(office.hall.record, office.hall.clock())
    with office.hall.record.read() as connection:
        assert connection.scalar(select(func.count()).select_from(Draft)) == 0
