"""Statistics: for supervisors, by what they ask for, as JSON and as a table that no spreadsheet computes with."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from io import StringIO

import pytest

from bureau.http.csv_files import BEGINS_FORMULA, csv_file
from tests.bureau.office import Office, json_of
from tests.routeur.hall import PLAN


def a_busy_morning(office: Office) -> None:
    """Two visits, one solved at once, one handed to the back office; a chat that gives up."""
    bruno = office.desktop("bruno")
    bruno.put("/me/activity", {"activity": "available"})
    for way, seconds in (("finish", 60), ("follow-up", 180)):
        visit = office.walk_in(topic="carte-identite")
        office.hall.clock.advance(15)
        bruno.post(f"/contacts/{visit}/accept")
        office.hall.clock.advance(seconds)
        assert bruno.post(f"/contacts/{visit}/{way}", {}).status_code < 300
    chat = office.hall.chat(topic="objets-trouves")
    office.hall.clock.advance(40)
    office.hall.reception.usager_left(chat)
    office.hall.clock.advance(1)


def test_a_supervisor_sees_who_came_how_long_they_waited_and_what_became_of_them(office: Office) -> None:
    a_busy_morning(office)
    told = json_of(office.desktop("anne").get("/statistics"))
    assert (told["from"], told["by"]) == ("2026-03-02T00:00:00+01:00", "channel")
    assert [(item["key"], item["label"]) for item in told["items"]] == [
        ("chat", "Messagerie instantanée (chat)"),
        ("walkin", "Guichet"),
    ]
    visits = told["items"][1]
    assert visits["wait"] == {"count": 2, "mean": 15.0, "p50": 15.0, "p95": 15.0}
    assert visits["handling"] == {"count": 2, "mean": 120.0, "p50": 60.0, "p95": 180.0}
    assert (visits["arrivals"]["solved_at_once"], visits["arrivals"]["handovers"]) == (1, 1)
    assert visits["follow_ups"] == {
        "made": 1, "because_closed": 0, "in_time": 0, "late": 0, "pending": 1, "overdue": 0, "back_in_queue": 0,
        "in_time_share": None,
    }  # fmt: skip
    assert told["total"]["arrivals"]["abandonment"] == pytest.approx(1 / 3)
    assert told["total"]["arrivals"]["arrivals"] == 3


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("topic", {"carte-identite": "Carte d'identité", "objets-trouves": "Objets trouvés"}),
        ("service", {"etat-civil": "État civil", "accueil": "Accueil"}),
        ("hour", {"10": "10 h à 10 h 59"}),
        ("day", {"2026-03-02": "2026-03-02"}),
    ],
)
def test_by_topic_service_hour_and_day(office: Office, by: str, keys: dict[str, str]) -> None:
    a_busy_morning(office)
    items = json_of(office.desktop("anne").get("/statistics", by=by))["items"]
    assert {item["key"]: item["label"] for item in items} == keys


@pytest.mark.parametrize("only", [{"channel": "chat"}, {"topic": "objets-trouves"}, {"service": "accueil"}])
def test_of_one_channel_topic_or_service(office: Office, only: dict[str, str]) -> None:
    a_busy_morning(office)
    total = json_of(office.desktop("anne").get("/statistics", **only))["total"]
    assert (total["arrivals"]["arrivals"], total["arrivals"]["abandoned"]) == (1, 1)
    assert total["follow_ups"]["made"] == 0


def test_they_are_for_supervisors_and_of_at_most_a_year(office: Office) -> None:
    a_busy_morning(office)
    for path in ("/statistics", "/statistics.csv"):
        assert office.desktop("bruno").get(path).status_code == 403
        assert office.other_system().get(path).status_code == 403
        anne = office.desktop("anne")
        assert anne.get(path, **{"from": "2024-01-01T00:00:00Z"}).status_code == 422
        assert anne.get(path, **{"from": "2027-01-01T00:00:00Z"}).status_code == 422
        for wrong in ({"by": "colour"}, {"topic": "cantine"}, {"service": "cantine"}, {"channel": "fax"}):
            refused = anne.get(path, **wrong)
            assert refused.status_code == 422
            assert [fault["parameter"] for fault in json_of(refused)["errors"]] == [*wrong]


def test_by_agent_only_as_the_plan_allows(office: Office) -> None:
    a_busy_morning(office)
    anne = office.desktop("anne")
    refused = anne.get("/statistics", by="agent")
    assert refused.status_code == 403
    assert "statistics_by_agent" in json_of(refused)["detail"]
    assert json_of(refused)["type"] == "/api/problems#not-by-agent"
    plan = "statistics_by_agent: true\n" + PLAN.read_text("utf-8")
    office.hall.plans.publish(plan, None, office.hall.clock())
    items = json_of(anne.get("/statistics", by="agent"))["items"]
    assert [(item["key"], item["label"], item["arrivals"]["arrivals"]) for item in items] == [
        ("bruno", "Bruno Registre", 2),
        (None, "Aucun agent", 1),
    ]


def test_as_a_table_in_the_readers_language(office: Office) -> None:
    a_busy_morning(office)
    token = office.token("anne")
    for language, delimiter, name, share in [("fr", ";", "Guichet", "50,0"), ("en", ",", "Front desk", "50.0")]:
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        answer = office.anonymous().get("/api/v1/statistics.csv", headers=headers)
        assert answer.content_type == "text/csv; charset=utf-8"
        assert re.search(r"attachment; .*statistiques-2026-03-02", answer.headers["Content-Disposition"])
        assert answer.data.startswith("\ufeff".encode())
        heading, total, *rows = csv.reader(StringIO(answer.data.decode("utf-8-sig")), delimiter=delimiter)
        assert {len(row) for row in (total, *rows)} == {len(heading)}
        assert total[2] == "3"
        assert [row[:2] for row in rows] == [["chat", rows[0][1]], ["walkin", name]]
        assert share in rows[1]


@pytest.mark.parametrize("beginning", BEGINS_FORMULA)
def test_no_text_is_a_formula(beginning: str) -> None:
    table = csv_file("x.csv", ["a"], [[f"{beginning}1+1"]], "fr").data.decode("utf-8-sig")
    ((_, *_), (cell,)) = csv.reader(StringIO(table, newline=""), delimiter=";")
    assert cell == f"'{beginning}1+1"


def test_hours_are_those_of_the_clock_before_and_after_it_changes(office: Office) -> None:
    for instant in (datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 30, 9, tzinfo=UTC)):
        office.hall.clock.set(instant)
        office.walk_in(topic="objets-trouves")
    office.hall.clock.advance(60)
    since = {"from": "2026-03-01T00:00:00+01:00"}
    for by, keys in [("hour", ["10", "11"]), ("day", ["2026-03-02", "2026-03-30"])]:
        items = json_of(office.desktop("anne").get("/statistics", by=by, **since))["items"]
        assert [item["key"] for item in items] == keys
