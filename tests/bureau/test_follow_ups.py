"""Follow-ups through the API: their owner, their way back to the queue, and what is told of refusals."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bureau.office import Desktop, Office, json_of
from tests.bureau.test_stream import listening


@pytest.fixture
def path(office: Office) -> str:
    """The path of a follow-up that bruno has taken."""
    contact = office.walk_in(topic="objets-trouves", email="lea@example.org", confirmed=True)
    bruno = office.desktop("bruno")
    path = f"/follow-ups/{json_of(bruno.get(f'/contacts/{contact}'))['reference']}"
    assert bruno.post(f"{path}/take").status_code == 200
    return path


@pytest.fixture
def bruno(office: Office) -> Desktop:
    return office.desktop("bruno")


ACTIONS: list[tuple[str, Any]] = [
    ("take", None),
    ("take", {"over": True}),
    ("release", None),
    ("hand-over", {"agent": "david"}),
    ("hand-over", {"service": "accueil"}),
    ("snooze", {"until": "2026-03-09T09:00:00+01:00"}),
    ("serve-now", None),
    ("answer", {"text": "C'est prêt."}),
    ("close", None),
    ("reopen", None),
]


@pytest.mark.parametrize(("action", "body"), ACTIONS)
def test_whose_it_is_is_told_to_whoever_else_would_act(office: Office, path: str, action: str, body: Any) -> None:
    refused = office.desktop("david").post(f"{path}/{action}", body)
    problem = json_of(refused)
    assert refused.status_code == 409
    assert (problem["state"], problem["holder"]) == ("taken", "bruno")
    assert problem["detail"].startswith("bruno a pris ce suivi")


def test_a_supervisor_takes_over(office: Office, path: str, bruno: Desktop) -> None:
    anne = office.desktop("anne")
    assert anne.post(f"{path}/take").status_code == 409
    assert json_of(anne.post(f"{path}/take", {"over": True}))["taken_by"] == "anne"
    assert bruno.post(f"{path}/answer", {"text": "C'est prêt."}).status_code == 409


def test_it_goes_from_hand_to_hand(office: Office, path: str, bruno: Desktop) -> None:
    handed = json_of(bruno.post(f"{path}/hand-over", {"agent": "chloe", "note": "Merci !"}))
    assert (handed["state"], handed["taken_by"]) == ("taken", "chloe")
    chloe = office.desktop("chloe")
    assert json_of(chloe.get("/follow-ups", owner="chloe"))["items"] == [handed]
    handed = json_of(chloe.post(f"{path}/hand-over", {"service": "etat-civil"}))
    assert (handed["state"], handed["taken_by"], handed["service"]) == ("open", None, "etat-civil")
    assert json_of(bruno.post(f"{path}/take"))["taken_by"] == "bruno"
    assert json_of(bruno.post(f"{path}/release"))["taken_by"] is None


@pytest.mark.parametrize(
    "body", [{}, {"agent": "nobody"}, {"service": "nothing"}, {"agent": "chloe", "service": "accueil"}, {"to": "chloe"}]
)
def test_it_is_handed_to_one_that_there_is(path: str, bruno: Desktop, body: Any) -> None:
    assert bruno.post(f"{path}/hand-over", body).status_code == 422


def test_it_sleeps_until_an_instant(path: str, bruno: Desktop) -> None:
    until = "2026-03-09T09:00:00+01:00"
    assert json_of(bruno.post(f"{path}/snooze", {"until": until}))["snoozed_until"] == "2026-03-09T08:00:00Z"
    assert json_of(bruno.get("/follow-ups", snoozed="false"))["items"] == []
    assert len(json_of(bruno.get("/follow-ups", snoozed="true"))["items"]) == 1
    assert json_of(bruno.post(f"{path}/snooze", {"until": None}))["snoozed_until"] is None
    past = bruno.post(f"{path}/snooze", {"until": "2026-03-01T09:00:00+01:00"})
    assert past.status_code == 422
    assert "2026-03-02T09:00:00+00:00/2027-03-03T09:00:00+00:00" in json_of(past)["detail"]
    assert bruno.post(f"{path}/snooze", {}).status_code == 422


def test_it_is_answered_once_more(path: str, bruno: Desktop) -> None:
    bruno.post(f"{path}/answer", {"text": "C'est prêt."})
    refused = bruno.post(f"{path}/answer", {"text": "Encore."})
    assert (refused.status_code, json_of(refused)["state"]) == (409, "answered")
    assert json_of(bruno.post(f"{path}/close"))["state"] == "closed"
    reopened = json_of(bruno.post(f"{path}/reopen", {"note": "La moitié manquait."}))
    assert (reopened["state"], reopened["taken_by"]) == ("taken", "bruno")
    assert json_of(bruno.get(f"/contacts/{reopened['contact']}"))["state"] == "follow_up"


def test_it_is_served_now_by_somebody_who_is_there(office: Office, path: str, bruno: Desktop) -> None:
    refused = bruno.post(f"{path}/serve-now")
    assert refused.status_code == 409
    assert json_of(refused)["detail"].startswith("Personne de présent")
    office.desktop("chloe").put("/me/activity", {"activity": "available"})
    served = json_of(bruno.post(f"{path}/serve-now"))
    assert served["state"] == "queued"
    (offer,) = json_of(office.desktop("chloe").get("/me/offers"))["items"]
    assert offer["contact"]["id"] == served["contact"]
    again = bruno.post(f"{path}/serve-now")
    assert (again.status_code, json_of(again)["state"]) == (409, "queued")


def test_a_supervisor_puts_back_in_one_call_what_a_moment_made_follow_ups(office: Office) -> None:
    contact = office.walk_in(topic="objets-trouves")
    office.hall.clock.advance(60)
    anne, david = office.desktop("anne"), office.desktop("david")
    reference = json_of(anne.get(f"/contacts/{contact}"))["reference"]
    david.put("/me/activity", {"activity": "available"})
    moment = {
        "reasons": ["nobody-skilled", "closed"],
        "from": "2026-03-02T10:00:00+01:00",
        "to": "2026-03-02T10:00:30+01:00",
    }
    assert david.post("/recalls", moment).status_code == 403
    elsewhere = json_of(anne.post("/recalls", {**moment, "service": "urbanisme"}))
    assert elsewhere == {"queued": [], "left": [], "next": None}
    assert json_of(anne.post("/recalls", moment)) == {"queued": [reference], "left": [], "next": None}
    (offer,) = json_of(david.get("/me/offers"))["items"]
    assert offer["contact"]["id"] == contact


@pytest.mark.parametrize(
    "change",
    [
        {"reasons": []},
        {"reasons": ["boredom"]},
        {"from": "2026-03-02T10:00:00"},
        {"from": 0},
        {"from": "2026-03-02T10:01:00+01:00"},
        {"until": "2026-03-02T10:01:00+01:00"},
    ],
)
def test_a_moment_has_reasons_a_beginning_and_an_end(office: Office, change: Any) -> None:
    moment = {"reasons": ["closed"], "from": "2026-03-02T10:00:00+01:00", "to": "2026-03-02T10:00:30+01:00"}
    assert office.desktop("anne").post("/recalls", {**moment, **change}).status_code == 422


def test_what_its_usager_wrote_since_is_shown_and_found(office: Office, bruno: Desktop) -> None:
    hall = office.hall
    letter = hall.mail("Mon permis ?", topic="objets-trouves").standing.contact
    hall.reception.ask_follow_up(letter.id)
    bruno.post(f"/follow-ups/{letter.reference}/take")
    assert json_of(bruno.get("/follow-ups", written_again="true"))["items"] == []
    hall.clock.advance(60)
    hall.mail("Et le garage ?", "<2@example.org>", in_reply_to=["<1@example.org>"])
    (shown,) = json_of(bruno.get("/follow-ups", written_again="true", owner="bruno"))["items"]
    assert shown["unanswered_since"] == "2026-03-02T09:01:00Z"
    bruno.post(f"/contacts/{letter.id}/messages", {"text": "Nous regardons."})
    assert json_of(bruno.get(f"/follow-ups/{letter.reference}"))["unanswered_since"] is None


def test_the_stream_tells_the_owner_that_their_usager_has_written(office: Office, bruno: Desktop) -> None:
    hall = office.hall
    letter = hall.mail("Mon permis ?", topic="objets-trouves").standing.contact
    hall.reception.ask_follow_up(letter.id)
    bruno.post(f"/follow-ups/{letter.reference}/answer", {"text": "Il manque un plan."})
    newest: Any = hall.redis.xrevrange(hall.index.events, count=1)
    hall.clock.advance(60)
    hall.mail("Le voici.", "<2@example.org>", in_reply_to=["<1@example.org>"])
    with listening(bruno, newest[0][0]) as stream:
        assert stream.until("follow_up").data["follow_up"]["contact"] == letter.id
