"""Whose letters are one thread, and which letters are one."""

from __future__ import annotations

from typing import Any

import pytest

from canaux.email.incoming.reading import read_email, unread_email
from competences.plan.parts import WebForm
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


def test_the_same_letter_without_an_id_by_another_route_is_one(street: Street) -> None:
    street.hall.available("anne")
    for sender in (LEA, "Personne"):
        for subject in ("Un acte", "Un autre"):
            raw = letter(sender, "", Subject=subject, Date="Mon, 2 Mar 2026 10:00:00 +0100")
            raw = raw.replace(b"Message-ID: \r\n", b"")
            hand_in(street, raw)
            hand_in(street, b"Received: from passerelle.example\r\nX-Spam: no\r\n" + raw.replace(b"\r\n", b"\n"))
            hand_in(street, raw.replace(b"2 Mar", b"3 Mar"))
    assert len(street.messages()) == 8


def test_another_subject_under_the_same_id_is_another_letter(street: Street) -> None:
    street.hall.available("anne")
    for subject in ("Acte de naissance Martin", "Certificat Dupont", "Acte de naissance Martin"):
        hand_in(street, letter(LEA, "<0@numeriseur.example>", "", Subject=subject))
    assert [contact.subject for contact in street.contacts()] == ["Acte de naissance Martin", "Certificat Dupont"]


@pytest.mark.parametrize("header", ["Reply-To", "Sender", "X-Original-From", "Return-Path"])
@pytest.mark.parametrize("sender", ["", "From: Jean\r\n", "From: <>\r\n"])
def test_who_is_named_elsewhere_than_in_from_is_given_and_proves_nothing(
    street: Street, asked: Any, mailbox: Mailbox, header: str, sender: str
) -> None:
    hall = street.hall
    raw = letter("X", "<b@evil.example>", "Changez mon RIB", In_Reply_To="<lea-1@example.org>")
    raw = raw.replace(b"From: X\r\n", f"{sender}{header}: {LEA}\r\n".encode())
    for _ in range(2):
        hand_in(street, raw)
    (own,) = others(street, asked)
    assert texts(street, asked) == ["Bonjour"]
    shown = hall.views.contacts.full(own.id).contact
    assert (shown.usager.email, shown.usager.verified, shown.reply_to) == (LEA, (), LEA)
    assert shown.usager.id != asked.usager_id
    assert own.answers == asked.id


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
        ("dmarc=pass header.from=evil.example", True),
        ("dmarc=none header.from=evil.example", True),
        ("dkim=fail header.d=example.org; spf=pass smtp.mailfrom=evil.example", True),
        ("dkim=pass header.d=evil.example; spf=fail smtp.mailfrom=example.org", True),
        ("dkim=pass header.d=services.example; spf=pass smtp.mailfrom=services.example", False),
        ("dmarc=pass header.from=courrier.example.org; spf=pass smtp.mailfrom=rebonds.example.org", False),
        ("dkim/1=fail header.d=example.org; spf=pass SMTP.MAILFROM=lea@Example.ORG", False),
    ],
)
def test_what_the_usager_s_domain_disowns_does_not_speak_in_their_thread(
    street: Street, asked: Any, found: str, own: bool
) -> None:
    results = {"Authentication_Results": f"Petit-Bourg.example; {found}"}
    hand_in(street, letter(LEA, "<2@example.org>", "Encore", In_Reply_To="<lea-1@example.org>", **results))
    assert [contact.answers for contact in others(street, asked)] == [asked.id] * own
    assert texts(street, asked) == ["Bonjour"] + ["Encore"] * (not own)


@pytest.mark.parametrize(
    "sender", [f"{LEA} <paul@evil.example>", f'"{LEA} <paul@evil.example>', f"<{LEA}> <paul@evil.example>"]
)
def test_who_calls_themself_by_another_s_address_is_not_them(street: Street, asked: Any, sender: str) -> None:
    passed = {"Authentication_Results": "petit-bourg.example; dmarc=pass header.from=evil.example"}
    hand_in(street, letter(sender, "<p@evil.example>", In_Reply_To="<lea-1@example.org>", **passed))
    (own,) = others(street, asked)
    assert (own.address, own.answers) == ("paul@evil.example", asked.id)


def test_what_another_s_server_says_of_it_changes_nothing(street: Street, asked: Any) -> None:
    results = {"Authentication_Results": "ailleurs.example; dmarc=fail"}
    hand_in(street, letter(LEA, "<2@example.org>", "Encore", In_Reply_To="<lea-1@example.org>", **results))
    assert others(street, asked) == []


def test_a_letter_that_could_not_be_read_is_the_same_letter_once_it_can(street: Street) -> None:
    street.hall.available("anne")
    raw = letter(LEA, "<lea-1@example.org>")
    for way in (unread_email, read_email, unread_email):
        street.hall.reception.receive(way(raw).inbound)
    street.only_contact()
    street.hall.reception.receive(unread_email(letter(LEA, "<lea-1@example.org>", "Autre chose")).inbound)
    street.hall.reception.receive(read_email(letter(LEA, "<lea-1@example.org>", "Autre chose")).inbound)
    assert len(street.contacts()) == 2


