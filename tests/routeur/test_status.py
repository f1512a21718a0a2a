"""The status of a demand is told only to a person who proves that it is theirs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from competences.channels import Channel
from routeur.contact.identity import Given
from routeur.contact.words import Activity, AddressKind, Outcome
from routeur.followups.status import Stage
from routeur.ports.inbound import Inbound
from routeur.record.tables import Contact, OutboxEntry, StatusProof
from routeur.retention import purge
from tests.routeur.hall import Hall

AT_NIGHT = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
NEXT_MORNING = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
PHONE = "+33639980001"
EMAIL = "lea@example.org"


@pytest.fixture
def reference(hall: Hall) -> str:
    """The reference of a follow-up, which somebody asked for who had texted at night."""
    hall.clock.set(AT_NIGHT)
    contact = hall.text("Ma carte d'identité", topic="carte-identite").standing.contact
    hall.reception.ask_follow_up(contact.id)
    return contact.reference


def stage(hall: Hall, reference: str, proof: str = PHONE) -> Stage | None:
    found = hall.statuses.find(reference, [proof])
    return found.stage if found is not None else None


def test_from_recorded_to_closed(hall: Hall, reference: str) -> None:
    found = hall.statuses.find(reference, [PHONE])
    assert found is not None
    assert (found.reference, found.stage, found.service, found.late) == (reference, "recorded", "etat-civil", False)
    assert found.due_at == hall.views.follow_ups.by_reference(reference).due_at
    hall.follow_ups.take("bruno", reference)
    assert stage(hall, reference) is Stage.TAKEN
    hall.clock.advance(days=1)
    hall.follow_ups.answer("bruno", reference, "Elle est prête.")
    found = hall.statuses.find(reference, [PHONE])
    assert found is not None
    assert (found.stage, found.answered_at, found.due_at) == (Stage.ANSWERED, hall.clock(), None)
    hall.follow_ups.close("bruno", reference)
    closed = hall.statuses.find(reference, [PHONE])
    assert closed == found  # what was answered stays so


def test_nothing_of_what_was_said_nor_of_who_said_it(hall: Hall, reference: str) -> None:
    assert "carte" not in str(hall.statuses.find(reference, [PHONE]))
    assert PHONE not in str(hall.statuses.find(reference, [PHONE]))


@pytest.mark.parametrize("proofs", [[], [""], ["\0"], ["+33639980002"], [EMAIL], [PHONE[:-1]]])
def test_without_proof_it_is_as_if_there_were_none(hall: Hall, reference: str, proofs: list[str]) -> None:
    assert hall.statuses.find(reference, proofs) is None
    assert hall.statuses.find("XXX-000-000", proofs) is None


def test_however_the_reference_is_written(hall: Hall, reference: str) -> None:
    for written in (reference.lower(), reference.replace("-", " "), reference.replace("-", "")):
        assert stage(hall, written) is Stage.RECORDED


def test_late_is_said(hall: Hall, reference: str) -> None:
    hall.clock.advance(days=30)
    found = hall.statuses.find(reference, [PHONE])
    assert found is not None
    assert found.late


def test_what_silence_means_as_long_as_it_is_silence(hall: Hall) -> None:
    hall.clock.set(AT_NIGHT)
    contact = hall.mail("Mon permis", topic="permis-construire").standing.contact
    hall.reception.ask_follow_up(contact.id)
    hall.requests.set_request("chloe", contact.id, True)
    found = hall.statuses.find(contact.reference, [EMAIL])
    assert found is not None
    assert found.request is not None
    assert (found.request.silence_means, found.request.silence_on) == ("acceptance", date(2026, 5, 2))
    hall.follow_ups.answer("chloe", contact.reference, "Accordé.")
    found = hall.statuses.find(contact.reference, [EMAIL])
    assert found is not None
    assert found.request is None


def test_silence_on_a_question_means_nothing(hall: Hall) -> None:
    hall.clock.set(AT_NIGHT)
    found = hall.statuses.find(
        hall.mail("Quels papiers ?", topic="permis-construire").standing.contact.reference, [EMAIL]
    )
    assert found is not None
    assert found.request is None


def test_what_was_answered_and_is_asked_again_is_not_silence(hall: Hall) -> None:
    hall.clock.set(AT_NIGHT)
    receipt = hall.mail("Mon permis", topic="permis-construire")
    reference, contact = receipt.standing.contact.reference, receipt.standing.contact.id
    hall.reception.ask_follow_up(contact)
    hall.requests.set_request("chloe", contact, True)
    hall.follow_ups.answer("chloe", reference, "Accordé.")
    hall.follow_ups.close("chloe", reference)
    hall.clock.set(NEXT_MORNING)
    hall.available("chloe")
    hall.mail("Et pour la clôture ?", "<2@example.org>", in_reply_to=["<1@example.org>"])
    found = hall.statuses.find(reference, [EMAIL])
    assert found is not None
    assert (found.stage, found.due_at, found.request) == (Stage.RECORDED, None, None)
    hall.serve(contact)
    hall.clock.advance(hours=1)
    hall.desk.finish("chloe", contact, Outcome.ANSWERED)
    found = hall.statuses.find(reference, [EMAIL])
    assert found is not None
    assert (found.stage, found.answered_at) == (Stage.ANSWERED, hall.clock())


def test_what_was_merged_stands_as_what_it_was_merged_into(hall: Hall) -> None:
    hall.available("bruno")
    hall.desk.set_activity("bruno", Activity.BUSY)
    written = hall.mail("Ma carte", topic="carte-identite").standing
    hall.know((AddressKind.EMAIL, EMAIL), (AddressKind.CHAT, "chat-1"))
    chatting = hall.chat(topic="carte-identite", email=EMAIL)
    hall.reception.ask_follow_up(chatting)
    assert hall.reception.standing(written.contact.id).contact.outcome is Outcome.MERGED
    follow_up = hall.statuses.find(hall.reception.standing(chatting).contact.reference, [EMAIL])
    assert follow_up is not None
    assert follow_up.due_at is not None
    assert hall.statuses.find(written.contact.reference, [EMAIL]) == replace(
        follow_up, reference=written.contact.reference
    )
    assert hall.statuses.find(written.contact.reference, [PHONE]) is None


def test_what_was_merged_into_another_person_s_contact_says_nothing_of_it(hall: Hall) -> None:
    """As contacts were that an earlier version took for one person's."""
    hall.clock.set(AT_NIGHT)
    theirs = hall.text("Ma carte", topic="carte-identite").standing.contact.id
    mine = hall.chat(topic="carte-identite", email=EMAIL)
    hall.reception.settle(mine)
    with hall.record.write() as connection:
        merged = {"outcome": Outcome.MERGED.value, "linked_to": theirs}
        connection.execute(update(Contact).where(Contact.id == mine).values(**merged))
    assert stage(hall, hall.reception.standing(mine).contact.reference, EMAIL) is Stage.CLOSED


