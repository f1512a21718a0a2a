"""Whatever a person writes reaches somebody, once, under one reference, whatever has become of what they write to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from competences.channels import Channel
from routeur.contact.ways_out import ByHand
from routeur.contact.words import AddressKind, ContactState, FollowUpState, Outcome
from routeur.ports.inbound import Inbound, Receipt
from routeur.reading.follow_ups import FollowUpView
from tests.routeur.hall import PLAN, Hall
from tests.routeur.places import misplaced

WITHOUT_DAVID = "\n".join(line for line in PLAN.read_text("utf-8").splitlines() if not line.startswith("  david:"))


@contextmanager
def events(hall: Hall) -> Iterator[list[tuple[str, str, str]]]:
    """What the desks are told meanwhile: kind, contact and agent of each event."""
    newest: Any = hall.redis.xrevrange(hall.index.events, count=1)
    told: list[tuple[str, str, str]] = []
    yield told
    rows: Any = hall.redis.xrange(hall.index.events, min=f"({newest[0][0]}" if newest else "-")
    told += [(fields["kind"], fields["contact"], fields["agent"]) for _, fields in rows]


def follow_up(hall: Hall, contact: str) -> FollowUpView:
    found = hall.views.contacts.full(contact).follow_up
    assert found is not None
    return found


def kept(hall: Hall) -> list[str]:
    """The references of the follow-ups that wait for an answer."""
    return [one.reference for one in hall.views.follow_ups.page().items if one.state in ("open", "taken")]


def permit(hall: Hall) -> str:
    """Léa's letter, which is a follow-up."""
    letter = hall.mail("Mon permis ?", topic="permis-construire").standing.contact.id
    hall.reception.ask_follow_up(letter)
    return letter


def again(hall: Hall, text: str, number: int = 2) -> Receipt:
    return hall.mail(text, f"<{number}@example.org>", in_reply_to=["<1@example.org>"])


def say(hall: Hall, ref: str, text: str, number: int = 2) -> Receipt:
    return hall.reception.receive(
        Inbound(Channel.CHAT, AddressKind.CHAT, ref, text=text, provider_ref=ref, provider_id=f"{ref}:{number}")
    )


def test_an_answer_to_an_answered_follow_up_is_put_back_before_the_one_who_answered(hall: Hall) -> None:
    letter = permit(hall)
    promised = follow_up(hall, letter)
    hall.follow_ups.take("chloe", promised.reference)
    hall.follow_ups.answer("chloe", promised.reference, "Il manque un plan.")
    hall.clock.advance(days=1)
    with events(hall) as told:
        receipt = again(hall, "Voici le plan.")
    assert receipt.standing.contact.id == letter
    assert ("message", letter, "chloe") in told
    owed = follow_up(hall, letter)
    assert (owed.state, owed.taken_by, owed.unanswered_since) == ("taken", "chloe", hall.clock())
    assert owed.due_at == promised.due_at + timedelta(days=1)
    assert kept(hall) == [promised.reference]
    assert "follow_up_reopened" in hall.story(letter)
    assert misplaced(hall) == []


def test_it_is_anybody_s_again_where_the_one_who_answered_has_left_the_staff(hall: Hall) -> None:
    letter = permit(hall)
    reference = follow_up(hall, letter).reference
    hall.follow_ups.answer("david", reference, "Il manque un plan.")
    hall.plans.publish(WITHOUT_DAVID, None, hall.clock())
    hall.clock.advance(1)
    again(hall, "Voici le plan.")
    assert (follow_up(hall, letter).state, follow_up(hall, letter).taken_by) == ("open", None)


def test_a_message_on_a_taken_follow_up_is_shown_to_its_owner_until_they_have_answered(hall: Hall) -> None:
    letter = permit(hall)
    reference = follow_up(hall, letter).reference
    hall.follow_ups.take("chloe", reference)
    hall.follow_ups.snooze("chloe", reference, hall.clock() + timedelta(days=2))
    hall.clock.advance(60)
    first = hall.clock()
    with events(hall) as told:
        again(hall, "Et aussi le garage.")
    assert told == [("message", letter, "chloe")]
    hall.clock.advance(60)
    again(hall, "Vous êtes là ?", 3)
    shown = follow_up(hall, letter)
    assert (shown.state, shown.unanswered_since, shown.snoozed_until) == ("taken", first, None)
    assert [one.reference for one in hall.views.follow_ups.page(written_again=True, owner="chloe").items] == [reference]
    hall.desk.reply("chloe", letter, "Nous regardons.")
    assert follow_up(hall, letter).unanswered_since is None
    assert hall.views.follow_ups.page(written_again=True).items == []


def test_a_message_on_a_follow_up_that_nobody_has_shows_in_its_service_s_list(hall: Hall) -> None:
    letter = permit(hall)
    hall.clock.advance(60)
    again(hall, "Et aussi le garage.")
    (shown,) = hall.views.follow_ups.page(service="urbanisme", written_again=True).items
    assert (shown.state, shown.unanswered_since) == ("open", hall.clock())
    assert follow_up(hall, letter) == shown


