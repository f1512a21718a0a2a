"""A code sent to a visitor's address turns what they typed into what is proved."""

from __future__ import annotations

import re

import pytest
from limits import parse
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from canaux.code_ways import CODES_PER_ADDRESS, CodeWays, NoWay, Refusal
from competences.channels import Channel
from routeur.contact.words import Activity, AddressKind, ContactState, Outcome
from routeur.followups.status import Stage
from routeur.reading.contact_views import ContactView
from tests.smtp_server import Mailbox, text_of
from tests.webhooks.mounted_street import OUR_NUMBER, Street
from tests.webhooks.test_chat import ALL, Visitor
from tests.webhooks.test_email import hand_in
from tests.webhooks.test_letters_out import report
from tests.webhooks.test_messaging import text
from webhooks.chat import CODES_PER_CONVERSATION

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
    found = re.search(r"Votre code est (\d{6})\.", text_of(letter))
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
    assert street.hall.waits_with(written.id) == visitor.id
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


def test_a_mistyped_address_from_which_the_code_comes_back_costs_no_place(
    street: Street, mailbox: Mailbox, visitor: Proving
) -> None:
    assert visitor.ask().status_code == 202
    code_sent(street, mailbox)
    assert hand_in(street, report(street, mailbox, "failed")).status_code == 200
    assert street.hall.state(visitor.id) is ContactState.WAITING
    assert street.hall.story(visitor.id).count("delivery_failed") == 1
    assert visitor.id in street.hall.index.contacts()


def test_a_code_is_good_for_ten_minutes_and_five_tries(street: Street, mailbox: Mailbox, visitor: Proving) -> None:
    visitor.ask()
    code = code_sent(street, mailbox)
    street.hall.clock.advance(601)
    assert visitor.confirm(code).status_code == 422
    visitor.ask()
    code = code_sent(street, mailbox)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert [visitor.confirm(wrong).status_code for _ in range(5)] == [422] * 5
    with street.hall.record.write():  # who guesses on takes the only writer from nobody
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


NUMBER = "+33639980101"


def code_texted(street: Street, to: str = NUMBER) -> str:
    street.hall.step()
    sent = [one.form for one in street.twilio.sent_to("Messages.json") if one.form["To"] == to][-1]
    assert sent["From"] == OUR_NUMBER
    assert len(sent["Body"]) <= 160
    found = re.search(r"votre code est (\d{6})", sent["Body"])
    assert found is not None
    return found[1]


def asked_by_text(visitor: Proving, phone: str = "06 39 98 01 01", address: str = "192.0.2.1") -> TestResponse:
    path, origin = f"{ALL}/{visitor.id}/verification", {"REMOTE_ADDR": address}
    return visitor.street.client.post(path, json={"phone": phone}, headers=visitor.headers, environ_overrides=origin)


def test_a_number_is_proved_by_the_code_that_is_texted_to_it_and_then_links(street: Street, visitor: Proving) -> None:
    texted = street.hall.text("Ma carte", number=NUMBER, topic=CARD).standing.contact
    assert asked_by_text(visitor).status_code == 202
    assert visitor.confirm(code_texted(street)).status_code == 204
    shown = visitor.shown()
    assert (shown.usager.id, shown.usager.verified) == (texted.usager_id, ("phone",))
    assert shown.given.phone == NUMBER
    assert visitor.id == street.hall.views.contacts.summary(texted.id).linked_to or shown.linked_to == texted.id


def test_a_new_code_takes_the_place_of_the_one_before_wherever_that_went(
    street: Street, mailbox: Mailbox, visitor: Proving
) -> None:
    visitor.ask()
    first = code_sent(street, mailbox)
    asked_by_text(visitor)
    second = code_texted(street)
    if first != second:
        assert visitor.confirm(first).status_code == 422
    assert visitor.confirm(second).status_code == 204
    assert visitor.shown().usager.verified == ("phone",)


