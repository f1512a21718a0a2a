"""Whose letters are one thread, and which letters are one."""

from __future__ import annotations

from typing import Any

import pytest

from routeur.contact.words import ContactState, Outcome
from routeur.errors import Invalid
from tests.smtp_server import Mailbox
from tests.webhooks.mounted_street import Street
from tests.webhooks.test_email import hand_in

LEA, NOTARY, STRANGER = "lea@example.org", "etude@notaires.example", "paul@ailleurs.example"


def letter(sender: str, message_id: str, text: str = "Bonjour", **headers: str) -> bytes:
    """A letter; the underscores in the names of `headers` are hyphens."""
    lines = [f"From: {sender}", "To: mairie@petit-bourg.example", f"Message-ID: {message_id}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in {"Subject": "Un acte", **headers}.items()]
    return "\r\n".join([*lines, "", text, ""]).encode()


@pytest.fixture
def asked(street: Street) -> Any:
    """Léa's letter, with her notary in copy, as its contact."""
    street.hall.available("anne")
    hand_in(street, letter(LEA, "<lea-1@example.org>", Cc=NOTARY))
    return street.only_contact()


def others(street: Street, first: Any) -> list[Any]:
    return [contact for contact in street.contacts() if contact.id != first.id]


def texts(street: Street, contact: Any) -> list[str]:
    return [message.text for message in street.hall.reception.messages_after(contact.id, 0)]


@pytest.mark.parametrize("sender", [LEA, "Lea@Example.ORG", NOTARY])
def test_the_usager_and_whom_they_put_in_copy_go_on_with_the_thread(street: Street, asked: Any, sender: str) -> None:
    hand_in(street, letter(sender, "<2@example.org>", "Encore", In_Reply_To="<lea-1@example.org>"))
    assert texts(street, street.only_contact()) == ["Bonjour", "Encore"]


def test_a_stranger_in_the_thread_is_a_contact_of_their_own_that_names_the_other(
    street: Street, asked: Any, mailbox: Mailbox
) -> None:
    hall = street.hall
    hall.step()
    (ack,) = mailbox.messages
    hand_in(street, letter(STRANGER, "<p@ailleurs.example>", "Envoyez-le ici", In_Reply_To=ack["Message-ID"]))
    hall.step()
    assert texts(street, asked) == ["Bonjour"]
    (own,) = others(street, asked)
    shown = hall.views.contacts.full(own.id)
    assert shown.contact.answers is not None
    assert (shown.contact.answers.id, shown.contact.answers.reference) == (asked.id, asked.reference)
    (entry,) = [entry for entry in shown.timeline if entry.kind == "answers"]
    assert entry.detail == {"contact": asked.id, "reference": asked.reference}
    assert [sent["To"] for sent in mailbox.messages] == [LEA, STRANGER]


def test_a_stranger_opens_nothing_again(street: Street, asked: Any) -> None:
    hall = street.hall
    login = hall.serve(asked.id)
    hall.desk.finish(login, asked.id, Outcome.ANSWERED)
    hand_in(street, letter(STRANGER, "<p@ailleurs.example>", In_Reply_To="<lea-1@example.org>"))
    assert hall.reception.standing(asked.id).contact.state is ContactState.CLOSED


def test_a_stranger_s_machine_that_answers_is_set_aside_and_names_the_other(street: Street, asked: Any) -> None:
    automatic = {"In_Reply_To": "<lea-1@example.org>", "Auto_Submitted": "auto-replied"}
    hand_in(street, letter(STRANGER, "<p@ailleurs.example>", **automatic))
    (own,) = others(street, asked)
    assert (own.outcome, own.answers) == (Outcome.SPAM, asked.id)
    assert texts(street, asked) == ["Bonjour"]


def test_whom_a_guest_of_the_thread_names_is_not_let_in(street: Street, asked: Any) -> None:
    answer = {"In_Reply_To": "<lea-1@example.org>"}
    hand_in(street, letter(NOTARY, "<n@notaires.example>", Cc=STRANGER, **answer))
    hand_in(street, letter(STRANGER, "<p@ailleurs.example>", **answer))
    (own,) = others(street, asked)
    assert own.address == STRANGER


@pytest.mark.parametrize("ours", ["mairie@petit-bourg.example"])
def test_an_address_of_ours_is_nobody_s_way_into_a_thread(street: Street, asked: Any, ours: str) -> None:
    hand_in(street, letter(ours, "<x@ailleurs.example>", In_Reply_To="<lea-1@example.org>"))
    assert len(others(street, asked)) == 1


@pytest.mark.parametrize(
    ("named", "sender"),
    [(STRANGER, "Paul <PAUL@ailleurs.example>"), ("@Ailleurs.example", STRANGER)],
)
def test_whom_the_plan_names_may_speak_in_any_thread(street: Street, asked: Any, named: str, sender: str) -> None:
    hall = street.hall
    plan = hall.plans.plan().model_copy(update={"correspondents": (named,)})
    hall.plans.publish(plan.dump(), "anne", hall.clock())
    hand_in(street, letter(sender, "<p@ailleurs.example>", "Encore", In_Reply_To="<lea-1@example.org>"))
    hand_in(street, letter("p@plus.ailleurs.example", "<q@ailleurs.example>", In_Reply_To="<lea-1@example.org>"))
    assert texts(street, asked) == ["Bonjour", "Encore"]
    (own,) = others(street, asked)
    assert own.answers == asked.id


def test_a_made_up_id_of_ours_finds_no_thread(street: Street, asked: Any) -> None:
    forged = f"<{'0' * 32}.{asked.id}@petit-bourg.example>"
    hand_in(street, letter(STRANGER, "<p@ailleurs.example>", In_Reply_To=forged))
    (own,) = others(street, asked)
    assert own.answers is None


def test_the_same_letter_by_another_route_is_one(street: Street, asked: Any) -> None:
    again = b"Received: from passerelle.example\r\n" + letter(LEA, "<lea-1@example.org>", Cc=NOTARY)
    assert asked.reference in hand_in(street, again).text
    assert len(street.messages()) == 1


@pytest.mark.parametrize(("sender", "text"), [(STRANGER, "Bonjour"), (LEA, "Deuxième page")])
def test_another_sender_or_other_words_under_the_same_id_are_another_letter(
    street: Street, asked: Any, sender: str, text: str
) -> None:
    second = letter(sender, "<lea-1@example.org>", text, Cc=NOTARY)
    for _ in range(2):
        assert hand_in(street, second).status_code == 200
    (own,) = others(street, asked)
    assert (own.address, texts(street, own)) == (sender, [text])


@pytest.mark.parametrize("subject", ["Acte [réf. {}]", "Re: Acte [ref. {} ]", "TR: Acte [Re\u0301f. {}] suite"])
def test_our_reference_in_the_subject_of_its_own_usager_goes_on_with_the_contact(
    street: Street, asked: Any, mailbox: Mailbox, subject: str
) -> None:
    hand_in(street, letter(LEA, "<tel@example.org>", "Depuis mon téléphone", Subject=subject.format(asked.reference)))
    street.hall.step()
    assert texts(street, street.only_contact()) == ["Bonjour", "Depuis mon téléphone"]
    assert len(mailbox.messages) == 1


@pytest.mark.parametrize(
    ("sender", "subject"),
    [(STRANGER, "Acte [réf. {}]"), (STRANGER, "Facture [réf. client 12]"), (LEA, "Facture [réf. ZZZ-000-000]")],
)
def test_another_s_reference_or_one_of_nothing_is_an_ordinary_letter(
    street: Street, asked: Any, mailbox: Mailbox, sender: str, subject: str
) -> None:
    hand_in(street, letter(sender, "<f@example.org>", Subject=subject.format(asked.reference)))
    street.hall.step()
    assert len(others(street, asked)) == 1
    assert len(mailbox.messages) == 2


def test_an_answer_may_copy_those_who_take_part_and_nobody_else(street: Street, asked: Any, mailbox: Mailbox) -> None:
    hall = street.hall
    login = hall.serve(asked.id)
    assert hall.views.contacts.full(asked.id).correspondents == [NOTARY]
    with pytest.raises(Invalid):
        hall.desk.reply(login, asked.id, "Voici.", cc=[STRANGER])
    hall.desk.reply(login, asked.id, "Voici.", cc=[NOTARY])
    hall.step()
    hall.step()
    sent = mailbox.messages[-1]
    assert (sent["To"], sent["Cc"]) == (LEA, NOTARY)
    written = hall.reception.messages_after(asked.id, 0)[-1]
    assert (written.envelope.sent_to, written.envelope.copied_to) == ([LEA], [NOTARY])


@pytest.mark.parametrize(
    ("found", "own"),
    [
        ("dmarc=fail header.from=example.org", True),
        ("dkim=pass header.d=example.org; dmarc=fail header.from=example.org", True),
        ("dkim=fail header.d=example.org; spf=fail smtp.mailfrom=example.org", True),
        ("dkim=fail header.d=example.org; spf=pass smtp.mailfrom=example.org", False),
        ("dkim=fail; spf=fail; dmarc=pass header.from=example.org", False),
        ("dkim=none; spf=fail", False),
        ("spf=softfail", False),
    ],
)
def test_what_the_usager_s_domain_disowns_does_not_speak_in_their_thread(
    street: Street, asked: Any, found: str, own: bool
) -> None:
    results = {"Authentication_Results": f"petit-bourg.example; {found}"}
    hand_in(street, letter(LEA, "<2@example.org>", "Encore", In_Reply_To="<lea-1@example.org>", **results))
    assert [contact.answers for contact in others(street, asked)] == [asked.id] * own
    assert texts(street, asked) == ["Bonjour"] + ["Encore"] * (not own)


def test_what_another_s_server_says_of_it_changes_nothing(street: Street, asked: Any) -> None:
    results = {"Authentication_Results": "ailleurs.example; dmarc=fail"}
    hand_in(street, letter(LEA, "<2@example.org>", "Encore", In_Reply_To="<lea-1@example.org>", **results))
    assert others(street, asked) == []
