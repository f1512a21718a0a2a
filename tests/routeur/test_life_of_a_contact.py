"""A contact from arrival to closing, on the real record and the real index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from competences.channels import Channel
from routeur.contact.ways_out import ByHand
from routeur.contact.words import Activity, AddressKind, ContactState, FollowUpReason, Outcome
from routeur.errors import Conflict, Invalid, NotAllowed, NotFound
from routeur.ports.inbound import Inbound
from tests.routeur.hall import Hall


def test_a_call_is_offered_accepted_and_finished(hall: Hall) -> None:
    hall.available("bruno")
    call = hall.call()
    assert hall.offered_to(call) == "bruno"
    hall.clock.advance(5)
    hall.desk.accept("bruno", call)
    assert hall.state(call) is ContactState.ACTIVE
    hall.desk.finish("bruno", call, Outcome.ANSWERED, "renouvelée")
    hall.step()
    standing = hall.reception.standing(call)
    assert (standing.contact.state, standing.contact.outcome) == (ContactState.CLOSED, Outcome.ANSWERED)
    assert hall.story(call) == ["arrived", "topic_set", "offered", "accepted", "finished"]
    assert hall.index.contacts() == set()


def test_a_caller_still_in_the_menu_waits_for_nobody_and_reaches_a_generalist_when_the_menus_patience_ends(
    hall: Hall,
) -> None:
    hall.available("anne")
    call = hall.call(topic=None)
    assert hall.offered_to(call) is None
    hall.step(90)
    assert hall.offered_to(call) == "anne"


def test_the_least_versatile_agent_is_asked_first(hall: Hall) -> None:
    hall.available("bruno", "anne", "chloe")
    assert hall.offered_to(hall.call(topic="objets-trouves")) == "anne"


def test_a_wider_step_reaches_generalists_after_a_minute(hall: Hall) -> None:
    hall.available("bruno")
    hall.serve(hall.call("CA1", "+33639980001"))
    hall.available("anne")
    second = hall.call("CA2", "+33639980002")
    assert hall.offered_to(second) is None
    hall.step(60)
    assert hall.offered_to(second) == "anne"
    assert "widened" in hall.story(second)


def test_declined_goes_to_another_and_keeps_its_place(hall: Hall) -> None:
    hall.available("anne", "david")
    call = hall.call(topic="objets-trouves")
    first = hall.offered_to(call)
    assert first is not None
    hall.desk.decline(first, call)
    second = hall.offered_to(call)
    assert second is not None
    assert second != first


def test_two_missed_offers_make_the_agent_absent_and_say_why(hall: Hall) -> None:
    hall.available("anne")
    hall.call(topic="objets-trouves")
    hall.step(20)
    hall.step(20)
    hall.step(20)
    me = hall.views.agents.one("anne")
    assert (me.activity, me.reason) == ("away", "missed_offers")


def test_nobody_on_shift_who_could_ever_serve_is_a_follow_up_at_once(hall: Hall) -> None:
    hall.available("anne")
    follow_up = hall.reception.standing(hall.chat(topic="permis-construire")).follow_up
    assert follow_up is not None
    assert follow_up.reason is FollowUpReason.NOBODY_SKILLED
    assert follow_up.service == "urbanisme"


def test_when_the_last_who_could_serve_leaves_those_who_wait_become_follow_ups(hall: Hall) -> None:
    hall.available("chloe")
    hall.serve(hall.call("CA1", "+33639980001", "permis-construire"))
    second = hall.call("CA2", "+33639980002", "permis-construire")
    assert hall.state(second) is ContactState.WAITING
    hall.desk.set_activity("chloe", Activity.OFFLINE)
    hall.step()
    standing = hall.reception.standing(second)
    assert standing.contact.state is ContactState.FOLLOW_UP
    assert standing.follow_up is not None
    assert standing.follow_up.reason is FollowUpReason.NOBODY_SKILLED
    assert hall.told(second) == ["Received", "FollowedUp"]


def test_closed_is_a_follow_up_at_once_with_a_due_date_when_open(hall: Hall) -> None:
    hall.clock.set(datetime(2026, 3, 2, 21, 0, tzinfo=UTC))
    hall.available("bruno")
    call = hall.call(topic=None)
    follow_up = hall.reception.standing(call).follow_up
    assert follow_up is not None
    assert follow_up.reason is FollowUpReason.CLOSED
    assert follow_up.due_at > hall.clock()
    assert hall.told(call) == ["Received"]


def test_nobody_waits_past_the_maximum(hall: Hall) -> None:
    hall.available("bruno")
    hall.serve(hall.call("CA1", "+33639980001"))
    second = hall.call("CA2", "+33639980002")
    hall.step(899)
    assert hall.state(second) is ContactState.WAITING
    hall.step(1)
    standing = hall.reception.standing(second)
    assert standing.follow_up is not None
    assert standing.follow_up.reason is FollowUpReason.MAX_WAIT
    assert hall.told(second) == ["Received", "FollowedUp"]


def test_hanging_up_while_waiting_is_abandoned_and_while_served_wraps_up(hall: Hall) -> None:
    hall.available("bruno")
    served = hall.call("CA1", "+33639980001")
    hall.serve(served)
    waiting = hall.call("CA2", "+33639980002")
    assert hall.reception.usager_left(waiting).contact.outcome is Outcome.ABANDONED
    assert hall.reception.usager_left(waiting).contact.outcome is Outcome.ABANDONED
    assert hall.reception.usager_left(served).contact.state is ContactState.WRAP_UP
    hall.step(5)
    assert hall.index.contacts() == {served}
    hall.desk.finish("bruno", served, Outcome.ANSWERED)
    assert hall.index.contacts() == set()


def test_an_usager_may_ask_for_a_follow_up(hall: Hall) -> None:
    hall.available("bruno")
    hall.serve(hall.call("CA1", "+33639980001"))
    second = hall.call("CA2", "+33639980002")
    follow_up = hall.reception.ask_follow_up(second).follow_up
    assert follow_up is not None
    assert follow_up.reason is FollowUpReason.USAGER_ASKED
    assert second not in hall.index.contacts()


def test_the_same_provider_event_twice_is_one_event(hall: Hall) -> None:
    hall.available("anne")
    first, again = hall.text("Bonjour"), hall.text("Bonjour")
    assert again.duplicate
    assert again.standing.contact.id == first.standing.contact.id
    assert again.message_id == first.message_id
    assert hall.call("CA1", topic=None) == hall.call("CA1", topic=None)
    assert len(hall.views.contacts.page().items) == 2


def test_a_second_text_joins_the_open_conversation(hall: Hall) -> None:
    hall.available("anne")
    first = hall.text("Bonjour", "SM1")
    second = hall.text("Vous êtes là ?", "SM2")
    assert second.standing.contact.id == first.standing.contact.id
    assert second.position == 2


def test_an_email_that_answers_a_closed_contact_reopens_it_for_the_agent_who_knows_it(hall: Hall) -> None:
    hall.available("bruno", "anne")
    first = hall.mail("Ma carte", "<1@example.org>", topic="carte-identite").standing.contact.id
    assert hall.serve(first) == "bruno"
    hall.desk.finish("bruno", first, Outcome.ANSWERED)
    again = hall.mail("Et la photo ?", "<2@example.org>", in_reply_to=["<1@example.org>"])
    assert again.standing.contact.id == first
    assert hall.offered_to(first) == "bruno"


def test_the_agent_who_served_this_usager_on_this_topic_is_asked_first_for_thirty_seconds(hall: Hall) -> None:
    hall.available("anne", "david")
    first = hall.call("CA1", topic="objets-trouves")
    knows = hall.serve(first)
    hall.desk.finish(knows, first, Outcome.ANSWERED)
    other = hall.call("CA2", "+33639980009", topic="objets-trouves")
    while hall.offered_to(other) != knows:
        hall.desk.decline(hall.offered_to(other) or "", other)
        hall.step(21)
    hall.desk.accept(knows, other)
    again = hall.call("CA3", topic="objets-trouves")
    assert hall.offered_to(again) is None
    hall.step(30)
    assert hall.offered_to(again) not in (None, knows)


def test_one_person_on_two_channels_has_one_place_and_is_offered_once(hall: Hall) -> None:
    hall.available("bruno")
    hall.serve(hall.call("CA1", "+33639980001"))
    hall.know((AddressKind.EMAIL, "lea@example.org"), (AddressKind.CHAT, "chat-1"))
    mail = hall.chat("Ma carte ?", topic="carte-identite")
    second = hall.mail("Toujours ma carte", topic="carte-identite").standing.contact.id
    assert hall.views.contacts.summary(second).linked_to == mail
    assert hall.waits_with(second) == mail
    hall.available("anne")
    hall.step(60)
    assert hall.serve(mail) == "anne"
    assert hall.state(second) is ContactState.ACTIVE
    hall.desk.finish("anne", mail, Outcome.ANSWERED)
    assert hall.reception.standing(second).contact.outcome is Outcome.MERGED


def test_when_a_person_calls_about_what_they_wrote_the_call_takes_the_place(hall: Hall) -> None:
    hall.available("bruno")
    hall.serve(hall.call("CA1", "+33639980001"))
    text = hall.text("Ma carte ?", number="+33639980007", topic="carte-identite").standing.contact.id
    hall.clock.advance(450)
    call = hall.call("CA7", "+33639980007")
    assert hall.views.contacts.summary(text).linked_to == call
    assert hall.waits_with(text) == call
    snapshot = hall.index.snapshot(call)
    assert snapshot is not None
    assert hall.clock() - snapshot.queued_at == timedelta(seconds=90)
    hall.reception.usager_left(call)
    assert hall.waits_with(text) is None
    assert text in hall.index.contacts()


def test_transfer_to_a_topic_a_skill_or_an_agent_puts_the_contact_back_in_the_queue(hall: Hall) -> None:
    hall.available("anne", "chloe")
    call = hall.call(topic="objets-trouves")
    assert hall.serve(call) == "anne"
    hall.desk.transfer("anne", call, topic="permis-construire")
    assert hall.serve(call) == "chloe"
    hall.available("bruno")
    hall.desk.transfer("chloe", call, skills={"etat-civil": 3})
    assert hall.serve(call) == "bruno"
    hall.desk.transfer("bruno", call, agent="anne")
    assert hall.serve(call) == "anne"
    with pytest.raises(Invalid):
        hall.desk.transfer("anne", call, topic="licornes")
    with pytest.raises(Conflict):
        hall.desk.accept("bruno", call)


def test_only_who_holds_a_contact_may_speak_or_finish(hall: Hall) -> None:
    hall.available("bruno", "anne")
    call = hall.call()
    hall.desk.accept("bruno", call)
    hall.desk.accept("bruno", call)
    with pytest.raises(NotAllowed):
        hall.desk.reply("anne", call, "Bonjour")
    with pytest.raises(NotAllowed):
        hall.desk.finish("anne", call, Outcome.ANSWERED)
    with pytest.raises(NotFound):
        hall.desk.finish("anne", "nothing", Outcome.ANSWERED)
    hall.desk.finish("anne", call, Outcome.ANSWERED, anyone=True)
    assert hall.state(call) is ContactState.CLOSED


def test_a_reply_leaves_once_however_often_it_is_sent(hall: Hall) -> None:
    hall.available("anne")
    text = hall.text("Bonjour").standing.contact.id
    hall.serve(text)
    one = hall.desk.reply("anne", text, "Bonjour !", client_id="a")
    assert hall.desk.reply("anne", text, "Bonjour !", client_id="a") == one
    hall.step()
    sent = [effect.kind for effect in hall.postmen[Channel.MESSAGING].delivered]
    assert sent == ["Received", "Accepted", "ReplyWritten"]


def test_an_unanswered_telephone_brings_the_caller_back_to_their_place_and_another_agent(hall: Hall) -> None:
    hall.available("anne", "david")
    call = hall.call(topic="objets-trouves")
    first = hall.serve(call)
    hall.desk.phone_not_answered(call, 1)
    hall.desk.phone_not_answered(call, 1)
    assert hall.offered_to(call) not in (None, first)
    assert hall.serve(call) != first
    hall.desk.phone_not_answered(call, 1)
    assert hall.state(call) is ContactState.ACTIVE


def test_the_agent_may_ask_the_back_office(hall: Hall) -> None:
    hall.available("bruno")
    call = hall.call()
    hall.desk.accept("bruno", call)
    hall.desk.follow_up("bruno", call, service="urbanisme", note="voir le plan")
    follow_up = hall.reception.standing(call).follow_up
    assert follow_up is not None
    assert (follow_up.reason, follow_up.service) == (FollowUpReason.AGENT_ASKED, "urbanisme")
    hall.follow_ups.take("chloe", follow_up.reference)
    with pytest.raises(Conflict):
        hall.follow_ups.take("anne", follow_up.reference)
    hall.follow_ups.answer("chloe", follow_up.reference, "C'est fait.", by=ByHand.TELEPHONE)
    hall.follow_ups.close("chloe", follow_up.reference.lower())
    assert hall.reception.standing(call).contact.outcome is Outcome.FOLLOWED_UP


def test_a_contact_that_waits_can_say_who_could_serve_it(hall: Hall) -> None:
    hall.available("bruno")
    hall.serve(hall.call("CA1", "+33639980001"))
    waiting = hall.call("CA2", "+33639980002")
    hall.clock.advance(90)
    explained = hall.views.contacts.explanation(waiting)
    assert explained["waiting"]["urgency"] == 0.5
    assert explained["waiting"]["able"] == [
        {"agent": "bruno", "activity": "available", "offer": None, "load": {"voice": 1}}
    ]


def test_an_offer_says_why(hall: Hall) -> None:
    hall.available("anne", "bruno")
    hall.call(topic="objets-trouves")
    (offer,) = hall.views.contacts.offered_to("anne")
    assert offer.why["why"] == "arrival"
    assert [one["pool"] for one in offer.why["pools"]] == ["accueil=3", "accueil=3+etat-civil=3"]


def test_who_goes_home_leaves_their_written_conversations_to_the_others(hall: Hall) -> None:
    hall.available("anne")
    text = hall.text("Bonjour").standing.contact.id
    hall.serve(text)
    hall.available("david")
    hall.desk.set_activity("anne", Activity.OFFLINE)
    assert hall.offered_to(text) == "david"


def test_a_voice_message_left_after_the_call_ended_becomes_a_follow_up(hall: Hall) -> None:
    hall.available("anne")
    call = hall.call(topic=None)
    hall.reception.usager_left(call)
    recording = Inbound(
        Channel.VOICE, AddressKind.PHONE, "+33639980001", text="Message", provider_ref="CA1", provider_id="RE1"
    )
    follow_up = hall.reception.receive(recording).standing.follow_up
    assert follow_up is not None
    assert hall.index.contacts() == set()
    assert hall.reception.receive(recording).duplicate


def test_nobody_waits_for_an_agent_by_name_who_is_not_there(hall: Hall) -> None:
    hall.available("anne")
    first = hall.call("CA1", topic="objets-trouves")
    hall.serve(first)
    hall.desk.finish("anne", first, Outcome.ANSWERED)
    hall.desk.set_activity("anne", Activity.OFFLINE)
    hall.available("david")
    again = hall.call("CA2", topic="objets-trouves")
    assert hall.serve(again) == "david"


def test_the_clocks_of_the_law_run_from_reception(hall: Hall) -> None:
    hall.available("chloe")
    received = hall.clock().date()
    mail = hall.mail("Mon permis", topic="permis-construire").standing.contact.id
    hall.serve(mail)
    hall.clock.advance(days=1)
    hall.desk.transfer("chloe", mail, agent="chloe")
    hall.step(21)
    hall.serve(mail)
    hall.requests.set_request("chloe", mail, True)
    hall.desk.follow_up("chloe", mail)
    follow_up = hall.views.contacts.full(mail).follow_up
    assert follow_up is not None
    assert follow_up.legal is not None
    assert follow_up.legal.silence_on == received.replace(month=received.month + 2)


def test_a_general_question_leaves_the_only_expert_free_whatever_the_generalists_level(hall: Hall) -> None:
    hall.plans.publish(Path("plans/mairie.yaml").read_text("utf-8"), None, hall.clock())
    hall.step(4)
    plan = hall.plans.current().plan
    expert = next(login for login, agent in plan.agents.items() if dict(agent.skills) == {"accueil": 1, "finances": 5})
    generalist = next(
        login
        for login, agent in plan.agents.items()
        if agent.skills.get("famille") == 3 and agent.skills.get("accueil") == 4
    )
    hall.available(expert, generalist)
    call = hall.call(topic="objets-trouves")
    assert hall.offered_to(call) == generalist
    assert hall.views.contacts.offered_to(generalist)[0].why["pools"][0]["versatility"] < 1


def test_a_text_adds_to_a_follow_up_for_a_day_and_is_a_new_demand_afterwards(hall: Hall) -> None:
    followed_up = hall.reception.ask_follow_up(hall.text("Bonjour", "SM1").standing.contact.id)
    assert followed_up.contact.state is ContactState.FOLLOW_UP
    hall.clock.advance(hours=2)
    assert hall.text("Autre chose", "SM2").standing.contact.id == followed_up.contact.id
    hall.clock.advance(hours=23)
    assert hall.text("Une autre question", "SM3").position == 1
