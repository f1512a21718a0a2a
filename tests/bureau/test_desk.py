"""An agent's day through the API: offers, contacts, and how they end."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from competences.channels import Channel
from routeur.contact.receipts import Receipts
from routeur.contact.words import AddressKind, Delivery
from routeur.ports.inbound import Inbound
from tests.bureau.office import OUR_NUMBER, Desktop, Office, json_of


@pytest.fixture
def bruno(office: Office) -> Desktop:
    """The only agent who is available."""
    desktop = office.desktop("bruno")
    desktop.put("/me/activity", {"activity": "available"})
    return desktop


@pytest.fixture
def accepted(office: Office, bruno: Desktop) -> str:
    """A contact that bruno holds."""
    contact = office.walk_in(name="Awa Diallo", phone="06 39 98 00 11", text="Ma carte est perdue")
    assert bruno.post(f"/contacts/{contact}/accept").status_code == 200
    return contact


def test_what_arrives_is_offered_to_whoever_is_available(office: Office, bruno: Desktop) -> None:
    contact = office.walk_in(name="Awa Diallo", phone="06 39 98 00 11")
    (offer,) = json_of(bruno.get("/me/offers"))["items"]
    assert offer["contact"]["id"] == contact
    assert offer["contact"]["state"] == "offered"
    assert offer["contact"]["usager"] == {
        "id": offer["contact"]["usager"]["id"],
        "name": "Awa Diallo",
        "phone": "+33639980011",
        "email": None,
        "verified": [],
    }
    assert offer["contact"]["given"] == {"name": "Awa Diallo", "phone": "+33639980011", "email": None}
    assert offer["expires_at"] == "2026-03-02T09:00:20Z"
    assert offer["why"]["why"] == "arrival"


def test_an_offer_and_the_contact_show_what_comes_with_them(office: Office, bruno: Desktop) -> None:
    office.hall.know((AddressKind.EMAIL, "lea@example.org"), (AddressKind.CHAT, "chat-1"))
    chatting = office.hall.chat(topic="carte-identite")
    written = office.hall.mail("Ma carte ?", topic="carte-identite").standing.contact
    (offer,) = json_of(bruno.get("/me/offers"))["items"]
    linked = {
        "id": written.id,
        "reference": written.reference,
        "channel": "email",
        "state": "waiting",
        "subject": None,
        "arrived_at": "2026-03-02T09:00:00Z",
    }
    assert offer["contact"]["linked"] == [linked]
    accepted = json_of(bruno.post(f"/contacts/{chatting}/accept"))
    assert accepted["linked"] == [{**linked, "state": "active"}]
    assert json_of(bruno.get(f"/contacts/{written.id}"))["linked_to"] == chatting
    load = json_of(bruno.get("/me"))["load"]
    assert (load["chat"], load["email"]) == (1, 1)


def test_accepting_makes_it_mine(bruno: Desktop, accepted: str) -> None:
    contact = json_of(bruno.get(f"/contacts/{accepted}"))
    assert (contact["state"], contact["agent"]) == ("active", "bruno")
    assert [message["text"] for message in contact["messages"]] == ["Ma carte est perdue"]
    assert "accepted" in [entry["kind"] for entry in contact["timeline"]]
    assert contact["follow_up"] is None
    assert [one["id"] for one in json_of(bruno.get("/me/contacts"))["items"]] == [accepted]
    assert json_of(bruno.get("/me/offers"))["items"] == []


def test_accepting_twice_is_accepting_once(bruno: Desktop, accepted: str) -> None:
    assert bruno.post(f"/contacts/{accepted}/accept").status_code == 200


def test_what_is_not_offered_to_me_i_cannot_take(office: Office, bruno: Desktop) -> None:
    contact = office.walk_in()
    refused = office.desktop("david").post(f"/contacts/{contact}/accept")
    assert refused.status_code == 409
    assert refused.content_type == "application/problem+json"
    assert bruno.post(f"/contacts/{contact}/accept").status_code == 200


def test_a_declined_contact_goes_back_to_its_place(office: Office, bruno: Desktop) -> None:
    contact = office.walk_in(topic="objets-trouves")
    office.desktop("david").put("/me/activity", {"activity": "available"})
    assert bruno.post(f"/contacts/{contact}/decline").status_code == 204
    (offer,) = json_of(office.desktop("david").get("/me/offers"))["items"]
    assert (offer["contact"]["id"], offer["contact"]["arrived_at"]) == (contact, "2026-03-02T09:00:00Z")
    assert bruno.post(f"/contacts/{contact}/decline").status_code == 409


def test_writing_to_the_usager(bruno: Desktop, accepted: str) -> None:
    first = bruno.post(f"/contacts/{accepted}/messages", {"text": "Bonjour", "client_id": "c-1"})
    again = bruno.post(f"/contacts/{accepted}/messages", {"text": "Bonjour", "client_id": "c-1"})
    other = bruno.post(f"/contacts/{accepted}/messages", {"text": "Bonsoir", "client_id": "c-1"})
    assert other.status_code == 409
    assert "client_id" in json_of(other)["detail"]
    assert first.status_code == again.status_code == 201
    assert json_of(first) == json_of(again)
    assert (json_of(first)["direction"], json_of(first)["author"], json_of(first)["position"]) == ("out", "bruno", 2)


def test_finishing_with_an_outcome_and_a_note(bruno: Desktop, accepted: str) -> None:
    finished = json_of(bruno.post(f"/contacts/{accepted}/finish", {"outcome": "answered", "note": "Pièces indiquées"}))
    assert (finished["state"], finished["outcome"]) == ("closed", "answered")
    assert finished["messages"][-1]["direction"] == "note"
    assert bruno.post(f"/contacts/{accepted}/messages", {"text": "Encore"}).status_code == 409


def test_finishing_without_a_word_means_answered(bruno: Desktop, accepted: str) -> None:
    assert json_of(bruno.post(f"/contacts/{accepted}/finish"))["outcome"] == "answered"


def test_handing_over_to_the_back_office(bruno: Desktop, accepted: str) -> None:
    handed = json_of(bruno.post(f"/contacts/{accepted}/follow-up", {"service": "urbanisme"}))
    assert handed["state"] == "follow_up"
    assert handed["follow_up"]["reason"] == "agent-asked"
    assert handed["follow_up"]["service"] == "urbanisme"
    assert handed["follow_up"]["reference"] == handed["reference"]


def test_a_transfer_names_a_topic_skills_or_an_agent(office: Office, bruno: Desktop, accepted: str) -> None:
    chloe = office.desktop("chloe")
    chloe.put("/me/activity", {"activity": "available"})
    sent = json_of(bruno.post(f"/contacts/{accepted}/transfer", {"topic": "permis-construire"}))
    assert (sent["topic"], sent["state"], sent["agent"]) == ("permis-construire", "offered", "chloe")
    chloe.post(f"/contacts/{accepted}/accept")
    sent = json_of(chloe.post(f"/contacts/{accepted}/transfer", {"skills": {"etat-civil": 3}}))
    assert sent["agent"] == "bruno"
    bruno.post(f"/contacts/{accepted}/accept")
    assert json_of(bruno.post(f"/contacts/{accepted}/transfer", {"agent": "chloe"}))["agent"] == "chloe"


def test_a_hand_over_to_somebody_who_is_not_there_is_refused_with_who_is(
    office: Office, bruno: Desktop, accepted: str
) -> None:
    path = f"/contacts/{accepted}/transfer"
    alone = bruno.post(path, {"agent": "david"})
    assert (alone.status_code, json_of(alone)["detail"]) == (
        409,
        "Ce collègue n'est pas là, et aucun autre non plus : rien n'a été transmis. "
        "Gardez ce contact, ou confiez-le au service compétent.",
    )
    office.desktop("chloe").put("/me/activity", {"activity": "break"})
    refused = bruno.post(path, {"agent": "david"})
    assert (refused.status_code, json_of(refused)["detail"]) == (
        409,
        "Ce collègue n'est pas là : rien n'a été transmis. Sont là : Chloé Plan (chloe). "
        "Transmettez à l'un d'eux, ou à un sujet ou des compétences.",
    )
    assert json_of(bruno.get(f"/contacts/{accepted}"))["agent"] == "bruno"


@pytest.mark.parametrize("target", [{}, {"topic": "objets-trouves", "agent": "chloe"}, {"topic": "nothing"}])
def test_a_transfer_goes_to_one_known_place(bruno: Desktop, accepted: str, target: dict[str, str]) -> None:
    assert bruno.post(f"/contacts/{accepted}/transfer", target).status_code == 422


def test_a_colleague_cannot_act_on_my_contact_but_a_supervisor_can(office: Office, accepted: str) -> None:
    transfer = f"/contacts/{accepted}/transfer"
    office.desktop("david").put("/me/activity", {"activity": "available"})
    assert office.desktop("david").post(transfer, {"agent": "david"}).status_code == 403
    assert office.desktop("anne").post(transfer, {"agent": "david"}).status_code == 200


def test_correcting_the_topic(bruno: Desktop, accepted: str) -> None:
    assert json_of(bruno.post(f"/contacts/{accepted}/topic", {"topic": "objets-trouves"}))["topic"] == "objets-trouves"
    assert bruno.post(f"/contacts/{accepted}/topic", {"topic": "nothing"}).status_code == 422


def test_a_contact_that_waits_can_say_for_whom(office: Office) -> None:
    office.desktop("bruno").put("/me/activity", {"activity": "available"})
    office.desktop("bruno").post(f"/contacts/{office.walk_in()}/accept")
    contact = office.walk_in()
    explanation = json_of(office.desktop("anne").get(f"/contacts/{contact}/explanation"))
    assert explanation["state"] == "waiting"
    assert explanation["ahead"] == 0
    assert [one["agent"] for one in explanation["waiting"]["able"]] == ["bruno"]


def test_whatever_an_agent_asks_renews_their_lease(office: Office, bruno: Desktop) -> None:
    for _ in range(3):
        office.hall.clock.advance(50)
        assert json_of(bruno.get("/me"))["activity"] == "available"
        office.hall.dispatcher.step()
    assert json_of(bruno.get("/me"))["activity"] == "available"


def test_the_same_walk_in_announced_twice_is_one(office: Office, bruno: Desktop) -> None:
    assert office.walk_in(client_id="ticket-7") == office.walk_in(client_id="ticket-7")


def test_a_number_typed_at_the_counter_opens_nobody_s_file(office: Office, bruno: Desktop) -> None:
    """Neither a first visitor's with the same number, nor that of the person who calls from it."""
    called = office.hall.text("Bonjour", number="+33639980011").standing.contact.id
    first = office.walk_in(topic="objets-trouves", phone="+33639980011")
    second = office.walk_in(topic="carte-identite", phone="06.39.98.00.11")
    anne = office.desktop("anne")
    usagers = [json_of(anne.get(f"/contacts/{one}"))["usager"] for one in (called, first, second)]
    assert len({usager["id"] for usager in usagers}) == 3
    assert [usager["phone"] for usager in usagers] == ["+33639980011"] * 3
    assert [usager["verified"] for usager in usagers] == [["phone"], [], []]


