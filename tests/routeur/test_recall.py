"""Follow-ups go back to the queue with their arrival time: one by one, and all that one moment made."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from competences.channels import Channel
from routeur.contact.words import Activity, AddressKind, ContactState, FollowUpReason, FollowUpState, Outcome
from routeur.errors import Conflict, NobodyOnTheLine, NobodyThere, NotFound, TakenByAnother
from routeur.ports.inbound import Inbound
from routeur.queue.recall import MOST_AT_ONCE, Moment
from tests.routeur.hall import Hall
from tests.routeur.places import misplaced
from tests.routeur.test_messages_find_their_place import follow_up

BOTH = (FollowUpReason.NOBODY_SKILLED, FollowUpReason.CLOSED)


def moment(hall: Hall, seconds: float = 60) -> Moment:
    """The last seconds, up to and with now."""
    now = hall.clock()
    return Moment(BOTH, now - timedelta(seconds=seconds), now + timedelta(milliseconds=1))


def test_an_agent_has_a_follow_up_served_now_in_the_place_of_its_arrival(hall: Hall) -> None:
    letter = hall.mail("Mon permis ?", topic="permis-construire").standing.contact.id
    promised = follow_up(hall, letter)
    arrived = hall.clock()
    hall.step(3600)
    hall.available("chloe")
    hall.recall.serve_now("bruno", promised.reference.lower())
    assert hall.offered_to(letter) == "chloe"
    snapshot = hall.index.snapshot(letter)
    assert snapshot is not None
    assert snapshot.queued_at == arrived
    assert follow_up(hall, letter).state == FollowUpState.QUEUED
    entry = hall.views.contacts.timeline(letter)[-1]
    assert (entry.kind, entry.agent) == ("follow_up_queued", "bruno")
    assert misplaced(hall) == []
    with pytest.raises(Conflict):
        hall.recall.serve_now("bruno", promised.reference)


def test_its_usager_is_promised_no_later_date_and_not_told_the_same_one_again(hall: Hall) -> None:
    letter = hall.mail("Mon permis ?", topic="permis-construire").standing.contact.id
    promised = follow_up(hall, letter)
    hall.clock.advance(days=1)
    hall.available("chloe")
    hall.recall.serve_now("chloe", promised.reference)
    hall.desk.set_activity("chloe", Activity.OFFLINE)
    hall.step()
    again = follow_up(hall, letter)
    assert (again.state, again.due_at, again.reference) == ("open", promised.due_at, promised.reference)
    assert hall.told(letter) == ["Received"]
    assert misplaced(hall) == []


def test_a_visitor_who_closes_the_page_meanwhile_keeps_the_promise(hall: Hall) -> None:
    hall.available("anne")
    hall.serve(hall.call("CA9", "+33639980099", "objets-trouves"))
    chat = hall.chat(topic="objets-trouves")
    hall.step(601)
    promised = follow_up(hall, chat)
    hall.clock.advance(3600)
    hall.desk.touch("anne")
    said = Inbound(Channel.CHAT, AddressKind.CHAT, "chat-1", text="Là ?", provider_ref="chat-1", provider_id="chat-1:2")
    assert hall.reception.receive(said).standing.contact.waits
    for _ in range(2):
        standing = hall.reception.usager_left(chat)
        assert standing.contact.state is ContactState.FOLLOW_UP
        assert standing.follow_up is not None
        assert (standing.follow_up.due_at, standing.follow_up.reason) == (promised.due_at, FollowUpReason.USAGER_LEFT)
    assert chat not in hall.index.contacts()
    assert misplaced(hall) == []
    hall.clock.advance(60)
    assert hall.reception.receive(replace(said, provider_id="chat-1:3")).standing.contact.waits
    assert misplaced(hall) == []


def test_what_waits_with_a_promise_whose_usager_has_left_keeps_its_place(hall: Hall) -> None:
    hall.know((AddressKind.EMAIL, "lea@example.org"), (AddressKind.CHAT, "chat-1"))
    hall.available("chloe")
    hall.serve(hall.call("CA9", "+33639980099", "permis-construire"))
    chat = hall.chat("Mon permis ?", topic="permis-construire")
    hall.step(601)
    hall.recall.serve_now("chloe", follow_up(hall, chat).reference)
    letter = hall.mail("Mon permis ?", topic="permis-construire").standing.contact.id
    assert hall.waits_with(letter) == chat
    hall.reception.usager_left(chat)
    assert (hall.state(chat), hall.state(letter)) == (ContactState.FOLLOW_UP, ContactState.WAITING)
    assert hall.index.contacts() >= {letter}
    assert misplaced(hall) == []


def test_a_request_outlives_the_line_it_waited_on(hall: Hall) -> None:
    hall.available("chloe")
    call = hall.call(topic="permis-construire")
    hall.serve(call)
    hall.requests.set_request("chloe", call, True)
    hall.desk.transfer("chloe", call, topic="permis-construire")
    assert hall.reception.usager_left(call).contact.state is ContactState.FOLLOW_UP
    assert misplaced(hall) == []


def test_the_date_of_an_old_promise_does_not_bind_a_new_demand(hall: Hall) -> None:
    letter = hall.mail("Mon permis ?", topic="permis-construire").standing.contact.id
    promised = follow_up(hall, letter)
    hall.available("chloe")
    hall.recall.serve_now("chloe", promised.reference)
    hall.serve(letter)
    hall.desk.finish("chloe", letter, Outcome.ANSWERED)
    hall.clock.advance(days=28)
    hall.desk.set_activity("chloe", Activity.OFFLINE)
    hall.mail("Une autre question", "<2@example.org>", in_reply_to=["<1@example.org>"])
    assert follow_up(hall, letter).due_at > promised.due_at + timedelta(days=27)


def test_its_owner_is_asked_first(hall: Hall) -> None:
    contact = hall.text("Bonjour").standing.contact.id
    reference = follow_up(hall, contact).reference
    hall.follow_ups.take("bruno", reference)
    hall.available("anne", "david", "bruno")
    with pytest.raises(TakenByAnother):
        hall.recall.serve_now("david", reference)
    hall.recall.serve_now("anne", reference, anyone=True)
    assert hall.offered_to(contact) == "bruno"


def test_what_nobody_could_serve_and_callers_stay_follow_ups(hall: Hall) -> None:
    call = hall.call(topic="permis-construire")
    letter = hall.mail("Mon permis ?", topic="permis-construire").standing.contact.id
    hall.available("david")
    with pytest.raises(NobodyThere):
        hall.recall.serve_now("david", follow_up(hall, letter).reference)
    with pytest.raises(NobodyOnTheLine):
        hall.recall.serve_now("david", follow_up(hall, call).reference)
    with pytest.raises(NotFound):
        hall.recall.serve_now("david", "ACD-000-000")
    assert hall.state(letter) is hall.state(call) is ContactState.FOLLOW_UP


def test_one_call_puts_back_all_that_a_minute_without_anybody_made_follow_ups(hall: Hall) -> None:
    before = hall.mail("Trop tôt", "<0@example.org>", "ana@example.org").standing.contact.id
    hall.clock.advance(120)
    letter = hall.mail("Bonjour", "<1@example.org>").standing.contact.id
    taken = hall.mail("Pour Chloé", "<3@example.org>", "zoe@example.org").standing.contact.id
    hall.follow_ups.take("chloe", follow_up(hall, taken).reference)
    hall.clock.advance(5)
    chat = hall.chat()
    call = hall.call(topic="objets-trouves", number="+33639980005")
    permit = hall.mail("Permis", "<4@example.org>", "tom@example.org", topic="permis-construire").standing.contact.id
    made = moment(hall)
    hall.clock.advance(60)
    hall.available("anne", "david")
    recalled = hall.recall.serve_all("anne", made)
    references = {one: hall.reception.standing(one).contact.reference for one in (letter, chat, call, permit)}
    assert recalled.queued == [references[letter], references[chat]]
    assert sorted(recalled.left) == sorted([references[call], references[permit]])
    assert not recalled.more
    assert [hall.state(one) for one in (before, taken)] == [ContactState.FOLLOW_UP] * 2
    assert {hall.offered_to(letter), hall.offered_to(chat)} == {"anne", "david"}
    again = hall.recall.serve_all("anne", made)
    assert (again.queued, sorted(again.left)) == ([], sorted(recalled.left))
    assert misplaced(hall) == []


def test_so_many_at_once_and_the_same_call_goes_on(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_AT_ONCE == 200
    monkeypatch.setattr("routeur.queue.recall.MOST_AT_ONCE", 2)
    for number in range(3):
        hall.mail("Bonjour", f"<{number}@example.org>", f"{number}@example.org")
    hall.available("anne")
    first = hall.recall.serve_all("anne", moment(hall))
    second = hall.recall.serve_all("anne", moment(hall))
    assert (len(first.queued), first.more) == (2, True)
    assert (len(second.queued), second.more) == (1, False)


def test_what_was_merged_into_it_waits_with_it_again(hall: Hall) -> None:
    hall.know((AddressKind.EMAIL, "lea@example.org"), (AddressKind.CHAT, "chat-1"))
    hall.available("chloe")
    hall.serve(hall.call("CA9", "+33639980099", "permis-construire"))
    chat = hall.chat("Mon permis ?", topic="permis-construire")
    letter = hall.mail("Mon permis ?", topic="permis-construire").standing.contact.id
    hall.step(601)
    assert hall.reception.standing(letter).contact.outcome is Outcome.MERGED
    hall.recall.serve_now("chloe", follow_up(hall, chat).reference)
    assert [hall.state(one) for one in (chat, letter)] == [ContactState.WAITING] * 2
    assert hall.views.contacts.summary(letter).linked_to == chat
    assert hall.index.contacts() >= {chat}
    assert misplaced(hall) == []


def test_back_in_the_queue_it_is_linked_to_what_the_same_person_has_waiting_there(hall: Hall) -> None:
    hall.know((AddressKind.EMAIL, "lea@example.org"), (AddressKind.PHONE, "+33639980001"))
    letter = hall.mail("Mon permis ?", topic="permis-construire").standing.contact.id
    hall.available("chloe")
    hall.serve(hall.call("CA9", "+33639980099", "permis-construire"))
    call = hall.call(topic="permis-construire")
    hall.recall.serve_now("chloe", follow_up(hall, letter).reference)
    assert hall.views.contacts.summary(letter).linked_to == call
    assert hall.offered_to(letter) is None
    assert misplaced(hall) == []


def test_a_crash_before_the_index_is_told_is_mended(hall: Hall) -> None:
    letter = hall.mail("Mon permis ?", topic="permis-construire").standing.contact.id
    hall.available("chloe")
    run = hall.index._run
    calls: list[str] = []

    def die_at_enqueue(script: str, *arguments: str | int) -> object:
        calls.append(script)
        if script == "enqueue":
            raise ConnectionError
        return run(script, *arguments)

    vars(hall.index)["_run"] = die_at_enqueue
    with pytest.raises(ConnectionError):
        hall.recall.serve_now("chloe", follow_up(hall, letter).reference)
    vars(hall.index)["_run"] = run
    assert "enqueue" in calls
    assert hall.state(letter) is ContactState.WAITING
    hall.step(4)
    hall.step(4)
    assert hall.offered_to(letter) == "chloe"


def test_a_visitor_at_the_counter_is_called_after_all(hall: Hall) -> None:
    visit = hall.reception.receive(
        Inbound(Channel.WALKIN, AddressKind.TICKET, "T1", text="Bonjour", provider_ref="T1")
    ).standing.contact.id
    hall.available("anne")
    hall.recall.serve_all("anne", moment(hall))
    assert hall.offered_to(visit) == "anne"
