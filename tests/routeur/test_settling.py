"""Settling: a contact whose usager says that they have their answer ends as self-served, unless an agent has it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from competences.channels import Channel
from routeur.contact.messages import InboundAttachment
from routeur.contact.words import AddressKind, ContactState, FollowUpState, Outcome
from routeur.errors import Conflict, NotFound
from routeur.followups.status import Stage
from routeur.ports.inbound import Inbound, ReadyAnswer
from routeur.reading.self_service import SelfServed, self_served
from routeur.reading.service_level import Tally, service_level
from tests.routeur.hall import Hall

AT_NIGHT = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
CARD = "carte-identite"
LEA = ((AddressKind.EMAIL, "lea@example.org"), (AddressKind.CHAT, "chat-1"))
PARIS = ZoneInfo("Europe/Paris")


def ended(hall: Hall, contact: str) -> tuple[ContactState, Outcome | None]:
    standing = hall.reception.standing(contact)
    return standing.contact.state, standing.contact.outcome


SELF_SERVED = (ContactState.CLOSED, Outcome.SELF_SERVED)


def test_who_waits_is_settled_once_and_leaves_the_queue(hall: Hall) -> None:
    hall.available("anne")
    first, second = hall.chat(ref="chat-1"), hall.chat(ref="chat-2")
    assert hall.offered_to(first) == "anne"
    assert hall.reception.settle(first).contact.outcome is Outcome.SELF_SERVED
    assert hall.reception.settle(first).contact.outcome is Outcome.SELF_SERVED
    assert ended(hall, first) == SELF_SERVED
    assert hall.index.contacts() == {second}
    assert hall.offered_to(second) == "anne"
    hall.step()
    assert hall.story(first).count("self_served") == 1
    with pytest.raises(Conflict):
        hall.desk.accept("anne", first)


def test_an_agent_who_has_it_is_not_cut(hall: Hall) -> None:
    hall.available("anne")
    chatting = hall.chat()
    hall.serve(chatting)
    assert hall.reception.settle(chatting).contact.state is ContactState.ACTIVE
    assert "self_served" not in hall.story(chatting)


def test_what_was_abandoned_or_never_was_is_not_settled(hall: Hall) -> None:
    hall.available("anne")
    chatting = hall.chat()
    hall.reception.usager_left(chatting)
    assert hall.reception.settle(chatting).contact.outcome is Outcome.ABANDONED
    with pytest.raises(NotFound):
        hall.reception.settle("nobody")


def test_whoever_waited_together_with_it_goes_on_waiting_in_its_place(hall: Hall) -> None:
    hall.available("anne")
    hall.serve(hall.call("CA9", "+33639980009", "objets-trouves"))
    hall.know(*LEA)
    chatting = hall.chat(topic="objets-trouves")
    hall.clock.advance(5)
    written = hall.mail("Mon écharpe", topic="objets-trouves").standing.contact.id
    assert hall.views.contacts.summary(written).linked_to == chatting
    hall.reception.settle(chatting)
    assert ended(hall, chatting) == SELF_SERVED
    assert hall.views.contacts.summary(written).linked_to is None
    assert hall.index.contacts() >= {written}


def test_who_goes_along_with_another_leaves_them_their_place(hall: Hall) -> None:
    hall.available("anne")
    hall.know(*LEA)
    written = hall.mail("Mon écharpe", topic="objets-trouves").standing.contact.id
    chatting = hall.chat(topic="objets-trouves")
    assert hall.offered_to(chatting) == "anne"
    hall.reception.settle(written)
    assert ended(hall, written) == SELF_SERVED
    assert hall.serve(chatting) == "anne"
    hall.desk.finish("anne", chatting, Outcome.ANSWERED)
    assert ended(hall, written) == SELF_SERVED


def test_at_night_the_follow_up_is_closed_with_it_and_says_why(hall: Hall) -> None:
    hall.clock.set(AT_NIGHT)
    chatting = hall.chat(topic=CARD)
    reference = hall.reception.standing(chatting).contact.reference
    hall.reception.settle(chatting)
    assert ended(hall, chatting) == SELF_SERVED
    assert hall.views.follow_ups.by_reference(reference).state == FollowUpState.CLOSED
    assert hall.story(chatting) == ["arrived", "follow_up", "follow_up_closed", "self_served"]
    assert hall.views.contacts.timeline(chatting)[2].detail == {"reason": "self_served"}
    with pytest.raises(Conflict):
        hall.follow_ups.take("bruno", reference)


def test_what_was_merged_into_it_is_still_owed_by_the_same_day(hall: Hall) -> None:
    """A letter and a text of the same person went into one follow-up with their chat; only the chat is settled."""
    hall.available("anne")
    hall.serve(hall.call("CA9", "+33639980009", "objets-trouves"))
    hall.know(*LEA, (AddressKind.PHONE, "+33639980001"))
    written = hall.mail("Mon écharpe", topic="objets-trouves").standing.contact
    hall.clock.advance(1)
    texted = hall.text("Mon écharpe ?", topic="objets-trouves").standing.contact
    chatting = hall.chat(topic="objets-trouves")
    promised = hall.reception.ask_follow_up(chatting).follow_up
    assert promised is not None
    assert [ended(hall, one.id)[1] for one in (written, texted)] == [Outcome.MERGED] * 2
    hall.clock.advance(days=1)
    hall.reception.settle(chatting)
    assert ended(hall, chatting) == SELF_SERVED
    assert hall.views.follow_ups.by_reference(promised.reference).state == FollowUpState.CLOSED
    still_owed = hall.views.follow_ups.by_reference(written.reference)
    assert (still_owed.state, still_owed.due_at) == (FollowUpState.OPEN, promised.due_at)
    assert hall.told(written.id)[-1] == "FollowedUp"
    for reference, proof in ((written.reference, "lea@example.org"), (texted.reference, "+33639980001")):
        found = hall.statuses.find(reference, [proof])
        assert found is not None
        assert (found.stage, found.due_at) == (Stage.RECORDED, promised.due_at)
    hall.follow_ups.answer("bruno", written.reference, "La voici.")


def test_what_an_agent_answered_before_is_not_owed_again(hall: Hall) -> None:
    hall.available("anne")
    hall.know(*LEA)
    written = hall.mail("Mon écharpe", topic="objets-trouves").standing.contact.id
    chatting = hall.chat(topic="objets-trouves")
    hall.desk.finish(hall.serve(chatting), chatting, Outcome.ANSWERED)
    hall.clock.set(AT_NIGHT)
    hall.chat("Encore", topic="objets-trouves")
    assert hall.state(chatting) is ContactState.CLOSED  # the same message twice
    again = Inbound(Channel.CHAT, AddressKind.CHAT, "chat-1", "Et ?", "chat-1:2", "chat-1")
    assert hall.reception.receive(again).standing.contact.state is ContactState.FOLLOW_UP
    hall.reception.settle(chatting)
    assert ended(hall, written) == (ContactState.CLOSED, Outcome.MERGED)


def test_a_follow_up_that_somebody_has_taken_up_stands(hall: Hall) -> None:
    hall.clock.set(AT_NIGHT)
    chatting = hall.chat(topic=CARD)
    reference = hall.reception.standing(chatting).contact.reference
    hall.follow_ups.take("bruno", reference)
    assert hall.reception.settle(chatting).contact.state is ContactState.FOLLOW_UP
    assert hall.views.follow_ups.by_reference(reference).state == FollowUpState.TAKEN


def test_taken_up_or_settled_never_both(hall: Hall) -> None:
    hall.clock.set(AT_NIGHT)
    for number in range(8):
        chatting = hall.chat(ref=f"chat-{number}", topic=CARD)
        reference = hall.reception.standing(chatting).contact.reference

        def take(reference: str = reference) -> bool:
            try:
                hall.follow_ups.take("bruno", reference)
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(2) as both:
            taking = both.submit(take)
            settled = both.submit(hall.reception.settle, chatting).result().contact.outcome is Outcome.SELF_SERVED
        assert taking.result() is not settled
        expected = FollowUpState.CLOSED if settled else FollowUpState.TAKEN
        assert hall.views.follow_ups.by_reference(reference).state == expected


def test_accepted_or_settled_never_both(hall: Hall) -> None:
    hall.available("anne")
    for number in range(8):
        chatting = hall.chat(ref=f"chat-{number}")
        assert hall.offered_to(chatting) == "anne"

        def accept(chatting: str = chatting) -> bool:
            try:
                hall.desk.accept("anne", chatting)
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(2) as both:
            accepting = both.submit(accept)
            settled = both.submit(hall.reception.settle, chatting).result().contact.outcome is Outcome.SELF_SERVED
        assert accepting.result() is not settled
        if not settled:
            hall.desk.finish("anne", chatting, Outcome.ANSWERED)
        hall.step(30)
        assert hall.index.contacts() == set()


def test_a_word_of_the_weekend_finds_the_follow_up_that_it_is_about(hall: Hall) -> None:
    hall.clock.set(AT_NIGHT)
    asked = hall.text("Ma carte d'identité", topic=CARD).standing.contact.id
    hall.clock.advance(days=3)
    word = Inbound(Channel.MESSAGING, AddressKind.PHONE, "+33639980001", text="RÉGLÉ", provider_id="SM2", settles=True)
    assert hall.reception.receive(word).standing.contact.id == asked


def test_what_is_answered_whole_takes_nobody_s_time(hall: Hall) -> None:
    hall.available("anne")
    asked = Inbound(
        Channel.MESSAGING,
        AddressKind.PHONE,
        "+33639980001",
        text="Où en est ma demande ACD-123-456 ?",
        provider_id="SM1",
        answer=ReadyAnswer("Elle est enregistrée.", whole=True),
    )
    receipt = hall.reception.receive(asked)
    contact = receipt.standing.contact.id
    assert receipt.answered
    assert ended(hall, contact) == SELF_SERVED
    assert hall.index.contacts() == set()
    assert hall.told(contact) == []
    assert hall.story(contact) == ["arrived", "self_served"]
    said = [(one.direction, one.text) for one in hall.reception.messages_after(contact, 0)]
    assert said == [("in", asked.text), ("out", "Elle est enregistrée.")]
    again = hall.reception.receive(asked)
    assert again.duplicate
    assert len(hall.reception.messages_after(contact, 0)) == 2


def test_a_picture_beside_the_question_is_for_a_person(hall: Hall) -> None:
    hall.available("anne")
    asked = Inbound(
        Channel.MESSAGING,
        AddressKind.PHONE,
        "+33639980001",
        text="ACD-123-456",
        provider_id="SM1",
        attachments=[InboundAttachment("photo.jpg", "image/jpeg", 0, url="https://example.org/photo.jpg")],
        answer=ReadyAnswer("Elle est enregistrée.", whole=True),
    )
    receipt = hall.reception.receive(asked)
    assert receipt.answered
    assert hall.offered_to(receipt.standing.contact.id) == "anne"


def test_an_answer_leaves_a_conversation_where_it_stands_and_an_agent_alone(hall: Hall) -> None:
    hall.available("anne")

    def ask(number: int) -> bool:
        answer = ReadyAnswer("Elle est enregistrée.", whole=True)
        return hall.reception.receive(
            Inbound(
                Channel.CHAT,
                AddressKind.CHAT,
                "chat-1",
                text="ACD-123-456 ?",
                provider_ref="chat-1",
                provider_id=f"chat-1:q{number}",
                answer=answer,
            )  # fmt: skip
        ).answered

    chatting = hall.chat()
    assert ask(1)
    assert hall.offered_to(chatting) == "anne"
    hall.serve(chatting)
    assert not ask(2)
    assert [one.direction for one in hall.reception.messages_after(chatting, 0)] == ["in", "in", "out", "in"]
    hall.desk.finish("anne", chatting, Outcome.ANSWERED)
    assert ask(3)
    assert ended(hall, chatting) == (ContactState.CLOSED, Outcome.ANSWERED)


def test_settled_in_time_keeps_the_promise_of_fifteen_minutes(hall: Hall) -> None:
    hall.clock.set(AT_NIGHT)
    start = hall.clock()
    soon, late = hall.chat(ref="chat-1", topic=CARD), hall.chat(ref="chat-2", topic=CARD)
    hall.clock.advance(minutes=10)
    hall.reception.settle(soon)
    hall.clock.advance(minutes=10)
    hall.reception.settle(late)
    assert service_level(hall.record, start, hall.clock()).total == Tally(within=1, counted=1, while_closed=1)
    assert hall.reception.standing(late).follow_up is not None


def test_the_share_by_topic_and_month_of_the_commune(hall: Hall) -> None:
    hall.clock.set(datetime(2026, 3, 31, 21, 59, tzinfo=UTC))  # one minute before April in Paris
    start = hall.clock()
    hall.reception.settle(hall.chat(ref="chat-1", topic=CARD))
    hall.chat(ref="chat-2", topic=CARD)
    hall.call("CA1")  # nobody can be given a link on the phone
    hall.chat(ref="chat-3")  # nobody knows what it is about
    hall.clock.advance(minutes=1)
    hall.reception.settle(hall.text("Ma carte", topic=CARD).standing.contact.id)
    hall.mail("Mon écharpe", topic="objets-trouves")
    hall.clock.advance(1)
    found = self_served(hall.record, start, hall.clock(), PARIS)
    assert found == [
        SelfServed("2026-03", CARD, 1, 2),
        SelfServed("2026-04", CARD, 1, 1),
        SelfServed("2026-04", "objets-trouves", 0, 1),
    ]
    assert [one.share for one in found] == [0.5, 1.0, 0.0]
    assert self_served(hall.record, hall.clock(), start, PARIS) == []
    assert [one.month for one in self_served(hall.record, start, start.replace(second=30), PARIS)] == ["2026-03"]


def test_the_year_ends_at_midnight_in_the_commune(hall: Hall) -> None:
    hall.clock.set(datetime(2026, 12, 31, 22, 59, tzinfo=UTC))
    start = hall.clock()
    hall.chat(ref="chat-1", topic=CARD)
    hall.clock.advance(minutes=1)
    hall.reception.settle(hall.chat(ref="chat-2", topic=CARD))
    found = self_served(hall.record, start, hall.clock.advance(1), PARIS)
    assert found == [SelfServed("2026-12", CARD, 0, 1), SelfServed("2027-01", CARD, 1, 1)]


def test_who_was_merged_or_is_spam_does_not_count(hall: Hall) -> None:
    hall.available("anne")
    hall.know(*LEA)
    chatting = hall.chat(topic="objets-trouves")
    hall.mail("Mon écharpe", topic="objets-trouves")
    hall.serve(chatting)
    start = hall.clock()
    hall.desk.finish("anne", chatting, Outcome.SELF_SERVED)
    (found,) = self_served(hall.record, start, hall.clock.advance(1), PARIS)
    assert (found.self_served, found.contacts) == (1, 1)