def test_where_a_new_contact_is_found(office: Office) -> None:
    created = office.other_system().post("/contacts", {"text": "Bonjour"})
    assert created.headers["Location"] == f"/api/v1/contacts/{json_of(created)['id']}"
    assert json_of(created)["channel"] == "walkin"


@pytest.mark.parametrize("outcome", ["merged", "followed_up"])
def test_what_the_router_alone_knows_is_no_outcome_of_an_agents(office: Office, outcome: str) -> None:
    bruno = office.desktop("bruno")
    bruno.put("/me/activity", {"activity": "available"})
    contact = office.walk_in()
    assert bruno.post(f"/contacts/{contact}/accept").status_code == 200
    assert bruno.post(f"/contacts/{contact}/finish", {"outcome": outcome}).status_code == 422


def by_text(sid: str = "SM1", ours: str = "+33199003500", text: str = "Bonjour") -> Inbound:
    within = timedelta(hours=24) if ours.startswith("whatsapp:") else None
    return Inbound(
        Channel.MESSAGING,
        AddressKind.PHONE,
        "+33639980009",
        text=text,
        provider_id=sid,
        topic="carte-identite",
        service_address=ours,
        reply_within=within,
    )


def test_who_said_stop_is_shown_so_and_an_answer_is_refused_with_another_way(office: Office, bruno: Desktop) -> None:
    contact = office.hall.reception.receive(by_text()).standing.contact.id
    bruno.post(f"/contacts/{contact}/accept")
    office.hall.reception.wishes.stop(by_text("SM2", text="STOP"))
    assert json_of(bruno.get(f"/contacts/{contact}"))["opted_out"] is True
    refused = bruno.post(f"/contacts/{contact}/messages", {"text": "Bonjour"})
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert "STOP" in json_of(refused)["detail"]
    assert "Appelez" in json_of(refused)["detail"]


