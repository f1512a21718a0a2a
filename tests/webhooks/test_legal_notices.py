"""What the law wants a person told: of every message when it came and where to, of a request what silence means."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from canaux.legal_words import reception_in_short, reception_in_words
from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.contact.identity import Given
from routeur.contact.words import AddressKind, ContactState, Outcome
from routeur.errors import NotAllowed, TakenByAnother
from routeur.ports.inbound import Inbound
from routeur.record.tables import Contact
from tests.clock import MONDAY_MORNING
from tests.smtp_server import Mailbox, text_of
from tests.webhooks.mounted_street import CALLER, OUR_NUMBER, Street
from tests.webhooks.test_email import hand_in
from tests.webhooks.test_letters_out import report
from tests.webhooks.test_threads import LEA, letter

FORM = "permis@formulaires.example"
PERMIT, LOST, CARD = "permis-construire", "objets-trouves", "carte-identite"
ACCEPTED = (
    "Sans réponse de notre part le samedi 2 mai 2026, votre demande est acceptée, sous réserve que la demande soit "
    "complète. Vous pourrez alors nous demander une attestation."
)
REFUSED = (
    "Sans réponse de notre part le jeudi 2 avril 2026, votre demande est refusée, sous réserve que la demande soit "
    "complète. Vous aurez alors deux mois pour faire un recours, auprès de nous ou devant le tribunal administratif de "
    "Dijon (aussi sur www.telerecours.fr)."
)


@pytest.fixture(autouse=True)
def _plan(street: Street) -> None:
    """A plan in which a claim of lost property is refused by a month's silence, and a form asks for permits."""
    plan = street.plan()
    lost = plan.topics[LOST].model_copy(update={"silence": "rejection", "silence_months": 1})
    commune = plan.commune.model_copy(update={"administrative_court": "tribunal administratif de Dijon"})
    changed = plan.model_copy(
        update={"topics": {**plan.topics, LOST: lost}, "commune": commune, "request_forms": {FORM: PERMIT}}
    )
    street.hall.plans.publish(changed.dump(), None, street.hall.clock())
    assert Plan.load(changed.dump()) == changed
    street.hall.available("chloe")


def delivered(street: Street, mailbox: Mailbox) -> list[str]:
    """The letters that have left by now."""
    for _ in range(4):
        street.hall.step()
    return [text_of(sent) for sent in mailbox.messages]


def held_letter(street: Street, topic: str | None = None) -> str:
    """Léa's letter, which Chloé has accepted and given this topic."""
    hand_in(street, letter(LEA, "<1@example.org>"))
    contact = str(street.only_contact().id)
    street.hall.serve(contact)
    if topic is not None:
        street.hall.desk.set_topic("chloe", contact, topic)
    return contact


def test_a_question_is_told_when_it_came_and_where_to_and_nothing_of_silence(street: Street, mailbox: Mailbox) -> None:
    held_letter(street, PERMIT)
    (ack,) = delivered(street, mailbox)
    assert "Votre message a été reçu le lundi 2 mars 2026." in ack
    assert "Accueil, 1 place de la Mairie, 89999 Petit-Bourg" in ack
    assert "accueil@petit-bourg.example" in ack
    assert "ilence" not in ack
    assert "acceptée" not in ack


def test_the_law_s_notice_leaves_when_the_agent_says_that_it_is_a_request(street: Street, mailbox: Mailbox) -> None:
    contact = held_letter(street, PERMIT)
    street.hall.requests.set_request("chloe", contact, True)
    _, notice = delivered(street, mailbox)
    assert ACCEPTED in notice
    assert "Votre demande a été reçue le lundi 2 mars 2026." in notice
    assert "Urbanisme, 1 place de la Mairie, 89999 Petit-Bourg" in notice
    assert mailbox.messages[1]["In-Reply-To"] == "<1@example.org>"
    assert mailbox.messages[1]["Auto-Submitted"] == "auto-replied"


