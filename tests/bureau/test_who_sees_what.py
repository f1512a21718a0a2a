"""Roles: what an agent, a supervisor, another system and nobody may see and do."""

from __future__ import annotations

import pytest

from competences.channels import Channel
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound
from tests.bureau.office import Office, json_of


@pytest.fixture
def held_by_bruno(office: Office) -> str:
    bruno = office.desktop("bruno")
    bruno.put("/me/activity", {"activity": "available"})
    contact = office.walk_in(phone="+33639980011")
    bruno.post(f"/contacts/{contact}/accept")
    return contact


@pytest.mark.parametrize(
    "path", ["/me", "/session", "/contacts", "/follow-ups", "/service-level", "/agents", "/plan/topics", "/me/events"]
)
def test_nobody_sees_anything(office: Office, path: str) -> None:
    refused = office.anonymous().get(f"/api/v1{path}")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("authorization", ["Bearer nonsense", "Bearer ", "Basic YTpi", "Bearer é", "nonsense"])
def test_wrong_credentials_are_no_credentials(office: Office, authorization: str) -> None:
    headers = {"Authorization": authorization}
    assert office.anonymous().get("/api/v1/agents", headers=headers).status_code == 401


def test_the_queue_is_for_those_to_whom_it_could_be_offered(office: Office) -> None:
    """David does not know the registry; after a minute, it is asked of the front desk, where he sits."""
    office.desktop("bruno").put("/me/activity", {"activity": "available"})
    contact = office.walk_in()
    david, other_topic = office.desktop("david"), office.walk_in(topic="permis-construire", language="en")
    assert [one["id"] for one in json_of(david.get("/contacts", state="offered"))["items"]] == [contact]
    assert david.get(f"/contacts/{contact}").status_code == 200
    assert other_topic not in [one["id"] for one in json_of(david.get("/contacts"))["items"]]


@pytest.mark.parametrize("path", ["", "/timeline", "/explanation", "/messages"])
def test_what_waits_for_others_skills_is_not_an_agents(office: Office, path: str) -> None:
    office.desktop("chloe").put("/me/activity", {"activity": "break"})
    plan = office.walk_in(topic="permis-construire")
    assert office.desktop("chloe").get(f"/contacts/{plan}{path}").status_code == 200
    for login in ("bruno", "david"):
        assert office.desktop(login).get(f"/contacts/{plan}{path}").status_code == 403


def test_what_waits_for_an_agent_by_name_is_theirs_too(office: Office) -> None:
    chloe, bruno, david = (office.desktop(login) for login in ("chloe", "bruno", "david"))
    chloe.put("/me/activity", {"activity": "available"})
    plan = office.walk_in(topic="permis-construire")
    chloe.post(f"/contacts/{plan}/accept")
    bruno.put("/me/activity", {"activity": "available"})
    assert chloe.post(f"/contacts/{plan}/transfer", {"agent": "bruno"}).status_code == 200
    assert bruno.get(f"/contacts/{plan}").status_code == 200
    assert chloe.get(f"/contacts/{plan}").status_code == 200
    assert david.get(f"/contacts/{plan}").status_code == 403


def test_what_an_agent_had_stays_readable_to_them(office: Office) -> None:
    bruno, david = office.desktop("bruno"), office.desktop("david")
    david.put("/me/activity", {"activity": "available"})
    contact = office.walk_in(topic="objets-trouves")
    david.post(f"/contacts/{contact}/accept")
    bruno.put("/me/activity", {"activity": "available"})
    david.post(f"/contacts/{contact}/transfer", {"skills": {"etat-civil": 3}})
    assert bruno.post(f"/contacts/{contact}/accept").status_code == 200
    assert david.get(f"/contacts/{contact}").status_code == 200
    assert office.desktop("chloe").get(f"/contacts/{contact}").status_code == 403