def test_who_opened_it_beside_their_own_channel_proves_it_by_what_they_left(hall: Hall) -> None:
    hall.clock.set(AT_NIGHT)
    chatting = hall.reception.standing(hall.chat(email=EMAIL))
    assert stage(hall, chatting.contact.reference, EMAIL) is Stage.RECORDED
    assert stage(hall, chatting.contact.reference, "chat-1") is Stage.RECORDED  # the chat that it is
    assert stage(hall, chatting.contact.reference, "chat-2") is None
    visit = Inbound(Channel.WALKIN, AddressKind.TICKET, "T1", provider_ref="T1", given=Given(email=EMAIL, phone=PHONE))
    ticket = hall.reception.receive(visit).standing.contact.reference
    assert [stage(hall, ticket, proof) for proof in (PHONE, EMAIL)] == [Stage.RECORDED] * 2


def test_another_address_of_the_same_person_does_not_open_what_was_written_from_this_one(hall: Hall) -> None:
    hall.clock.set(AT_NIGHT)
    hall.know((AddressKind.PHONE, PHONE), (AddressKind.EMAIL, EMAIL))
    reference = hall.text("Ma carte", topic="carte-identite").standing.contact.reference
    assert stage(hall, reference, PHONE) is Stage.RECORDED
    assert stage(hall, reference, EMAIL) is None


