"""A code sent to a visitor's address turns what they typed into what is proved."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from routeur.contact.words import Activity, ContactState, Outcome
from routeur.followups.status import Stage
from routeur.reading.contact_views import ContactView
from tests.smtp_server import Mailbox
from tests.webhooks.mounted_street import Street
from tests.webhooks.test_chat import ALL, Visitor
from webhooks.chat import CODES_PER_ADDRESS, CODES_PER_CONVERSATION

LEA = "lea@example.org"
CARD = "carte-identite"


class Proving(Visitor):
    """A visitor who proves their address."""

    def ask(self, email: str = LEA) -> TestResponse:
        path = f"{ALL}/{self.id}/verification"
        return self.street.client.post(path, json={"email": email}, headers=self.headers)

    def confirm(self, code: str) -> TestResponse:
        path = f"{ALL}/{self.id}/verification/confirm"
        return self.street.client.post(path, json={"code": code}, headers=self.headers)

    def shown(self) -> ContactView:
        return self.street.hall.views.contacts.summary(self.id)


@pytest.fixture
def visitor(street: Street) -> Proving:
    street.hall.available("bruno")
    street.hall.desk.set_activity("bruno", Activity.BUSY)
    return Proving(street, topic=CARD, email=LEA, name="Léa Petit")


def code_sent(street: Street, mailbox: Mailbox, to: str = LEA) -> str:
    street.hall.step()
    letter = [message for message in mailbox.messages if message["To"] == to][-1]
    assert letter["Auto-Submitted"] == "auto-replied"
    found = re.search(r"Votre code est (\d{6})\.", letter.get_content())
    assert found is not None
    return found[1]


def test_an_address_is_proved_by_its_code_and_then_links(street: Street, mailbox: Mailbox, visitor: Proving) -> None:
    written = street.hall.mail("Ma carte", topic=CARD).standing.contact
    assert visitor.ask().status_code == 202
    assert street.hall.views.contacts.summary(written.id).linked_to is None
    assert visitor.shown().usager.verified == ()
    code = code_sent(street, mailbox)
    assert visitor.confirm(code).status_code == 204
    assert visitor.shown().usager.id == written.usager_id
    assert visitor.shown().usager.verified == ("email",)
    assert street.hall.views.contacts.summary(written.id).linked_to == visitor.id
    assert visitor.id in street.hall.index.contacts()
    assert written.id not in street.hall.index.contacts()
    assert visitor.confirm(code).status_code == 422
    street.hall.step(4)
    assert visitor.id in street.hall.index.contacts()


def test_who_proves_an_address_first_is_its_owner_when_they_write(
    street: Street, mailbox: Mailbox, visitor: Proving
) -> None:
    visitor.ask("Lea@Example.org")
    assert visitor.confirm(code_sent(street, mailbox)).status_code == 204
    written = street.hall.mail("Ma carte", topic=CARD).standing.contact
    assert (written.usager_id, written.linked_to) == (visitor.shown().usager.id, visitor.id)


def test_a_code_is_good_for_ten_minutes_and_five_tries(street: Street, mailbox: Mailbox, visitor: Proving) -> None:
    visitor.ask()
    code = code_sent(street, mailbox)
    street.hall.clock.advance(601)
    assert visitor.confirm(code).status_code == 422
    visitor.ask()
    code = code_sent(street, mailbox)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert [visitor.confirm(wrong).status_code for _ in range(5)] == [422] * 5
    assert visitor.confirm(code).status_code == 422
    assert visitor.shown().usager.verified == ()


def test_a_code_is_for_the_conversation_that_asked_for_it(street: Street, mailbox: Mailbox, visitor: Proving) -> None:
    visitor.ask()
    other = Proving(street, topic=CARD, email=LEA)
    assert other.confirm(code_sent(street, mailbox)).status_code == 422
    path = f"{ALL}/{visitor.id}/verification/confirm"
    answer = street.client.post(path, json={"code": code_sent(street, mailbox)}, headers=other.headers)
    assert answer.status_code == 403


def test_nobody_is_flooded_with_codes(street: Street, visitor: Proving) -> None:
    assert [visitor.ask().status_code for _ in range(CODES_PER_CONVERSATION.amount + 1)] == [202, 202, 202, 429]
    others = [Proving(street, email=LEA).ask().status_code for _ in range(CODES_PER_ADDRESS.amount)]
    assert others == [202, 202, 429, 429, 429]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "\u0661\u0661\u0661\u0661\u0661\u0661"])
def test_what_is_no_code_is_not_read(visitor: Proving, code: str) -> None:
    assert visitor.confirm(code).status_code == 400


def test_a_person_who_proves_two_addresses_is_one(street: Street, mailbox: Mailbox, visitor: Proving) -> None:
    first = street.hall.mail("Ma carte", topic=CARD).standing.contact
    second = street.hall.mail("Ma carte", "<2@example.org>", sender="lea@work.example").standing.contact
    for address in (LEA, "lea@work.example"):
        visitor.ask(address)
        assert visitor.confirm(code_sent(street, mailbox, address)).status_code == 204
    people = {street.hall.views.contacts.summary(one).usager.id for one in (first.id, second.id, visitor.id)}
    assert people == {second.usager_id}


@pytest.mark.parametrize("answered", [False, True])
def test_who_types_an_address_ends_nothing_of_its_owner_s(street: Street, visitor: Proving, *, answered: bool) -> None:
    """Neither as settled or answered with the visitor's contact, nor told as such; the visitor learns nothing of it."""
    hall = street.hall
    written = hall.mail("Ma carte", topic=CARD).standing.contact
    if answered:
        hall.desk.set_activity("bruno", Activity.AVAILABLE)
        assert hall.offered_to(visitor.id) == "bruno"
        hall.desk.accept("bruno", visitor.id)
        hall.desk.finish("bruno", visitor.id, Outcome.ANSWERED)
    else:
        hall.reception.ask_follow_up(visitor.id)
        street.client.post(f"{ALL}/{visitor.id}/settled", headers=visitor.headers)
    assert hall.reception.standing(visitor.id).contact.state is ContactState.CLOSED
    assert hall.state(written.id) is ContactState.WAITING
    theirs = hall.statuses.find(written.reference, [LEA])
    assert theirs is not None
    assert theirs.stage is Stage.RECORDED
    mine = hall.statuses.find(visitor.shown().reference, [LEA])
    assert mine is not None
    assert mine.stage is (Stage.ANSWERED if answered else Stage.CLOSED)