@pytest.mark.parametrize("channel", ["text", "chat"])
def test_it_is_so_on_every_channel(hall: Hall, channel: str) -> None:
    contact = hall.text("Bonjour").standing.contact.id if channel == "text" else hall.chat()
    hall.reception.ask_follow_up(contact)
    reference = follow_up(hall, contact).reference
    hall.follow_ups.answer("anne", reference, "Bonjour !", by=ByHand.TELEPHONE)
    hall.clock.advance(60)
    with events(hall) as told:
        written = hall.text("Et encore ?", "SM2") if channel == "text" else say(hall, "chat-1", "Et encore ?")
    assert written.standing.contact.id == contact
    assert told == [("message", contact, "anne")]
    assert follow_up(hall, contact).state == FollowUpState.TAKEN


def test_what_a_caller_says_of_a_follow_up_reaches_its_owner(hall: Hall) -> None:
    call = hall.call(topic="permis-construire")
    hall.follow_ups.take("chloe", follow_up(hall, call).reference)
    hall.clock.advance(1)
    with events(hall) as told:
        hall.reception.hear(call, "C'est urgent, le notaire attend", "CA1:1")
    assert told == [("message", call, "chloe")]
    assert follow_up(hall, call).unanswered_since == hall.clock()


def test_what_a_machine_sends_does_not_put_an_answered_follow_up_back(hall: Hall) -> None:
    letter = permit(hall)
    reference = follow_up(hall, letter).reference
    hall.follow_ups.answer("chloe", reference, "C'est prêt.")
    hall.reception.receive(
        Inbound(
            Channel.EMAIL,
            AddressKind.EMAIL,
            "lea@example.org",
            text="Absente jusqu'à lundi.",
            provider_id="<absent@example.org>",
            in_reply_to=["<1@example.org>"],
            automatic=True,
        )
    )
    assert follow_up(hall, letter).state == FollowUpState.ANSWERED


def test_a_person_whose_message_was_set_aside_reaches_the_owner_once_it_is_reviewed(hall: Hall) -> None:
    letter = permit(hall)
    reference = follow_up(hall, letter).reference
    hall.follow_ups.answer("chloe", reference, "C'est prêt.")
    receipt = hall.reception.receive(
        Inbound(
            Channel.EMAIL,
            AddressKind.EMAIL,
            "lea@example.org",
            text="Réponse automatique : où est-ce ?",
            provider_id="<looks-automatic@example.org>",
            in_reply_to=["<1@example.org>"],
            automatic=True,
        )
    )
    assert receipt.message_id is not None
    hall.clock.advance(60)
    with events(hall) as told:
        hall.reception.set_aside.queue(receipt.message_id, "anne")
    assert ("message", letter, "chloe") in told
    assert follow_up(hall, letter).state == FollowUpState.TAKEN


def merged_letter(hall: Hall) -> tuple[str, str]:
    """Léa's chat, a follow-up, and her letter on the same, which waited with it and was merged into it."""
    hall.know((AddressKind.EMAIL, "lea@example.org"), (AddressKind.CHAT, "chat-1"))
    hall.available("chloe")
    hall.serve(hall.call("CA9", "+33639980099", "permis-construire"))
    chat = hall.chat("Mon permis ?", topic="permis-construire")
    letter = hall.mail("Mon permis ?", topic="permis-construire").standing.contact.id
    assert hall.views.contacts.summary(letter).linked_to == chat
    hall.step(601)
    assert (hall.state(chat), hall.state(letter)) == (ContactState.FOLLOW_UP, ContactState.CLOSED)
    return chat, letter


def test_a_reply_to_a_merged_letter_reaches_what_it_was_merged_into_and_promises_nothing_more(hall: Hall) -> None:
    chat, letter = merged_letter(hall)
    reference = follow_up(hall, chat).reference
    hall.follow_ups.take("chloe", reference)
    hall.clock.advance(60)
    with events(hall) as told:
        receipt = again(hall, "Voici le plan.")
    assert ("message", chat, "chloe") in told
    assert receipt.standing.contact.id == chat
    assert hall.views.contacts.full(chat).messages[-1].text == "Voici le plan."
    assert hall.reception.standing(letter).contact.outcome is Outcome.MERGED
    assert kept(hall) == [reference]
    assert again(hall, "Voici le plan.").duplicate
    third = hall.mail("Et l'autre.", "<3@example.org>", in_reply_to=["<2@example.org>", "<1@example.org>"])
    assert third.standing.contact.id == chat
    assert misplaced(hall) == []


def test_a_stranger_in_the_thread_does_not_speak_in_what_it_was_merged_into(hall: Hall) -> None:
    chat, _ = merged_letter(hall)
    again(hall, "Voici le plan.")
    receipt = hall.mail("Moi aussi.", "<4@example.org>", "tom@example.org", in_reply_to=["<2@example.org>"])
    assert receipt.standing.contact.id != chat


