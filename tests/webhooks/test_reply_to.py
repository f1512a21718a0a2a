"""Where answers go, and to whom nothing is sent automatically."""

from __future__ import annotations

import pytest

from canaux.email.unread import is_unread
from tests.smtp_server import Mailbox
from tests.webhooks.mounted_street import Street
from tests.webhooks.test_email import hand_in
from tests.webhooks.test_threads import LEA, letter

CAFE = "cafe@comptoir.example"
FORM = "formulaire@site.example"


def acknowledged(street: Street, mailbox: Mailbox) -> list[str]:
    for _ in range(3):
        street.hall.step()
    return [sent["To"] for sent in mailbox.messages]


def test_answers_go_where_the_sender_asks_and_the_sender_stays_the_usager(street: Street, mailbox: Mailbox) -> None:
    hall = street.hall
    hall.available("anne")
    hand_in(street, letter(LEA, "<1@example.org>", Reply_To=f"Le café <{CAFE}>"))
    contact = street.only_contact()
    hall.desk.reply(hall.serve(contact.id), contact.id, "Oui.")
    assert acknowledged(street, mailbox) == [CAFE, CAFE]
    shown = hall.views.contacts.full(contact.id).contact
    assert (shown.reply_to, shown.usager.email) == (CAFE, LEA)
    hand_in(street, letter(CAFE, "<2@comptoir.example>", In_Reply_To="<1@example.org>"))
    assert len(street.contacts()) == 1


@pytest.mark.parametrize("sender", ["noreply@site.example", FORM, "mairie@petit-bourg.example"])
def test_the_person_for_whom_a_form_writes_is_the_usager(street: Street, mailbox: Mailbox, sender: str) -> None:
    hall = street.hall
    hall.available("anne")
    forms = hall.plans.plan().model_copy(update={"web_forms": (FORM,)})
    hall.plans.publish(forms.dump(), "anne", hall.clock())
    hand_in(street, letter(sender, "<f@site.example>", Reply_To="Paul <paul@boite.example>"))
    shown = hall.views.contacts.full(street.only_contact().id)
    assert (shown.contact.usager.name, shown.contact.usager.email) == ("Paul", "paul@boite.example")
    assert shown.messages[0].envelope.sender is not None
    assert shown.messages[0].envelope.sender.address == sender
    assert acknowledged(street, mailbox) == ["paul@boite.example"]


def test_we_never_answer_ourselves(street: Street, mailbox: Mailbox) -> None:
    street.hall.available("anne")
    hand_in(street, letter(LEA, "<1@example.org>", Reply_To="mairie@petit-bourg.example"))
    hand_in(street, letter("mairie@petit-bourg.example", "<2@petit-bourg.example>"))
    assert acknowledged(street, mailbox) == [LEA]


@pytest.mark.parametrize("sender", ["ne-pas-repondre@caisse.example", "no-reply@site.example"])
def test_an_address_that_nobody_reads_is_queued_and_not_acknowledged(
    street: Street, mailbox: Mailbox, sender: str
) -> None:
    street.hall.available("anne")
    hand_in(street, letter(sender, "<n@caisse.example>"))
    assert street.only_contact().outcome is None
    assert acknowledged(street, mailbox) == []


def test_three_letters_of_one_address_are_acknowledged_in_a_day(street: Street, mailbox: Mailbox) -> None:
    street.hall.available("anne")
    for number in range(5):
        hand_in(street, letter(LEA, f"<{number}@example.org>", Subject=f"Avis {number}"))
        hand_in(street, letter(f"x{number}@example.org", f"<x{number}@example.org>", Reply_To=CAFE))
    assert sorted(acknowledged(street, mailbox)) == sorted([LEA] * 3 + [CAFE] * 3)
    assert len(street.contacts()) == 10
    street.hall.clock.advance(days=1, seconds=1)
    hand_in(street, letter(LEA, "<later@example.org>", Subject="Autre chose"))
    assert acknowledged(street, mailbox).count(LEA) >= 4


@pytest.mark.parametrize(
    ("address", "unread"),
    [
        ("no-reply@x.example", True),
        ("NoReply+12@x.example", True),
        ("site-noreply@x.example", True),
        ("ne_pas_repondre@x.example", True),
        ("donotreply@x.example", True),
        ("bounces+a=b@x.example", True),
        ("mailer-daemon@x.example", True),
        ("postmaster@x.example", False),
        ("noreplyson@x.example", False),
        ("lea@no-reply.example", False),
    ],
)
def test_which_addresses_nobody_reads(address: str, unread: bool) -> None:
    assert is_unread(address) is unread
