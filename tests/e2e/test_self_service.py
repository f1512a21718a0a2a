"""Nobody waits for what can be done online, nor for an agent to be told how their request stands."""

from __future__ import annotations

import requests

from tests.e2e.desk import Arrive
from tests.e2e.event_stream import EventStream
from tests.e2e.street import Texter, Visitor, answer_text, new_address, new_number
from tests.e2e.town_hall import TownHall
from tests.e2e.waiting import PATIENCE_SECONDS, eventually

CANTEEN = "https://demarches.sainte-aldegonde-sur-yonne.example/cantine"
REFUSED = "Nous ne pouvons rien dire de cette référence ici."


def ask(town: TownHall, reference: str, phone_or_email: str) -> requests.Response:
    body = {"reference": reference, "phone_or_email": phone_or_email}
    headers = {"Accept": "application/json"}
    return requests.post(f"{town.url}/suivi", json=body, headers=headers, timeout=PATIENCE_SECONDS)


def answered(chat: EventStream) -> str:
    """What the chat answers by itself."""
    while (said := chat.until("message").data)["from"] != "automatic":
        pass
    return str(said["text"])


def test_who_finds_their_answer_online_frees_their_place(town: TownHall, arrive: Arrive) -> None:
    lucie = arrive("lucie.garnier")
    supervisor = arrive("camille.martin", None)
    visitor, next_one = Visitor(town), Visitor(town)
    online = visitor.begin("Bonjour, pour inscrire ma fille ?", topic="cantine").json()["self_service"]
    assert online["url"] == CANTEEN
    assert "en ligne" in online["text"]
    assert lucie.offered()["contact"]["id"] == visitor.id  # the place is kept
    next_one.begin("Bonjour", topic="cantine")
    with visitor.stream() as page:
        assert page.until("self_service").data == online
        assert visitor.settled().status_code == 204
        assert visitor.settled().status_code == 204
        assert page.until("closed").data["outcome"] == "self_served"
        assert page.next() is None
    eventually(lambda: [one["contact"]["id"] for one in lucie.offers()] == [next_one.id], "the next one is offered")
    (share,) = [
        one
        for one in supervisor.get("/service-level")["self_service"]
        if (one["topic"], one["month"]) == ("cantine", "2026-03")
    ]
    assert share["self_served"] >= 1
    assert share["share"] == share["self_served"] / share["contacts"]
    lucie.accept(next_one.id)
    assert next_one.settled().status_code == 204
    assert supervisor.contact(next_one.id)["state"] == "active"  # who is being served is not cut
    lucie.finish(next_one.id)


def test_a_topic_found_while_waiting_brings_its_link_to_the_page(town: TownHall, arrive: Arrive) -> None:
    arrive("lucie.garnier", "busy")
    supervisor = arrive("camille.martin", None)
    visitor = Visitor(town)
    assert visitor.begin("Bonjour").json()["self_service"] is None
    with visitor.stream() as page:
        page.until("waiting")
        supervisor.does(f"/contacts/{visitor.id}/topic", {"topic": "cantine"})
        assert page.until("self_service").data["url"] == CANTEEN
    visitor.leave()


def test_the_word_by_text_ends_it(town: TownHall, arrive: Arrive) -> None:
    theo = arrive("theo.marchand")
    texter = Texter(town)
    answer_text(texter.write("Bonjour, j'ai une question"))
    contact_id = theo.offered()["contact"]["id"]
    assert "Merci" in answer_text(texter.write("Réglé !"))
    eventually(lambda: theo.offers() == [], "it is offered no more")
    contact = arrive("camille.martin", None).contact(contact_id)
    assert (contact["state"], contact["outcome"]) == ("closed", "self_served")
    assert [one["text"] for one in contact["messages"]] == ["Bonjour, j'ai une question", "Réglé !"]


def test_how_a_request_stands_is_told_to_whoever_made_it(town: TownHall, arrive: Arrive) -> None:
    supervisor = arrive("camille.martin", None)
    texter, stranger = Texter(town), Texter(town)
    emma = arrive("emma.chevalier")
    answer_text(texter.write("Bonjour, je voudrais savoir pour mon dossier"))
    contact_id = emma.offered()["contact"]["id"]
    reference = emma.accept(contact_id)["reference"]
    emma.does(f"/contacts/{contact_id}/follow-up", {})
    assert ask(town, reference, texter.number).json()["state"] == "recorded"
    supervisor.does(f"/follow-ups/{reference}/take")
    assert "est pris en charge" in answer_text(texter.write(f"Où en est ma demande {reference} ?"))
    refused = answer_text(stranger.write(f"Où en est ma demande {reference} ?"))
    assert REFUSED in refused
    assert "pris en charge" not in refused

    wrong, unknown = ask(town, reference, new_number()), ask(town, "XXX-000-000", new_number())
    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)
    assert {**wrong.headers, "Date": ""} == {**unknown.headers, "Date": ""}
    assert wrong.status_code == 404
    page = requests.get(f"{town.url}/suivi", headers={"Accept-Language": "en"}, timeout=PATIENCE_SECONDS)
    assert "Follow my request" in page.text

    visitor = Visitor(town)
    visitor.begin("Bonjour", email=new_address("awa"))
    with visitor.stream() as chat:
        visitor.say(f"{reference}, mon numéro : {texter.number}")
        assert "est pris en charge" in answered(chat)
        visitor.say("Et XXX-000-000 ?")
        assert answered(chat).startswith(REFUSED)