def test_an_answer_that_comes_too_late_for_whatsapp_is_refused_with_another_way(office: Office, bruno: Desktop) -> None:
    contact = office.hall.reception.receive(by_text(ours="whatsapp:+33199003500")).standing.contact.id
    bruno.post(f"/contacts/{contact}/accept")
    until = json_of(bruno.get(f"/contacts/{contact}"))["reply_until"]
    assert datetime.fromisoformat(until) == office.hall.clock() + timedelta(hours=24)
    office.hall.clock.advance(hours=24, seconds=1)
    login = office.desktop("bruno")
    refused = login.post(f"/contacts/{contact}/messages", {"text": "Bonjour"})
    assert refused.status_code == 409
    assert "24 heures" in json_of(refused)["detail"]
    assert "SMS" in json_of(refused)["detail"]
    reference = json_of(login.get(f"/contacts/{contact}"))["reference"]
    login.post(f"/contacts/{contact}/follow-up", {})
    assert login.post(f"/follow-ups/{reference}/answer", {"text": "C'est prêt."}).status_code == 409


def test_a_whatsapp_contact_can_go_on_by_sms(office: Office, bruno: Desktop) -> None:
    contact = office.hall.reception.receive(by_text(ours=f"whatsapp:{OUR_NUMBER}")).standing.contact.id
    assert bruno.post(f"/contacts/{contact}/by-sms").status_code == 409  # nobody has it yet
    bruno.post(f"/contacts/{contact}/accept")
    office.hall.clock.advance(hours=25)
    bruno = office.desktop("bruno")
    for _ in range(2):
        gone_on = bruno.post(f"/contacts/{contact}/by-sms")
        assert gone_on.status_code == 200
        assert json_of(gone_on)["reply_until"] is None
    assert office.hall.story(contact).count("answered_from_another_number") == 1
    assert bruno.post(f"/contacts/{contact}/messages", {"text": "Bonjour"}).status_code == 201
    assert office.hall.reception.standing(contact).contact.service_address == OUR_NUMBER