def test_it_is_told_once_however_often_it_is_said(street: Street, mailbox: Mailbox) -> None:
    contact = held_letter(street, PERMIT)
    for _ in range(3):
        street.hall.requests.set_request("chloe", contact, True)
        street.hall.desk.set_topic("chloe", contact, PERMIT)
    assert len(delivered(street, mailbox)) == 2
    assert street.hall.story(contact).count("request_set") == 1


def test_the_period_counts_from_reception_however_late_it_is_said(street: Street, mailbox: Mailbox) -> None:
    contact = held_letter(street, PERMIT)
    street.hall.desk.follow_up("chloe", contact)
    street.hall.clock.advance(days=8)
    street.hall.requests.set_request("bruno", contact, True)
    assert ACCEPTED in delivered(street, mailbox)[-1]
    follow_up = street.hall.views.contacts.full(contact).follow_up
    assert follow_up is not None
    assert follow_up.legal is not None
    assert follow_up.legal.silence_on == date(2026, 5, 2)


def test_a_topic_set_later_sends_the_missing_notice(street: Street, mailbox: Mailbox) -> None:
    contact = held_letter(street)
    street.hall.requests.set_request("chloe", contact, True)
    assert len(delivered(street, mailbox)) == 1
    street.hall.desk.set_topic("chloe", contact, CARD)
    assert len(delivered(street, mailbox)) == 1
    street.hall.desk.set_topic("chloe", contact, PERMIT)
    assert ACCEPTED in delivered(street, mailbox)[-1]
    assert len(mailbox.messages) == 2


def test_a_changed_topic_whose_regime_differs_takes_back_what_was_told(street: Street, mailbox: Mailbox) -> None:
    contact = held_letter(street, PERMIT)
    street.hall.requests.set_request("chloe", contact, True)
    street.hall.desk.set_topic("chloe", contact, LOST)
    street.hall.desk.set_topic("chloe", contact, CARD)
    street.hall.desk.set_topic("chloe", contact, PERMIT)
    _, _, refused, nothing, accepted = delivered(street, mailbox)
    assert REFUSED in refused
    assert "ne porte pas sur ce que nous avions compris" in refused
    assert "notre silence ne vaut ni accord ni refus" in nothing
    assert ACCEPTED in accepted


def test_a_transfer_to_another_topic_takes_it_back_too(street: Street, mailbox: Mailbox) -> None:
    contact = held_letter(street, PERMIT)
    street.hall.requests.set_request("chloe", contact, True)
    street.hall.desk.transfer("chloe", contact, topic=LOST)
    assert REFUSED in delivered(street, mailbox)[-1]


def test_what_was_taken_for_a_request_by_mistake_is_taken_back(street: Street, mailbox: Mailbox) -> None:
    contact = held_letter(street, PERMIT)
    for is_request in (True, False, False, True):
        street.hall.requests.set_request("chloe", contact, is_request)
    _, _, withdrawn, again = delivered(street, mailbox)
    assert "Par erreur, nous avions traité votre message" in withdrawn
    assert "acceptée" not in withdrawn
    assert "Votre message a été reçu le lundi 2 mars 2026." in withdrawn
    assert ACCEPTED in again


def test_what_promised_nothing_is_taken_back_in_silence(street: Street, mailbox: Mailbox) -> None:
    contact = held_letter(street, CARD)
    street.hall.requests.set_request("chloe", contact, True)
    street.hall.requests.set_request("chloe", contact, False)
    assert len(delivered(street, mailbox)) == 1


def test_who_was_asked_for_pieces_is_told_that_they_are_not_needed(street: Street, mailbox: Mailbox) -> None:
    contact = held_letter(street, CARD)
    street.hall.requests.set_request("chloe", contact, True)
    street.hall.requests.ask_for_pieces("chloe", contact, ["Photo"], date(2026, 3, 16))
    street.hall.requests.set_request("chloe", contact, False)
    withdrawn = delivered(street, mailbox)[-1]
    assert "les pièces que nous vous aurions demandées ne sont plus à envoyer" in withdrawn


