"""Every refusal is a problem document in the reader's language that says what is wrong and where."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from sqlalchemy import text

from tests.bureau.office import Desktop, Office, json_of


@pytest.fixture
def anne(office: Office) -> Desktop:
    return office.desktop("anne")


def faults(answer: Any) -> dict[str, str]:
    """The place and the message of each fault."""
    return {fault.get("pointer", fault.get("parameter")): fault["message"] for fault in json_of(answer)["errors"]}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/nothing", 404),
        ("POST", "/api/v1/me", 405),
        ("OPTIONS", "/api/v1/me", 405),
        ("TRACE", "/api/v1/contacts", 405),
        ("GET", "/api/v1/me", 401),
        ("POST", "/api/v1/session", 422),
    ],
)
def test_every_refusal_is_a_problem_document(office: Office, method: str, path: str, status: int) -> None:
    answer = office.anonymous().open(path, method=method)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    document = json_of(answer)
    assert document["status"] == status
    listed = json_of(office.anonymous().get("/api/problems"))["items"]
    assert document["type"] in [kind["type"] for kind in listed]
    assert document["title"]
    assert document["detail"]


def test_a_method_that_is_not_allowed_is_told_which_are(office: Office) -> None:
    assert office.anonymous().delete("/api/v1/contacts").headers["Allow"] == "GET, HEAD, POST"


def test_paths_of_others_keep_their_own_refusals(office: Office) -> None:
    answer = office.anonymous().get("/elsewhere")
    assert answer.status_code == 404
    assert "problem" not in answer.content_type


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"login": ', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"login": "\\ud800", "password": "x"}', "application/json", 400),
        (b"login=anne", "application/x-www-form-urlencoded", 415),
        (b'{"login": "anne", "password": "demo"}', "text/plain", 415),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'{"login": "an\\u0000ne", "password": "demo"}', "application/json", 422),
    ],
)
def test_bodies_that_cannot_be_used(office: Office, body: bytes, content_type: str, status: int) -> None:
    answer = office.anonymous().post("/api/v1/session", data=body, content_type=content_type)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


def test_a_body_has_a_limit(office: Office) -> None:
    huge = b'{"login": "' + b"a" * 70_000 + b'", "password": "demo"}'
    answer = office.anonymous().post("/api/v1/session", data=huge, content_type="application/json")
    assert answer.status_code == 413
    assert "64" in json_of(answer)["detail"]


def test_every_fault_is_named_with_its_place(anne: Desktop) -> None:
    answer = anne.post("/contacts", {"text": 3, "phone": "123", "colour": "red", "channel": "voice", "language": "FR"})
    assert answer.status_code == 422
    assert faults(answer) == {
        "#/text": "Un texte est attendu.",
        "#/phone": "Ce n'est pas un numéro de téléphone.",
        "#/colour": "Ceci n'est pas connu ici.",
        "#/channel": "Une de ces valeurs est attendue : walkin.",
        "#/language": "Ceci n'est pas écrit sous la forme attendue.",
    }


def test_a_fault_inside_an_object_has_a_pointer_to_it(anne: Desktop) -> None:
    answer = anne.post("/contacts/0/transfer", {"skills": {"urbanisme": 9}})
    assert faults(answer) == {"#/skills/urbanisme": "Au plus 5, s'il vous plaît."}


def test_faults_in_a_query_name_the_parameter(anne: Desktop) -> None:
    answer = anne.get("/contacts", state="asleep", limit=0, colour="red")
    assert faults(answer).keys() == {"state", "limit", "colour"}
    twice = anne.get("/contacts", limit=[1, 2])
    assert faults(twice) == {"limit": "Une seule fois, s'il vous plaît."}


@pytest.mark.parametrize(
    "instant",
    ["2026-03-02", "2026-03-02T09:00:00", "1772442000", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "x"],
)
def test_instants_need_an_offset_and_a_year_of_ours(anne: Desktop, instant: str) -> None:
    assert faults(anne.get("/service-level", **{"from": instant})).keys() == {"from"}


@pytest.mark.parametrize(
    ("accepted", "title"),
    [("fr", "Non connecté"), ("en-GB", "Not logged in"), ("de", "Non connecté"), ("", "Non connecté")],
)
def test_refusals_are_in_the_readers_language(office: Office, accepted: str, title: str) -> None:
    answer = office.anonymous().get("/api/v1/me", headers={"Accept-Language": accepted})
    assert json_of(answer)["title"] == title
    assert answer.headers["Content-Language"] == ("en" if title.startswith("Not") else "fr")


@pytest.mark.parametrize("path", ["/contacts/%00", "/contacts/..%2f", "/contacts/é", "/contacts/" + "a" * 300])
def test_ids_that_cannot_be_are_not_found(anne: Desktop, path: str) -> None:
    assert anne.get(path).status_code == 404


def test_control_characters_are_refused(anne: Desktop) -> None:
    assert faults(anne.post("/contacts", {"text": "a\x00b", "name": "a\x07b"})).keys() == {"#/text", "#/name"}
    assert anne.post("/contacts", {"text": "deux\nlignes"}).status_code == 201


def test_a_fault_of_ours_says_so_and_tells_nothing_of_the_person(
    office: Office, anne: Desktop, caplog: pytest.LogCaptureFixture
) -> None:
    with office.hall.record.write() as connection:
        connection.execute(text("ALTER TABLE usager RENAME TO gone"))
    with caplog.at_level(logging.INFO):
        answer = anne.post("/contacts", {"text": "un secret", "name": "Awa Diallo", "phone": "+33639980011"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    for personal in ("secret", "Awa", "33639980011"):
        assert personal not in caplog.text + answer.text


def test_what_is_expected_is_told_without_a_word_of_the_program(office: Office) -> None:
    contact = office.walk_in()
    refused = office.desktop("bruno").post(f"/contacts/{contact}/finish", {"outcome": "eaten"})
    (message,) = faults(refused).values()
    assert "answered" in message
    assert "<" not in message
    assert "'" not in message


def test_a_conflict_says_how_it_stands_and_who_has_it(office: Office) -> None:
    bruno, david = office.desktop("bruno"), office.desktop("david")
    bruno.put("/me/activity", {"activity": "available"})
    contact = office.walk_in()
    office.hall.step()
    bruno.post(f"/contacts/{contact}/accept")
    refused = json_of(david.post(f"/contacts/{contact}/accept"))
    assert (refused["status"], refused["state"], refused["holder"]) == (409, "active", "bruno")
    assert refused["type"] == "/api/problems#conflict"
    assert "Bruno Registre" in refused["detail"]


def test_a_waiting_contact_is_told_as_waiting(office: Office) -> None:
    office.desktop("david").put("/me/activity", {"activity": "available"})
    contact = office.walk_in(topic="objets-trouves")
    office.walk_in(topic="objets-trouves")
    office.hall.step()
    refused = json_of(office.desktop("anne").post(f"/contacts/{contact}/accept"))
    assert refused["state"] in ("waiting", "offered")
    assert "a changé d'état" not in refused["detail"]


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("/transfer", {"topic": "astrologie"}, "#/topic"),
        ("/transfer", {"agent": "nobody"}, "#/agent"),
        ("/transfer", {"skills": {"magie": 2}}, "#/skills/magie"),
    ],
)
def test_what_is_not_in_the_plan_has_its_place(office: Office, path: str, body: dict[str, Any], place: str) -> None:
    bruno = office.desktop("bruno")
    bruno.put("/me/activity", {"activity": "available"})
    contact = office.walk_in()
    office.hall.step()
    bruno.post(f"/contacts/{contact}/accept")
    refused = bruno.post(f"/contacts/{contact}{path}", body)
    assert refused.status_code == 422
    assert list(faults(refused)) == [place]


def test_a_cursor_of_another_list_is_told_as_no_place(anne: Desktop) -> None:
    refused = anne.get("/contacts", cursor="MjAyNi0wMi0zMFQwMDowMDowMHwwMQ")
    assert refused.status_code == 422
    assert list(faults(refused)) == ["cursor"]
