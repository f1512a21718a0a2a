"""Somebody phones the town hall."""

from __future__ import annotations

from tests.e2e.desk import Arrive
from tests.e2e.street import AgentPhone, Caller
from tests.e2e.town_hall import TownHall
from tests.twiml_check import said, verb

SOPHIES_PHONE = "+33639980004"
THOMAS_PHONE = "+33639980005"


def test_a_call_reaches_an_agent_and_the_timeline_tells_the_story(town: TownHall, arrive: Arrive) -> None:
    sophie = arrive("sophie.lambert")
    caller = Caller(town)
    with sophie.stream() as desk:
        assert desk.until("reset").data["desk"]["me"]["activity"] == "available"
        waiting = caller.choose(caller.dial(), "1", "4")
        assert "Restez en ligne" in said(waiting)
        offer = desk.until("offered")

    contact_id = offer.data["offer"]["contact"]["id"]
    (offered,) = sophie.offers()
    assert offered["contact"]["id"] == contact_id
    assert offered["contact"]["topic"] == "passeport"
    assert offered["contact"]["usager"]["phone"] == caller.number
    assert offered["why"]

    accepted = sophie.accept(contact_id)
    assert (accepted["state"], accepted["agent"]) == ("active", "sophie.lambert")
    conversation = verb(caller.moved(), "Conference")
    assert (conversation.text or "").strip() == contact_id

    phone = AgentPhone(town, SOPHIES_PHONE).rings(contact_id)
    assert (verb(phone.pick_up(), "Conference").text or "").strip() == contact_id

    caller.hang_up()
    phone.ends()
    assert sophie.contact(contact_id)["state"] == "wrap_up"
    closed = sophie.finish(contact_id, note="Pièces à fournir indiquées.")
    assert (closed["state"], closed["outcome"]) == ("closed", "answered")
    story = sophie.story_so_far(contact_id, "offered")
    assert story == ["arrived", "topic_set", "offered", "accepted", "usager_left", "finished"]


def test_who_hangs_up_while_waiting_has_given_up(town: TownHall, arrive: Arrive) -> None:
    supervisor = arrive("camille.martin", "busy")
    caller = Caller(town)
    waiting = caller.choose(caller.dial(), "1", "4")
    assert "Restez en ligne" in said(caller.keep_waiting(waiting))
    (contact,) = [one for one in supervisor.contacts("waiting") if one["usager"]["phone"] == caller.number]
    assert supervisor.get(f"/contacts/{contact['id']}/explanation")["waiting"]

    caller.hang_up()
    caller.hang_up()  # the network may say it twice

    contact = supervisor.contact(contact["id"])
    assert (contact["state"], contact["outcome"]) == ("closed", "abandoned")
    assert supervisor.story(contact["id"]) == ["arrived", "topic_set", "abandoned"]
    supervisor.is_now("available")
    assert supervisor.offers() == []


def test_a_caller_may_speak_instead_of_pressing_keys(town: TownHall, arrive: Arrive) -> None:
    delphine = arrive("delphine.royer")
    caller = Caller(town)
    assert "Restez en ligne" in said(caller.say(caller.dial(), "C'est pour la cantine de mon fils"))
    assert delphine.offered()["contact"]["topic"] == "cantine"
    caller.hang_up()
    assert delphine.offers() == []


def test_wrong_keys_lead_to_the_front_desk_at_last(town: TownHall, arrive: Arrive) -> None:
    jeanne = arrive("jeanne.picard")
    caller = Caller(town)
    again = caller.choose(caller.dial(), "#")
    assert "pas compris" in said(again)
    assert "Restez en ligne" in said(caller.choose(again, "#"))
    assert jeanne.offered()["contact"]["topic"] is None
    caller.hang_up()


def test_a_caller_who_would_rather_be_called_back_is_given_a_date(town: TownHall, arrive: Arrive) -> None:
    supervisor = arrive("camille.martin")
    caller = Caller(town)
    promise = caller.choose(caller.dial(), "8")
    assert "référence" in said(promise)
    assert "enregistré" in said(caller.leave_message(promise))
    (contact,) = [one for one in supervisor.contacts("follow_up") if one["usager"]["phone"] == caller.number]
    full = supervisor.contact(contact["id"])
    assert full["follow_up"]["reason"] == "usager-asked"
    (message,) = full["messages"]
    assert message["attachments"][0]["content_type"] == "audio/x-wav"


def test_an_agent_whose_phone_does_not_answer_gives_the_caller_back(town: TownHall, arrive: Arrive) -> None:
    sophie, thomas = arrive("sophie.lambert"), arrive("thomas.girard", "busy")
    caller = Caller(town)
    caller.choose(caller.dial(), "1", "4")
    contact_id = sophie.offered()["contact"]["id"]
    sophie.accept(contact_id)
    caller.moved()
    phone = AgentPhone(town, SOPHIES_PHONE).rings(contact_id)
    thomas.is_now("available")
    phone.ends("no-answer")

    assert "Restez en ligne" in said(caller.moved(already=1))
    assert thomas.offered()["contact"]["id"] == contact_id
    assert sophie.offers() == []
    thomas.accept(contact_id)
    phone = AgentPhone(town, THOMAS_PHONE).rings(contact_id)
    caller.hang_up()
    phone.ends()
    thomas.finish(contact_id)
    story = thomas.story_so_far(contact_id, "offered", "finished")
    assert [kind for kind in story if kind in ("accepted", "phone_not_answered")] == [
        "accepted", "phone_not_answered", "accepted"
    ]  # fmt: skip
