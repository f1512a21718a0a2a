"""A contact as a request in the sense of the law, through the API."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from canaux.messaging.channel import MessagingChannel
from canaux.messaging.code_budget import CodeBudget
from canaux.provider_interfaces import About
from canaux.throttle import Throttle, throttle_storage
from competences.channels import Channel
from routeur.contact.opt_outs import OptOuts
from routeur.contact.receipts import Receipts
from routeur.contact.words import AddressKind, ContactState
from routeur.ports.inbound import Inbound
from tests.bureau.office import Desktop, Office, json_of
from tests.routeur.hall import Hall

PERMIT = "permis-construire"


@pytest.fixture
def chloe(office: Office) -> Desktop:
    chloe = office.desktop("chloe")
    chloe.put("/me/activity", {"activity": "available"})
    return chloe


@pytest.fixture
def contact(office: Office, chloe: Desktop) -> str:
    """A visit about a permit, which Chloé has accepted."""
    contact = office.walk_in(topic=PERMIT)
    assert chloe.post(f"/contacts/{contact}/accept").status_code == 200
    return contact


class NoNetwork:
    """The network of a test in which no text may leave."""

    def send_text(self, *, to: str, sender: str, body: str, about: About | None = None) -> str:
        raise AssertionError(body)


def texts_that_ask_first(hall: Hall) -> MessagingChannel:
    return MessagingChannel(
        plans=lambda: hall.plans.current().plan,
        network=NoNetwork(),
        clock=hall.clock,
        opt_outs=OptOuts(hall.record, hall.clock),
        receipts=Receipts(hall.record, hall.clock),
        code_budget=CodeBudget(Throttle("codes", throttle_storage("memory://"))),
    )


def said(desktop: Desktop, contact: str, is_request: bool = True) -> Any:
    answer = desktop.put(f"/contacts/{contact}/request", {"is_request": is_request})
    assert answer.status_code == 200, answer.text
    return json_of(answer)


def test_a_topic_proposes_and_a_person_decides(chloe: Desktop, contact: str) -> None:
    before = json_of(chloe.get(f"/contacts/{contact}"))
    assert (before["legal"], before["legal_proposed"]) == (None, {"silence_means": "acceptance", "months": 2})
    answer = said(chloe, contact)
    assert answer["is_request"]
    assert answer["legal"] == {
        "received_on": "2026-03-02",
        "acknowledge_by": "2026-03-16",
        "silence_means": "acceptance",
        "silence_on": "2026-05-02",
        "awaited": None,
    }
    assert answer["words"].startswith("Sans réponse de notre part le samedi 2 mai 2026, votre demande est acceptée")
    after = json_of(chloe.get(f"/contacts/{contact}"))
    assert after["legal"] == answer["legal"]
    (entry,) = [entry for entry in after["timeline"] if entry["kind"] == "request_set"]
    assert (entry["agent"], entry["detail"]["silence_on"]) == ("chloe", "2026-05-02")
    assert json_of(chloe.get(f"/contacts/{contact}/request")) == answer


def test_looking_at_it_leaves_a_trace(office: Office, chloe: Desktop) -> None:
    waiting = office.walk_in(topic=PERMIT)
    assert chloe.get(f"/contacts/{waiting}/request").status_code == 200
    (reading,) = json_of(office.desktop("anne").get(f"/contacts/{waiting}/readers"))["items"]
    assert reading["login"] == "chloe"


def test_it_can_be_unsaid(chloe: Desktop, contact: str) -> None:
    said(chloe, contact)
    assert said(chloe, contact, False) == {
        "is_request": False,
        "legal": None,
        "legal_proposed": {"silence_means": "acceptance", "months": 2},
        "words": None,
        "no_text": None,
    }


@pytest.mark.parametrize("refused", ["opted_out", "too_late"])
def test_who_cannot_be_told_by_text_stays_with_the_agent_who_is_told_so_at_once(
    office: Office, chloe: Desktop, refused: str
) -> None:
    hall = office.hall
    hall.adapt(texts_that_ask_first(hall))
    inbound = Inbound(
        Channel.MESSAGING,
        AddressKind.PHONE,
        "+33639980077",
        text="Mon permis",
        provider_id="SM77",
        topic=PERMIT,
        service_address="whatsapp:+33199003500",
        reply_within=timedelta(hours=24),
    )
    contact = hall.reception.receive(inbound).standing.contact
    assert hall.serve(contact.id) == "chloe"
    if refused == "opted_out":
        opt_outs = OptOuts(hall.record, hall.clock)
        opt_outs.note_refusal(contact.address, contact.service_address or "", "stop", hall.clock())
    else:
        hall.step(25 * 3600)
        chloe = office.desktop("chloe")
    answer = said(chloe, contact.id)
    assert ("STOP" in answer["no_text"]) is (refused == "opted_out")
    assert "Sans réponse de notre part" in answer["words"]
    for _ in range(3):
        hall.step()
    assert hall.state(contact.id) is ContactState.ACTIVE


def test_pieces_are_asked_for_and_come(office: Office, chloe: Desktop, contact: str) -> None:
    said(chloe, contact)
    asked = chloe.put(
        f"/contacts/{contact}/request/missing-pieces", {"pieces": [" Plan de masse "], "until": "2026-03-20"}
    )
    assert asked.status_code == 200, asked.text
    legal = json_of(asked)["legal"]
    assert legal["awaited"] == {"pieces": ["Plan de masse"], "asked_on": "2026-03-02", "until": "2026-03-20"}
    assert legal["silence_on"] is None
    office.hall.clock.advance(days=3)
    chloe = office.desktop("chloe")
    complete = json_of(chloe.put(f"/contacts/{contact}/request/completion", {}))
    assert (complete["legal"]["awaited"], complete["legal"]["silence_on"]) == (None, "2026-05-05")
    assert json_of(chloe.put(f"/contacts/{contact}/request/completion", {})) == complete


def test_the_follow_up_has_the_same_dates(chloe: Desktop, contact: str) -> None:
    legal = said(chloe, contact)["legal"]
    full = json_of(chloe.post(f"/contacts/{contact}/follow-up"))
    assert full["follow_up"]["legal"] == full["legal"] == legal


BAD = [
    ("request", {}, "#/is_request"),
    ("request", {"is_request": "oui"}, "#/is_request"),
    ("request/missing-pieces", {"pieces": [], "until": "2026-03-20"}, "#/pieces"),
    ("request/missing-pieces", {"pieces": ["a\nb"], "until": "2026-03-20"}, "#/pieces/0"),
    ("request/missing-pieces", {"pieces": ["  "], "until": "2026-03-20"}, "#/pieces/0"),
    ("request/missing-pieces", {"pieces": ["x"] * 21, "until": "2026-03-20"}, "#/pieces"),
    ("request/missing-pieces", {"pieces": ["x"], "until": "demain"}, "#/until"),
    ("request/missing-pieces", {"pieces": ["x"], "until": "2026-02-30"}, "#/until"),
    ("request/missing-pieces", {"pieces": ["x"], "until": 20260320}, "#/until"),
    ("request/completion", {"received_on": "2026-03-02T10:00:00Z"}, "#/received_on"),
]


@pytest.mark.parametrize(("path", "body", "pointer"), BAD)
def test_what_is_wrong_is_named(chloe: Desktop, contact: str, path: str, body: object, pointer: str) -> None:
    refused = chloe.put(f"/contacts/{contact}/{path}", body)
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in json_of(refused)["errors"]] == [pointer]


@pytest.mark.parametrize("until", ["2026-03-02", "2026-03-01", "2027-03-04", "0001-01-01", "9999-12-31"])
def test_a_day_that_cannot_be_kept_is_refused_with_those_that_can(chloe: Desktop, contact: str, until: str) -> None:
    said(chloe, contact)
    refused = chloe.put(f"/contacts/{contact}/request/missing-pieces", {"pieces": ["x"], "until": until})
    assert refused.status_code == 422
    assert "2026-03-03/2027-03-03" in json_of(refused)["detail"]


@pytest.mark.parametrize("came", ["2026-03-01", "2026-03-03"])
def test_pieces_came_between_their_asking_and_today(chloe: Desktop, contact: str, came: str) -> None:
    said(chloe, contact)
    chloe.put(f"/contacts/{contact}/request/missing-pieces", {"pieces": ["x"], "until": "2026-03-20"})
    refused = chloe.put(f"/contacts/{contact}/request/completion", {"received_on": came})
    assert refused.status_code == 422
    assert "2026-03-02/2026-03-02" in json_of(refused)["detail"]


@pytest.mark.parametrize(
    ("path", "body"), [("missing-pieces", {"pieces": ["x"], "until": "2026-03-20"}), ("completion", {})]
)
def test_nothing_is_missing_from_a_question(chloe: Desktop, contact: str, path: str, body: object) -> None:
    refused = chloe.put(f"/contacts/{contact}/request/{path}", body)
    assert refused.status_code == 409
    assert "dites-le d'abord" in json_of(refused)["detail"]


def test_what_silence_has_decided_cannot_be_unsaid(office: Office, chloe: Desktop, contact: str) -> None:
    said(chloe, contact)
    chloe.post(f"/contacts/{contact}/follow-up")
    office.hall.clock.set(office.hall.clock().replace(month=5, day=2, hour=20))
    assert said(office.desktop("chloe"), contact)["legal"]["silence_on"] == "2026-05-02"
    office.hall.clock.advance(days=1)
    chloe = office.desktop("chloe")
    for path, body in [
        ("request", {"is_request": False}),
        ("request/missing-pieces", {"pieces": ["x"], "until": date(2026, 6, 1).isoformat()}),
    ]:
        refused = chloe.put(f"/contacts/{contact}/{path}", body)
        assert refused.status_code == 409
        assert "le silence vaut décision" in json_of(refused)["detail"]


def late(office: Office, chloe: Desktop, contact: str) -> Desktop:
    """Chloé, three months after the contact became a follow-up."""
    chloe.post(f"/contacts/{contact}/follow-up")
    office.hall.clock.set(office.hall.clock().replace(month=6))
    return office.desktop("chloe")


def test_what_silence_would_have_decided_already_is_not_called_a_request_by_a_slip(
    office: Office, chloe: Desktop, contact: str
) -> None:
    chloe = late(office, chloe, contact)
    refused = chloe.put(f"/contacts/{contact}/request", {"is_request": True})
    assert refused.status_code == 409
    assert "2026-05-02" in json_of(refused)["detail"]
    assert "even_if_decided" in json_of(refused)["detail"]
    assert json_of(chloe.get(f"/contacts/{contact}"))["legal"] is None
    assert "request_set" not in office.hall.story(contact)


def test_it_is_where_somebody_confirms_it_and_can_then_be_unsaid(office: Office, chloe: Desktop, contact: str) -> None:
    chloe = late(office, chloe, contact)
    confirmed = chloe.put(f"/contacts/{contact}/request", {"is_request": True, "even_if_decided": True})
    assert json_of(confirmed)["legal"]["silence_on"] == "2026-05-02"
    office.hall.clock.advance(days=3)
    assert not said(office.desktop("chloe"), contact, False)["is_request"]


def test_confirming_what_silence_has_not_decided_changes_nothing(office: Office, chloe: Desktop, contact: str) -> None:
    chloe.put(f"/contacts/{contact}/request", {"is_request": True, "even_if_decided": True})
    late_chloe = late(office, chloe, contact)
    assert late_chloe.put(f"/contacts/{contact}/request", {"is_request": False}).status_code == 409


def test_it_is_for_who_has_it_and_for_supervisors(office: Office, chloe: Desktop, contact: str) -> None:
    bruno, anne = office.desktop("bruno"), office.desktop("anne")
    body = {"is_request": True}
    assert bruno.put(f"/contacts/{contact}/request", body).status_code == 403
    assert bruno.get(f"/contacts/{contact}/request").status_code == 403
    assert office.other_system().put(f"/contacts/{contact}/request", body).status_code == 403
    assert office.anonymous().put(f"/api/v1/contacts/{contact}/request", json=body).status_code == 401
    assert chloe.put("/contacts/0123456789abcdef0123456789abcdef/request", body).status_code == 404
    said(anne, contact)
    chloe.post(f"/contacts/{contact}/follow-up")
    assert bruno.put(f"/contacts/{contact}/request", body).status_code == 403
    assert said(chloe, contact)["is_request"]
    anne.post(f"/follow-ups/{json_of(anne.get(f'/contacts/{contact}'))['reference']}/take")
    assert chloe.put(f"/contacts/{contact}/request", {"is_request": False}).status_code == 409
    assert not said(anne, contact, False)["is_request"]


def test_what_waits_is_in_nobody_s_hands_and_what_is_closed_is_over(office: Office, chloe: Desktop) -> None:
    waiting = office.walk_in(topic=PERMIT)
    assert chloe.put(f"/contacts/{waiting}/request", {"is_request": True}).status_code == 403
    assert said(office.desktop("anne"), waiting)["is_request"]
    chloe.post(f"/contacts/{waiting}/accept")
    chloe.post(f"/contacts/{waiting}/finish")
    assert chloe.put(f"/contacts/{waiting}/request", {"is_request": False}).status_code == 409
