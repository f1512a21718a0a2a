"""What leaves because of what happened, before anything leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from canaux.development import ConsoleMail, ConsolePhone, ConsoleTexts
from canaux.email.channel import EmailChannel
from canaux.messaging.channel import MessagingChannel
from canaux.messaging.code_budget import CodeBudget
from canaux.provider_interfaces import MailTransport
from canaux.voice.channel import VoiceChannel
from competences.calendars import Calendars
from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.contact.opt_outs import OptOuts
from routeur.contact.receipts import Receipts
from routeur.contact.words import FollowUpReason
from routeur.plans import PlanInForce
from routeur.ports.inbound import FollowUpFacts
from routeur.ports.news import (
    Accepted,
    ChannelAdapter,
    CodeAsked,
    DeliveryError,
    Effect,
    Ended,
    FollowedUp,
    News,
    Received,
    ReplyWritten,
    Returned,
)
from routeur.record.engine import Record, open_record
from routeur.record.migrate import upgrade
from tests.canaux.test_email_composing import check_form
from tests.clock import ManualClock
from tests.contacts import a_letter, words_alone

PLAN = Plan.load((Path(__file__).parents[1] / "data" / "small_plan.yaml").read_text("utf-8"))
CONTACT = a_letter(subject="Carte d'identité", service_address="+33199003500", provider_ref="CA1", agent="bruno")
THREAD = ("<1@example.org>", "sha256:abc", "<2@example.org>")
FOLLOW_UP = FollowUpFacts(
    "f1", "ACD-123-456", FollowUpReason.MAX_WAIT, None, "accueil", datetime(2026, 3, 4, tzinfo=UTC)
)
NEWS: list[News] = [
    Received(CONTACT, "m1", None),
    Received(CONTACT, "m1", FOLLOW_UP),
    Accepted(CONTACT, "bruno", 1),
    Returned(CONTACT, "transferred", 1),
    ReplyWritten(CONTACT, "m2", "Bonjour"),
    FollowedUp(CONTACT, FOLLOW_UP),
    Ended(CONTACT),
]

SECRET = "secret-key-for-tests"


def plan() -> Plan:
    return PLAN


def in_force() -> PlanInForce:
    return PlanInForce(1, PLAN, Calendars(PLAN))


def voice() -> VoiceChannel:
    return VoiceChannel(plans=plan, network=ConsolePhone())


class KeptMail:
    """A mail server that keeps what it is given, as it would go over the wire."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []

    def send(self, message: EmailMessage) -> None:
        self.letters.append(message.as_bytes())


def e_mail(transport: MailTransport | None = None, clock: ManualClock | None = None) -> EmailChannel:
    return EmailChannel(
        sender="Mairie <mairie@petit-bourg.example>",
        secret=SECRET,
        plans=in_force,
        answers=words_alone,
        transport=transport or ConsoleMail(),
        clock=clock or ManualClock(),
    )


@pytest.fixture
def record(sqlite: str) -> Iterator[Record]:
    record = open_record(sqlite)
    upgrade(record)
    yield record
    record.close()


@pytest.fixture
def texts(record: Record) -> MessagingChannel:
    clock = ManualClock()
    return MessagingChannel(
        plans=plan,
        network=ConsoleTexts(),
        clock=clock,
        opt_outs=OptOuts(record, clock),
        receipts=Receipts(record, clock),
        code_budget=CodeBudget(None),
    )


@pytest.fixture(params=[Channel.VOICE, Channel.MESSAGING, Channel.EMAIL])
def adapter(request: pytest.FixtureRequest, texts: MessagingChannel) -> ChannelAdapter:
    adapters: list[ChannelAdapter] = [voice(), texts, e_mail()]
    return next(one for one in adapters if one.channel is request.param)


def test_effects_are_named_once_and_the_same_each_time(adapter: ChannelAdapter) -> None:
    first, again = ([effect for news in NEWS[1:] for effect in adapter.effects(news, THREAD)] for _ in range(2))
    assert first == again
    assert len({effect.key for effect in first}) == len(first)
    assert {effect.channel for effect in first} == {adapter.channel}
    assert {effect.contact_id for effect in first} == {CONTACT.id}