def test_what_waits_or_was_answered_at_once_has_a_status_too(hall: Hall) -> None:
    hall.available("anne")
    receipt = hall.text("Bonjour")
    found = hall.statuses.find(receipt.standing.contact.reference, [PHONE])
    assert found is not None
    assert (found.stage, found.service, found.due_at) == (Stage.RECORDED, "accueil", None)
    hall.serve(receipt.standing.contact.id)
    assert stage(hall, receipt.standing.contact.reference) is Stage.TAKEN
    hall.desk.reply("anne", receipt.standing.contact.id, "Bonjour, de 8 h 30 à 17 h 30.")
    hall.desk.finish("anne", receipt.standing.contact.id, Outcome.ANSWERED)
    found = hall.statuses.find(receipt.standing.contact.reference, [PHONE])
    assert found is not None
    assert (found.stage, found.answered_at) == (Stage.ANSWERED, hall.clock())


def test_who_was_written_nothing_is_not_told_that_they_were_answered(hall: Hall) -> None:
    hall.available("anne")
    contact = hall.text("Bonjour").standing.contact
    hall.serve(contact.id)
    hall.desk.finish("anne", contact.id, Outcome.ANSWERED)
    assert stage(hall, contact.reference) is Stage.CLOSED


def test_what_was_forgotten_is_nobody_s(hall: Hall, reference: str) -> None:
    hall.follow_ups.close("bruno", reference)
    hall.clock.advance(days=400)
    purge(hall.record, hall.clock() - timedelta(days=365))
    assert hall.statuses.find(reference, [PHONE, ""]) is None


def asked(hall: Hall, reference: str, address: str = EMAIL, kind: AddressKind = AddressKind.EMAIL) -> list[str]:
    """The addresses to which codes have left, after one more was asked for."""
    hall.reception.verifications.ask_for_reference(reference, Channel.EMAIL, kind, address)
    with hall.record.read() as connection:
        sent = select(OutboxEntry.payload).where(OutboxEntry.kind == "CodeAsked").order_by(OutboxEntry.id)
        return [payload["to"] for payload in connection.scalars(sent)]


def the_code(hall: Hall) -> str:
    with hall.record.read() as connection:
        return str(connection.scalars(select(StatusProof.code)).one())


def visit(hall: Hall) -> str:
    given = Inbound(Channel.WALKIN, AddressKind.TICKET, "T1", provider_ref="T1", given=Given(email=EMAIL))
    return hall.reception.receive(given).standing.contact.reference


def test_what_was_typed_is_no_claim_until_a_code_has_shown_whose_it_is(hall: Hall) -> None:
    reference = visit(hall)
    verifications = hall.reception.verifications
    assert hall.statuses.find(reference, (), [EMAIL]) is None
    assert asked(hall, reference) == ["T1"]  # the postman writes to the contact's own address
    assert not verifications.confirm_for_reference(reference, AddressKind.EMAIL, EMAIL, "")
    assert verifications.confirm_for_reference(reference.lower(), AddressKind.EMAIL, EMAIL, the_code(hall))
    assert hall.statuses.find(reference, (), [EMAIL]) is not None


def test_what_a_channel_proved_is_a_claim(hall: Hall, reference: str) -> None:
    assert hall.statuses.find(reference, (), [PHONE]) is not None
    assert hall.statuses.find(reference, (), [EMAIL, ""]) is None


def test_an_address_that_another_person_has_proved_is_not_this_one_s(hall: Hall) -> None:
    hall.know((AddressKind.EMAIL, EMAIL))
    reference = visit(hall)
    assert hall.statuses.find(reference, (), [EMAIL]) is None


@pytest.mark.parametrize("address", ["max@example.org", "T1x", ""])
def test_no_code_leaves_for_an_address_that_was_not_left_with_it(hall: Hall, address: str) -> None:
    reference = visit(hall)
    assert asked(hall, reference, address) == []
    assert asked(hall, "XXX-000-000", address) == []
    with hall.record.read() as connection:
        (code, _) = connection.scalars(select(StatusProof.code)).all()
    verifications = hall.reception.verifications
    assert not verifications.confirm_for_reference(reference, AddressKind.EMAIL, address, code)


def test_many_who_ask_at_once_get_one_good_code(hall: Hall) -> None:
    reference = visit(hall)
    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(asked, hall, reference) for _ in range(3)]:
            done.result()
    code = the_code(hall)
    assert hall.reception.verifications.confirm_for_reference(reference, AddressKind.EMAIL, EMAIL, code)
