"""The security log tells of log-ins and refusals, and holds nothing personal."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from bureau.access.accounts import sync_accounts
from competences.channels import Channel
from routeur.contact.messages import InboundAttachment, OriginalMessage
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound
from tests.bureau.office import Office, json_of


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


def test_what_is_saved_is_told(office: Office) -> None:
    office.desktop("bruno").put("/me/activity", {"activity": "available"})
    file = InboundAttachment("photo.jpg", "image/jpeg", 3, content=b"abc")
    letter = Inbound(
        Channel.EMAIL,
        AddressKind.EMAIL,
        "lea@example.org",
        text="Bonjour",
        provider_id="<1@example.org>",
        topic="carte-identite",
        attachments=(file,),
        original=OriginalMessage("message/rfc822", b"From: lea@example.org\r\n\r\nBonjour"),
    )
    contact = office.hall.reception.receive(letter).standing.contact.id
    anne = office.desktop("anne")
    (message,) = json_of(anne.get(f"/contacts/{contact}"))["messages"]
    with capture_logs() as logs:
        for path in (message["original"], message["attachments"][0]["href"]):
            assert anne.get(path.removeprefix("/api/v1")).status_code == 200
    assert [(line["event"], line["account"], line["contact"]) for line in logs] == [
        ("original_saved", "anne", contact),
        ("file_saved", "anne", contact),
    ]
    assert "lea" not in str(logs)


def test_what_is_rolled_back_is_not_told(office: Office) -> None:
    plan = office.hall.plans.current().plan
    changed = plan.model_copy(update={"agents": {k: one for k, one in plan.agents.items() if k != "david"}})
    with office.hall.record.write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER kept BEFORE DELETE ON account BEGIN SELECT RAISE(ABORT, 'kept'); END"
        )
    with capture_logs() as logs, pytest.raises(IntegrityError):
        sync_accounts(office.hall.record, changed)
    assert logs == []


def test_changes_of_role_and_accounts_that_are_gone_are_told(office: Office) -> None:
    plan = office.hall.plans.current().plan
    agents = {login: agent for login, agent in plan.agents.items() if login != "david"}
    agents["bruno"] = agents["bruno"].model_copy(update={"role": "supervisor"})
    changed = plan.model_copy(update={"agents": agents})
    with capture_logs() as logs:
        for _ in range(2):
            sync_accounts(office.hall.record, changed)
    assert [(line["event"], line["account"], line.get("role")) for line in logs] == [
        ("role_changed", "bruno", "supervisor"),
        ("account_removed", "david", None),
    ]
