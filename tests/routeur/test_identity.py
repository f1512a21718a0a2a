"""The same person on two channels is one usager."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competences.channels import Channel
from routeur.contact import contacts
from routeur.contact.identity import Given, normal_address
from routeur.contact.words import AddressKind, Outcome
from routeur.ports.inbound import Inbound
from routeur.reading.contact_views import UsagerView
from tests.routeur.hall import Hall

CARD = "carte-identite"
LEA = "lea@example.org"


@pytest.mark.parametrize(
    ("written", "known_as"),
    [
        ("06 39 98 00 01", "+33639980001"),
        ("+33 6 39 98 00 01", "+33639980001"),
        ("0033639980001", "+33639980001"),
        ("anonymous", "anonymous"),
        ("36000", "36000"),
    ],
)
def test_a_number_has_one_written_form(written: str, known_as: str) -> None:
    assert normal_address(AddressKind.PHONE, written) == known_as


@given(st.text(max_size=40))
def test_whatever_is_written_has_a_normal_form_that_is_stable(text: str) -> None:
    for kind in AddressKind:
        once = normal_address(kind, text)
        assert normal_address(kind, once) == once


def usager(hall: Hall, contact: str) -> UsagerView:
    return hall.views.contacts.summary(contact).usager


def test_a_letter_from_the_same_address_is_the_same_person_however_it_is_written(hall: Hall) -> None:
    hall.available("anne")
    first = hall.mail("Bonjour", sender="Lea@Example.org").standing.contact.id
    second = hall.mail("Encore", "<2@example.org>", sender="lea@example.org").standing.contact.id
    assert usager(hall, first).id == usager(hall, second).id
    assert usager(hall, second).verified == ("email",)


@pytest.mark.parametrize("victim_first", [True, False])
def test_an_address_that_is_only_typed_makes_nobody_that_person(hall: Hall, *, victim_first: bool) -> None:
    """In either order the two are two people, and neither has the other's name, place or address."""
    hall.available("bruno")
    hall.serve(hall.call("CA9", "+33639980009"))

    def victim() -> str:
        letter = Inbound(
            Channel.EMAIL, AddressKind.EMAIL, LEA, "Mon acte", "<1@example.org>", name="Léa Petit", topic=CARD
        )
        return hall.reception.receive(letter).standing.contact.id

    def attacker() -> str:
        typed = Given("Escroc Notoire", "LEA@example.org", "06 39 98 00 09")
        inbound = Inbound(Channel.CHAT, AddressKind.CHAT, "c1", "Bonjour", "c1:1", "c1", given=typed, topic=CARD)
        return hall.reception.receive(inbound).standing.contact.id

    first = victim() if victim_first else attacker()
    hall.clock.advance(30)
    second = attacker() if victim_first else victim()
    written, chatting = (first, second) if victim_first else (second, first)
    assert usager(hall, written).id != usager(hall, chatting).id
    assert [hall.views.contacts.summary(one).linked_to for one in (written, chatting)] == [None, None]
    theirs, shown = usager(hall, written), hall.views.contacts.summary(chatting)
    assert (theirs.name, theirs.email, theirs.phone, theirs.verified) == ("Léa Petit", LEA, None, ("email",))
    assert shown.given == Given("Escroc Notoire", LEA, "+33639980009")
    assert (shown.usager.name, shown.usager.email, shown.usager.verified) == ("Escroc Notoire", LEA, ())
    with hall.record.read() as connection:
        assert contacts.get(connection, chatting).queued_at == shown.arrived_at


def test_who_types_an_address_is_not_sent_to_the_agent_who_knows_its_owner(hall: Hall) -> None:
    hall.available("anne", "bruno")
    written = hall.mail("Ma carte", topic=CARD).standing.contact.id
    hall.desk.finish(hall.serve(written), written, Outcome.ANSWERED)
    chatting = hall.chat(topic=CARD, email=LEA)
    with hall.record.read() as connection:
        assert contacts.get(connection, chatting).ladder is None


def test_two_callers_with_hidden_numbers_are_two_people(hall: Hall) -> None:
    hall.available("anne")
    first, second = (
        hall.reception.receive(Inbound(Channel.VOICE, AddressKind.TICKET, sid, provider_ref=sid)).standing.contact.id
        for sid in ("CA1", "CA2")
    )
    assert hall.views.contacts.summary(first).usager.id != hall.views.contacts.summary(second).usager.id
