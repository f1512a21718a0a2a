"""Where answers go, and to whom nothing is sent automatically."""

from __future__ import annotations

import pytest

from canaux.email import channel
from canaux.email.incoming.forms import read_fields
from canaux.email.unread import is_unread
from competences.plan.parts import FormFields, WebForm
from routeur.contact.identity import Given
from routeur.errors import Unreachable
from tests.routeur.hall import Hall
from tests.smtp_server import Mailbox, text_of
from tests.webhooks.mounted_street import Street
from tests.webhooks.test_email import hand_in
from tests.webhooks.test_threads import LEA, letter

CAFE = "cafe@comptoir.example"
FORM = "formulaire@site.example"


FIELDS = FormFields(name="Nom et prénom", email="Votre e-mail", phone="Téléphone")
FILLED_IN = "Nom et prénom : Paul Hénin\nVotre e-mail : Paul@Boite.example\nTéléphone : 06 39 98 01 01\n\nUne benne ?"


def forms_write(hall: Hall, *forms: WebForm) -> None:
    plan = hall.plans.plan().model_copy(update={"web_forms": forms})
    hall.plans.publish(plan.dump(), "anne", hall.clock())


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


def test_a_later_reply_to_of_the_usager_is_where_answers_go(street: Street, mailbox: Mailbox) -> None:
    hall = street.hall
    hall.available("anne")
    hand_in(street, letter(LEA, "<1@example.org>"))
    contact = street.only_contact()
    hall.serve(contact.id)
    hand_in(street, letter(LEA, "<2@example.org>", In_Reply_To="<1@example.org>", Reply_To=f"Le café <{CAFE}>"))
    hall.desk.reply("anne", contact.id, "Oui.")
    assert acknowledged(street, mailbox) == [LEA, CAFE]
    hand_in(street, letter(LEA, "<3@example.org>", In_Reply_To="<1@example.org>"))
    hand_in(street, letter(CAFE, "<4@comptoir.example>", In_Reply_To="<1@example.org>"))
    assert len(street.messages()) == 5
    assert hall.views.contacts.full(street.only_contact().id).contact.reply_to == CAFE
    assert "reply_to_changed" in hall.story(contact.id)


@pytest.mark.parametrize(
    ("writer", "head"),
    [
        ("mere@example.org", {}),  # who takes part, and is not the usager
        (LEA, {"Authentication_Results": "petit-bourg.example; dmarc=fail"}),
        (LEA, {"List_Id": "<quartier.example>"}),
        (LEA, {"Auto_Submitted": "auto-replied"}),
    ],
)
def test_nobody_else_s_reply_to_moves_the_answers(street: Street, writer: str, head: dict[str, str]) -> None:
    hall = street.hall
    hall.available("anne")
    hand_in(street, letter(LEA, "<1@example.org>", Cc="mere@example.org"))
    contact = street.only_contact()
    hand_in(street, letter(writer, "<2@x>", In_Reply_To="<1@example.org>", Reply_To=CAFE, **head))
    assert hall.views.contacts.full(contact.id).contact.reply_to == LEA


@pytest.mark.parametrize("sender", ["noreply@site.example", FORM, "mairie@petit-bourg.example"])
def test_the_person_for_whom_a_form_writes_is_the_usager(street: Street, mailbox: Mailbox, sender: str) -> None:
    hall = street.hall
    hall.available("anne")
    forms_write(hall, WebForm(address=FORM))
    hand_in(street, letter(sender, "<f@site.example>", Reply_To="Paul <paul@boite.example>"))
    shown = hall.views.contacts.full(street.only_contact().id)
    assert (shown.contact.usager.name, shown.contact.usager.email) == ("Paul", "paul@boite.example")
    assert shown.contact.usager.verified == ()
    assert shown.contact.reply_to == "paul@boite.example"
    assert shown.messages[0].envelope.sender is not None
    assert shown.messages[0].envelope.sender.address == sender
    assert acknowledged(street, mailbox) == ["paul@boite.example"]


@pytest.mark.parametrize("reply_to", [{}, {"Reply_To": "Un autre <autre@boite.example>"}, {"Reply_To": FORM}])
def test_the_person_in_a_form_s_fields_is_the_usager(
    street: Street, mailbox: Mailbox, reply_to: dict[str, str]
) -> None:
    hall = street.hall
    hall.available("anne")
    forms_write(hall, WebForm(address=FORM.upper(), fields=FIELDS))
    hand_in(street, letter(FORM, "<f@site.example>", FILLED_IN, **reply_to))
    shown = hall.views.contacts.full(street.only_contact().id).contact
    given = Given("Paul Hénin", "paul@boite.example", "+33639980101")
    assert (shown.given, shown.usager.name, shown.usager.email) == (given, given.name, given.email)
    assert shown.usager.verified == ()
    assert acknowledged(street, mailbox) == ["paul@boite.example"]


