"""Somebody opens the chat."""

from __future__ import annotations

from tests.e2e.desk import Arrive
from tests.e2e.street import Visitor
from tests.e2e.town_hall import TownHall
from tests.e2e.waiting import eventually


def test_a_chat_streams_both_ways_and_resumes_without_loss(town: TownHall, arrive: Arrive) -> None:
    lucie = arrive("lucie.garnier")
    visitor = Visitor(town)
    assert visitor.begin("Bonjour, j'ai une question sur la cantine", topic="cantine").status_code == 201
    with visitor.stream() as page:
        assert page.until("message").data["from"] == "visitor"
        assert page.until("waiting").data["reference"]
        assert lucie.offered()["contact"]["id"] == visitor.id
        lucie.accept(visitor.id)
        page.until("accepted")
        lucie.does(f"/contacts/{visitor.id}/messages", {"text": "Je vous écoute."})
        assert page.until("message").data["text"] == "Je vous écoute."
        last_seen = page.last_id

    assert visitor.say("Combien coûte un repas ?", client_id="a").status_code == 201
    assert visitor.say("Combien coûte un repas ?", client_id="a").status_code == 200  # the same one
    lucie.does(f"/contacts/{visitor.id}/messages", {"text": "3,20 €", "client_id": "reply-1"})
    lucie.does(f"/contacts/{visitor.id}/messages", {"text": "3,20 €", "client_id": "reply-1"})

    with visitor.stream(last_seen) as page:
        missed = [page.until("message").data["text"] for _ in range(2)]
        assert missed == ["Combien coûte un repas ?", "3,20 €"]
        assert visitor.say("Merci").status_code == 201
        assert page.until("message").data["text"] == "Merci"
        lucie.finish(visitor.id)
        assert page.until("closed").data["outcome"] == "answered"
        assert page.next() is None
    story = lucie.story_so_far(visitor.id, "offered")
    assert story == ["arrived", "offered", "accepted", "replied", "replied", "finished"]


def test_an_agents_stream_resumes_without_loss(town: TownHall, arrive: Arrive) -> None:
    lucie = arrive("lucie.garnier")
    first, second = Visitor(town), Visitor(town)
    with lucie.stream() as desk:
        desk.until("reset")
        first.begin("Bonjour", topic="cantine")
        desk.until_about("offered", first.id)
        last_seen = desk.last_id
    lucie.accept(first.id)
    second.begin("Bonjour", topic="cantine")
    with lucie.stream(last_seen) as desk:
        told = {event.kind for event in (desk.until_about("offered", second.id), desk.until_about("contact", first.id))}
        assert told == {"offered", "contact"}
        assert "reset" not in {event.kind for event in desk.seen}
    lucie.accept(second.id)
    lucie.finish(first.id)
    lucie.finish(second.id)


def test_a_chat_survives_the_death_of_the_web_server(town: TownHall, arrive: Arrive) -> None:
    lucie = arrive("lucie.garnier")
    visitor = Visitor(town)
    visitor.begin("Bonjour", topic="cantine")
    with visitor.stream() as page:
        page.until("message")
        lucie.offered()
        lucie.accept(visitor.id)
        lucie.does(f"/contacts/{visitor.id}/messages", {"text": "Je vous écoute."})
        for process in town.processes("web"):
            process.kill()
        while page.next_or_cut() is not None:
            pass
        last_seen = page.last_id
    eventually(town.is_ready, "the web server is back")
    lucie.does(f"/contacts/{visitor.id}/messages", {"text": "Vous êtes encore là ?"})
    with visitor.stream(last_seen) as again:
        while "Vous êtes encore là ?" not in again.texts:
            again.next()
    assert [*page.texts, *again.texts] == ["Bonjour", "Je vous écoute.", "Vous êtes encore là ?"]
    lucie.finish(visitor.id)


def test_who_closes_the_chat_while_waiting_has_given_up(town: TownHall, arrive: Arrive) -> None:
    arrive("lucie.garnier", "busy")
    supervisor = arrive("camille.martin", None)
    visitor = Visitor(town)
    visitor.begin("Il y a quelqu'un ?", topic="cantine")
    assert visitor.leave().status_code == 204
    contact = supervisor.contact(visitor.id)
    assert (contact["state"], contact["outcome"]) == ("closed", "abandoned")


def test_a_conversation_is_its_visitors_alone(town: TownHall, arrive: Arrive) -> None:
    arrive("lucie.garnier", "busy")
    mine, other = Visitor(town), Visitor(town)
    mine.begin("Bonjour")
    other.begin("Bonjour")
    assert Visitor(town, mine.id, other.token).say("Bonjour").status_code == 403
    assert Visitor(town, mine.id, "").say("Bonjour").status_code == 401
