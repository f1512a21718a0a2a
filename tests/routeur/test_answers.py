"""What goes with an answer besides its words."""

from __future__ import annotations

from datetime import timedelta

from competences.channels import Channel
from routeur.contact.answers import Question, answer
from routeur.contact.messages import Envelope, NamedAddress, OutgoingFile
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound
from tests.routeur.hall import Hall

LEA, NOTARY = NamedAddress("Léa Martin", "lea@example.org"), NamedAddress(None, "etude@notaires.example")


def write(hall: Hall, sender: NamedAddress, text: str, answers: str | None = None) -> str:
    """A letter, with the notary in copy, a minute after the one before; returns its contact."""
    hall.clock.advance(60)
    return hall.reception.receive(
        Inbound(
            Channel.EMAIL,
            AddressKind.EMAIL,
            sender.address,
            text=text,
            provider_id=f"<{text}>",
            in_reply_to=(answers,) if answers is not None else (),
            envelope=Envelope(sender, ("mairie@petit-bourg.example",), (NOTARY.address,)),
        )
    ).standing.contact.id


def test_an_answer_answers_the_newest_message_of_the_usager_before_it(hall: Hall) -> None:
    hall.available("anne")
    contact = write(hall, LEA, "Premier")
    hall.serve(contact)
    first = hall.desk.reply("anne", contact, "Réponse")
    assert write(hall, LEA, "Second", "<Premier>") == contact
    assert write(hall, NOTARY, "Pour ma cliente", "<Premier>") == contact
    second = hall.desk.reply("anne", contact, "Autre réponse")
    now = hall.clock()
    assert answer(hall.record, first).question == Question("Léa Martin", now - timedelta(minutes=2), "Premier")
    assert answer(hall.record, second).question == Question("Léa Martin", now - timedelta(minutes=1), "Second")


def test_its_files_are_those_of_its_own_message(hall: Hall) -> None:
    hall.available("anne")
    contact = write(hall, LEA, "Bonjour")
    hall.serve(contact)
    with_file = hall.desk.reply("anne", contact, "Voici", files=[OutgoingFile("a.pdf", "application/pdf", b"%PDF-")])
    without = hall.desk.reply("anne", contact, "Voilà")
    (file,) = answer(hall.record, with_file).files
    assert (file.name, file.content_type, file.content) == ("a.pdf", "application/pdf", b"%PDF-")
    assert list(answer(hall.record, without).files) == []


def test_whom_nobody_had_written_to_us_before_is_answered_without_a_question(hall: Hall) -> None:
    hall.available("bruno")
    call = hall.call()
    hall.serve(call)
    assert answer(hall.record, hall.desk.reply("bruno", call, "Bonjour")).question is None
    assert answer(hall.record, "0" * 32).question is None
