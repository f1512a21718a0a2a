"""Promises and answers leave by an address that is the person's for certain; nothing is called answered that is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from canaux.enquiries.status_words import status_in_words
from competences.channels import Channel
from routeur.contact.identity import Given
from routeur.contact.ways_out import ByHand
from routeur.contact.words import AddressKind, ContactState, Delivery, FollowUpState
from routeur.errors import NotConfirmed, NoWayOut, OptedOut
from routeur.followups.status import FollowUpStatus, Stage
from routeur.followups.telling import MOST_TEXTS_TO_A_CALLER_A_DAY
from routeur.ports.inbound import Inbound
from tests.smtp_server import Mailbox, text_of
from tests.twilio_stand_in import Refusal
from tests.webhooks.mounted_street import CALLER, OUR_NUMBER, Street
from tests.webhooks.test_chat_verification import Proving, code_sent, code_texted
from tests.webhooks.test_messaging import text

AT_NIGHT = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
LEA = "lea@example.org"
MOBILE, FIXED_LINE = "+33639980101", "+33142764040"


class Promised:
    """A follow-up, and what left for its usager."""

    def __init__(self, street: Street, mailbox: Mailbox, contact_id: str) -> None:
        self.street, self.mailbox, self.contact_id = street, mailbox, contact_id
        self.reference = street.hall.reception.standing(contact_id).contact.reference

    def answer(self, **named: Any) -> None:
        self.street.hall.follow_ups.answer("anne", self.reference, "C'est prêt.", **named)

    def letters(self, to: str = LEA) -> list[str]:
        self.street.hall.step()
        return [text_of(letter) for letter in self.mailbox.messages if letter["To"] == to]

    def texts(self, to: str = MOBILE) -> list[str]:
        self.street.hall.step()
        return [one.form["Body"] for one in self.street.twilio.sent_to("Messages.json") if one.form["To"] == to]

    def ways(self) -> list[tuple[str, str | None, bool]]:
        shown = self.street.hall.views.follow_ups.by_reference(self.reference)
        assert shown.ways_out == self.street.hall.views.contacts.summary(self.contact_id).ways_out
        return [(way.by.value, way.address, way.sure) for way in shown.ways_out]

    @property
    def state(self) -> str:
        return self.street.hall.views.follow_ups.by_reference(self.reference).state

    def status(self, proof: str) -> FollowUpStatus:
        found = self.street.hall.statuses.find(self.reference, [proof])
        assert found is not None
        return found

    def told(self, proof: str) -> str:
        return status_in_words(self.street.plan(), self.status(proof), "fr")


def chat(street: Street, mailbox: Mailbox, **more: Any) -> Promised:
    """A conversation that became a follow-up."""
    visitor = Proving(street, **more)
    street.hall.reception.ask_follow_up(visitor.id)
    return Promised(street, mailbox, visitor.id)


def visit(street: Street, mailbox: Mailbox, *, confirmed: bool, **given: str) -> Promised:
    """A visit at the counter, when nobody who could serve it is there."""
    inbound = Inbound(
        Channel.WALKIN,
        AddressKind.TICKET,
        "ticket-1",
        text="Ma carte",
        provider_id="ticket-1",
        provider_ref="ticket-1",
        given=Given(**given, confirmed=confirmed),
    )
    return Promised(street, mailbox, street.hall.reception.receive(inbound).standing.contact.id)


def test_what_a_visitor_only_typed_gets_neither_promise_nor_answer_until_it_is_confirmed(
    street: Street, mailbox: Mailbox
) -> None:
    promised = chat(street, mailbox, email=LEA)
    assert promised.ways() == [("chat", None, False), ("email", LEA, False)]
    assert promised.letters() == []
    for named in ({}, {"by": Channel.EMAIL}):
        with pytest.raises(NotConfirmed):
            promised.answer(**named)
    assert promised.state == FollowUpState.OPEN
    promised.answer(by=Channel.EMAIL, address="LEA@example.org")
    (letter,) = promised.letters()
    assert letter.startswith("C'est prêt.")
    assert "Bonjour" in letter  # the question is quoted
    assert "address_confirmed" in street.hall.story(promised.contact_id)
    assert promised.ways()[0] == ("email", LEA, True)
    assert street.hall.statuses.find(promised.reference, (), [LEA]) is None  # confirmed is not proved


def test_a_visitor_who_has_proved_their_address_gets_promise_and_answer_there(street: Street, mailbox: Mailbox) -> None:
    visitor = Proving(street, email=LEA)
    visitor.ask()
    assert visitor.confirm(code_sent(street, mailbox)).status_code == 204
    street.hall.reception.ask_follow_up(visitor.id)
    promised = Promised(street, mailbox, visitor.id)
    _, promise = promised.letters()
    assert promised.reference in promise
    assert "vous répondra au plus tard" in promise
    promised.answer()
    assert promised.letters()[-1].startswith("C'est prêt.")
    assert "par courriel" in promised.told(LEA)


def test_who_proves_a_number_after_the_promise_is_told_it_there(street: Street, mailbox: Mailbox) -> None:
    visitor = Proving(street)
    street.hall.reception.ask_follow_up(visitor.id)
    path = f"/webhooks/chat/conversations/{visitor.id}/verification"
    street.client.post(path, json={"phone": MOBILE}, headers=visitor.headers)
    assert visitor.confirm(code_texted(street, MOBILE)).status_code == 204
    promised = Promised(street, mailbox, visitor.id)
    assert promised.reference in promised.texts()[-1]
    promised.answer()
    assert "C'est prêt." in promised.texts()[-1]


def test_a_visitor_without_an_address_is_not_answered_into_nothing(street: Street, mailbox: Mailbox) -> None:
    promised = chat(street, mailbox)
    with pytest.raises(NoWayOut):
        promised.answer()
    assert promised.state == FollowUpState.OPEN
    promised.answer(by=Channel.CHAT)  # left where only a visitor who comes back finds it, and said so
    chat_id = street.only_contact().address
    assert "dans votre conversation en ligne depuis le lundi 2 mars" in promised.told(chat_id)


def test_a_visitor_who_left_no_address_is_asked_for_one(street: Street) -> None:
    visitor = Proving(street)
    street.hall.reception.ask_follow_up(visitor.id)
    (told,) = [data["text"] for kind, _, data in visitor.events() if kind == "follow_up"]
    assert "confirmez-le par le code que nous y envoyons" in told


def test_who_said_stop_is_told_of_a_follow_up_by_the_e_mail_that_they_have_proved(
    street: Street, mailbox: Mailbox
) -> None:
    street.hall.know((AddressKind.PHONE, MOBILE), (AddressKind.EMAIL, LEA))
    street.hall.available("anne")
    text(street, "Bonjour", sender=MOBILE)
    contact = street.only_contact().id
    login = street.hall.serve(contact)
    text(street, "STOP", sid="SM2", sender=MOBILE)
    street.hall.desk.follow_up(login, contact)
    promised = Promised(street, mailbox, contact)
    (letter,) = promised.letters()
    assert promised.reference in letter


def test_a_visit_is_told_where_the_person_has_confirmed_and_answered_there(street: Street, mailbox: Mailbox) -> None:
    promised = visit(street, mailbox, confirmed=True, email=LEA, phone=MOBILE)
    (promise,) = promised.letters()
    assert promised.reference in promise
    assert promised.texts() == []
    assert promised.ways() == [("email", LEA, True), ("messaging", MOBILE, True), ("telephone", MOBILE, False)]
    promised.answer(by=Channel.MESSAGING)
    assert promised.texts() == ["C'est prêt."]
    assert promised.status(MOBILE).answered_by == "messaging"


def test_a_visit_with_a_fixed_line_is_called_and_that_is_noted_with_who_and_when(
    street: Street, mailbox: Mailbox
) -> None:
    promised = visit(street, mailbox, confirmed=True, phone=FIXED_LINE)
    assert promised.ways() == [("telephone", FIXED_LINE, False)]
    with pytest.raises(NoWayOut):
        promised.answer()
    with pytest.raises(NoWayOut):
        promised.answer(by=Channel.MESSAGING)
    promised.answer(by=ByHand.TELEPHONE)
    full = street.hall.views.contacts.full(promised.contact_id)
    entry = next(entry for entry in full.timeline if entry.kind == "follow_up_answered")
    assert (entry.agent, entry.detail, entry.at) == ("anne", {"by": "telephone"}, street.hall.clock())
    assert [message.direction for message in full.messages] == ["in", "note"]
    assert "par téléphone le lundi 2 mars" in promised.told(FIXED_LINE)


def test_a_letter_on_paper_is_noted_too(street: Street, mailbox: Mailbox) -> None:
    promised = visit(street, mailbox, confirmed=False)
    promised.answer(by=ByHand.LETTER)
    assert "par lettre" in promised.told("ticket-1")


def test_another_address_that_the_person_tells_is_taken(street: Street, mailbox: Mailbox) -> None:
    promised = visit(street, mailbox, confirmed=False, email="lae@example.org")
    promised.answer(address=LEA)
    assert promised.letters()[0].startswith("C'est prêt.")
    assert promised.letters("lae@example.org") == []


@pytest.mark.parametrize("address", ["+3312", "mairie@petit-bourg.example", FIXED_LINE, "+12025550143"])
def test_what_cannot_be_written_to_is_refused(street: Street, mailbox: Mailbox, address: str) -> None:
    promised = visit(street, mailbox, confirmed=False)
    with pytest.raises(NoWayOut):
        promised.answer(address=address)
    assert promised.state == FollowUpState.OPEN


def test_who_said_stop_is_not_texted_from_another_channel(street: Street, mailbox: Mailbox) -> None:
    text(street, "STOP", sender=MOBILE)
    promised = visit(street, mailbox, confirmed=True, phone=MOBILE)
    with pytest.raises(OptedOut):
        promised.answer()
    assert promised.texts() == []


@pytest.mark.parametrize(("allowed", "told"), [(True, 1), (False, 0)])
def test_a_mobile_caller_gets_the_promise_by_text_where_the_plan_allows_it(
    street: Street, mailbox: Mailbox, *, allowed: bool, told: int
) -> None:
    plan = street.plan().model_copy(update={"texts_to_callers": allowed})
    street.hall.plans.publish(plan.dump(), None, street.hall.clock())
    street.hall.clock.set(AT_NIGHT)
    street.call().dial()
    promised = Promised(street, mailbox, street.only_contact().id)
    texts = promised.texts(CALLER)
    assert len(texts) == told
    assert all(promised.reference in one for one in texts)


def test_who_forges_a_number_does_not_flood_its_owner_with_texts(street: Street, mailbox: Mailbox) -> None:
    plan = street.plan().model_copy(update={"texts_to_callers": True})
    street.hall.plans.publish(plan.dump(), None, street.hall.clock())
    street.hall.clock.set(AT_NIGHT)
    for call in range(MOST_TEXTS_TO_A_CALLER_A_DAY + 2):
        street.call(f"CA{call}").dial()
        street.hall.step()
    assert len(street.twilio.sent_to("Messages.json")) == MOST_TEXTS_TO_A_CALLER_A_DAY


def test_callers_who_hide_their_number_and_fixed_lines_get_none(street: Street, mailbox: Mailbox) -> None:
    plan = street.plan().model_copy(update={"texts_to_callers": True})
    street.hall.plans.publish(plan.dump(), None, street.hall.clock())
    street.hall.clock.set(AT_NIGHT)
    street.call("CA1", "+7378742833").dial()
    street.call("CA2", FIXED_LINE).dial()
    street.hall.step()
    assert street.twilio.sent_to("Messages.json") == []


def test_a_caller_is_answered_by_text_or_called(street: Street, mailbox: Mailbox) -> None:
    street.hall.clock.set(AT_NIGHT)
    street.call("CA1").dial()
    promised = Promised(street, mailbox, street.only_contact().id)
    assert promised.ways() == [("messaging", CALLER, True), ("telephone", CALLER, False)]
    promised.answer()
    assert len(promised.texts(CALLER)) == 1
    (sent,) = street.twilio.sent_to("Messages.json")
    assert (sent.form["From"], sent.form["Body"]) == (OUR_NUMBER, "C'est prêt.")


def test_an_answer_is_on_its_way_until_it_has_left_and_none_where_it_failed(street: Street, mailbox: Mailbox) -> None:
    promised = visit(street, mailbox, confirmed=True, email=LEA)
    promised.letters()
    mailbox.answer = "550 No such user"
    promised.answer()
    assert "en cours d'envoi" in promised.told(LEA)
    street.hall.step()
    assert promised.state == FollowUpState.TAKEN
    assert promised.status(LEA).stage is Stage.TAKEN
    shown = street.hall.views.follow_ups.by_reference(promised.reference)
    assert (shown.answered_at, shown.answered_by) == (None, None)
    promised.answer(by=ByHand.TELEPHONE)
    assert promised.status(LEA).answered_by == "telephone"


def test_what_somebody_told_is_not_undone_by_a_promise_that_comes_back(street: Street, mailbox: Mailbox) -> None:
    street.twilio.refusals.append(Refusal(400, 21614))
    promised = visit(street, mailbox, confirmed=True, phone=MOBILE)
    promised.answer(by=ByHand.TELEPHONE)
    street.hall.step()
    assert "delivery_failed" in street.hall.story(promised.contact_id)
    assert promised.state == FollowUpState.ANSWERED


def test_what_was_answered_and_closed_was_answered(street: Street, mailbox: Mailbox) -> None:
    promised = visit(street, mailbox, confirmed=True, email=LEA)
    promised.answer()
    street.hall.step()
    street.hall.follow_ups.close("anne", promised.reference)
    assert street.hall.state(promised.contact_id) is ContactState.CLOSED
    assert "répondu" in promised.told(LEA)
    unanswered = chat(street, mailbox)
    street.hall.follow_ups.close("anne", unanswered.reference, "Réglé.")
    chat_id = next(one.address for one in street.contacts() if one.id == unanswered.contact_id)
    assert "est clos" in unanswered.told(chat_id)


def test_how_far_an_answer_by_another_way_has_come_is_shown(street: Street, mailbox: Mailbox) -> None:
    promised = visit(street, mailbox, confirmed=True, phone=MOBILE)
    promised.answer()
    street.hall.step()
    message = street.hall.views.contacts.full(promised.contact_id).messages[-1]
    assert message.envelope.sent_to == [MOBILE]
    assert message.delivery is Delivery.QUEUED