def test_once_what_it_was_merged_into_is_closed_the_letter_stands_for_itself_again(hall: Hall) -> None:
    chat, letter = merged_letter(hall)
    hall.follow_ups.close("chloe", follow_up(hall, chat).reference)
    hall.desk.finish("chloe", hall.views.contacts.held_by("chloe")[0].id, Outcome.ANSWERED)
    hall.clock.advance(60)
    again(hall, "Et le garage ?")
    assert hall.state(letter) is ContactState.WAITING
    assert hall.state(chat) is ContactState.CLOSED
    assert misplaced(hall) == []


def test_a_text_to_what_was_merged_reaches_it_too(hall: Hall) -> None:
    hall.know((AddressKind.PHONE, "+33639980001"), (AddressKind.CHAT, "chat-1"))
    hall.available("chloe")
    hall.serve(hall.call("CA9", "+33639980099", "permis-construire"))
    chat = hall.chat("Mon permis ?", topic="permis-construire")
    text = hall.text("Mon permis ?", topic="permis-construire").standing.contact.id
    hall.step(601)
    assert hall.reception.standing(text).contact.outcome is Outcome.MERGED
    receipt = hall.text("Alors ?", "SM2")
    assert receipt.standing.contact.id == chat
    assert follow_up(hall, chat).unanswered_since == hall.clock()
    hall.clock.advance(days=1, seconds=1)
    assert hall.text("Autre chose.", "SM3").standing.contact.id not in (chat, text)


def test_a_closed_chat_is_opened_once_however_fast_its_visitor_writes(hall: Hall) -> None:
    hall.available("anne")
    chat = hall.chat()
    hall.serve(chat)
    hall.desk.finish("anne", chat, Outcome.ANSWERED)
    hall.clock.advance(60)
    say(hall, "chat-1", "Encore une chose")
    say(hall, "chat-1", "Vous êtes là ?", 3)
    assert hall.offered_to(chat) == "anne"
    assert hall.story(chat).count("reopened") == 1
    assert kept(hall) == []


def test_a_chat_comes_back_to_the_queue_while_its_visitor_writes_and_somebody_can_serve_it(hall: Hall) -> None:
    chat = hall.chat(topic="objets-trouves")
    promised = follow_up(hall, chat)
    hall.clock.advance(60)
    say(hall, "chat-1", "Il y a quelqu'un ?")
    assert hall.state(chat) is ContactState.FOLLOW_UP
    hall.available("anne")
    with events(hall) as told:
        receipt = say(hall, "chat-1", "Toujours là ?", 3)
    assert receipt.standing.contact.waits
    assert ("returned", chat, "") in told
    snapshot = hall.index.snapshot(chat)
    assert snapshot is not None
    assert (snapshot.agent, hall.clock() - snapshot.queued_at) == ("anne", timedelta(seconds=60))
    assert follow_up(hall, chat).state == FollowUpState.QUEUED
    hall.serve(chat)
    hall.clock.advance(60)
    hall.desk.follow_up("anne", chat)
    assert follow_up(hall, chat).due_at == promised.due_at
    assert misplaced(hall) == []


def test_a_chat_stays_with_whoever_has_taken_it_and_where_a_call_back_was_asked_for(hall: Hall) -> None:
    taken, called_back = hall.chat(), hall.chat(ref="chat-2")
    hall.follow_ups.take("bruno", follow_up(hall, taken).reference)
    hall.available("anne")
    busy = hall.call("CA9", topic="objets-trouves")
    hall.serve(busy)
    asked = hall.chat(ref="chat-3")
    hall.reception.ask_follow_up(asked)
    for ref in ("chat-1", "chat-3"):
        say(hall, ref, "Merci")
    assert [hall.state(one) for one in (taken, asked)] == [ContactState.FOLLOW_UP] * 2
    say(hall, "chat-2", "Merci")
    assert hall.state(called_back) is ContactState.WAITING


def test_a_chat_that_was_merged_into_a_call_comes_back_in_its_place(hall: Hall) -> None:
    hall.know((AddressKind.PHONE, "+33639980001"), (AddressKind.CHAT, "chat-1"))
    hall.available("bruno")
    hall.serve(hall.call("CA9", "+33639980099"))
    chat = hall.chat(topic="carte-identite")
    call = hall.call("CA1")
    hall.step(901)
    reference = follow_up(hall, call).reference
    assert hall.reception.standing(chat).contact.outcome is Outcome.MERGED
    hall.desk.finish("bruno", hall.views.contacts.held_by("bruno")[0].id, Outcome.ANSWERED)
    say(hall, "chat-1", "Je suis toujours là")
    assert hall.offered_to(chat) == "bruno"
    assert hall.views.follow_ups.by_reference(reference).state == FollowUpState.QUEUED
    assert hall.reception.standing(call).contact.linked_to == chat
    assert kept(hall) == []
    assert misplaced(hall) == []


def test_a_report_of_failure_tells_the_one_whose_answer_did_not_arrive(hall: Hall) -> None:
    letter = permit(hall)
    reference = follow_up(hall, letter).reference
    hall.follow_ups.answer("chloe", reference, "C'est prêt.")
    with events(hall) as told:
        hall.reception.delivery_failed(letter, "550 no such user")
    assert told == [("delivery_failed", letter, "chloe")]
    assert follow_up(hall, letter).state == FollowUpState.TAKEN
