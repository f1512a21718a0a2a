"""The security log tells of log-ins and refusals, and holds nothing personal."""

from __future__ import annotations

from structlog.testing import capture_logs

from tests.bureau.office import Office


def told(office: Office, *attempts: tuple[str, str]) -> list[dict[str, object]]:
    """What the log says of these attempts to log in."""
    with capture_logs() as logs:
        for login, password in attempts:
            office.anonymous().post("/api/v1/tokens", json={"login": login, "password": password})
    return [dict(line) for line in logs if line["event"] in ("logged_in", "log_in_failed", "api_refused")]


def test_log_ins_are_told_with_their_account(office: Office) -> None:
    (line,) = told(office, ("bruno", "demo"))
    assert (line["event"], line["account"], line["by"]) == ("logged_in", "bruno", "program")


def test_a_failure_names_an_account_but_not_what_somebody_typed(office: Office) -> None:
    lines = told(office, ("bruno", "my-secret-1"), ("my-secret-2", "x"))
    assert [line.get("account") for line in lines if line["event"] == "log_in_failed"] == ["bruno", "unknown"]
    assert [line["status"] for line in lines if line["event"] == "api_refused"] == [401, 401]
    assert "my-secret" not in str(lines)


def test_refusals_and_limits_are_told(office: Office) -> None:
    browser = office.anonymous()
    browser.post("/api/v1/session", json={"login": "bruno", "password": "demo"})
    with capture_logs() as logs:
        assert browser.put("/api/v1/me/activity", json={"activity": "available"}).status_code == 403
        assert office.bearer("nobody's").get("/me").status_code == 401
    refused = [line for line in logs if line["event"] == "api_refused"]
    assert [line["status"] for line in refused] == [403, 401]
    assert "nobody's" not in str(logs)
    lines = told(office, *[("bruno", "wrong")] * 11)
    assert lines[-1]["status"] == 429
