"""The same person on two channels is one usager."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competences.channels import Channel
from routeur.contact.identity import normal_address
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound
from tests.routeur.hall import Hall


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


def test_an_email_given_in_the_chat_joins_the_two(hall: Hall) -> None:
    hall.available("anne")
    mail = hall.mail("Bonjour", sender="Lea@Example.org").standing.contact.id
    chat = hall.chat(email="lea@example.org")
    assert hall.views.contacts.summary(mail).usager.id == hall.views.contacts.summary(chat).usager.id


def test_an_email_whose_sender_is_also_given_as_email_is_one_address(hall: Hall) -> None:
    hall.available("anne")
    receipt = hall.reception.receive(
        Inbound(
            Channel.EMAIL,
            AddressKind.EMAIL,
            "lea@example.org",
            text="Bonjour",
            provider_id="<1@example.org>",
            email="LEA@example.org",
            name="Léa",
        )
    )
    assert hall.views.contacts.summary(receipt.standing.contact.id).usager.email == "lea@example.org"


def test_two_callers_with_hidden_numbers_are_two_people(hall: Hall) -> None:
    hall.available("anne")
    first, second = (
        hall.reception.receive(Inbound(Channel.VOICE, AddressKind.TICKET, sid, provider_ref=sid)).standing.contact.id
        for sid in ("CA1", "CA2")
    )
    assert hall.views.contacts.summary(first).usager.id != hall.views.contacts.summary(second).usager.id
