"""Supervisors look at what agents' corrections would teach."""

from __future__ import annotations

from tests.bureau.office import Office, json_of


def corrected(office: Office) -> str:
    contact = office.hall.text("bonjour, une question").standing.contact.id
    answer = office.desktop("bruno").post(f"/contacts/{contact}/topic", {"topic": "permis-construire"})
    assert answer.status_code == 200
    return str(json_of(office.desktop("anne").get("/topic-examples"))["items"][0]["id"])


def test_a_supervisor_sees_corrections_and_accepts_them(office: Office) -> None:
    candidate = corrected(office)
    anne = office.desktop("anne")
    (item,) = json_of(anne.get("/topic-examples"))["items"]
    assert item["topic"] == "permis-construire"
    assert item["topic_before"] is None
    assert item["corrected_by"] == "bruno"
    assert anne.post(f"/topic-examples/{candidate}/accept", {"text": "où bâtir un abri"}).status_code == 204
    assert json_of(anne.get("/topic-examples"))["items"] == []
    (accepted,) = json_of(anne.get("/topic-examples", state="accepted"))["items"]
    assert accepted["text"] == "où bâtir un abri"
    assert accepted["reviewed_by"] == "anne"


def test_an_example_is_reviewed_once(office: Office) -> None:
    candidate = corrected(office)
    anne = office.desktop("anne")
    assert anne.post(f"/topic-examples/{candidate}/refuse").status_code == 204
    assert anne.post(f"/topic-examples/{candidate}/accept", {}).status_code == 409
    assert anne.post("/topic-examples/nothing/refuse").status_code == 404


def test_a_topic_that_there_is_not_is_refused(office: Office) -> None:
    answer = office.desktop("anne").post(f"/topic-examples/{corrected(office)}/accept", {"topic": "nothing"})
    assert answer.status_code == 422


def test_agents_do_not_review(office: Office) -> None:
    candidate = corrected(office)
    bruno = office.desktop("bruno")
    assert bruno.get("/topic-examples").status_code == 403
    assert bruno.post(f"/topic-examples/{candidate}/accept", {}).status_code == 403