def test_follow_ups_are_for_their_service(office: Office) -> None:
    """A general question is everybody's, one that the front desk may widen to is the front desk's."""
    chloe, bruno, anne = (office.desktop(login) for login in ("chloe", "bruno", "anne"))
    hall = office.hall
    plan = hall.text("Mon permis", "SM1", topic="permis-construire").standing.contact
    card = hall.text("Ma carte", "SM2", "+33639980002", topic="carte-identite").standing.contact
    general = hall.text("Bonjour", "SM3", "+33639980003").standing.contact
    for one in (plan, card, general):
        hall.reception.ask_follow_up(one.id)
    assert [hall.state(one.id) for one in (plan, card, general)] == ["follow_up"] * 3
    for reader, seen in ((bruno, [card, general]), (chloe, [plan, card, general]), (anne, [plan, card, general])):
        listed = [one["id"] for one in json_of(reader.get("/contacts"))["items"]]
        assert sorted(listed) == sorted(one.id for one in seen)
        promised = [one["reference"] for one in json_of(reader.get("/follow-ups"))["items"]]
        assert sorted(promised) == sorted(one.reference for one in seen)
    assert bruno.get(f"/contacts/{plan.id}").status_code == 403
    assert bruno.get(f"/follow-ups/{plan.reference}").status_code == 403
    for act, body in (("take", {}), ("answer", {"text": "Voici."}), ("close", {})):
        assert bruno.post(f"/follow-ups/{plan.reference}/{act}", body).status_code == 403
    assert bruno.get(f"/contacts/{plan.id}").status_code == 403
    pieces = {"until": "2026-04-02", "pieces": ["Un plan de masse"]}
    assert bruno.post(f"/contacts/{plan.id}/messages", {"text": "Voici."}).status_code == 403
    for path, said in (("", {"is_request": True}), ("/missing-pieces", pieces), ("/completion", {})):
        assert bruno.put(f"/contacts/{plan.id}/request{path}", said).status_code == 403
    assert chloe.post(f"/contacts/{plan.id}/messages", {"text": "Nous regardons."}).status_code == 201
    assert chloe.post(f"/follow-ups/{plan.reference}/take").status_code == 200


def test_a_follow_up_handed_to_another_service_is_for_those_who_serve_there(office: Office) -> None:
    david, chloe, bruno = (office.desktop(login) for login in ("david", "chloe", "bruno"))
    david.put("/me/activity", {"activity": "available"})
    contact = office.walk_in(topic="objets-trouves", name="Léa", phone="+33639980001")
    david.post(f"/contacts/{contact}/accept")
    assert david.post(f"/contacts/{contact}/topic", {"topic": "permis-construire"}).status_code == 200
    assert david.post(f"/contacts/{contact}/follow-up", {"service": "etat-civil"}).status_code == 200
    for reader in (chloe, bruno, david):
        assert reader.get(f"/contacts/{contact}").status_code == 200


def test_who_is_no_longer_in_the_plan_sees_nothing_of_it(office: Office) -> None:
    david, contact = office.desktop("david"), office.walk_in()
    without = office.hall.plans.current().plan
    kept = {login: agent for login, agent in without.agents.items() if login != "david"}
    office.hall.plans.publish(without.model_copy(update={"agents": kept}).dump(), None, office.hall.clock())
    assert david.get(f"/contacts/{contact}").status_code in (401, 403)


def test_what_a_colleague_holds_is_theirs(office: Office, held_by_bruno: str) -> None:
    david = office.desktop("david")
    for path in ("", "/timeline", "/explanation"):
        assert david.get(f"/contacts/{held_by_bruno}{path}").status_code == 403
    assert json_of(david.get("/contacts"))["items"] == []
    assert json_of(david.get("/contacts", state="active"))["items"] == []
    assert david.post(f"/contacts/{held_by_bruno}/topic", {"topic": "objets-trouves"}).status_code == 403


def test_supervisors_and_other_systems_see_all(office: Office, held_by_bruno: str) -> None:
    for reader in (office.desktop("anne"), office.other_system()):
        assert [one["id"] for one in json_of(reader.get("/contacts", state="active"))["items"]] == [held_by_bruno]
        assert reader.get(f"/contacts/{held_by_bruno}").status_code == 200