def test_missing_pieces_stop_acceptance_and_a_complete_file_begins_it_anew(street: Street, mailbox: Mailbox) -> None:
    contact = held_letter(street, PERMIT)
    requests = street.hall.requests
    requests.set_request("chloe", contact, True)
    for _ in range(2):
        requests.ask_for_pieces("chloe", contact, ["Plan de situation", "Notice"], date(2026, 3, 16))
    incomplete = delivered(street, mailbox)[-1]
    assert "- Plan de situation\n- Notice\n" in incomplete
    assert "Nous attendons jusqu’au lundi 16 mars 2026 ce qui manque" in incomplete
    assert "ne commence que lorsque nous aurons tout reçu" in incomplete
    street.hall.clock.advance(days=9)
    for _ in range(2):
        requests.complete("chloe", contact, date(2026, 3, 10))
    complete = delivered(street, mailbox)[-1]
    assert "Nous avons reçu le mardi 10 mars 2026 tout ce qui manquait" in complete
    assert "Sans réponse de notre part le dimanche 10 mai 2026, votre demande est acceptée. " in complete
    assert len(mailbox.messages) == 4
    story = [kind for kind in street.hall.story(contact) if kind in ("pieces_missing", "request_complete")]
    assert story == ["pieces_missing", "request_complete"]


def test_missing_pieces_suspend_rejection_until_they_come(street: Street, mailbox: Mailbox) -> None:
    contact = held_letter(street, LOST)
    requests = street.hall.requests
    requests.set_request("chloe", contact, True)
    requests.ask_for_pieces("chloe", contact, ["Facture d'achat"], date(2026, 3, 16))
    incomplete = delivered(street, mailbox)[-1]
    assert "est suspendu" in incomplete
    assert "votre demande est refusée le jeudi 16 avril 2026" in incomplete
    street.hall.clock.advance(days=3)
    requests.complete("chloe", contact, None)
    assert (
        "Sans réponse de notre part le dimanche 5 avril 2026, votre demande est refusée."
        in delivered(street, mailbox)[-1]
    )


def test_pieces_that_come_to_a_closed_request_find_it_still_waiting_for_them(street: Street) -> None:
    contact = held_letter(street, PERMIT)
    hall = street.hall
    hall.requests.set_request("chloe", contact, True)
    hall.requests.ask_for_pieces("chloe", contact, ["Plan"], date(2026, 3, 16))
    hall.desk.finish("chloe", contact, Outcome.ANSWERED)
    hand_in(street, letter(LEA, "<2@example.org>", In_Reply_To="<1@example.org>"))
    legal = hall.views.contacts.full(contact).legal
    assert legal is not None
    assert legal.awaited is not None


def answered_and_opened_again(street: Street, *, days: int) -> str:
    """A request for a permit that Chloé answered the same day, and to which Léa wrote again `days` days later."""
    contact = held_letter(street, PERMIT)
    hall = street.hall
    hall.requests.set_request("chloe", contact, True)
    hall.desk.finish("chloe", contact, Outcome.ANSWERED)
    hall.clock.advance(days=days)
    hand_in(street, letter(LEA, "<2@example.org>", In_Reply_To="<1@example.org>"))
    return contact


def test_an_answered_request_that_is_opened_again_is_still_one_until_somebody_unsays_it(
    street: Street, mailbox: Mailbox
) -> None:
    contact = answered_and_opened_again(street, days=1)
    hall = street.hall
    legal = hall.views.contacts.full(contact).legal
    assert legal is not None
    assert (legal.silence_on, legal.answered_on) == (date(2026, 5, 2), date(2026, 3, 2))
    told = len(delivered(street, mailbox))
    hall.serve(contact)
    hall.requests.set_request("chloe", contact, False)
    assert "Par erreur" in delivered(street, mailbox)[told]
    assert hall.views.contacts.full(contact).legal is None


