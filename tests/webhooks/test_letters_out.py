"""Our letters on a real mail server: what they say, and what becomes of those that do not arrive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from routeur.contact.messages import MessageView, OutgoingFile
from routeur.contact.words import ContactState, Delivery
from routeur.errors import Unreachable
from routeur.ports.outbox import BACK_OFF, BACK_OFF_OF_LETTERS, LOST_AFTER_OF_LETTERS
from tests.canaux.test_email_composing import check_form
from tests.smtp_server import Mailbox, smtp_server, text_of
from tests.twilio_stand_in import TwilioStandIn
from tests.webhooks.mounted_street import Street
from tests.webhooks.test_email import hand_in, sample
from tests.webhooks.test_threads import LEA, letter

QUESTION = "Quels papiers faut-il pour une carte d'identité ?"


def served(street: Street, raw: bytes) -> Any:
    """The contact that this letter makes, which an agent has accepted."""
    street.hall.available("anne")
    hand_in(street, raw)
    contact = street.only_contact()
    street.hall.serve(contact.id)
    street.hall.step()
    return contact


def replies(street: Street, contact: Any) -> list[MessageView]:
    said = street.hall.reception.messages_after(contact.id, 0)
    return [message for message in said if message.direction == "out"]


def test_an_answer_quotes_the_question(street: Street, mailbox: Mailbox) -> None:
    contact = served(street, sample("plain"))
    street.hall.desk.reply("anne", contact.id, "Une photo.\n\nAnne")
    street.hall.step()
    answer = mailbox.messages[-1]
    assert text_of(answer).startswith(
        "Une photo.\n\nAnne\n\nLe 2 mars 2026 à 10:00, Léa Martin a écrit\u00a0:\n> Bonjour,\n>\n> Quels papiers"
    )
    html = answer.get_body(("html",))
    assert html is not None
    assert "<blockquote>\n<p>Bonjour,</p>" in html.get_content().replace("\r\n", "\n")
    assert answer["Content-Language"] == "fr"


def test_the_quote_is_not_read_again_when_the_person_answers(street: Street, mailbox: Mailbox) -> None:
    contact = served(street, sample("plain"))
    street.hall.desk.reply("anne", contact.id, "Une photo.")
    street.hall.step()
    ours = mailbox.messages[-1]
    quoted = "\n".join(f"> {line}" for line in text_of(ours).split("\n"))
    text = f"Merci !\n\nLe lun. 2 mars 2026 à 10:30, Mairie <mairie@petit-bourg.example> a écrit :\n\n{quoted}"
    hand_in(street, letter(LEA, "<2@example.org>", text.replace("\n", "\r\n"), In_Reply_To=ours["Message-ID"]))
    assert [message.text for message in street.messages()] == [street.messages()[0].text, "Une photo.", "Merci !"]


def test_the_answer_to_a_second_question_quotes_the_second(street: Street, mailbox: Mailbox) -> None:
    contact = served(street, letter(LEA, "<1@example.org>", "Premier"))
    hand_in(street, letter(LEA, "<2@example.org>", "Second", In_Reply_To="<1@example.org>"))
    street.hall.desk.reply("anne", contact.id, "Voilà")
    street.hall.step()
    assert text_of(mailbox.messages[-1]).endswith("> Second\n")


def test_everything_that_leaves_has_the_form_it_should(street: Street, mailbox: Mailbox) -> None:
    subject = "=?utf-8?Q?R=E9clamation?= " + "très longue " * 30
    contact = served(street, letter(LEA, f"<{'1' * 200}@example.org>", QUESTION * 10, Subject=subject))
    street.hall.desk.reply("anne", contact.id, "Ceci est une réponse. " * 60)
    street.hall.step()
    assert len(mailbox.as_they_came) == 2
    for raw in mailbox.as_they_came:
        check_form(raw)
    shown = str(mailbox.messages[-1]["Subject"])
    assert "Re: Réclamation très longue très" in shown
    assert re.search(rf"(longue|très)… \[réf\. {contact.reference}\]$", shown)


def test_our_french_is_written_as_in_france(street: Street, mailbox: Mailbox) -> None:
    hand_in(street, letter(LEA, "<1@example.org>", "Bonjour"))
    street.hall.step()
    (ack,) = mailbox.messages
    assert "\n-- \n" in text_of(ack)
    assert "01 99 00 35 00" in text_of(ack)


def test_who_writes_in_english_is_answered_in_english(street: Street, mailbox: Mailbox) -> None:
    street.hall.available("chloe")
    contact = served(
        street, letter("ann@example.org", "<1@example.org>", "Hello, when are you open on Saturday, please?")
    )
    street.hall.desk.reply("chloe", contact.id, "From 9 to 12.")
    street.hall.step()
    ack, answer = mailbox.messages
    assert (contact.language, ack["Content-Language"]) == ("en", "en")
    assert "We have received your message. Thank you." in text_of(ack)
    assert "+33 1 99 00 35 00" in text_of(ack)
    assert "On 2 March 2026 at 10:00, ann@example.org wrote:" in text_of(answer)


def test_files_go_with_an_answer(street: Street, mailbox: Mailbox) -> None:
    contact = served(street, sample("plain"))
    file = OutgoingFile("Liste des pièces à fournir.pdf", "application/pdf", b"%PDF-1.7 \xe9\x00")
    street.hall.desk.reply("anne", contact.id, "Voici la liste.", files=[file])
    street.hall.step()
    (arrived,) = mailbox.messages[-1].iter_attachments()
    assert (arrived.get_filename(), arrived.get_content_type()) == (file.name, file.content_type)
    assert arrived.get_content() == file.content
    check_form(mailbox.as_they_came[-1])


# What does not arrive


def test_a_message_says_how_far_it_has_come(street: Street, mailbox: Mailbox) -> None:
    hall = street.hall
    contact = served(street, sample("plain"))
    hall.desk.reply("anne", contact.id, "Une photo.")
    (message,) = replies(street, contact)
    assert (message.delivery, message.delivery_at) == (Delivery.PENDING, None)
    hall.step(1)
    (message,) = replies(street, contact)
    assert (message.delivery, message.delivery_at) == (Delivery.SENT, hall.clock())
    assert [one.delivery for one in hall.reception.messages_after(contact.id, 0)] == [None, Delivery.SENT]


@pytest.mark.parametrize("answer", ["421 busy", "450 greylisted", "451 later"])
def test_a_letter_is_tried_for_two_days(street: Street, mailbox: Mailbox, answer: str) -> None:
    hall = street.hall
    contact = served(street, sample("plain"))
    mailbox.answer = answer
    hall.desk.reply("anne", contact.id, "Une photo.")
    began = hall.clock()
    for pause in BACK_OFF_OF_LETTERS:
        hall.step()
        assert replies(street, contact)[0].delivery is Delivery.PENDING
        hall.step(pause.total_seconds())
    assert timedelta(days=2) <= hall.clock() - began <= timedelta(days=3)
    assert replies(street, contact)[0].delivery is Delivery.FAILED
    assert hall.state(contact.id) is ContactState.FOLLOW_UP
    assert len(mailbox.messages) == 1


def test_a_letter_that_was_late_leaves_once(street: Street, mailbox: Mailbox) -> None:
    hall = street.hall
    contact = served(street, sample("plain"))
    mailbox.answer = "450 greylisted"
    hall.desk.reply("anne", contact.id, "Une photo.")
    for pause in BACK_OFF_OF_LETTERS[:8]:
        hall.step(pause.total_seconds())
    mailbox.answer = None
    for _ in range(3):
        hall.step(BACK_OFF_OF_LETTERS[-1].total_seconds())
    assert replies(street, contact)[0].delivery is Delivery.SENT
    assert len(mailbox.messages) == 2
    assert "delivery_failed" not in hall.story(contact.id)


@pytest.mark.parametrize("answer", ["550 no such user", "552 too large", "554 no"])
def test_what_a_server_refuses_for_good_is_seen_at_once(street: Street, mailbox: Mailbox, answer: str) -> None:
    hall = street.hall
    contact = served(street, sample("plain"))
    mailbox.answer = answer
    hall.desk.reply("anne", contact.id, "Une photo.")
    hall.step()
    assert replies(street, contact)[0].delivery is Delivery.FAILED
    assert hall.state(contact.id) is ContactState.FOLLOW_UP
    note = hall.reception.messages_after(contact.id, 0)[-1]
    assert (note.direction, answer[:3] in note.text) == ("note", True)


@pytest.fixture
def old_server() -> Iterator[Mailbox]:
    """A mail server that takes no international addresses."""
    with smtp_server(international=False) as mailbox:
        yield mailbox


@pytest.fixture
def old_street(hall: Any, twilio: TwilioStandIn, old_server: Mailbox) -> Iterator[Street]:
    street = Street(hall, twilio, old_server.url)
    yield street
    street.close()


def test_an_international_name_leaves_where_the_server_knows_such(street: Street, mailbox: Mailbox) -> None:
    served(street, letter("zoé@exemple.example", "<1@example.org>"))
    (ack,) = mailbox.messages
    assert "zoé@exemple.example" in str(ack["To"])


def test_an_international_name_fails_at_once_where_it_does_not(old_street: Street, old_server: Mailbox) -> None:
    contact = served(old_street, letter("zoé@exemple.example", "<1@example.org>"))
    assert old_street.hall.story(contact.id).count("delivery_failed") == 1
    assert old_server.messages == []


def test_an_international_host_needs_no_such_server(old_street: Street, old_server: Mailbox) -> None:
    served(old_street, letter("zoe@mairie-évry.example", "<1@example.org>"))
    (ack,) = old_server.messages
    assert ack["To"] == "zoe@xn--mairie-vry-h7a.example"


def test_who_left_no_address_cannot_be_answered_and_the_agent_is_told_at_once(street: Street, mailbox: Mailbox) -> None:
    contact = served(street, b"Subject: Banc\r\n\r\nLe banc est en panne.\r\n")
    with pytest.raises(Unreachable):
        street.hall.desk.reply("anne", contact.id, "Merci")
    assert replies(street, contact) == []
    assert mailbox.messages == []


def test_a_letter_to_an_address_that_cannot_be_says_what_else_to_do(street: Street, mailbox: Mailbox) -> None:
    contact = served(street, b"From: lea@-x.org\r\nSubject: Banc\r\n\r\nLe banc est en panne.\r\n")
    street.hall.desk.reply("anne", contact.id, "Merci", anyone=True)
    street.hall.step()
    assert replies(street, contact)[0].delivery is Delivery.FAILED
    note = street.hall.reception.messages_after(contact.id, 0)[-1]
    assert note.text.startswith("Non envoyé : ce n'est pas une adresse à laquelle on puisse écrire. Appelez")
    assert mailbox.messages == []


def test_letters_before_the_at_sign_are_no_hindrance(street: Street, mailbox: Mailbox) -> None:
    raw = "From: Zoé <zoé@école.example>\r\nSubject: Banc\r\n\r\nLe banc est en panne.\r\n".encode()
    contact = served(street, raw)
    street.hall.desk.reply("anne", contact.id, "Merci")
    street.hall.step()
    assert {str(sent["To"]) for sent in mailbox.messages} == {"zoé@xn--cole-9oa.example"}
    assert replies(street, contact)[0].delivery is Delivery.SENT


def test_a_letter_that_can_never_leave_holds_nothing_back(
    street: Street, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = street.hall
    contact = served(street, sample("plain"))
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("canaux.email.channel.compose", lambda letter: "é".encode("ascii"))
        hall.desk.reply("anne", contact.id, "La première")
        hall.step()
    hall.desk.reply("anne", contact.id, "La seconde", anyone=True)
    hall.step()
    assert [message.delivery for message in replies(street, contact)] == [Delivery.FAILED, Delivery.SENT]
    assert text_of(mailbox.messages[-1]).startswith("La seconde")


def test_a_letter_that_waits_for_long_holds_back_no_later_one(street: Street, mailbox: Mailbox) -> None:
    hall = street.hall
    contact = served(street, sample("plain"))
    mailbox.answer = "450 greylisted"
    hall.desk.reply("anne", contact.id, "La première")
    hall.desk.reply("anne", contact.id, "La seconde")
    for pause in BACK_OFF[:4]:
        hall.step()
        hall.step(pause.total_seconds())
    mailbox.answer = None
    hall.step(BACK_OFF[0].total_seconds())
    assert [message.delivery for message in replies(street, contact)] == [Delivery.PENDING, Delivery.SENT]
    hall.step(BACK_OFF[4].total_seconds())
    assert [message.delivery for message in replies(street, contact)] == [Delivery.SENT, Delivery.SENT]
    assert [text_of(one)[:10] for one in mailbox.messages[1:]] == ["La seconde", "La premièr"]


def test_a_letter_that_kills_its_worker_each_time_ends_as_failed(
    street: Street, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(letter: object) -> None:
        raise Killed

    hall = street.hall
    contact = served(street, sample("plain"))
    monkeypatch.setattr("canaux.email.channel.compose", kill)
    hall.desk.reply("anne", contact.id, "La première")
    for _ in range(len(BACK_OFF_OF_LETTERS) + 1):
        with pytest.raises(Killed):
            hall.outbox.relay(hall.perform)
        hall.clock.advance(LOST_AFTER_OF_LETTERS.total_seconds())
    hall.outbox.relay(hall.perform)
    assert replies(street, contact)[0].delivery is Delivery.FAILED
    assert hall.state(contact.id) is ContactState.FOLLOW_UP


# What mail servers report


def report(street: Street, mailbox: Mailbox, action: str) -> bytes:
    """A mail server's report on the newest letter of ours."""
    ours = mailbox.messages[-1]["Message-ID"].encode()
    theirs = b"<bbcdfbd5235cdabbf9ed3d575a4a441b.0123456789abcdef0123456789abcdef@petit-bourg.example>"
    raw = sample("bounce")
    assert theirs in raw
    return raw.replace(theirs, ours).replace(b"Action: failed", b"Action: " + action.encode())