def test_who_fills_in_a_form_with_another_s_address_takes_nothing_of_theirs(street: Street) -> None:
    hall = street.hall
    hall.available("anne")
    hand_in(street, letter(LEA, "<1@example.org>"))
    hand_in(street, letter("noreply@site.example", "<f@site.example>", Reply_To=f"Moi <{LEA}>"))
    hand_in(street, letter("noreply@site.example", "<g@site.example>", Reply_To=f"Lui <{LEA}>"))
    assert len({contact.usager_id for contact in street.contacts()}) == 3
    assert {contact.linked_to for contact in street.contacts()} == {None}


def test_two_people_without_an_address_are_two_people_and_nobody_is_written_to(
    street: Street, mailbox: Mailbox
) -> None:
    hall = street.hall
    hall.available("anne")
    forms_write(hall, WebForm(address=FORM, fields=FIELDS))
    hand_in(street, letter(FORM, "<f@site.example>", "Téléphone : 0639980101\nUne benne ?"))
    hand_in(street, letter(FORM, "<g@site.example>", "Une autre benne ?"))
    first, second = (hall.views.contacts.full(contact.id).contact for contact in street.contacts())
    assert (first.usager.phone, first.reply_to, second.reply_to) == ("+33639980101", None, None)
    assert first.usager.id != second.usager.id
    assert acknowledged(street, mailbox) == []


def test_who_filled_in_a_form_goes_on_by_letter(street: Street, mailbox: Mailbox) -> None:
    hall = street.hall
    hall.available("anne")
    hand_in(street, letter("noreply@site.example", "<f@site.example>", Reply_To="Paul <paul@boite.example>"))
    acknowledged(street, mailbox)
    contact = street.only_contact()
    answer = {"In_Reply_To": mailbox.messages[0]["Message-ID"], "Cc": "mere@boite.example"}
    hand_in(street, letter("paul@boite.example", "<2@boite.example>", "Encore", **answer))
    hand_in(street, letter("paul@boite.example", "<3@boite.example>", "Tel", Subject=f"x [réf. {contact.reference}]"))
    assert [message.text for message in street.messages()] == ["Bonjour", "Encore", "Tel"]
    shown = hall.views.contacts.full(street.only_contact().id)
    assert shown.correspondents == ["mere@boite.example"]


@pytest.mark.parametrize(
    ("text", "given"),
    [
        (FILLED_IN, Given("Paul Hénin", "paul@boite.example", "+33639980101")),
        ("NOM ET PRENOM\u00a0: Paul\n*Votre e-mail*: p@b.example\nTéléphone :", Given("Paul", "p@b.example")),
        ("Nom et prénom Paul Hénin\nVotre e-mail p@b.example", Given("Paul Hénin", "p@b.example")),
        ("Nom et prénom\nPaul\nVotre e-mail\np@b.example\n", Given("Paul", "p@b.example")),
        ("Nom et prénom\nJean Petit", Given("Jean Petit")),
        ("Nom et prénom\n\n  Jean Petit\n\nTéléphone\n06 39 98 01 01", Given("Jean Petit", phone="+33639980101")),
        ("*Nom et prénom*\nJean Petit", Given("Jean Petit")),
        ("Nom et prénom\n\nVotre e-mail\np@b.example", Given(None, "p@b.example")),
        ("Nom et prénom :\nVotre e-mail\np@b.example", Given(None, "p@b.example")),
        ("Nom et prénom\nVotre message :\nBonjour", Given()),
        ("Nom et prénom\nJe voudrais un rendez-vous pour demain", Given()),
        ("Votre e-mail :\n\n  p@b.example", Given(email="p@b.example")),
        ("| Nom et pre\u0301nom | Paul |\n| Votre e-mail | p@b.example |", Given("Paul", "p@b.example")),
        ("Votre e-mail : p@b.example <mailto:p@b.example>", Given(email="p@b.example")),
        ("Votre e-mail : p@b.example ou q@b.example", Given()),
        ("Votre e-mail : aucun\nNom et prénom : \nVotre e-mail : p@b.example", Given(email="p@b.example")),
        ("Nom et prénom de la mairie qui ne répond pas\nMon Votre e-mail : p@b.example", Given()),
        ("Téléphone : en journée\nTéléphone fixe : 12", Given()),
        ("", Given()),
    ],
)
def test_what_stands_behind_a_form_s_labels(text: str, given: Given) -> None:
    assert read_fields(text, FIELDS) == given