def test_of_a_request_that_was_answered_in_time_nobody_is_told_that_silence_decided(street: Street) -> None:
    contact = answered_and_opened_again(street, days=70)
    hall = street.hall
    reference = street.only_contact().reference
    status = hall.statuses.find(reference, [LEA])
    assert status is not None
    assert status.request is None
    hall.requests.set_request("anne", contact, False, anyone=True)
    assert hall.views.contacts.full(contact).legal is None


def test_a_topic_that_is_set_after_its_period_sends_no_notice_of_a_day_that_is_past(
    street: Street, mailbox: Mailbox
) -> None:
    contact = held_letter(street, CARD)
    hall = street.hall
    hall.requests.set_request("chloe", contact, True)
    hall.clock.advance(days=70)
    told = len(delivered(street, mailbox))
    hall.desk.set_topic("anne", contact, PERMIT, anyone=True)
    assert len(delivered(street, mailbox)) == told
    legal = hall.views.contacts.full(contact).legal
    assert legal is not None
    assert legal.regime is None


def test_a_form_that_the_plan_says_is_for_requests_starts_the_clock(street: Street, mailbox: Mailbox) -> None:
    hand_in(street, letter(FORM, "<f@x.example>", Reply_To=f"Léa <{LEA}>", Auto_Submitted="auto-generated"))
    contact = street.only_contact()
    assert (contact.topic, contact.given_email, contact.reply_to) == (PERMIT, LEA, LEA)
    (ack,) = delivered(street, mailbox)
    assert mailbox.messages[0]["To"] == LEA
    assert ACCEPTED in ack
    assert "Votre demande a été reçue le lundi 2 mars 2026." in ack
    assert "request_set" in street.hall.story(contact.id)
    street.hall.serve(contact.id)
    street.hall.desk.set_topic("chloe", contact.id, LOST)
    assert REFUSED in delivered(street, mailbox)[-1]


def test_at_night_a_form_s_acknowledgement_says_it_with_the_opening(street: Street, mailbox: Mailbox) -> None:
    street.hall.clock.set(MONDAY_MORNING.replace(hour=21))
    hand_in(street, letter(FORM, "<f@x.example>", Reply_To=LEA))
    (ack,) = delivered(street, mailbox)
    assert ACCEPTED in ack
    assert "Elle ouvre le mardi 3 mars à 8 h 30." in ack


def test_what_waited_and_became_a_follow_up_is_told_when_it_came(street: Street, mailbox: Mailbox) -> None:
    contact = held_letter(street, PERMIT)
    street.hall.desk.follow_up("chloe", contact, service="etat-civil")
    announced = delivered(street, mailbox)[-1]
    assert "Votre message a été reçu le lundi 2 mars 2026." in announced
    assert "État civil, 1 place de la Mairie" in announced


def test_a_text_is_told_in_short(street: Street) -> None:
    answer = street.post(
        "/webhooks/messaging", MessageSid="SM1", From=CALLER, To=OUR_NUMBER, Body="Mon permis", NumMedia="0"
    ).text
    assert "Reçu le lundi 2 mars 2026, service : Accueil, accueil@petit-bourg.example, 01 99 00 35 01." in answer
    contact = street.only_contact().id
    street.hall.serve(contact)
    street.hall.desk.set_topic("chloe", contact, PERMIT)
    street.hall.requests.set_request("chloe", contact, True)
    street.hall.step()
    (sent,) = street.twilio.sent_to("Messages.json")
    assert ACCEPTED in sent.form["Body"]
    assert sent.form["To"] == CALLER