@pytest.mark.parametrize(
    ("action", "delivery"),
    [
        ("delivered", Delivery.DELIVERED),
        ("expanded", Delivery.DELIVERED),
        ("delayed", Delivery.DELAYED),
        ("relayed", Delivery.SENT),
        ("failed", Delivery.FAILED),
    ],
)
def test_a_report_is_kept_on_the_message_and_in_the_story(
    street: Street, mailbox: Mailbox, action: str, delivery: Delivery
) -> None:
    hall = street.hall
    contact = served(street, sample("plain"))
    hall.desk.reply("anne", contact.id, "Une photo.")
    hall.step()
    hall.clock.advance(60)
    for number in range(2):
        raw = report(street, mailbox, action).replace(b"<dsn@", f"<dsn-{number}@".encode())
        assert hand_in(street, raw).status_code == 200
    (message,) = replies(street, contact)
    assert message.delivery is delivery
    assert (message.delivery_at == hall.clock()) is (delivery is not Delivery.SENT)
    kind = "delivery_failed" if delivery is Delivery.FAILED else "delivery_reported"
    (entry,) = [one for one in hall.views.contacts.timeline(contact.id) if one.kind == kind]
    assert entry.detail.get("delivery", "failed") == delivery.name.lower()
    assert (hall.state(contact.id) is ContactState.FOLLOW_UP) is (delivery is Delivery.FAILED)