@pytest.fixture
def acknowledgement(street: Street, asked: Any, mailbox: Mailbox) -> str:
    """The Message-ID of our letter in a contact that is closed since."""
    hall = street.hall
    hall.step()
    (ack,) = mailbox.messages
    hall.desk.finish(hall.serve(asked.id), asked.id, Outcome.ANSWERED)
    return str(ack["Message-ID"])


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied", "Subject": "In a language that nobody knows"},
        {"X_Auto_Response_Suppress": "All", "Subject": "Automatic reply: Un acte"},
        {"Precedence": "junk", "Subject": "Je suis en vacances"},
        {"Return_Path": "<>", "Subject": "Re: Un acte"},
        {"Subject": "Réponse automatique : Horaires"},
    ],
)
def test_a_machine_that_answers_our_letter_opens_nothing_again(
    street: Street, asked: Any, acknowledgement: str, headers: dict[str, str]
) -> None:
    hand_in(street, letter(LEA, "<2@example.org>", "Absente", In_Reply_To=acknowledgement, **headers))
    assert street.only_contact().state == ContactState.CLOSED
    assert "Absente" in texts(street, asked)


@pytest.mark.parametrize(
    "headers",
    [
        {"List_Id": "<x.example>"},
        {"X_Auto_Response_Suppress": "OOF"},
        {"X_Auto_Response_Suppress": "All", "Auto_Submitted": "auto-generated"},
        {"Auto_Submitted": "auto-notified"},
        {"Precedence": "bulk"},
    ],
)
def test_a_person_who_answers_our_letter_opens_the_contact_again(
    street: Street, asked: Any, acknowledgement: str, mailbox: Mailbox, headers: dict[str, str]
) -> None:
    answer = {"In_Reply_To": acknowledgement, "Subject": "Re: Un acte", **headers}
    hand_in(street, letter(LEA, "<2@example.org>", "Voici la pièce", **answer))
    assert street.only_contact().state != ContactState.CLOSED
    street.hall.step()
    assert len(mailbox.messages) == 1


@pytest.mark.parametrize(
    "subject", ["Delivery Status Notification (Delay)", "Remise différée : Un acte", "Undeliverable yet: still trying"]
)
def test_a_notice_of_delay_leaves_the_contact_with_its_agent(
    street: Street, asked: Any, mailbox: Mailbox, subject: str
) -> None:
    hall = street.hall
    hall.step()
    hall.serve(asked.id)
    head = {"In_Reply_To": mailbox.messages[0]["Message-ID"], "Subject": subject}
    hand_in(street, letter("Mailer-Daemon@mx.example", "<d@mx.example>", **head))
    assert street.only_contact().state == ContactState.ACTIVE


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        ("Jean <postmaster@commune.example>", {"Subject": "Courrier non distribué rue des Lilas"}),
        (LEA, {"Return_Path": "<>", "Subject": "Échec de ma demande"}),
        (LEA, {"Auto_Submitted": "auto-generated", "Subject": "Absence du 12/12 : Léa Martin"}),
        (LEA, {"Precedence": "bulk", "Subject": "Absence : Léa Martin"}),
        (LEA, {"Subject": "Réponse automatique : que veut dire ce courriel ?"}),
    ],
)
def test_what_only_sounds_like_a_notice_is_queued_without_acknowledgement(
    street: Street, mailbox: Mailbox, sender: str, headers: dict[str, str]
) -> None:
    street.hall.available("anne")
    hand_in(street, letter(sender, "<1@example.org>", **headers))
    assert street.only_contact().state != ContactState.CLOSED
    for _ in range(3):
        street.hall.step()
    assert mailbox.messages == []


@pytest.mark.parametrize("kind", ["web_forms", "request_forms"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Return_Path": "<>", "Subject": "Absence de réponse - demande de permis"},
        {"Auto_Submitted": "auto-replied", "Subject": "Nouvelle demande"},
        {"Return_Path": "<>", "Subject": "Absence"},
    ],
)
def test_what_a_form_of_the_plan_sends_is_never_set_aside(street: Street, kind: str, headers: dict[str, str]) -> None:
    hall = street.hall
    hall.available("anne")
    form = "formulaire@site.example"
    plan = hall.plans.plan()
    topic = next(iter(plan.topics))
    forms: dict[str, Any] = {"web_forms": (WebForm(address=form),), "request_forms": {form: topic}}
    hall.plans.publish(plan.model_copy(update={kind: forms[kind]}).dump(), "anne", hall.clock())
    hand_in(street, letter(form, "<f@site.example>", Reply_To="Paul <paul@boite.example>", **headers))
    contact = street.only_contact()
    assert contact.state != ContactState.CLOSED
    assert (contact.request is not None) is (kind == "request_forms")


@pytest.mark.parametrize("mark", ["[réf. YUN-069-060]", "[Réf : YUN-069-060]", "[r?f. yun-069-060] [réf. CPK-536-634]"])
def test_an_answer_has_the_mark_of_its_own_contact_alone(street: Street, mailbox: Mailbox, mark: str) -> None:
    street.hall.available("anne")
    hand_in(street, letter(STRANGER, "<p@ailleurs.example>", Subject=f"Re: Horaires {mark}"))
    street.hall.step()
    (ack,) = mailbox.messages
    assert ack["Subject"] == f"Re: Horaires [réf. {street.only_contact().reference}]"


def test_our_services_are_no_correspondents_and_are_not_acknowledged(street: Street, mailbox: Mailbox) -> None:
    hall = street.hall
    hall.available("anne")
    ours = [service.email for service in hall.plans.plan().services.values()]
    hand_in(street, letter(LEA, "<1@example.org>", Cc=", ".join([NOTARY, *ours])))
    assert list(hall.views.contacts.full(street.only_contact().id).correspondents) == [NOTARY]
    hand_in(street, letter(ours[0], "<2@example.org>"))
    for _ in range(3):
        hall.step()
    assert [sent["To"] for sent in mailbox.messages] == [LEA]
