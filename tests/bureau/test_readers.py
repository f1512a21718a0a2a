"""Opening a contact leaves a trace, which supervisors can list."""

from __future__ import annotations

from tests.bureau.office import Office, json_of


def readers(office: Office, contact: str) -> list[tuple[str, str]]:
    answer = office.desktop("anne").get(f"/contacts/{contact}/readers")
    return [(one["login"], one["at"]) for one in json_of(answer)["items"]]


def test_who_opened_a_contact_and_when(office: Office) -> None:
    contact = office.walk_in()
    bruno, david = office.desktop("bruno"), office.desktop("david")
    assert readers(office, contact) == []
    for path in ("", "", "/timeline"):
        assert bruno.get(f"/contacts/{contact}{path}").status_code == 200
    office.hall.clock.advance(60)
    assert david.get(f"/contacts/{contact}/timeline").status_code == 200
    office.hall.clock.advance(600)
    assert bruno.get(f"/contacts/{contact}").status_code == 200
    assert readers(office, contact) == [
        ("bruno", "2026-03-02T09:00:00Z"),
        ("david", "2026-03-02T09:01:00Z"),
        ("bruno", "2026-03-02T09:11:00Z"),
    ]


def test_another_system_leaves_a_trace_too(office: Office) -> None:
    contact = office.walk_in()
    office.other_system().get(f"/contacts/{contact}")
    assert [login for login, _ in readers(office, contact)] == ["integration"]


def test_who_is_refused_or_reads_a_list_has_opened_nothing(office: Office) -> None:
    bruno, david = office.desktop("bruno"), office.desktop("david")
    bruno.put("/me/activity", {"activity": "available"})
    contact = office.walk_in()
    assert bruno.post(f"/contacts/{contact}/accept").status_code == 200
    assert david.get(f"/contacts/{contact}").status_code == 403
    assert david.get("/contacts").status_code == 200
    assert [login for login, _ in readers(office, contact)] == ["bruno"]


def test_a_reading_is_no_part_of_the_story(office: Office) -> None:
    contact = office.walk_in()
    anne = office.desktop("anne")
    before = json_of(anne.get(f"/contacts/{contact}"))["timeline"]
    assert json_of(anne.get(f"/contacts/{contact}"))["timeline"] == before
    assert "read" not in [entry["kind"] for entry in before]


def test_the_list_is_for_who_oversees(office: Office) -> None:
    contact = office.walk_in()
    assert office.desktop("bruno").get(f"/contacts/{contact}/readers").status_code == 403
    assert office.other_system().get(f"/contacts/{contact}/readers").status_code == 403
    assert office.desktop("anne").get("/contacts/0/readers").status_code == 404
