"""Agents find a procedure sheet while they type, read it, and are shown those that a contact may need."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from competences.recognition.recognition import Guess, Recognition
from tests.bureau.office import Office, json_of

ONLINE = "https://demarches.petit-bourg.example/carte-identite"


def read(office: Office, path: str, language: str = "fr", **query: str) -> Any:
    headers = {"Authorization": f"Bearer {office.token('bruno')}", "Accept-Language": language}
    return json_of(office.anonymous().get(f"/api/v1{path}", headers=headers, query_string=query))


def recognised(office: Office, topic: str | None, **guesses: float) -> str:
    """A contact that is taken to be about a topic, or perhaps about others."""
    found = tuple(Guess(guess.replace("_", "-"), confidence) for guess, confidence in guesses.items())
    office.hall.recognise = lambda text: Recognition(topic, found, ())
    return office.hall.text("bonjour, une question").standing.contact.id


def suggested(office: Office, contact: str, language: str = "fr") -> list[tuple[str, str]]:
    sheets = read(office, f"/contacts/{contact}", language)["suggested_sheets"]
    return [(sheet["topic"], sheet["title"]) for sheet in sheets]


def test_a_few_letters_are_enough(office: Office) -> None:
    (first, *_) = read(office, "/sheets", q="cart ident")["items"]
    snippet = first.pop("snippet")
    assert first == {
        "topic": "carte-identite",
        "title": "Carte d'identité",
        "service": "etat-civil",
        "reviewed_on": "2026-11-23",
        "online": ONLINE,
    }
    assert snippet
    assert "{{" not in snippet


def test_without_a_word_all_are_given_by_title_and_only_those_of_the_plan(office: Office) -> None:
    titles = [item["title"] for item in read(office, "/sheets")["items"]]
    assert titles == ["Carte d'identité", "Objets trouvés", "Permis de construire"]
    titles = [item["title"] for item in read(office, "/sheets", "en", q="")["items"]]
    assert titles == ["Building permit", "Identity card", "Lost property"]


def test_what_nobody_wrote_of_is_not_found_and_too_much_is_refused(office: Office) -> None:
    bruno = office.desktop("bruno")
    assert json_of(bruno.get("/sheets", q="xyzzyqwk"))["items"] == []
    assert bruno.get("/sheets", q="x" * 201).status_code == 422


def test_a_sheet_is_read_with_the_plans_own_words(office: Office) -> None:
    sheet = read(office, "/sheets/carte-identite")
    assert (sheet["title"], sheet["service"], sheet["online"]) == ("Carte d'identité", "etat-civil", ONLINE)
    assert [section["section"] for section in sheet["sections"]] == [
        "say_first",
        "ask",
        "steps",
        "special_cases",
        "to_expert",
        "follow_up",
        "english",
    ]
    assert sheet["sections"][0]["heading"] == "À dire d'abord"
    assert sheet["legal"][0].keys() == {"source", "says"}
    assert "{{" not in str(sheet)
    assert ONLINE in str(sheet["sections"])


def test_whoever_reads_english_gets_the_english_part(office: Office) -> None:
    sheet = read(office, "/sheets/carte-identite", "en")
    assert sheet["title"] == "Identity card"
    assert [(section["section"], section["language"]) for section in sheet["sections"]] == [("english", "en")]


def test_a_sheet_that_was_to_be_reviewed_says_so_from_the_day_after(office: Office) -> None:
    due = date.fromisoformat(read(office, "/sheets/carte-identite")["next_review"])
    noon = datetime(due.year, due.month, due.day, 12, tzinfo=UTC)
    office.hall.clock.advance((noon - office.hall.clock()).total_seconds())
    assert read(office, "/sheets/carte-identite")["overdue_review"] is False
    office.hall.clock.advance(timedelta(hours=11, minutes=30).total_seconds())  # past midnight in Paris
    assert read(office, "/sheets/carte-identite")["overdue_review"] is True


@pytest.mark.parametrize("topic", ["passeport", "nothing"])
def test_a_topic_that_the_plan_does_not_have_has_no_sheet(office: Office, topic: str) -> None:
    for desktop in (office.desktop("bruno"), office.other_system()):
        assert desktop.get(f"/sheets/{topic}").status_code == 404


def test_a_new_plan_is_followed(office: Office) -> None:
    hall = office.hall
    assert len(read(office, "/sheets")["items"]) == 3
    document = hall.plans.current().plan.dump().replace("Lost property", "Lost and found").replace("Petit-", "Grand-")
    hall.plans.publish(document, None, hall.clock())
    assert "Lost and found" in [item["title"] for item in read(office, "/sheets", "en")["items"]]


def test_nobody_reads_sheets_without_logging_in(office: Office) -> None:
    assert office.anonymous().get("/api/v1/sheets").status_code == 401
    assert office.anonymous().get("/api/v1/sheets/carte-identite").status_code == 401


def test_a_contact_comes_with_the_sheet_of_its_topic_in_the_readers_language(office: Office) -> None:
    contact = office.walk_in(topic="carte-identite")
    assert suggested(office, contact) == [("carte-identite", "Carte d'identité")]
    assert suggested(office, contact, "en") == [("carte-identite", "Identity card")]


def test_a_contact_without_a_topic_comes_with_the_sheets_of_what_it_may_be_about(office: Office) -> None:
    contact = recognised(office, None, permis_construire=0.4, objets_trouves=0.1, carte_identite=0.09)
    assert [topic for topic, _ in suggested(office, contact)] == ["permis-construire", "objets-trouves"]


def test_its_topic_comes_first_and_none_twice(office: Office) -> None:
    contact = recognised(office, None, permis_construire=0.4, objets_trouves=0.3, carte_identite=0.2)
    office.desktop("bruno").post(f"/contacts/{contact}/topic", {"topic": "objets-trouves"})
    assert [topic for topic, _ in suggested(office, contact)] == [
        "objets-trouves",
        "permis-construire",
        "carte-identite",
    ]


def test_where_nothing_is_known_nothing_is_suggested(office: Office) -> None:
    assert suggested(office, office.hall.text("bonjour").standing.contact.id) == []