def test_every_effect_can_be_carried_out(adapter: ChannelAdapter) -> None:
    for news in NEWS:
        for effect in adapter.effects(news, THREAD):
            adapter.perform(effect)


LEAVES = {
    Channel.VOICE: [[], [], ["ring", "move"], ["move"], [], ["move"], ["hang_up"]],
    Channel.MESSAGING: [[], [], [], [], ["send"], ["send"], []],
    Channel.EMAIL: [["send"], ["send"], [], [], ["send"], ["send"], []],
}


def test_what_leaves(adapter: ChannelAdapter) -> None:
    kinds = LEAVES[adapter.channel]
    assert [[effect.kind for effect in adapter.effects(news, THREAD)] for news in NEWS] == kinds


def test_the_telephone_network_is_not_told_who_is_who() -> None:
    told = str([effect.payload for effect in voice().effects(Returned(CONTACT, "transferred", 1), THREAD)])
    assert "lea" not in told.lower()


@pytest.mark.parametrize(
    "payload",
    [
        {"agent": "nobody", "attempt": 1, "caller_id": "+33199003500"},
        {"agent": "bruno", "attempt": 1, "caller_id": None},
    ],
)
def test_an_agent_without_a_phone_cannot_be_rung(payload: dict[str, object]) -> None:
    with pytest.raises(DeliveryError) as caught:
        voice().perform(Effect(Channel.VOICE, "ring", "k", payload, CONTACT.id))
    assert not caught.value.retryable


def test_a_text_without_a_number_of_ours_cannot_leave(texts: MessagingChannel) -> None:
    effect = Effect(Channel.MESSAGING, "send", "k", {"to": "+33639980101", "from": None, "body": "x"}, CONTACT.id)
    with pytest.raises(DeliveryError) as caught:
        texts.perform(effect)
    assert not caught.value.retryable


def test_an_e_mail_names_the_thread_it_belongs_to() -> None:
    (effect,) = e_mail().effects(ReplyWritten(CONTACT, "m2", "Bonjour"), THREAD)
    assert effect.payload["references"] == ["<1@example.org>", "<2@example.org>"]


def test_an_address_that_is_none_cannot_be_written_to() -> None:
    payload = {"to": "a b@@", "subject": "s", "body": "b", "message_id": "<1@x>", "references": [], "automatic": False}
    with pytest.raises(DeliveryError) as caught:
        e_mail().perform(Effect(Channel.EMAIL, "send", "k", payload, CONTACT.id))
    assert not caught.value.retryable


@given(st.text(st.characters(), max_size=200), st.text(st.characters(), min_size=1, max_size=200))
@example("=?utf-8?Q?R=E9clamation?=", "\udce9\x00")
def test_any_subject_can_be_answered_with_any_words(subject: str, text: str) -> None:
    kept = KeptMail()
    channel = e_mail(kept)
    (effect,) = channel.effects(ReplyWritten(replace(CONTACT, subject=subject), "m2", text), THREAD)
    channel.perform(effect)
    (letter,) = kept.letters
    check_form(letter)


def test_a_code_that_is_good_no_longer_is_not_sent() -> None:
    clock, kept = ManualClock(), KeptMail()
    channel = e_mail(kept, clock)
    (effect,) = channel.effects(CodeAsked(CONTACT, "c1", "lea@example.org", "123456"), ())
    channel.perform(effect)
    clock.advance(minutes=11)
    with pytest.raises(DeliveryError) as caught:
        channel.perform(effect)
    assert not caught.value.retryable
    assert len(kept.letters) == 1


@pytest.mark.parametrize("sender", ["", "mairie", "Mairie <>"])
def test_a_sender_that_is_no_address_is_refused_at_start(sender: str) -> None:
    with pytest.raises(ValueError, match="EMAIL_FROM"):
        EmailChannel(
            sender=sender,
            secret=SECRET,
            plans=in_force,
            answers=words_alone,
            transport=ConsoleMail(),
            clock=ManualClock(),
        )
