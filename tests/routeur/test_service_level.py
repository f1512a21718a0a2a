"""The service level: the share accepted or self-served within 900 s, of the contacts that stopped waiting."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from competences.channels import Channel
from routeur.contact.words import Activity, AddressKind, ContactState, Outcome, WaitEnd
from routeur.ports.inbound import Inbound
from routeur.reading.service_level import Tally, judge, service_level
from tests.routeur.hall import Hall

WITHIN, MISSED, LEFT_OUT, WHILE_CLOSED = Tally(1, 1), Tally(0, 1), Tally(left_out=1), Tally(while_closed=1)
AT_NIGHT = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
MONDAY_OPENING = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
CALLER = "+33639980001"


def tally(hall: Hall, start: datetime = AT_NIGHT) -> Tally:
    """The tally of what came since then, by default since the night before the first morning."""
    return service_level(hall.record, start, hall.clock() + timedelta(days=1)).total


@pytest.mark.parametrize(
    ("end", "seconds", "verdict"),
    [
        (WaitEnd.ACCEPTED, 900, WITHIN),
        (WaitEnd.ACCEPTED, 900.001, MISSED),
        (WaitEnd.ABANDONED, 9, LEFT_OUT),
        (WaitEnd.ABANDONED, 10.5, MISSED),
        (WaitEnd.SELF_SERVED, 30, WITHIN),
        (WaitEnd.SELF_SERVED, 901, MISSED),
        (WaitEnd.ASKED, 60, LEFT_OUT),
        (WaitEnd.ASKED, 900, MISSED),
        (WaitEnd.FOLLOWED_UP, 900, MISSED),
        (WaitEnd.FOLLOWED_UP, 0, MISSED),
        (WaitEnd.CLOSED, 0, WHILE_CLOSED),
        (WaitEnd.SPAM, 5, LEFT_OUT),
        (WaitEnd.MERGED, 5, LEFT_OUT),
        (WaitEnd.TOGETHER, 5, LEFT_OUT),
        (WaitEnd.FAILED, 5, MISSED),
    ],
)
def test_each_ending_counts_as_the_promise_says(end: WaitEnd, seconds: float, verdict: Tally) -> None:
    assert judge(end, seconds) == verdict


def test_every_outcome_can_end_a_wait() -> None:
    assert {outcome.value for outcome in Outcome} <= {end.value for end in WaitEnd}


def test_a_morning(hall: Hall) -> None:
    hall.available("anne", "bruno")
    start = hall.clock()
    hall.serve(hall.call("CA1", "+33639980001", "objets-trouves"))
    hall.serve(hall.call("CA2", "+33639980002", "objets-trouves"))
    late = hall.call("CA3", "+33639980003", "objets-trouves")
    hall.chat(topic="objets-trouves")
    hall.mail("Bonjour", topic="objets-trouves")
    hall.step(900)
    assert hall.reception.standing(late).follow_up is not None
    level = service_level(hall.record, start, hall.clock())
    assert level.total == Tally(within=2, counted=4)
    assert level.total.share == 0.5
    assert level.by_channel[Channel.CHAT] == Tally(0, 1)
    assert Channel.EMAIL not in level.by_channel
    assert service_level(hall.record, hall.clock(), hall.clock() + timedelta(days=1)).total.share is None


def test_a_text_and_a_call_of_one_person_served_together_are_one_demand(hall: Hall) -> None:
    hall.available("bruno")
    busy = hall.call("CA0", "+33639980009")
    hall.serve(busy)
    text = hall.text("Ma carte", number=CALLER, topic="carte-identite").standing.contact.id
    call = hall.call("CA1", CALLER)
    hall.desk.finish("bruno", busy, Outcome.ANSWERED)
    hall.serve(call)
    assert hall.state(text) == ContactState.ACTIVE
    assert tally(hall) == Tally(within=2, counted=2, left_out=1)


def test_the_first_of_what_is_served_together_counts_with_its_own_wait(hall: Hall) -> None:
    hall.available("bruno")
    busy = hall.call("CA0", "+33639980009")
    hall.serve(busy)
    hall.text("Ma carte", number=CALLER, topic="carte-identite")
    hall.step(890)
    call = hall.call("CA1", CALLER)
    hall.step(20)
    hall.desk.finish("bruno", busy, Outcome.ANSWERED)
    hall.serve(call)
    level = service_level(hall.record, AT_NIGHT, hall.clock())
    assert level.by_channel[Channel.MESSAGING] == MISSED
    assert level.by_channel[Channel.VOICE] == Tally(within=1, counted=1, left_out=1)


def test_a_call_counts_that_takes_along_a_letter_whose_wait_had_ended(hall: Hall) -> None:
    hall.know((AddressKind.EMAIL, "lea@example.org"), (AddressKind.PHONE, CALLER))
    letter = hall.mail("Ma carte", topic="carte-identite").standing.contact
    hall.reception.ask_follow_up(letter.id)
    hall.available("bruno")
    busy = hall.call("CA0", "+33639980009")
    hall.serve(busy)
    hall.recall.serve_now("bruno", letter.reference)
    call = hall.call("CA1", CALLER)
    hall.desk.finish("bruno", busy, Outcome.ANSWERED)
    hall.serve(call)
    assert hall.state(letter.id) == ContactState.ACTIVE
    assert tally(hall) == Tally(within=2, counted=2)


def test_what_was_taken_together_with_spam_counts_in_its_place(hall: Hall) -> None:
    hall.available("bruno")
    busy = hall.call("CA0", "+33639980009")
    hall.serve(busy)
    spam = hall.call("CA1", CALLER)
    hall.text("Ma carte", number=CALLER, topic="carte-identite")
    hall.desk.finish("bruno", busy, Outcome.ANSWERED)
    hall.serve(spam)
    hall.desk.finish("bruno", spam, Outcome.SPAM)
    level = service_level(hall.record, AT_NIGHT, hall.clock() + timedelta(days=1))
    assert level.total == Tally(within=2, counted=2, left_out=1)
    assert level.by_channel[Channel.MESSAGING] == WITHIN


def test_spam_that_an_agent_takes_and_marks_counts_nothing(hall: Hall) -> None:
    hall.available("bruno")
    spam = hall.text("Gagnez un téléphone").standing.contact.id
    hall.serve(spam)
    assert tally(hall) == WITHIN
    hall.desk.finish("bruno", spam, Outcome.SPAM)
    assert tally(hall) == LEFT_OUT


def test_what_is_marked_as_spam_the_next_day_leaves_the_figure_of_yesterday(hall: Hall) -> None:
    hall.available("bruno")
    spam = hall.text("Gagnez un téléphone").standing.contact.id
    hall.serve(spam)
    hall.step(24 * 3600)
    hall.desk.finish("bruno", spam, Outcome.SPAM)
    assert tally(hall) == WITHIN


def test_a_settled_chat_that_comes_back_changes_no_figure_and_waits_anew(hall: Hall) -> None:
    hall.available("anne")
    chat = hall.chat(topic="objets-trouves")
    hall.step(20)
    hall.reception.settle(chat)
    settled = hall.clock()
    assert tally(hall) == WITHIN
    hall.step(3600)
    hall.reception.receive(
        Inbound(Channel.CHAT, AddressKind.CHAT, "chat-1", "Encore une chose", "chat-1:2", provider_ref="chat-1")
    )
    assert hall.state(chat) == ContactState.WAITING
    assert tally(hall) == WITHIN
    hall.step(1200)
    assert hall.state(chat) == ContactState.FOLLOW_UP
    assert service_level(hall.record, AT_NIGHT, settled).total == WITHIN
    assert service_level(hall.record, settled, hall.clock()).total == MISSED


def test_passing_a_contact_on_changes_nothing(hall: Hall) -> None:
    hall.available("bruno")
    call = hall.call()
    hall.serve(call)
    hall.desk.transfer("bruno", call, topic="permis-construire")
    hall.step(3000)
    assert hall.state(call) == ContactState.FOLLOW_UP
    assert tally(hall) == WITHIN


def test_an_agents_telephone_that_is_not_answered_ends_no_wait(hall: Hall) -> None:
    hall.available("bruno")
    call = hall.call()
    hall.serve(call)
    hall.step(30)
    hall.desk.phone_not_answered(call, 1)
    assert tally(hall) == Tally()
    hall.desk.set_activity("bruno", Activity.BREAK)
    hall.step(880)
    assert tally(hall) == MISSED


def test_a_caller_passed_on_to_a_telephone_that_is_not_answered_was_served(hall: Hall) -> None:
    hall.available("bruno")
    call = hall.call()
    hall.serve(call)
    hall.desk.transfer("bruno", call, topic="objets-trouves")
    hall.step(30)
    hall.serve(call)
    hall.desk.phone_not_answered(call, 2)
    hall.reception.usager_left(call)
    assert tally(hall) == WITHIN


@pytest.mark.parametrize("begin", [lambda hall: hall.call(), lambda hall: hall.chat(topic="objets-trouves")])
def test_a_follow_up_made_because_closed_is_told_apart(hall: Hall, begin: Callable[[Hall], str]) -> None:
    hall.clock.set(AT_NIGHT)
    contact = begin(hall)
    assert hall.state(contact) == ContactState.FOLLOW_UP
    assert tally(hall) == WHILE_CLOSED


@pytest.mark.parametrize(("seconds", "verdict"), [(900, WITHIN), (901, MISSED)])
def test_the_fifteen_minutes_of_a_text_of_the_night_begin_at_the_opening(
    hall: Hall, seconds: float, verdict: Tally
) -> None:
    hall.clock.set(AT_NIGHT)
    text = hall.text("Mes clés", topic="objets-trouves").standing.contact.id
    hall.clock.set(MONDAY_OPENING)
    hall.clock.advance(seconds)
    hall.available("bruno")
    hall.serve(text)
    assert tally(hall) == verdict


def test_they_begin_later_if_it_is_closed_then(hall: Hall) -> None:
    hall.clock.set(AT_NIGHT)
    text = hall.text("Mes clés", topic="objets-trouves").standing.contact.id
    hall.closures.make("anne", MONDAY_OPENING + timedelta(hours=12))
    hall.step(5)
    hall.clock.set(MONDAY_OPENING + timedelta(days=1, minutes=10))
    hall.available("bruno")
    hall.serve(text)
    assert tally(hall) == WITHIN


def test_a_chat_while_chats_alone_are_closed_is_told_apart(hall: Hall) -> None:
    hall.available("anne")
    hall.closures.make("anne", hall.clock() + timedelta(hours=2), channel=Channel.CHAT)
    assert hall.state(hall.chat(topic="objets-trouves")) == ContactState.FOLLOW_UP
    assert tally(hall) == WHILE_CLOSED


def test_what_is_settled_within_fifteen_minutes_of_a_promise_kept_it(hall: Hall) -> None:
    hall.clock.set(AT_NIGHT)
    chat = hall.chat(topic="objets-trouves")
    hall.clock.advance(minutes=14)
    hall.reception.settle(chat)
    assert tally(hall) == WITHIN


def test_a_walk_in_who_still_waits_is_in_no_figure(hall: Hall) -> None:
    hall.available("anne")
    hall.reception.receive(Inbound(Channel.WALKIN, AddressKind.TICKET, "A1", provider_ref="A1"))
    assert tally(hall) == Tally()


def test_the_documents_table_of_formulas_is_right() -> None:
    day = [(WaitEnd.ACCEPTED, 60, 860), (WaitEnd.ACCEPTED, 1000, 140)]
    day += [(WaitEnd.ABANDONED, 5, 10), (WaitEnd.ABANDONED, 60, 10), (WaitEnd.ABANDONED, 1000, 40)]
    ours = sum((judge(end, seconds) * number for end, seconds, number in day), Tally())
    assert ours.share is not None
    shares = [880 / 1060, 860 / 1000, 860 / 1060, 860 / 1040, 870 / 1060, ours.share]
    document = Path("docs/service-level.md").read_text("utf-8")
    assert re.findall(r"\| \**(\d\d\.\d) %\** \|", document) == [f"{share:.1%}"[:-1] for share in shares]
