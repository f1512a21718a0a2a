"""Who may be written to: nobody who has said STOP, until they say START; and as long as the medium takes a reply."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from competences.channels import Channel
from routeur.contact.opt_outs import OptOuts, note
from routeur.contact.words import AddressKind, ContactState
from routeur.errors import OptedOut, ReplyTooLate
from routeur.ports.inbound import Inbound, Receipt
from routeur.record.tables import Message, OptOut
from routeur.retention import purge
from tests.routeur.hall import Hall

OURS, WHATSAPP = "+33199003500", "whatsapp:+33199003500"
LEA, MAX = "+33639980001", "+33639980002"


def said(text: str, sid: str, number: str = LEA, ours: str = OURS) -> Inbound:
    return Inbound(Channel.MESSAGING, AddressKind.PHONE, number, text=text, provider_id=sid, service_address=ours)


def writes(hall: Hall, text: str = "Bonjour", sid: str = "SM1", number: str = LEA) -> Receipt:
    return hall.reception.receive(said(text, sid, number))


@pytest.fixture
def opt_outs(hall: Hall) -> OptOuts:
    return OptOuts(hall.record, hall.clock)


def test_stop_counts_for_that_person_and_that_number_of_ours_alone(hall: Hall, opt_outs: OptOuts) -> None:
    hall.reception.wishes.stop(said("STOP", "SM1"))
    assert opt_outs.is_opted_out(LEA, OURS)
    assert not opt_outs.is_opted_out(LEA, WHATSAPP)
    assert not opt_outs.is_opted_out(MAX, OURS)


def test_start_takes_it_back_and_stop_again(hall: Hall, opt_outs: OptOuts) -> None:
    wishes = hall.reception.wishes
    assert not wishes.start(said("START", "SM0"))  # they had asked for nothing: a message like any other
    wishes.stop(said("STOP", "SM1"))
    assert wishes.start(said("START", "SM2"))
    assert not opt_outs.is_opted_out(LEA, OURS)
    wishes.stop(said("STOP", "SM3"))
    assert opt_outs.is_opted_out(LEA, OURS)


def test_the_same_word_told_again_later_changes_nothing(hall: Hall, opt_outs: OptOuts) -> None:
    wishes = hall.reception.wishes
    wishes.stop(said("STOP", "SM1"))
    wishes.start(said("START", "SM2"))
    wishes.stop(said("STOP", "SM1"))
    assert not opt_outs.is_opted_out(LEA, OURS)
    wishes.stop(said("STOP", "SM3"))
    wishes.start(said("START", "SM2"))
    assert opt_outs.is_opted_out(LEA, OURS)


def test_the_same_word_told_many_times_at_once_is_one(hall: Hall) -> None:
    writes(hall)
    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(hall.reception.wishes.stop, said("STOP", "SM2")) for _ in range(6)]:
            done.result()
    with hall.record.read() as connection:
        assert connection.scalar(select(func.count()).select_from(OptOut)) == 1
        assert connection.scalar(select(func.count()).select_from(Message)) == 2


def test_an_open_contact_goes_on_and_keeps_the_word(hall: Hall) -> None:
    hall.available("anne")
    contact = writes(hall).standing.contact
    hall.reception.wishes.stop(said("STOP", "SM2"))
    assert hall.offered_to(contact.id) == "anne"
    full = hall.views.contacts.full(contact.id)
    assert [one.text for one in full.messages] == ["Bonjour", "STOP"]
    assert full.contact.opted_out
    assert hall.story(contact.id).count("opted_out") == 1
    hall.reception.wishes.start(said("START", "SM3"))
    assert not hall.views.contacts.summary(contact.id).opted_out


def test_without_an_open_contact_none_is_made(hall: Hall) -> None:
    hall.reception.wishes.stop(said("STOP", "SM1"))
    assert hall.views.contacts.page().items == []


def test_an_agent_is_told_before_they_write(hall: Hall) -> None:
    hall.available("anne")
    contact = writes(hall).standing.contact
    login = hall.serve(contact.id)
    hall.reception.wishes.stop(said("STOP", "SM2"))
    before = hall.told(contact.id)
    with pytest.raises(OptedOut):
        hall.desk.reply(login, contact.id, "Bonjour Léa")
    assert hall.told(contact.id) == before
    assert [one.text for one in hall.reception.messages_after(contact.id, 0)] == ["Bonjour", "STOP"]
    hall.reception.wishes.start(said("START", "SM3"))
    assert hall.desk.reply(login, contact.id, "Bonjour Léa")


def test_the_back_office_is_told_before_it_answers(hall: Hall) -> None:
    contact = hall.reception.ask_follow_up(writes(hall).standing.contact.id).contact
    hall.reception.wishes.stop(said("STOP", "SM2"))
    with pytest.raises(OptedOut):
        hall.follow_ups.answer("bruno", contact.reference, "C'est prêt.")
    assert hall.views.follow_ups.by_reference(contact.reference).state == "open"


def test_a_reply_that_was_accepted_before_is_told_again_as_it_was(hall: Hall) -> None:
    hall.available("anne")
    contact = writes(hall).standing.contact
    login = hall.serve(contact.id)
    first = hall.desk.reply(login, contact.id, "Bonjour Léa", client_id="a")
    hall.reception.wishes.stop(said("STOP", "SM2"))
    assert hall.desk.reply(login, contact.id, "Bonjour Léa", client_id="a") == first


def test_who_writes_again_after_stop_is_received_and_shown_as_one_who_cannot_be_answered(hall: Hall) -> None:
    hall.reception.wishes.stop(said("STOP", "SM1"))
    contact = writes(hall, "Ma carte est-elle prête ?", "SM2").standing.contact
    assert contact.state is ContactState.WAITING
    (shown,) = hall.views.contacts.page().items
    assert shown.opted_out


def test_other_channels_are_not_meant(hall: Hall) -> None:
    hall.reception.wishes.stop(said("STOP", "SM1"))
    call = Inbound(Channel.VOICE, AddressKind.PHONE, LEA, provider_ref="CA1", service_address=OURS)
    contact = hall.reception.receive(call).standing.contact
    assert not hall.views.contacts.summary(contact.id).opted_out


def test_what_the_network_refuses_for_it_is_learned_once(hall: Hall, opt_outs: OptOuts) -> None:
    for _ in range(2):
        opt_outs.note_refusal(LEA, OURS, "refused:1", hall.clock())
    assert opt_outs.is_opted_out(LEA, OURS)


def test_a_refusal_of_what_left_before_start_silences_nobody_again(hall: Hall, opt_outs: OptOuts) -> None:
    hall.reception.wishes.stop(said("STOP", "SM1"))
    left_at = hall.clock()
    hall.clock.advance(60)
    hall.reception.wishes.start(said("START", "SM2"))
    hall.clock.advance(60)
    for number, before in enumerate([left_at, None]):
        opt_outs.note_refusal(LEA, OURS, f"refused:{number}", before)
    assert not opt_outs.is_opted_out(LEA, OURS)
    opt_outs.note_refusal(LEA, OURS, "refused:later", hall.clock())
    assert opt_outs.is_opted_out(LEA, OURS)


WORDS = st.lists(st.tuples(st.sampled_from([LEA, MAX]), st.sampled_from([OURS, WHATSAPP]), st.booleans()), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=WORDS, old=st.integers(min_value=0, max_value=12))
def test_purging_forgets_words_that_count_no_longer_and_no_stop(
    hall: Hall, opt_outs: OptOuts, words: list[tuple[str, str, bool]], old: int
) -> None:
    before = hall.clock()
    with hall.record.write() as connection:
        connection.execute(delete(OptOut))
        for number, (address, ours, out) in enumerate(words):
            at = before + timedelta(days=number - old)
            note(connection, address, ours, out=out, event_id=f"SM{number}", now=at)
    pairs = [(address, ours) for address in (LEA, MAX) for ours in (OURS, WHATSAPP)]
    stands = [opt_outs.is_opted_out(*pair) for pair in pairs]
    purge(hall.record, before)
    assert [opt_outs.is_opted_out(*pair) for pair in pairs] == stands
    with hall.record.read() as connection:
        kept = connection.execute(select(OptOut.address, OptOut.service_address, OptOut.out, OptOut.at)).all()
    past = [(one.address, one.service_address) for one in kept if one.at < before]
    assert len(past) == len(set(past))
    assert all(one.out for one in kept if one.at < before)
    assert sum(one.at >= before for one in kept) == len(words[old:])


def test_a_reply_is_taken_as_long_as_its_medium_takes_one(hall: Hall) -> None:
    hall.available("anne")
    day = timedelta(hours=24)
    first = replace(said("Bonjour", "SM1", ours=WHATSAPP), reply_within=day)
    contact = hall.reception.receive(first).standing.contact
    login = hall.serve(contact.id)
    assert hall.views.contacts.summary(contact.id).reply_until == hall.clock() + day
    hall.clock.advance(hours=23)
    hall.reception.receive(replace(first, text="Alors ?", provider_id="SM2"))
    assert hall.views.contacts.summary(contact.id).reply_until == hall.clock() + day
    hall.clock.advance(hours=24)
    assert hall.desk.reply(login, contact.id, "Bonjour Léa")
    hall.clock.advance(1)
    with pytest.raises(ReplyTooLate):
        hall.desk.reply(login, contact.id, "Encore un mot")
    hall.reception.receive(replace(first, text="Oui ?", provider_id="SM3"))
    assert hall.desk.reply(login, contact.id, "Encore un mot")


def test_a_word_by_another_medium_does_not_open_the_window(hall: Hall) -> None:
    contact = writes(hall).standing.contact
    hall.reception.receive(replace(said("Alors ?", "SM2", ours=WHATSAPP), reply_within=timedelta(hours=24)))
    assert hall.views.contacts.summary(contact.id).reply_until is None
