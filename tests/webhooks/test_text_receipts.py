"""What Twilio says of the texts that left: kept, forward only; what did not arrive is work, with its reason."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from competences.channels import Channel
from routeur.contact.words import AddressKind, ContactState, Delivery, FollowUpReason, FollowUpState, Outcome
from routeur.reading.follow_ups import FollowUpView
from routeur.record.tables import Receipt
from tests.twilio_stand_in import Refusal
from tests.twiml_check import MESSAGING, check_twiml
from tests.webhooks.mounted_street import CALLER, OUR_NUMBER, PUBLIC_URL, Street
from tests.webhooks.test_messaging import AT_NIGHT, text

STATUS = "/webhooks/messaging/status"


class Sent:
    """A reply that has left, and what Twilio says of it."""

    def __init__(self, street: Street, words: str = "De 8 h 30 à 17 h 30.", sender: str = CALLER, **form: str) -> None:
        self.street = street
        street.hall.available("anne")
        text(street, sender=sender, **form)
        self.contact_id: str = street.only_contact().id
        self.login = street.hall.serve(self.contact_id)
        self.message_id = street.hall.desk.reply(self.login, self.contact_id, words)
        street.hall.step()

    @property
    def address(self) -> str:
        """Where Twilio was asked to tell."""
        return self.street.twilio.sent_to("Messages.json")[0].form["StatusCallback"]

    def told(self, status: str, code: int | None = None, sid: str = f"SM{1:032x}", path: str = "") -> TestResponse:
        form = {"MessageSid": sid, "MessageStatus": status, "To": CALLER, "From": OUR_NUMBER}
        return self.street.post(path or self.address, **form, **({"ErrorCode": str(code)} if code else {}))

    @property
    def delivery(self) -> Delivery | None:
        messages = self.street.hall.views.contacts.full(self.contact_id).messages
        return next(one.delivery for one in messages if one.id == self.message_id)

    @property
    def notes(self) -> list[str]:
        messages = self.street.hall.views.contacts.full(self.contact_id).messages
        return [one.text for one in messages if one.direction == "note"]

    @property
    def follow_up(self) -> FollowUpView | None:
        return self.street.hall.views.contacts.full(self.contact_id).follow_up


@pytest.fixture
def sent(street: Street) -> Sent:
    return Sent(street)


def test_each_text_that_leaves_names_where_to_tell_of_it(sent: Sent) -> None:
    assert sent.address.startswith(f"{PUBLIC_URL}{STATUS}?")
    assert sent.delivery is Delivery.QUEUED


def test_the_desk_is_shown_how_far_it_has_come(sent: Sent) -> None:
    for status, shown in [("sent", Delivery.SENT), ("delivered", Delivery.DELIVERED), ("read", Delivery.READ)]:
        assert sent.told(status).status_code == 204
        assert sent.delivery is shown
    assert sent.street.hall.state(sent.contact_id) is ContactState.ACTIVE


def test_late_and_repeated_words_take_nothing_back(sent: Sent) -> None:
    for status in ("delivered", "queued", "sent", "delivered", "sending"):
        assert sent.told(status).status_code == 204
    assert sent.delivery is Delivery.DELIVERED


@pytest.mark.parametrize("code", [21610, 21614, 63016])
def test_a_text_that_is_refused_at_once_is_shown_as_failed(street: Street, code: int) -> None:
    street.twilio.refusals.append(Refusal(400, code))
    sent = Sent(street)
    assert sent.delivery is Delivery.FAILED
    assert len(sent.notes) == 1


def test_what_has_yet_to_leave_is_pending_also_where_a_part_of_it_has_arrived(street: Street) -> None:
    street.twilio.refusals += [None, Refusal(503, None)]
    sent = Sent(street, "x" * 2000)
    sent.told("delivered")
    shown = [sent.delivery]
    street.hall.step(5)
    shown.append(sent.delivery)
    sent.told("delivered", sid=f"SM{2:032x}")
    assert [*shown, sent.delivery] == [Delivery.PENDING, Delivery.QUEUED, Delivery.DELIVERED]


TOLD = {"queued": Delivery.QUEUED, "sent": Delivery.SENT, "delivered": Delivery.DELIVERED, "read": Delivery.READ}
REFUSED = "refused"


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.sampled_from([*TOLD, "undelivered", REFUSED]), min_size=1, max_size=3))
def test_an_answer_has_come_as_far_as_the_last_of_its_parts_and_fails_with_any(
    street: Street, parts: list[str]
) -> None:
    hall = street.hall
    hall.available("anne")
    already = len(street.twilio.sent_to("Messages.json"))
    caller, known = f"+3363998{already:04}", {one.id for one in street.contacts()}
    text(street, sid=f"SM-in-{already}", sender=caller)
    (contact_id,) = {one.id for one in street.contacts()} - known
    login = hall.serve(contact_id)
    street.twilio.refusals[:] = [Refusal(400, 21614) if part == REFUSED else None for part in parts]
    message_id = hall.desk.reply(login, contact_id, "x" * (1500 * len(parts)))
    hall.step()
    hall.step()
    with hall.record.read() as connection:
        taken = connection.scalars(
            select(Receipt.provider_id).where(
                Receipt.message_id == message_id, Receipt.progress == Delivery.QUEUED.value
            )
        ).all()
    told = [part for part in parts if part != REFUSED]
    for sid, status in zip(taken, told, strict=True):
        assert street.post(STATUS, MessageSid=sid, MessageStatus=status).status_code == 204
    shown = next(one.delivery for one in hall.views.contacts.full(contact_id).messages if one.id == message_id)
    if set(parts) & {REFUSED, "undelivered"}:
        assert shown is Delivery.FAILED
    else:
        assert shown is min(TOLD[part] for part in parts)
    if hall.state(contact_id) is not ContactState.FOLLOW_UP:
        hall.desk.finish(login, contact_id, Outcome.ANSWERED)


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        ("undelivered", 63016, "24 heures"),
        ("failed", 21610, "STOP"),
        ("undelivered", 30003, "éteint"),
        ("undelivered", 30005, "n'existe pas"),
        ("undelivered", 30006, "ligne fixe"),
        ("undelivered", 30007, "indésirable"),
        ("failed", 30008, "ne dit pas pourquoi"),
        ("failed", None, "ne dit pas pourquoi"),
    ],
)
def test_what_did_not_arrive_is_work_with_its_reason_and_another_way(
    sent: Sent, status: str, code: int | None, words: str
) -> None:
    assert sent.told(status, code).status_code == 204
    assert sent.delivery is Delivery.FAILED
    (note,) = sent.notes
    assert words in note
    assert "courrier" in note
    assert sent.follow_up is not None
    assert (sent.follow_up.reason, sent.follow_up.state) == (FollowUpReason.DELIVERY_FAILED, FollowUpState.OPEN)


def test_a_failure_told_many_times_or_of_many_parts_is_one(street: Street) -> None:
    sent = Sent(street, "x" * 3100)
    for part in (1, 2, 3, 1):
        assert sent.told("failed", 30003, sid=f"SM{part:032x}").status_code == 204
    assert len(sent.notes) == 1


def test_an_answer_of_the_back_office_that_did_not_arrive_does_not_count(street: Street) -> None:
    sent = Sent(street)
    street.hall.desk.follow_up(sent.login, sent.contact_id)
    street.hall.follow_ups.answer("anne", street.only_contact().reference, "C'est prêt.")
    sent.told("undelivered", 30003)
    assert sent.follow_up is not None
    assert sent.follow_up.state == FollowUpState.TAKEN


def test_a_word_that_comes_before_we_noted_that_it_left_counts(sent: Sent) -> None:
    assert sent.told("undelivered", 30003, sid="SM-another").status_code == 204
    assert sent.delivery is Delivery.FAILED


def test_the_id_alone_is_enough_for_what_we_noted(sent: Sent) -> None:
    assert sent.told("delivered", path=STATUS).status_code == 204
    assert sent.delivery is Delivery.DELIVERED


def test_texts_of_somebody_else_and_other_statuses_are_passed_over(sent: Sent) -> None:
    assert sent.told("failed", 30003, sid="SM-another", path=STATUS).status_code == 204
    assert sent.told("receiving").status_code == 204
    assert sent.told("failed", 30003, sid="SM-x", path=f"{STATUS}?contact=nobody").status_code == 204
    assert (sent.delivery, sent.notes) == (Delivery.QUEUED, [])


def test_only_twilio_may_tell(sent: Sent) -> None:
    form = {"MessageSid": f"SM{1:032x}", "MessageStatus": "failed"}
    assert sent.street.client.post(STATUS, data=form).status_code == 403
    forged = {"X-Twilio-Signature": "AAAA"}
    assert sent.street.client.post(STATUS, data=form, headers=forged).status_code == 403
    assert sent.delivery is Delivery.QUEUED


@pytest.mark.parametrize("form", [{}, {"MessageStatus": "failed"}, {"MessageSid": " ", "MessageStatus": "failed"}])
def test_what_names_no_text_is_refused(street: Street, form: dict[str, str]) -> None:
    assert street.post(STATUS, **form).status_code == 400


@pytest.mark.parametrize("code", ["", "x", "9" * 5000, "-1", "٣"])
def test_a_code_that_is_none_is_a_failure_without_reason(sent: Sent, code: str) -> None:
    form = {"MessageSid": f"SM{1:032x}", "MessageStatus": "failed", "ErrorCode": code}
    assert sent.street.post(sent.address, **form).status_code == 204
    assert "ne dit pas pourquoi" in sent.notes[0]


def test_an_acknowledgement_that_did_not_arrive_is_seen_too(street: Street) -> None:
    street.hall.available("anne")
    document = check_twiml(text(street).data, MESSAGING)
    address = document.find("Message")
    assert address is not None
    parts = urlsplit(address.attrib["statusCallback"])
    path = f"{parts.path}?{parts.query}"
    street.post(path, MessageSid="SM-ack", MessageStatus="undelivered", ErrorCode="30006")
    contact = street.only_contact()
    assert contact.state == ContactState.FOLLOW_UP
    assert street.hall.story(contact.id).count("delivery_failed") == 1


def test_thanks_for_a_closed_contact_are_nobody_s_work(street: Street) -> None:
    street.hall.available("anne")
    text(street)
    document = check_twiml(text(street, "Réglé, merci", "SM2").data, MESSAGING)
    thanks = document.find("Message")
    assert thanks is not None
    assert "statusCallback" not in thanks.attrib
    assert street.only_contact().state == ContactState.CLOSED


def test_a_status_that_is_told_at_once_is_nobody_s_work(street: Street) -> None:
    street.hall.clock.set(AT_NIGHT)
    text(street)
    street.hall.reception.ask_follow_up(street.only_contact().id)
    reference = street.only_contact().reference
    street.hall.clock.advance(days=2)  # the question is a contact of its own
    document = check_twiml(text(street, f"{reference} ?", "SM2").data, MESSAGING)
    status = document.find("Message")
    assert status is not None
    assert "statusCallback" not in status.attrib
    assert sorted(one.state for one in street.contacts()) == [ContactState.CLOSED, ContactState.FOLLOW_UP]


def test_a_refusal_that_is_told_after_start_silences_nobody_again(sent: Sent) -> None:
    for number, word in enumerate(["STOP", "START"]):
        sent.street.hall.clock.advance(60)
        text(sent.street, word, f"SM-{number}")
    sent.told("failed", 21610)
    assert not sent.street.opt_outs.is_opted_out(CALLER, OUR_NUMBER)


def test_a_code_is_told_of_to_nobody(street: Street) -> None:
    """Its contact is not the worse for a number that somebody has mistyped."""
    chatting = street.hall.chat()
    street.hall.reception.verifications.ask(chatting, Channel.MESSAGING, AddressKind.PHONE, CALLER)
    street.hall.step()
    (sent,) = street.twilio.sent_to("Messages.json")
    assert "StatusCallback" not in sent.form
