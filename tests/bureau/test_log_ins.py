"""A person sees where they are logged in and ends it; what is not used ends by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, select
from structlog.testing import capture_logs

from bureau.access.tokens import IDLE, LIFETIME, SEEN_EVERY
from bureau.access.user_agents import in_short
from routeur.contact.words import Activity
from routeur.record.tables import AccessToken
from tests.bureau.office import Desktop, Office, json_of
from tests.bureau.test_stream import listening

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:139.0) Gecko/20100101 Firefox/139.0"


def log_ins(desktop: Desktop) -> list[dict[str, object]]:
    answer = desktop.get("/me/log-ins")
    assert answer.status_code == 200
    return list(json_of(answer)["items"])


def browser_with(office: Office, user_agent: str) -> Desktop:
    """Bruno, logged in with this browser."""
    client = office.anonymous()
    answer = client.post(
        "/api/v1/session", json={"login": "bruno", "password": "demo"}, headers={"User-Agent": user_agent}
    )
    return Desktop(client, {"X-CSRF-Token": json_of(answer)["csrf"]})


def test_a_person_sees_their_own_log_ins(office: Office) -> None:
    browser_with(office, FIREFOX)
    office.hall.clock.advance(120)
    program = office.desktop("bruno")
    office.desktop("anne")
    here, browser = log_ins(program)
    assert (here["kind"], here["current"]) == ("program", True)
    assert {name: browser[name] for name in ("kind", "client", "since", "last_seen", "current")} == {
        "kind": "browser",
        "client": "Firefox, Windows",
        "since": "2026-03-02T09:00:00Z",
        "last_seen": "2026-03-02T09:00:00Z",
        "current": False,
    }


def test_no_token_and_no_address_is_told(office: Office) -> None:
    token = office.token("bruno")
    answer = office.bearer(token).get("/me/log-ins")
    with office.hall.record.read() as connection:
        kept = connection.execute(select(AccessToken.__table__)).one()
    assert kept.digest not in answer.text
    assert token not in str(kept)
    assert "127.0.0.1" not in answer.text + str(kept)


@pytest.mark.parametrize(
    ("user_agent", "short"),
    [
        (FIREFOX, "Firefox, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Linux"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/19.0 Safari/605.1.15", "Safari, macOS"),
        ("python-requests/2.32", "python-requests"),
        ("<script>alert(1)</script>", None),
        ("\u202egpj.exe", None),
        ("x" * 5_000, "x" * 40),
        ("", None),
    ],
)
def test_a_client_is_named_in_a_few_words(user_agent: str, short: str | None) -> None:
    assert in_short(user_agent) == short


def test_one_log_in_is_ended_and_the_others_stay(office: Office) -> None:
    here, lost = office.desktop("bruno"), office.desktop("bruno")
    (other,) = (one["id"] for one in log_ins(here) if not one["current"])
    assert here.delete(f"/me/log-ins/{other}").status_code == 204
    assert lost.get("/me").status_code == 401
    assert here.get("/me").status_code == 200
    assert here.delete(f"/me/log-ins/{other}").status_code == 404


def test_all_others_are_ended_at_once(office: Office) -> None:
    here, *others = [office.desktop("bruno") for _ in range(3)]
    anne = office.desktop("anne")
    assert here.delete("/me/log-ins").status_code == 204
    assert [one.get("/me").status_code for one in (here, *others, anne)] == [200, 401, 401, 200]


def test_nobody_ends_a_log_in_of_somebody_else(office: Office) -> None:
    bruno, anne = office.desktop("bruno"), office.desktop("anne")
    (hers,) = (one["id"] for one in log_ins(anne))
    assert bruno.delete(f"/me/log-ins/{hers}").status_code == 404
    assert bruno.delete("/agents/anne/log-ins").status_code == 403
    assert office.other_system().delete("/agents/anne/log-ins").status_code == 403
    assert anne.get("/me").status_code == 200


def test_a_supervisor_ends_every_log_in_of_an_agent_who_is_off_shift_then(office: Office) -> None:
    anne, bruno, phone = office.desktop("anne"), office.desktop("bruno"), office.browser("bruno")
    bruno.put("/me/activity", {"activity": "available"})
    assert anne.delete("/agents/bruno/log-ins").status_code == 204
    assert [one.get("/me").status_code for one in (bruno, phone)] == [401, 401]
    assert office.hall.views.agents.one("bruno").activity == Activity.OFFLINE
    assert anne.delete("/agents/bruno/log-ins").status_code == 204
    assert anne.delete("/agents/nobody/log-ins").status_code == 404


def test_who_ends_their_last_log_in_is_off_shift(office: Office) -> None:
    bruno = office.desktop("bruno")
    bruno.put("/me/activity", {"activity": "available"})
    (own,) = (one["id"] for one in log_ins(bruno))
    assert bruno.delete(f"/me/log-ins/{own}").status_code == 204
    assert office.hall.views.agents.one("bruno").activity == Activity.OFFLINE


def test_a_stream_ends_with_its_log_in(office: Office) -> None:
    bruno = office.desktop("bruno")
    with listening(bruno) as stream:
        stream.next()
        office.desktop("anne").delete("/agents/bruno/log-ins")
        assert len(list(stream.all())) < 5


def test_ended_log_ins_are_told_to_the_security_log(office: Office) -> None:
    anne, bruno = office.desktop("anne"), office.desktop("bruno")
    office.desktop("bruno")
    with capture_logs() as logs:
        bruno.delete("/me/log-ins")
        anne.delete("/agents/bruno/log-ins")
    told = [line for line in logs if line["event"] == "log_ins_ended"]
    assert [(line["account"], line["by"], line["count"]) for line in told] == [
        ("bruno", "bruno", 1),
        ("bruno", "anne", 1),
    ]


def test_a_browser_that_is_not_used_is_logged_out(office: Office) -> None:
    used, unused, program = office.browser("bruno"), office.browser("bruno"), office.desktop("bruno")
    for _ in range(3):
        office.hall.clock.advance(IDLE.total_seconds() / 2)
        assert used.get("/me").status_code == 200
    assert unused.get("/me").status_code == 401
    assert program.get("/me").status_code == 200
    assert len(log_ins(used)) == 2


def test_a_desk_that_listens_is_used(office: Office) -> None:
    browser = office.browser("bruno")
    with listening(browser) as stream:
        stream.next()
        for _ in range(3):
            office.hall.clock.advance(IDLE.total_seconds() / 2)
            while "still here" not in stream.raw():
                pass
    assert browser.get("/me").status_code == 200


def test_use_does_not_make_a_log_in_longer_than_a_day_s_work(office: Office) -> None:
    browser = office.browser("bruno")
    step = IDLE / 2
    for _ in range(LIFETIME // step - 1):
        office.hall.clock.advance(step.total_seconds())
        assert browser.get("/session").status_code == 200
    office.hall.clock.advance(step.total_seconds())
    assert browser.get("/session").status_code == 401


def test_use_is_written_down_once_a_minute(office: Office) -> None:
    browser = office.browser("bruno")
    written = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE access_token"):
            written.append(statement)

    event.listen(office.hall.record.engine, "before_cursor_execute", note)
    for seconds in (0, 30, 29, 1, 30, 30):
        office.hall.clock.advance(seconds)
        assert browser.get("/session").status_code == 200
    assert len(written) == 2
    (shown,) = log_ins(browser)
    assert shown["last_seen"] == "2026-03-02T09:02:00Z"
    assert timedelta(minutes=1) == SEEN_EVERY


def test_what_cannot_be_written_down_keeps_nobody_out(office: Office) -> None:
    browser = office.browser("bruno")
    office.hall.clock.advance(120)
    with office.hall.record.write() as connection:
        connection.exec_driver_sql("CREATE TRIGGER locked BEFORE UPDATE ON access_token BEGIN SELECT nowhere(); END")
    assert browser.get("/session").status_code == 200
