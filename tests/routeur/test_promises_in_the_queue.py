"""What went back to the queue from a follow-up is owed by the same date: whoever waits for it, or owes it, sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from competences.channels import Channel
from routeur.contact.words import Activity, AddressKind, ContactState, FollowUpState, Outcome
from routeur.ports.inbound import Inbound
from tests.routeur.hall import Hall
from tests.routeur.places import misplaced
from tests.routeur.test_messages_find_their_place import follow_up
from tests.routeur.test_reminders import letters

CHLOE = "chloe@petit-bourg.example"
PHONE = "+33639980001"


@pytest.fixture
def asked(hall: Hall) -> str:
    """A text that was promised an answer; Chloe alone could serve it, and has her hands full with letters."""
    hall.available("chloe")
    contact = hall.text("Mon permis ?", topic="permis-construire").standing.contact.id
    hall.reception.ask_follow_up(contact)
    return contact


def recalled(hall: Hall, contact: str) -> None:
    """Put it back in the queue, where nobody takes it: whoever could is on a break."""
    hall.desk.set_activity("chloe", Activity.BREAK)
    hall.recall.serve_now("chloe", follow_up(hall, contact).reference, anyone=True)
    assert hall.state(contact) is ContactState.WAITING


def test_it_waits_no_longer_than_the_date_of_the_promise(hall: Hall, asked: str) -> None:
    due_at = follow_up(hall, asked).due_at
    hall.clock.set(due_at - timedelta(minutes=10))
    hall.step()
    recalled(hall, asked)
    hall.step(599)
    assert hall.state(asked) is ContactState.WAITING
    hall.step(1)
    assert hall.state(asked) is ContactState.FOLLOW_UP
    assert follow_up(hall, asked).due_at == due_at


def test_one_that_is_late_already_may_wait_as_long_as_any_other(hall: Hall, asked: str) -> None:
    hall.clock.set(follow_up(hall, asked).due_at + timedelta(days=1))
    hall.step()
    recalled(hall, asked)
    hall.step(600)
    assert hall.state(asked) is ContactState.WAITING
    hall.desk.set_activity("chloe", Activity.AVAILABLE)
    hall.serve(asked)
    hall.desk.transfer("chloe", asked, topic="permis-construire")
    assert hall.state(asked) is ContactState.WAITING


def test_its_usager_is_told_the_date_and_that_it_is_late(hall: Hall, asked: str) -> None:
    promised = follow_up(hall, asked)
    recalled(hall, asked)
    status = hall.statuses.find(promised.reference, [PHONE])
    assert status is not None
    assert (status.due_at, status.late) == (promised.due_at, False)
    hall.desk.set_activity("chloe", Activity.AVAILABLE)
    hall.serve(asked)
    hall.clock.set(promised.due_at + timedelta(seconds=1))
    status = hall.statuses.find(promised.reference, [PHONE])
    assert status is not None
    assert (status.due_at, status.late) == (promised.due_at, True)


def test_who_owes_it_is_reminded_once_of_each_deadline_wherever_it_is(hall: Hall, asked: str) -> None:
    promised = follow_up(hall, asked)
    hall.follow_ups.take("chloe", promised.reference)
    hall.clock.set(promised.due_at - timedelta(minutes=30))
    recalled(hall, asked)
    hall.step()
    hall.step(4)
    once = [(to, [[promised.reference, "due_soon"]]) for to in ("urbanisme@petit-bourg.example", CHLOE)]
    assert letters(hall) == once
    hall.desk.set_activity("chloe", Activity.AVAILABLE)
    hall.serve(asked)
    hall.clock.set(promised.due_at + timedelta(hours=23))
    hall.step()
    hall.step(4)
    assert [of for _, of in letters(hall)[2:]] == [[[promised.reference, "overdue"]]] * 2
    assert [one.reference for one in hall.views.follow_ups.page(overdue=True).items] == [promised.reference]
    assert follow_up(hall, asked).overdue
    hall.desk.follow_up("chloe", asked)
    hall.step()
    assert len(letters(hall)) == 4
    assert [one.reference for one in hall.views.follow_ups.page(overdue=True).items] == [promised.reference]


def test_what_was_served_since_is_no_longer_owed(hall: Hall, asked: str) -> None:
    promised = follow_up(hall, asked)
    recalled(hall, asked)
    hall.desk.set_activity("chloe", Activity.AVAILABLE)
    hall.serve(asked)
    hall.desk.reply("chloe", asked, "Il est accordé.")
    hall.desk.finish("chloe", asked, Outcome.ANSWERED)
    hall.clock.set(promised.due_at + timedelta(hours=23))
    hall.step()
    assert letters(hall) == []
    assert hall.views.follow_ups.page(overdue=True).items == []


def test_of_a_caller_whose_chat_goes_on_it_is_owed_there(hall: Hall) -> None:
    hall.know((AddressKind.PHONE, PHONE), (AddressKind.CHAT, "chat-1"))
    hall.available("bruno")
    hall.serve(hall.call("CA9", "+33639980099"))
    hall.chat(topic="carte-identite")
    call = hall.call("CA1")
    hall.step(901)
    promised = follow_up(hall, call)
    hall.clock.set(promised.due_at - timedelta(minutes=30))
    hall.desk.touch("bruno")
    said = Inbound(Channel.CHAT, AddressKind.CHAT, "chat-1", text="Là ?", provider_ref="chat-1", provider_id="chat-1:2")
    assert hall.reception.receive(said).standing.contact.waits
    hall.step()
    assert [of for _, of in letters(hall)] == [[[promised.reference, "due_soon"]]]


def test_a_lapse_leaves_it_with_the_service_and_the_owner_that_had_it(hall: Hall, asked: str) -> None:
    reference = follow_up(hall, asked).reference
    hall.follow_ups.hand_over("chloe", reference, service="accueil")
    hall.follow_ups.take("david", reference)
    recalled(hall, asked)
    hall.desk.set_activity("chloe", Activity.OFFLINE)
    hall.clock.advance(days=3)
    hall.step()
    again = follow_up(hall, asked)
    assert (again.service, again.state, again.taken_by) == ("accueil", FollowUpState.TAKEN, "david")
    assert misplaced(hall) == []


def test_what_takes_it_along_is_owed_by_the_same_date(hall: Hall, asked: str) -> None:
    promised = follow_up(hall, asked)
    hall.follow_ups.hand_over("chloe", promised.reference, service="accueil")
    hall.clock.advance(hours=24)
    hall.step()
    recalled(hall, asked)
    told = hall.told(asked)
    hall.step(60)
    call = hall.call(topic="permis-construire")
    assert hall.waits_with(asked) == call
    hall.reception.ask_follow_up(call)
    assert (follow_up(hall, call).due_at, follow_up(hall, call).service) == (promised.due_at, "accueil")
    assert hall.told(asked) == told
    assert misplaced(hall) == []


def test_about_something_else_now_it_is_its_own_service_s(hall: Hall, asked: str) -> None:
    hall.follow_ups.hand_over("chloe", follow_up(hall, asked).reference, service="accueil")
    recalled(hall, asked)
    hall.clock.advance(60)
    hall.desk.set_topic("chloe", asked, "carte-identite", anyone=True)
    hall.reception.ask_follow_up(asked)
    assert follow_up(hall, asked).service == "etat-civil"