def test_a_label_that_the_plan_does_not_name_is_not_read() -> None:
    assert read_fields(FILLED_IN, FormFields()) == Given()
    assert read_fields(FILLED_IN, FormFields(email=" : ")) == Given()


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


@pytest.mark.parametrize("sender", ["inconnu@ailleurs.example", "noreply@ailleurs.example", FORM])
def test_what_we_send_by_ourselves_to_an_address_that_nothing_proves_repeats_no_word_of_the_writer(
    street: Street, mailbox: Mailbox, sender: str
) -> None:
    forms_write(street.hall, WebForm(address=FORM))
    street.hall.available("anne")
    spam = {"Reply_To": f"Gagnez <{CAFE}>", "Subject": "Gagnez sur http://perdu.example"}
    hand_in(street, letter(sender, "<s@ailleurs.example>", "Gagnez sur http://perdu.example", **spam))
    contact = street.only_contact()
    assert acknowledged(street, mailbox) == [CAFE]
    (sent,) = mailbox.messages
    assert sent["Subject"] == f"Votre message [réf. {contact.reference}]"
    assert "perdu" not in str(sent)
    assert "Gagnez" not in str(sent)
    assert "perdu" not in text_of(sent)
    street.hall.desk.reply(street.hall.serve(contact.id), contact.id, "Oui.")  # an agent has read it
    acknowledged(street, mailbox)
    assert mailbox.messages[-1]["Subject"].startswith("Re: Gagnez")


def test_one_address_has_us_write_to_few_others_in_a_day(
    street: Street, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "MOST_UNPROVED_OF_A_WRITER_A_DAY", 3)
    monkeypatch.setattr(channel, "MOST_UNPROVED_A_DAY", 5)
    street.hall.available("anne")
    for writer in ("noreply@ailleurs.example", "inconnu@ailleurs.example"):
        for number in range(5):
            to = {"Reply_To": f"v{number}@{writer}"}
            hand_in(street, letter(writer, f"<{number}.{writer}>", Subject=f"Avis {number}", **to))
    strangers = acknowledged(street, mailbox)
    assert len(street.contacts()) == 10
    assert [stranger.partition("@")[2] for stranger in strangers] == ["noreply"] * 3 + ["inconnu"] * 2
    hand_in(street, letter(LEA, "<lea@example.org>"))  # who writes for herself has hers
    assert acknowledged(street, mailbox)[5:] == [LEA]
    street.hall.clock.advance(days=1, seconds=1)
    hand_in(street, letter("inconnu@ailleurs.example", "<later@ailleurs.example>", Reply_To=CAFE, Subject="Plus tard"))
    assert CAFE in acknowledged(street, mailbox)


def test_many_addresses_have_us_write_to_few_others_in_a_day(
    street: Street, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "MOST_UNPROVED_A_DAY", 2)
    street.hall.available("anne")
    for number in range(4):
        hand_in(street, letter(f"w{number}@a.example", f"<{number}@a.example>", Reply_To=f"v{number}@b.example"))
    assert acknowledged(street, mailbox) == ["v0@b.example", "v1@b.example"]


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


@pytest.mark.parametrize("sender", ["From: <>", "From: Personne", "X-Nobody: x", "From: a@b.invalid"])
def test_a_letter_without_an_address_is_not_answered_there(street: Street, sender: str) -> None:
    hall = street.hall
    hall.available("anne")
    hand_in(street, f"{sender}\r\nSubject: Carte\r\nMessage-ID: <n@example.org>\r\n\r\nBonjour\r\n".encode())
    contact = street.only_contact()
    login = hall.serve(contact.id)
    assert hall.views.contacts.full(contact.id).contact.reply_to is None
    if "invalid" not in sender:
        assert hall.views.contacts.full(contact.id).contact.usager.email is None
    with pytest.raises(Unreachable):
        hall.desk.reply(login, contact.id, "Oui.")
    assert [message.text for message in hall.reception.messages_after(contact.id, 0)] == ["Bonjour"]