@pytest.mark.parametrize(
    ("phone", "words"),
    [
        ("+1 202 555 0143", "numbers of this country"),
        ("+882 16 1234567", "numbers of this country"),
        ("01 42 76 40 40", "takes no texts"),
        ("08 99 12 34 56", "takes no texts"),
    ],
)
def test_codes_leave_only_for_mobile_numbers_of_some_countries(
    street: Street, visitor: Proving, phone: str, words: str
) -> None:
    answer = asked_by_text(visitor, phone)
    assert answer.status_code == 422
    assert words in answer.text
    street.hall.step()
    assert street.twilio.sent_to("Messages.json") == []


def test_what_is_refused_takes_no_code_away(street: Street, visitor: Proving) -> None:
    refused = [asked_by_text(visitor, "01 42 76 40 40").status_code for _ in range(CODES_PER_CONVERSATION.amount)]
    assert refused == [422] * CODES_PER_CONVERSATION.amount
    assert visitor.ask().status_code == 202


@pytest.mark.parametrize("phone", ["+590 690 00 12 34", "+262 692 12 34 56", "+689 87 12 34 56"])
def test_those_overseas_are_among_them(visitor: Proving, phone: str) -> None:
    assert asked_by_text(visitor, phone).status_code == 202


@pytest.mark.parametrize("body", [{}, {"email": LEA, "phone": NUMBER}, {"phone": "12"}, {"phone": ""}, {"phone": 33}])
def test_one_address_is_asked_about(visitor: Proving, body: dict[str, object]) -> None:
    path = f"{ALL}/{visitor.id}/verification"
    assert visitor.street.client.post(path, json=body, headers=visitor.headers).status_code == 400


def test_no_number_is_flooded(street: Street) -> None:
    asked = [asked_by_text(Proving(street), address=f"192.0.2.{one}").status_code for one in range(7)]
    assert asked == [202] * CODES_PER_ADDRESS.amount + [429, 429]


@pytest.mark.parametrize(("hour", "day"), [("2/hour", "9/day"), ("9/hour", "2/day")])
def test_no_bill_is_run_up_and_the_operator_is_told(
    street: Street, monkeypatch: pytest.MonkeyPatch, hour: str, day: str
) -> None:
    monkeypatch.setattr("canaux.messaging.code_budget.CODES_BY_TEXT", (parse(hour), parse(day)))
    with capture_logs() as lines:
        for one in range(4):
            asked = asked_by_text(Proving(street), f"06 39 98 02 {one:02}", f"192.0.2.{one}")
            assert asked.status_code == 202  # nothing shows that it does not leave
            street.hall.step()
    assert len(street.twilio.sent_to("Messages.json")) == 2
    stopped = [one["limit"] for one in lines if one["event"] == "codes_by_text_stopped"]
    assert stopped == [f"2 per 1 {'hour' if hour.startswith('2') else 'day'}"] * 2


def test_codes_that_have_nowhere_to_go_take_nobody_s_away(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("canaux.messaging.code_budget.CODES_BY_TEXT", (parse("2/hour"),))
    for one in range(5):
        number = f"+336399803{one:02}"
        street.hall.reception.verifications.ask_for_reference(
            "XXX-000-000", Channel.MESSAGING, AddressKind.PHONE, number
        )
    street.hall.step()
    assert asked_by_text(Proving(street)).status_code == 202
    assert code_texted(street)


def test_without_a_number_of_ours_no_code_is_texted() -> None:
    with pytest.raises(NoWay) as caught:
        CodeWays(None, frozenset()).way_to(NUMBER)
    assert caught.value.refusal is Refusal.NO_TEXTS
    assert CodeWays(None, frozenset()).way_to(LEA).address == LEA


def test_who_said_stop_gets_no_code(street: Street, visitor: Proving) -> None:
    text(street, "STOP", sender=NUMBER)
    assert asked_by_text(visitor).status_code == 202
    street.hall.step()
    assert street.twilio.sent_to("Messages.json") == []
    assert visitor.shown().state == ContactState.WAITING