def test_a_text_that_is_opened_again_is_told_the_day_from_which_its_clock_counts(street: Street) -> None:
    hall = street.hall
    contact = hall.text("Mon permis", number=CALLER, topic=PERMIT).standing.contact
    hall.serve(contact.id)
    hall.requests.set_request("chloe", contact.id, True)
    with hall.record.write() as connection:  # its place is a later one: it was opened again
        later = {"queued_at": hall.clock() + timedelta(days=3)}
        connection.execute(update(Contact).where(Contact.id == contact.id).values(later))
    row = hall.reception.standing(contact.id).contact
    for told in (reception_in_short, reception_in_words):
        assert "le lundi 2 mars 2026" in told(street.plan(), row, None)


def test_a_visitor_is_told_in_the_chat_and_by_letter_where_they_gave_an_address(
    street: Street, mailbox: Mailbox
) -> None:
    hall = street.hall
    contact = hall.chat(email=LEA, topic=PERMIT)
    hall.serve(contact)
    hall.requests.set_request("chloe", contact, True)
    (notice,) = delivered(street, mailbox)
    assert mailbox.messages[0]["To"] == LEA
    assert ACCEPTED in notice
    _, said = hall.reception.messages_after(contact, 0)
    assert ACCEPTED in said.text
    assert (said.direction, said.author) == ("out", None)


@pytest.mark.parametrize("email", [LEA, None])
def test_who_stands_at_the_counter_has_a_letter_where_they_gave_an_address(
    street: Street, mailbox: Mailbox, email: str | None
) -> None:
    hall = street.hall
    visit = Inbound(Channel.WALKIN, AddressKind.TICKET, "T1", text="Un permis", topic=PERMIT, given=Given(email=email))
    contact = hall.reception.receive(visit).standing.contact.id
    hall.serve(contact)
    hall.requests.set_request("chloe", contact, True)
    assert [ACCEPTED in notice for notice in delivered(street, mailbox)] == [True] * (email is not None)


def test_a_call_without_one_is_told_by_the_agent(street: Street, mailbox: Mailbox) -> None:
    hall = street.hall
    contact = hall.call("CA" + "0" * 32, topic=PERMIT)
    hall.serve(contact)
    hall.requests.set_request("chloe", contact, True)
    assert delivered(street, mailbox) == []
    assert hall.views.contacts.full(contact).legal is not None


def test_an_address_that_bounces_leaves_the_visitor_with_their_agent(street: Street, mailbox: Mailbox) -> None:
    hall = street.hall
    contact = hall.chat(email=LEA, topic=PERMIT)
    hall.serve(contact)
    mailbox.answer = "550 no such person"
    hall.requests.set_request("chloe", contact, True)
    delivered(street, mailbox)
    assert hall.state(contact) is ContactState.ACTIVE


def test_a_bounce_that_comes_later_leaves_the_visitor_with_their_agent_too(street: Street, mailbox: Mailbox) -> None:
    hall = street.hall
    contact = hall.chat(email=LEA, topic=PERMIT)
    hall.serve(contact)
    hall.requests.set_request("chloe", contact, True)
    delivered(street, mailbox)
    for _ in range(2):
        assert hand_in(street, report(street, mailbox, "failed")).status_code == 200
    assert hall.state(contact) is ContactState.ACTIVE
    assert hall.story(contact).count("delivery_failed") == 1
    assert hall.reception.messages_after(contact, 0)[-1].direction == "note"


def test_nobody_but_who_has_it_says_what_it_is(street: Street) -> None:
    contact = held_letter(street, PERMIT)
    hall = street.hall
    with pytest.raises(NotAllowed):
        hall.requests.set_request("bruno", contact, True)
    hall.desk.follow_up("chloe", contact)
    hall.follow_ups.take("chloe", street.only_contact().reference)
    with pytest.raises(TakenByAnother):
        hall.requests.set_request("bruno", contact, True)
    hall.requests.set_request("anne", contact, True, anyone=True)