def test_the_history_of_an_usager_is_for_whoever_serves_them(office: Office) -> None:
    bruno, david = office.desktop("bruno"), office.desktop("david")
    bruno.put("/me/activity", {"activity": "available"})
    before = office.hall.text("Ma carte", "SM1", topic="carte-identite").standing.contact.id
    usager = json_of(bruno.post(f"/contacts/{before}/accept"))["usager"]["id"]
    bruno.post(f"/contacts/{before}/finish")
    bruno.put("/me/activity", {"activity": "offline"})
    assert david.get(f"/usagers/{usager}/contacts").status_code == 403
    office.hall.clock.advance(1)
    david.put("/me/activity", {"activity": "available"})
    now = office.hall.text("Mon écharpe", "SM2", topic="objets-trouves").standing.contact.id
    assert david.get(f"/contacts/{now}").status_code == 200  # the queue is everybody's, the rest of the file is not
    assert david.get(f"/usagers/{usager}/contacts").status_code == 403
    assert david.get(f"/contacts/{before}").status_code == 403
    assert david.post(f"/contacts/{now}/accept").status_code == 200
    assert [one["id"] for one in json_of(david.get(f"/usagers/{usager}/contacts"))["items"]] == [now, before]
    assert david.get(f"/contacts/{before}").status_code == 200
    david.post(f"/contacts/{now}/finish")
    assert david.get(f"/usagers/{usager}/contacts").status_code == 403
    assert office.desktop("anne").get(f"/usagers/{usager}/contacts").status_code == 200


def test_a_number_typed_at_the_counter_opens_no_history(office: Office) -> None:
    victim = office.hall.text("Ma carte", topic="carte-identite").standing.contact
    david = office.desktop("david")
    david.put("/me/activity", {"activity": "available"})
    typed = office.walk_in(topic="objets-trouves", phone="+33639980001")
    assert david.post(f"/contacts/{typed}/accept").status_code == 200
    assert david.get(f"/usagers/{victim.usager_id}/contacts").status_code == 403


def test_the_history_is_also_for_whoever_has_taken_a_follow_up_of_theirs(office: Office) -> None:
    promised = office.hall.text("Ma carte", topic="carte-identite").standing.contact
    office.hall.reception.ask_follow_up(promised.id)
    bruno = office.desktop("bruno")
    history = f"/usagers/{promised.usager_id}/contacts"
    assert bruno.get(history).status_code == 403
    bruno.post(f"/follow-ups/{promised.reference}/take")
    assert bruno.get(history).status_code == 200
    assert office.desktop("david").get(history).status_code == 403
    bruno.post(f"/follow-ups/{promised.reference}/close")
    assert bruno.get(history).status_code == 403


def test_what_answers_a_contact_is_also_for_whoever_has_that_one(office: Office) -> None:
    hall = office.hall
    david, bruno = office.desktop("david"), office.desktop("bruno")
    david.put("/me/activity", {"activity": "available"})
    chatting = hall.chat(topic="objets-trouves", email="lea@example.org")
    assert david.post(f"/contacts/{chatting}/accept").status_code == 200
    bruno.put("/me/activity", {"activity": "available"})
    answer = Inbound(
        Channel.EMAIL,
        AddressKind.EMAIL,
        "lea@example.org",
        text="La facture",
        provider_id="<1@x>",
        topic="carte-identite",
        contact_hint=chatting,
    )
    came = hall.reception.receive(answer).standing.contact.id
    assert bruno.post(f"/contacts/{came}/accept").status_code == 200
    assert office.desktop("chloe").get(f"/contacts/{came}").status_code == 403
    assert david.get(f"/contacts/{came}").status_code == 200


def test_another_system_reads_and_announces_but_has_no_desk(office: Office) -> None:
    system = office.other_system()
    contact = office.walk_in()
    assert system.get("/contacts").status_code == 200
    for refused in (system.get("/me"), system.post(f"/contacts/{contact}/accept"), system.delete("/tokens/current")):
        assert refused.status_code == 403


@pytest.mark.parametrize(
    "path", ["/contacts/0", "/contacts/0/timeline", "/usagers/0/contacts", "/follow-ups/AAA-000-000"]
)
def test_what_does_not_exist_is_not_found(office: Office, path: str) -> None:
    for login in ("bruno", "anne"):
        assert office.desktop(login).get(path).status_code == 404