def test_every_recipient_that_a_letter_did_not_reach_is_told(street: Street, mailbox: Mailbox) -> None:
    contact = served(street, sample("plain"))
    street.hall.desk.reply("anne", contact.id, "Une photo.")
    street.hall.step()
    first = report(street, mailbox, "failed")
    other = first.replace(b"<dsn@", b"<dsn-2@").replace(b"Recipient: rfc822; ", b"Recipient: rfc822; notaire.")
    for raw in (first, other, other):
        assert hand_in(street, raw).status_code == 200
    story = street.hall.story(contact.id)
    assert story.count("delivery_failed") == 2
    notes = [one for one in street.hall.reception.messages_after(contact.id, 0) if one.direction == "note"]
    assert [one.has_original for one in notes] == [True, True]


def test_reports_in_any_order_say_the_same(street: Street, mailbox: Mailbox) -> None:
    contact = served(street, sample("plain"))
    street.hall.desk.reply("anne", contact.id, "Une photo.")
    street.hall.step()
    for action in ("delivered", "delayed", "relayed"):
        hand_in(street, report(street, mailbox, action).replace(b"<dsn@", b"<" + action.encode() + b"@"))
    assert replies(street, contact)[0].delivery is Delivery.DELIVERED


def test_a_report_on_an_acknowledgement_is_in_the_story_alone(street: Street, mailbox: Mailbox) -> None:
    contact = served(street, sample("plain"))
    hand_in(street, report(street, mailbox, "delayed"))
    assert "delivery_reported" in street.hall.story(contact.id)
    assert street.hall.state(contact.id) is ContactState.ACTIVE