def test_other_contacts_do_not_go_on_by_sms(office: Office, bruno: Desktop, accepted: str) -> None:
    refused = bruno.post(f"/contacts/{accepted}/by-sms")
    assert (refused.status_code, json_of(refused)["detail"]) == (
        422,
        "Seul un contact par WhatsApp peut continuer par SMS.",
    )


def test_an_sms_to_one_number_of_ours_does_not_go_on_from_another(office: Office, bruno: Desktop) -> None:
    contact = office.hall.reception.receive(by_text(ours="+33199003511")).standing.contact.id
    bruno.post(f"/contacts/{contact}/accept")
    assert bruno.post(f"/contacts/{contact}/by-sms").status_code == 422
    assert office.hall.reception.standing(contact).contact.service_address == "+33199003511"


@pytest.mark.parametrize("stopped", [OUR_NUMBER, "+33199003511"])
def test_who_said_stop_to_any_of_our_sms_is_not_written_to_by_sms(office: Office, bruno: Desktop, stopped: str) -> None:
    wishes = office.hall.reception.wishes
    wishes.stop(by_text("SM0", ours=stopped, text="STOP"))
    contact = office.hall.reception.receive(by_text(ours=f"whatsapp:{OUR_NUMBER}")).standing.contact.id
    bruno.post(f"/contacts/{contact}/accept")
    refused = bruno.post(f"/contacts/{contact}/by-sms")
    assert refused.status_code == 409
    assert "STOP" in json_of(refused)["detail"]
    assert office.hall.reception.standing(contact).contact.service_address == f"whatsapp:{OUR_NUMBER}"
    wishes.start(by_text("SM2", ours=stopped, text="START"))
    assert bruno.post(f"/contacts/{contact}/by-sms").status_code == 200


def test_how_far_a_text_has_come_is_shown(office: Office, bruno: Desktop) -> None:
    contact = office.hall.reception.receive(by_text()).standing.contact.id
    bruno.post(f"/contacts/{contact}/accept")
    message = json_of(bruno.post(f"/contacts/{contact}/messages", {"text": "Bonjour"}))
    assert message["delivery"] is None
    Receipts(office.hall.record, office.hall.clock).note("SM9", contact, message["id"], Delivery.DELIVERED)
    shown = json_of(bruno.get(f"/contacts/{contact}"))["messages"]
    assert [one["delivery"] for one in shown] == [None, "delivered"]
