"""Follow-ups go back to the queue with their arrival time: one by one, and all that one moment made."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from competences.channels import Channel
from routeur.contact.words import Activity, AddressKind, ContactState, FollowUpReason, FollowUpState, Outcome
from routeur.errors import (
    Conflict,
    NobodyOnTheLine,
    NobodyThere,
    NotConfirmed,
    NotFound,
    NotTold,
    NoWayOut,
    TakenByAnother,
)
from routeur.ports.inbound import Inbound
from routeur.queue.recall import MOST_AT_ONCE, Moment
from routeur.record.tables import OutboxEntry
from tests.routeur.hall import Hall
from tests.routeur.places import misplaced
from tests.routeur.test_messages_find_their_place import follow_up

REASONS = (FollowUpReason.NOBODY_SKILLED, FollowUpReason.CLOSED, FollowUpReason.USAGER_ASKED)


def moment(hall: Hall, seconds: float = 60) -> Moment:
    """The last seconds, up to and with now."""
    now = hall.clock()
    return Moment(REASONS, now - timedelta(seconds=seconds), now + timedelta(milliseconds=1))


def promised_letter(hall: Hall, text: str = "Mon permis ?", number: int = 1, **of: str) -> str:
    """A letter that was promised an answer; left to itself it would wait."""
    letter = hall.mail(text, f"<{number}@example.org>", **of).standing.contact.id
    hall.reception.ask_follow_up(letter)
    return letter


def replied_by(hall: Hall, contact: str) -> list[str]:
    """The channels by which the replies in the contact leave."""
    replies = select(OutboxEntry.channel).where(OutboxEntry.contact_id == contact, OutboxEntry.kind == "ReplyWritten")
    with hall.record.read() as connection:
        return list(connection.scalars(replies))


def test_an_agent_has_a_follow_up_served_now_in_the_place_of_its_arrival(hall: Hall) -> None:
    letter = promised_letter(hall, topic="permis-construire")
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
    letter = promised_letter(hall, topic="permis-construire")
    promised = follow_up(hall, letter)
    hall.clock.advance(days=1)
    hall.available("chloe")
    hall.recall.serve_now("chloe", promised.reference)
    hall.serve(letter)
    hall.desk.follow_up("chloe", letter)
    again = follow_up(hall, letter)
    assert (again.state, again.due_at, again.reference) == ("open", promised.due_at, promised.reference)
    assert hall.told(letter) == ["Received", "Accepted"]
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
    letter = promised_letter(hall, topic="permis-construire")
    promised = follow_up(hall, letter)
    hall.available("chloe")
    hall.recall.serve_now("chloe", promised.reference)
    hall.serve(letter)
    hall.desk.finish("chloe", letter, Outcome.ANSWERED)
    hall.clock.advance(days=28)
    hall.desk.set_activity("chloe", Activity.OFFLINE)
    hall.mail("Une autre question", "<2@example.org>", in_reply_to=["<1@example.org>"])
    hall.reception.ask_follow_up(letter)
    assert follow_up(hall, letter).due_at > promised.due_at + timedelta(days=27)


def test_its_owner_is_asked_first(hall: Hall) -> None:
    contact = hall.text("Bonjour").standing.contact.id
    hall.reception.ask_follow_up(contact)
    reference = follow_up(hall, contact).reference
    hall.follow_ups.take("bruno", reference)
    hall.available("anne", "david", "bruno")
    with pytest.raises(TakenByAnother):
        hall.recall.serve_now("david", reference)
    hall.recall.serve_now("anne", reference, anyone=True)
    assert hall.offered_to(contact) == "bruno"


def test_what_nobody_could_serve_and_callers_stay_follow_ups(hall: Hall) -> None:
    call = hall.call(topic="permis-construire")
    letter = promised_letter(hall, topic="permis-construire")
    hall.available("david")
    with pytest.raises(NobodyThere):
        hall.recall.serve_now("david", follow_up(hall, letter).reference)
    with pytest.raises(NobodyOnTheLine):
        hall.recall.serve_now("david", follow_up(hall, call).reference)
    with pytest.raises(NotFound):
        hall.recall.serve_now("david", "ACD-000-000")
    assert hall.state(letter) is hall.state(call) is ContactState.FOLLOW_UP


def test_one_call_puts_back_all_that_a_minute_without_anybody_made_follow_ups(hall: Hall) -> None:
    before = promised_letter(hall, "Trop tôt", 0, sender="ana@example.org")
    hall.clock.advance(120)
    letter = promised_letter(hall, "Bonjour")
    taken = promised_letter(hall, "Pour Chloé", 3, sender="zoe@example.org")
    hall.follow_ups.take("chloe", follow_up(hall, taken).reference)
    hall.clock.advance(5)
    chat = hall.chat()
    call = hall.call(topic="objets-trouves", number="+33639980005")
    permit = promised_letter(hall, "Permis", 4, sender="tom@example.org", topic="permis-construire")
    made = moment(hall)
    hall.clock.advance(60)
    hall.available("anne", "david")
    recalled = hall.recall.serve_all("anne", made)
    references = {one: hall.reception.standing(one).contact.reference for one in (letter, chat, call, permit)}
    assert recalled.queued == [references[letter], references[chat]]
    assert sorted(recalled.left) == sorted([references[call], references[permit]])
    assert recalled.after is None
    assert [hall.state(one) for one in (before, taken)] == [ContactState.FOLLOW_UP] * 2
    assert {hall.offered_to(letter), hall.offered_to(chat)} == {"anne", "david"}
    again = hall.recall.serve_all("anne", made)
    assert (again.queued, sorted(again.left)) == ([], sorted(recalled.left))
    assert misplaced(hall) == []


def test_so_many_are_looked_at_in_one_call_and_the_next_goes_on_after_them(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_AT_ONCE == 200
    monkeypatch.setattr("routeur.queue.recall.MOST_AT_ONCE", 2)
    for number in range(2):
        hall.call(f"CA{number}", f"+3363998001{number}", "objets-trouves")
    for number in range(3):
        hall.clock.advance(1)
        promised_letter(hall, "Bonjour", number, sender=f"{number}@example.org")
    made = moment(hall)
    hall.available("anne")
    first = hall.recall.serve_all("anne", made)
    second = hall.recall.serve_all("anne", replace(made, after=first.after))
    third = hall.recall.serve_all("anne", replace(made, after=second.after))
    assert [(len(one.queued), len(one.left)) for one in (first, second, third)] == [(0, 2), (2, 0), (1, 0)]
    assert [one.after is None for one in (first, second, third)] == [False, False, True]


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
    letter = promised_letter(hall, topic="permis-construire")
    hall.available("chloe")
    hall.serve(hall.call("CA9", "+33639980099", "permis-construire"))
    call = hall.call(topic="permis-construire")
    hall.recall.serve_now("chloe", follow_up(hall, letter).reference)
    assert hall.views.contacts.summary(letter).linked_to == call
    assert hall.offered_to(letter) is None
    assert misplaced(hall) == []


def test_a_crash_before_the_index_is_told_is_mended(hall: Hall) -> None:
    letter = promised_letter(hall, topic="permis-construire")
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


def visit(hall: Hall, ticket: str = "T1") -> str:
    return hall.reception.receive(
        Inbound(Channel.WALKIN, AddressKind.TICKET, ticket, text="Bonjour", provider_ref=ticket)
    ).standing.contact.id


def test_who_has_left_the_hall_is_called_only_by_name(hall: Hall) -> None:
    gone = visit(hall)
    hall.clock.advance(hours=1)
    hall.available("anne")
    made = moment(hall, seconds=3700)
    recalled = hall.recall.serve_all("anne", made)
    reference = follow_up(hall, gone).reference
    assert (recalled.queued, recalled.left) == ([], [reference])
    hall.recall.serve_now("anne", reference)
    assert hall.offered_to(gone) == "anne"


def recalled_chat(hall: Hall, *, email: str | None = None) -> str:
    """A chat that nobody could serve, whose visitor is gone, and that an agent has after all."""
    chat = hall.chat("Bonjour ?", email=email)
    hall.clock.advance(hours=2)
    hall.available("anne")
    hall.recall.serve_now("anne", follow_up(hall, chat).reference)
    assert hall.serve(chat) == "anne"
    return chat


def test_a_visitor_who_is_gone_is_written_to_at_the_address_that_they_proved(hall: Hall) -> None:
    hall.know((AddressKind.EMAIL, "lea@example.org"), (AddressKind.CHAT, "chat-1"))
    chat = recalled_chat(hall)
    ways = [(way.by, way.sure) for way in hall.views.contacts.summary(chat).ways_out]
    assert ways == [(Channel.EMAIL, True), (Channel.CHAT, False)]
    hall.desk.reply("anne", chat, "Voici la réponse.")
    assert replied_by(hall, chat) == [Channel.EMAIL]
    hall.desk.finish("anne", chat, Outcome.ANSWERED)
    assert hall.state(chat) is ContactState.CLOSED


def test_a_promise_that_reaches_nobody_does_not_end(hall: Hall) -> None:
    chat = recalled_chat(hall)
    promised = follow_up(hall, chat).due_at
    with pytest.raises(NoWayOut):
        hall.desk.reply("anne", chat, "Voici la réponse.")
    for outcome in (Outcome.ANSWERED, Outcome.ABANDONED, Outcome.FAILED):
        with pytest.raises(NotTold):
            hall.desk.finish("anne", chat, outcome)
    hall.desk.follow_up("anne", chat)
    assert (follow_up(hall, chat).state, follow_up(hall, chat).due_at) == (FollowUpState.OPEN, promised)


def test_an_address_that_was_only_typed_is_not_written_to_from_a_chat_that_is_back(hall: Hall) -> None:
    chat = recalled_chat(hall, email="lea@example.org")
    with pytest.raises(NotConfirmed):
        hall.desk.reply("anne", chat, "Voici la réponse.")
    hall.desk.reply("anne", chat, "Voici la réponse.", address="lea@example.org")
    hall.desk.finish("anne", chat, Outcome.ANSWERED)
    assert hall.state(chat) is ContactState.CLOSED


def test_a_visitor_who_sits_there_is_answered_in_the_chat(hall: Hall) -> None:
    hall.know((AddressKind.EMAIL, "lea@example.org"), (AddressKind.CHAT, "chat-1"))
    chat = recalled_chat(hall)
    hall.foundation.signals.usager_is_here(chat, hall.clock())
    assert hall.views.contacts.summary(chat).ways_out[0].by == Channel.CHAT
    hall.desk.reply("anne", chat, "Voici la réponse.")
    assert replied_by(hall, chat) == [Channel.CHAT]
    hall.foundation.signals.usager_is_gone(chat, hall.clock())
    hall.desk.finish("anne", chat, Outcome.ANSWERED)
    assert hall.state(chat) is ContactState.CLOSED


def test_who_came_to_the_counter_and_is_promised_an_answer_does_not_give_up_by_leaving(hall: Hall) -> None:
    gone = visit(hall)
    hall.available("anne")
    hall.recall.serve_now("anne", follow_up(hall, gone).reference)
    hall.serve(gone)
    with pytest.raises(NotTold):
        hall.desk.finish("anne", gone, Outcome.ABANDONED)
    hall.desk.finish("anne", gone, Outcome.ANSWERED)
    assert hall.state(gone) is ContactState.CLOSED