def test_english_letters_say_it_in_english(street: Street, mailbox: Mailbox) -> None:
    contact = held_letter(street, PERMIT)
    with street.hall.record.write() as connection:
        connection.exec_driver_sql("UPDATE contact SET language = 'en'")
    street.hall.requests.set_request("chloe", contact, True)
    notice = delivered(street, mailbox)[-1]
    assert "Without an answer from us by Saturday 2 May 2026, and provided that your request is complete" in notice


@pytest.fixture
def lacking(street: Street, mailbox: Mailbox) -> tuple[str, str]:
    """A visitor's request that Chloé has, and the Message-ID of the letter that asked for what is missing from it."""
    hall = street.hall
    contact = hall.chat(email=LEA, topic=LOST)
    hall.serve(contact)
    hall.requests.set_request("chloe", contact, True)
    hall.requests.ask_for_pieces("chloe", contact, ["Facture"], date(2026, 3, 16))
    delivered(street, mailbox)
    assert mailbox.messages[-1]["To"] == LEA
    return contact, mailbox.messages[-1]["Message-ID"]


@pytest.mark.parametrize("sender", [LEA, "paul@ailleurs.example"])
def test_pieces_that_come_by_letter_to_a_chat_s_request_name_it_and_it_names_them(
    street: Street, lacking: tuple[str, str], sender: str
) -> None:
    contact, asked = lacking
    hall = street.hall
    hand_in(street, letter(sender, "<f@example.org>", "La facture", In_Reply_To=asked))
    (came,) = [row for row in street.contacts() if row.id != contact]
    assert came.answers == contact
    (entry,) = [entry for entry in hall.views.contacts.timeline(contact) if entry.kind == "answered_by"]
    assert entry.detail == {"contact": came.id, "reference": came.reference}
    legal = hall.views.contacts.full(contact).legal
    assert legal is not None
    assert legal.awaited is not None  # somebody looks, and says that they have come


def test_whoever_typed_another_s_address_in_the_chat_does_not_read_their_letter_there(
    street: Street, lacking: tuple[str, str]
) -> None:
    contact, asked = lacking
    hand_in(street, letter(LEA, "<f@example.org>", "La facture", In_Reply_To=asked))
    assert "La facture" not in [message.text for message in street.hall.reception.messages_after(contact, 0)]


def test_the_reference_in_its_subject_is_enough_from_the_address_that_was_given(
    street: Street, lacking: tuple[str, str]
) -> None:
    contact, _ = lacking
    reference = street.hall.views.contacts.summary(contact).reference
    hand_in(street, letter(LEA, "<f@example.org>", "La facture", Subject=f"Facture [{reference}]"))
    hand_in(street, letter("paul@ailleurs.example", "<p@x.example>", "Moi ?", Subject=f"Facture [{reference}]"))
    assert [row.address for row in street.contacts() if row.answers == contact] == [LEA]


def test_an_absence_notice_to_the_letter_is_set_aside_outside_the_chat(
    street: Street, lacking: tuple[str, str]
) -> None:
    contact, asked = lacking
    hand_in(street, letter(LEA, "<a@example.org>", "Absente", In_Reply_To=asked, Auto_Submitted="auto-replied"))
    (notice,) = [row for row in street.contacts() if row.id != contact]
    assert (notice.outcome, notice.answers) == (Outcome.SPAM, contact)


DISOWNED = [
    "petit-bourg.example; dmarc=fail header.from=example.org",
    "petit-bourg.example; dkim=fail header.d=example.org; spf=fail smtp.mailfrom=example.org",
]


@pytest.mark.parametrize("results", DISOWNED)
def test_a_form_whose_domain_disowns_the_letter_starts_no_clock(street: Street, mailbox: Mailbox, results: str) -> None:
    hand_in(street, letter(FORM, "<f@x.example>", Reply_To=f"Léa <{LEA}>", Authentication_Results=results))
    contact = street.only_contact()
    assert contact.request is None
    (ack,) = delivered(street, mailbox)
    assert "Votre message a été reçu" in ack
    assert ACCEPTED not in ack
